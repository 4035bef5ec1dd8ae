"""How Microsoft's services let a client in: MSAL's client credentials, and a token kept for the connection."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire.reply import Reply
from duehook.core.wire.session import Call, WireSession
from duehook.core.wire.sign_in import FORM

from . import certificate
from .client import EntraClient

LONGEST: Final = 300
_ANSWERS: Final = frozenset(range(400, 500)) - {408, 425, 429}


@dataclass(frozen=True, repr=False)
class _Answer:
    """An answer as MSAL looks at it."""

    reply: Reply

    @property
    def status_code(self) -> int:
        return self.reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.reply.headers

    @property
    def text(self) -> str:
        return self.reply.body.decode("utf-8", "replace")

    def raise_for_status(self) -> None:
        fault = self.reply.fault()
        if fault:
            raise fault


@dataclass(frozen=True)
class _Kept:
    """What the sources and the target of a connection share: tokens, and what the authority says of itself."""

    tokens: Any
    said: dict[str, _Answer] = field(default_factory=dict)


@dataclass(frozen=True)
class _Http:
    """What MSAL asks through: our session, with its time-outs, its guard and its faults. A token may be asked twice."""

    wire: WireSession
    said: dict[str, _Answer]

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> _Answer:
        """Send a GET, for the authority's description of itself; one that came is kept."""
        if url not in self.said:
            answer = self._send(Call("GET", url, params=params or {}, headers=headers or {}))
            if answer.status_code != HTTPStatus.OK:
                return answer
            self.said[url] = answer
        return self.said[url]

    def post(self, url: str, *, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> _Answer:
        """Send a form."""
        body = (data if isinstance(data, str) else urlencode(data or {})).encode()
        sent = {**FORM, **(headers or {})}
        return self._send(Call("POST", url, params=params or {}, data=body, headers=sent, reads=True))

    def close(self) -> None:
        """Do nothing: the session is the client's."""

    def _send(self, call: Call) -> _Answer:
        reply = self.wire.send(replace(call, accept=_ANSWERS))
        reply.json()  # a web page, or half an answer, is told as such before MSAL stumbles over it
        return _Answer(reply)


class EntraSignIn:
    """A token for a service, renewed before it ends by MSAL, and once when it is refused."""

    def __init__(self, wire: WireSession, settings: EntraClient, name: str) -> None:
        """Take what to send through, the connection's settings, and its name."""
        self._wire, self._settings, self._name = wire, settings, name
        self._app: Any = None
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        """Return the token's header, asking for one where there is none or it ends soon."""
        with self._lock:
            return {"Authorization": f"Bearer {self._token()}"}

    def renew(self) -> bool:
        """Forget the token; the next request asks for another."""
        with self._lock:
            self._application().remove_tokens_for_client()
        return True

    def _token(self) -> str:
        answer = self._asked()
        token = answer.get("access_token")
        if token is None and answer.get("error"):
            told = one_line(redact(str(answer.get("error_description") or answer["error"])))[:LONGEST]
            raise ConnectorRefused(f"{self._settings.sign_in_at} gives no token: {told}", fix=_fix_of(answer))
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise self._senseless("an answer without an access_token")
        return token

    def _asked(self) -> Mapping[str, Any]:
        try:
            answer = self._application().acquire_token_for_client(list(self._settings.scopes))
        except ConnectorError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:  # MSAL's own
            raise self._senseless(one_line(redact(str(error)))[:LONGEST]) from None
        if not isinstance(answer, Mapping):
            raise self._senseless("what is no answer of a sign-in")
        return answer

    def _senseless(self, told: str) -> ConnectorGarbled:
        return ConnectorGarbled(
            f"{self._settings.sign_in_at} answered the sign-in with what cannot be understood: {told}",
            fix="check `authority` or `tenant`; a proxy may stand in between.",
        )

    def _application(self) -> Any:
        if self._app is None:
            settings = self._settings
            secret = settings.client_secret
            credential = secret.get_secret_value() if secret else certificate.credential(settings)
            kept = _kept(self._name, settings.root, _digest(settings, credential), settings.extra)
            self._app = _msal(settings.extra).ConfidentialClientApplication(
                settings.client_id, client_credential=credential, authority=settings.sign_in_at,
                instance_discovery=False, http_client=_Http(self._wire, kept.said), token_cache=kept.tokens,
            )  # fmt: skip
        return self._app


@lru_cache(maxsize=64)
def _kept(name: str, resource: str, identity: str, extra: str) -> _Kept:
    """Return what is kept for a connection: its sources and its target sign in once together."""
    return _Kept(_msal(extra).TokenCache())


def _msal(extra: str) -> Any:
    try:
        import msal
    except ImportError:
        told = "MSAL, Microsoft's sign-in, is not installed."
        raise ConnectorRefused(told, fix=f"pip install 'duehook[{extra}]'.") from None
    return msal


def _digest(settings: EntraClient, credential: Any) -> str:
    """Return what tells one client from another, so that a wrong secret never finds the right one's token."""
    said = [settings.sign_in_at, settings.client_id, *settings.scopes, str(credential)]
    return sha256("\n".join(said).encode()).hexdigest()


def _fix_of(answer: Mapping[str, Any]) -> str:
    """Say what to do about Microsoft's refusal, by its number."""
    codes = answer.get("error_codes")
    for code in codes if isinstance(codes, list) else ():
        if code in _FIXES:
            return _FIXES[code]
    return "correct client_id, its secret or certificate, and `tenant`; the number behind AADSTS says which."


_FIXES: Final[Mapping[Any, str]] = {
    7000215: "write the secret's value, not its id, as client_secret.",
    7000222: "the secret has expired: make a new one in Microsoft Entra ID, and write it as client_secret.",
    700016: "correct client_id and `tenant`: the app registration is not in this directory.",
    700027: "upload the certificate of `certificate_file` to the app registration.",
    90002: "correct `tenant`.",
    500011: "correct `base_url`: a token is asked for it, and the directory knows no such environment.",
}
