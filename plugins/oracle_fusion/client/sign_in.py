"""How Fusion lets a client in: by user and password with each call, or by a token that an assertion is swapped for."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Call, WireSession
from duehook.plugins.oracle_fusion.settings import FusionSettings

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIVES: Final = 300  # seconds that an assertion holds
EARLY: Final = 60.0  # seconds before its end in which a token is not used any more
LONGEST: Final = 300
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_NO_TOKEN: Final = (
    "see in the identity domain that the client may use JWT assertions, that it trusts the certificate of `key_file`, "
    "and that this machine's clock is right."
)


class SignIn(Protocol):
    """What lets a request in."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers of a request; a token is got where there is none."""

    def renew(self) -> bool:
        """Forget what was refused; say whether another try makes sense."""


class BasicSignIn:
    """User and password; a refused one is not tried again, for that locks the user."""

    def __init__(self, settings: FusionSettings) -> None:
        """Take the connection's settings."""
        assert settings.user is not None
        assert settings.password is not None
        word = settings.password.get_secret_value()
        self._header = f"Basic {b64encode(f'{settings.user}:{word}'.encode()).decode()}"

    def headers(self) -> Mapping[str, str]:
        """Return the header."""
        return {"Authorization": self._header}

    def renew(self) -> bool:
        """Say no: a password that is refused again and again locks the user."""
        return False


@dataclass(frozen=True, repr=False)
class _Token:
    value: str
    until: float


class AssertionSignIn:
    """A token for an assertion, renewed before its end and after it was refused."""

    def __init__(
        self, wire: WireSession, settings: FusionSettings, *, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        """Take what to send through, the settings, the time of day for assertions, and a clock for tokens' ends."""
        self._wire, self._settings, self._now, self._clock = wire, settings, now, clock
        self._token: _Token | None = None
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        """Return the token's header."""
        with self._lock:
            if self._token is None or self._clock() >= self._token.until:
                self._token = self._asked()
            return {"Authorization": f"Bearer {self._token.value}"}

    def renew(self) -> bool:
        """Forget the token; the next request asks for another."""
        with self._lock:
            self._token = None
        return True

    def _asked(self) -> _Token:
        url = self._settings.token_url
        assert url is not None
        form = {"grant_type": GRANT, "assertion": self._assertion(url)}
        form |= {"scope": self._settings.scope} if self._settings.scope else {}
        call = Call(
            "POST", url, data=urlencode(form).encode(), headers=_FORM, reads=True, accept=frozenset({400, 401, 403})
        )
        reply = self._wire.send(call)
        answer = reply.json()
        if reply.status >= 400:
            said = answer.get("error_description") or answer.get("error") if isinstance(answer, Mapping) else None
            words = one_line(redact(str(said or reply.excerpt())))[:LONGEST]
            raise ConnectorRefused(f"{url} gives no token: {reply.status} {words}", fix=_NO_TOKEN)
        return self._held(answer, url)

    def _held(self, answer: Any, url: str) -> _Token:
        token = answer.get("access_token") if isinstance(answer, Mapping) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            told = f"{url} answered the sign-in without an access_token."
            raise ConnectorGarbled(told, fix="check `token_url`; a proxy may stand in between.")
        try:
            seconds = float(answer.get("expires_in", 3600))
        except (TypeError, ValueError):
            seconds = 3600.0
        return _Token(token, self._clock() + max(seconds - EARLY, seconds / 2))

    def _assertion(self, audience: str) -> str:
        jwt = _jwt()
        at, client = int(self._now().timestamp()), self._settings.client_id
        claims = {
            "iss": client, "sub": self._settings.user or client, "aud": audience, "iat": at, "exp": at + LIVES,
        }  # fmt: skip
        file = self._settings.key_file
        assert file is not None
        try:
            return str(jwt.encode(claims, Path(file).read_text(encoding="ascii"), algorithm="RS256"))
        except OSError as error:
            raise ConnectorRefused(f"{file} cannot be read: {error.strerror}.", fix="correct `key_file`.") from None
        except (ValueError, TypeError, jwt.PyJWTError):
            told = f"{file} holds no RSA key that an assertion can be signed with."
            raise ConnectorRefused(told, fix="name the private key, a PEM file, as `key_file`.") from None


def _jwt() -> Any:
    try:
        import jwt
    except ImportError:
        told = "PyJWT, which signs assertions, is not installed."
        raise ConnectorRefused(told, fix="pip install 'duehook[oracle_fusion]'.") from None
    return jwt
