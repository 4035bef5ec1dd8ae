"""How Fusion lets a client in: by user and password with each call, or by a token that an assertion is swapped for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from duehook.core.errors import ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Call, WireSession
from duehook.core.wire.sign_in import FORM, Bearer, Token
from duehook.plugins.oracle_fusion.settings import FusionSettings

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIVES: Final = 300  # seconds that an assertion holds
USUAL_LIFE: Final = 3600.0  # seconds that a token lasts where the answer does not say
LONGEST: Final = 300
_NO_TOKEN: Final = (
    "see in the identity domain that the client may use JWT assertions, that it trusts the certificate of `key_file`, "
    "and that this machine's clock is right."
)


class AssertionSignIn(Bearer):
    """A token for an assertion, renewed before its end and after it was refused."""

    def __init__(
        self, wire: WireSession, settings: FusionSettings, *, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        """Take what to send through, the settings, the time of day for assertions, and a clock for tokens' ends."""
        super().__init__(self._asked, clock)
        self._wire, self._settings, self._now = wire, settings, now

    def _asked(self) -> Token:
        url = self._settings.token_url
        assert url is not None
        form = {"grant_type": GRANT, "assertion": self._assertion(url)}
        form |= {"scope": self._settings.scope} if self._settings.scope else {}
        call = Call(
            "POST", url, data=urlencode(form).encode(), headers=FORM, reads=True, accept=frozenset({400, 401, 403})
        )
        reply = self._wire.send(call)
        answer = reply.json()
        if reply.status >= 400:
            said = answer.get("error_description") or answer.get("error") if isinstance(answer, Mapping) else None
            words = one_line(redact(str(said or reply.excerpt())))[:LONGEST]
            raise ConnectorRefused(f"{url} gives no token: {reply.status} {words}", fix=_NO_TOKEN)
        return Token.read(reply, fix="check `token_url`; a proxy may stand in between.", usual_life=USUAL_LIFE)

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
