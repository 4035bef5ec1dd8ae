"""How a client signs in: by a user's password with each request, or by a token that lasts a while."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from duehook.core.errors import ConnectorGarbled

from .reply import Reply

EARLY: Final = 120.0  # seconds before its end in which a token is not used any more
USUAL_LIFE: Final = 600.0  # seconds that a token lasts where the answer does not say
FORM: Final[Mapping[str, str]] = {
    "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
}  # fmt: skip


class SignIn(Protocol):
    """What signs requests."""

    def headers(self) -> Mapping[str, str]:
        """Return what a request bears; that may ask for a token first."""

    def renew(self) -> bool:
        """Forget what was refused; say whether a request may be sent again with a new sign-in."""


class Basic:
    """A user with a password, which is right or wrong: wrong tries lock the user in most ERPs."""

    def __init__(self, user: str, password: str) -> None:
        """Take who signs in."""
        self._header = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def headers(self) -> Mapping[str, str]:
        """Return the header that carries both."""
        return {"Authorization": self._header}

    def renew(self) -> bool:
        """Asking again with the same password would only lock the user."""
        return False


@dataclass(frozen=True, repr=False)
class Token:
    """A bearer token (RFC 6750), and how many seconds it lasts."""

    value: str
    seconds: float

    @classmethod
    def read(cls, reply: Reply, *, fix: str, usual_life: float = USUAL_LIFE) -> Self:
        """Read what a token service answered (RFC 6749 §5.1); ConnectorGarbled with the fix where no token is in it."""
        held: Any = reply.json()
        held = held if isinstance(held, dict) else {}
        value = held.get("access_token")
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
            raise ConnectorGarbled(f"{reply.url} answered the sign-in without an access_token.", fix=fix)
        try:
            return cls(value, max(0.0, float(held.get("expires_in", usual_life))))
        except (TypeError, ValueError):
            return cls(value, usual_life)


class Bearer:
    """A token that is held until shortly before its end, and forgotten when it is refused; any thread may use it."""

    def __init__(self, ask: Callable[[], Token], clock: Callable[[], float]) -> None:
        """Take what asks for a token; `clock` is monotonic, in seconds."""
        self._ask, self._clock = ask, clock
        self._token, self._ends_at = "", 0.0
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        """Return the token's header, asking for one where there is none or it ends soon."""
        with self._lock:
            if not self._token or self._clock() >= self._ends_at:
                asked_at, token = self._clock(), self._ask()
                self._token, self._ends_at = token.value, asked_at + max(token.seconds - EARLY, token.seconds / 2)
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Forget the token; the next request asks for another."""
        with self._lock:
            self._token = ""
        return True
