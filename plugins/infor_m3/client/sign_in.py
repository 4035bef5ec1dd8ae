"""How M3 lets a client in: an M3 user's password, or a token of the gateway, renewed before it ends."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Call, WireSession

from .ionapi import FIX, IonApi

SHARE: Final = 0.8  # of a token's life after which another is asked for
USUAL_LIFE: Final = 7200.0  # seconds, where the answer does not say
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class SignIn(Protocol):
    """Signs requests."""

    fix: str

    def headers(self) -> Mapping[str, str]:
        """Return what a request bears."""

    def renew(self) -> bool:
        """Say whether a request that was turned away may be sent again with a new sign-in."""


class Basic:
    """An M3 user: its password is right or wrong, and wrong tries lock it."""

    fix = "correct `user` and `password`; see that the M3 user is not locked."

    def __init__(self, user: str, password: str) -> None:
        """Take who signs in."""
        self._header = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def headers(self) -> Mapping[str, str]:
        """Return the header that carries both."""
        return {"Authorization": self._header}

    def renew(self) -> bool:
        """Asking again with the same password would only lock the user."""
        return False


class Gateway:
    """The service account of a .ionapi file: a token that lasts as long as the gateway says."""

    fix = FIX

    def __init__(self, wire: WireSession, file: IonApi, clock: Callable[[], float]) -> None:
        """Take where to ask and by which file; `clock` is monotonic, in seconds."""
        self._wire, self._file, self._clock = wire, file, clock
        self._token, self._ends_at = "", 0.0
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        """Return the token's header, asking for one where there is none or its life is mostly over."""
        with self._lock:
            if not self._token or self._clock() >= self._ends_at:
                self._ask()
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Forget the token; the next request asks for another."""
        with self._lock:
            self._token = ""
        return True

    def _ask(self) -> None:
        body = urlencode(self._file.form).encode()
        asked_at = self._clock()
        call = Call("POST", self._file.token_url, data=body, headers=_FORM, reads=True, accept={400, 401})
        reply = self._wire.send(call)
        if reply.status >= 400:
            raise ConnectorRefused(f"{reply.url} answered {reply.status}: {reply.excerpt()}", fix=self.fix)
        self._token, lasts = _token_in(reply.json())
        self._ends_at = asked_at + SHARE * lasts


def _token_in(answer: Any) -> tuple[str, float]:
    """Return the token of an answer and the seconds that it lasts."""
    held = answer if isinstance(answer, dict) else {}
    token = held.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        told = "The gateway answered the sign-in without an access_token."
        raise ConnectorGarbled(told, fix="see that `pu` and `ot` of the .ionapi file lead to the token service.")
    try:
        return token, max(0.0, float(held.get("expires_in", USUAL_LIFE)))
    except (TypeError, ValueError):
        return token, USUAL_LIFE
