"""How NetSuite lets a client in: requests signed by a token (OAuth 1.0a), or a bearer token got by a certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from duehook.core.errors import ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Call, WireSession
from duehook.core.wire.sign_in import FORM, Bearer, Token
from duehook.plugins.netsuite.settings import NetsuiteSettings

TOKEN_PATH: Final = "/services/rest/auth/oauth2/v1/token"
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE: Final = ("rest_webservices",)
LIVES: Final = 300  # seconds that an assertion holds; NetSuite takes up to an hour
USUAL_LIFE: Final = 3600.0  # seconds that a token lasts where the answer does not say
LONGEST: Final = 300


class SignIn(Protocol):
    """What lets a request in."""

    def ready(self) -> None:
        """Get what is needed before a request is sent."""

    def headers(self, method: str, url: str) -> Mapping[str, str]:
        """Return the headers of one try of a request to this address with its query; nothing is sent for them."""

    def renew(self) -> None:
        """Forget what was refused."""


class TokenSignIn:
    """Token-based authentication: HMAC-SHA256 over the method and the address with its query, a nonce a try."""

    def __init__(self, settings: NetsuiteSettings) -> None:
        """Take the connection's settings. ConnectorRefused where oauthlib is not installed."""
        oauth1 = _oauth1()
        self._client = oauth1.Client(
            settings.consumer_key,
            client_secret=_secret(settings.consumer_secret),
            resource_owner_key=settings.token_id,
            resource_owner_secret=_secret(settings.token_secret),
            signature_method=oauth1.SIGNATURE_HMAC_SHA256,
            realm=settings.realm,
        )

    def ready(self) -> None:
        """Need nothing."""

    def headers(self, method: str, url: str) -> Mapping[str, str]:
        """Sign one try."""
        _, headers, _ = self._client.sign(url, http_method=method)
        return {"Authorization": headers["Authorization"]}

    def renew(self) -> None:
        """Do nothing: each try has a signature of its own."""


class CertificateSignIn:
    """OAuth 2.0 client credentials: a token for an hour, renewed before its end and after it was refused."""

    def __init__(
        self, wire: WireSession, settings: NetsuiteSettings, *, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        """Take what to send through, the settings, the time of day for assertions, and a clock for tokens' ends."""
        self._wire, self._settings, self._now = wire, settings, now
        self._bearer = Bearer(self._asked, clock)
        self._header: Mapping[str, str] = {}

    @property
    def address(self) -> str:
        """Return where tokens are given."""
        return f"{self._settings.root}{TOKEN_PATH}"

    def ready(self) -> None:
        """Ask for a token where there is none or it ends soon."""
        self._header = self._bearer.headers()

    def headers(self, method: str, url: str) -> Mapping[str, str]:
        """Return the token's header."""
        return self._header

    def renew(self) -> None:
        """Forget the token; the next request asks for another."""
        self._bearer.renew()

    def _asked(self) -> Token:
        form = {
            "grant_type": "client_credentials", "client_assertion_type": ASSERTION,
            "client_assertion": self._assertion(),
        }  # fmt: skip
        call = Call("POST", self.address, data=urlencode(form).encode(), headers=FORM, reads=True)
        reply = self._wire.send(replace(call, accept={400, 401, 403}))
        answer = reply.json()
        if reply.status >= 400:
            said = answer.get("error_description") or answer.get("error") if isinstance(answer, Mapping) else None
            text = one_line(redact(str(said or reply.excerpt())))[:LONGEST]
            raise ConnectorRefused(f"{self.address} gives no token: {reply.status} {text}", fix=_NO_TOKEN)
        return Token.read(reply, fix="check `base_url`; a proxy may stand in between.", usual_life=USUAL_LIFE)

    def _assertion(self) -> str:
        jwt = _jwt()
        at = int(self._now().timestamp())
        claims = {
            "iss": self._settings.client_id, "scope": list(SCOPE), "aud": self.address, "iat": at, "exp": at + LIVES,
        }  # fmt: skip
        headers = {"typ": "JWT", "kid": self._settings.certificate_id}
        try:
            return str(jwt.encode(claims, self._key(), algorithm="PS256", headers=headers))
        except (ValueError, TypeError, jwt.PyJWTError):
            told = f"{self._settings.private_key_file} holds no RSA key that an assertion can be signed with."
            raise ConnectorRefused(told, fix="name the private key of the certificate as `private_key_file`.") from None

    def _key(self) -> Any:
        from cryptography.hazmat.primitives import serialization

        file, word = self._settings.private_key_file, _secret(self._settings.private_key_passphrase)
        assert file is not None
        try:
            # settings_of gives the path as text
            with open(file, "rb") as opened:
                return serialization.load_pem_private_key(opened.read(), word.encode() if word else None)
        except OSError as error:
            told = f"{file} cannot be read: {error.strerror}."
            raise ConnectorRefused(told, fix="correct `private_key_file`.") from None
        except (ValueError, TypeError):
            told = f"{file} holds no private key that can be read."
            fix = "correct `private_key_file`, and `private_key_passphrase` where it has one."
            raise ConnectorRefused(told, fix=fix) from None


_NO_TOKEN: Final = (
    "see in NetSuite at OAuth 2.0 Client Credentials Setup that the certificate is mapped to a user and a role (a "
    "sandbox loses that with every refresh), that its id is `certificate_id`, and that this machine's clock is right."
)


def _secret(held: Any) -> str | None:
    return held.get_secret_value() if held is not None else None


def _oauth1() -> Any:
    try:
        from oauthlib import oauth1
    except ImportError:
        raise _not_installed("oauthlib, which signs requests,") from None
    return oauth1


def _jwt() -> Any:
    try:
        import jwt
    except ImportError:
        raise _not_installed("PyJWT, which signs assertions,") from None
    return jwt


def _not_installed(what: str) -> ConnectorRefused:
    return ConnectorRefused(f"{what} is not installed.", fix="pip install 'duehook[netsuite]'.")
