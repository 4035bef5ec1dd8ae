"""A stand-in for an RFC library: the same calls and errors, over the simulator's server instead of SAP's SDK.

`Connection(ashost=…, sysnr=…, client=…, user=…, passwd=…)` signs in at once; `ashost` is the simulator's `host:port`.
"""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Self

from .wire.gateway import CONNECTION, PATH, PING

_SECONDS: Final = 600.0


class RFCError(Exception):
    """What all errors of this module are."""


class CommunicationError(RFCError):
    """The system cannot be reached, or the line broke."""


class LogonError(RFCError):
    """The system does not let this user in."""


class ABAPRuntimeError(RFCError):
    """The call ended in a failure of the system; `key` names it."""

    def __init__(self, message: str, key: str) -> None:
        """Take the text and the name."""
        super().__init__(message)
        self.message, self.key = message, key


class ABAPApplicationError(ABAPRuntimeError):
    """The function module raised an exception; `key` names it."""


class ExternalRuntimeError(RFCError):
    """A value cannot be handed over."""


class Connection:
    """An open connection to the simulated system."""

    def __init__(
        self, *, ashost: str, sysnr: str = "00", client: str = "", user: str = "", passwd: str = "", **others: Any
    ) -> None:
        """Sign in; LogonError, or CommunicationError where nothing answers."""
        self._url = f"http://{ashost}"
        self._client, self._others = client, {"sysnr": sysnr, **others}
        self._sign = "Basic " + base64.b64encode(f"{user}:{passwd}".encode()).decode()
        self._name = secrets.token_hex(8)
        self.alive = True
        self.call(PING)

    def call(self, func_name: str, options: Mapping[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
        """Call a function module; return its exports and tables."""
        if not self.alive:
            raise CommunicationError("the connection is closed")
        asked = urllib.request.Request(
            f"{self._url}{PATH}{func_name}?sap-client={self._client}",
            json.dumps({name: value for name, value in parameters.items() if value is not None}, default=str).encode(),
            {"Authorization": self._sign, "Content-Type": "application/json", CONNECTION: self._name},
        )
        answer = self._sent(asked, (options or {}).get("timeout") or _SECONDS)
        if "error" in answer:
            kind = ABAPRuntimeError if answer["is_runtime"] else ABAPApplicationError
            raise kind(answer["message"], answer["error"])
        return {name: _value(each) for name, each in answer["given"].items()}

    def ping(self) -> None:
        """Ask whether the system is there."""
        self.call(PING)

    def close(self) -> None:
        """End the connection; what it has not committed is lost."""
        self.alive = False

    def __enter__(self) -> Self:
        """Give the connection."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the connection."""
        self.close()

    def _sent(self, asked: urllib.request.Request, seconds: float) -> Any:
        try:
            with urllib.request.urlopen(asked, timeout=seconds) as reply:
                answer = json.loads(reply.read())
        except urllib.error.HTTPError as wrong:
            with wrong:
                if wrong.code == 401:
                    self.alive = False
                    raise LogonError("Name or password is incorrect (repeat logon)") from None
                raise CommunicationError(f"RFC_COMMUNICATION_FAILURE ({wrong.code})") from None
        except (OSError, ValueError, http.client.HTTPException) as wrong:
            self.alive = False
            raise CommunicationError(f"RFC_COMMUNICATION_FAILURE: {wrong}") from None
        if not isinstance(answer, dict) or not {"error", "given"} & set(answer):
            raise CommunicationError("RFC_COMMUNICATION_FAILURE: no answer of a function module")
        return answer


def _value(held: Any) -> Any:
    """Return a value as it goes over RFC: numbers exact, text without blanks behind it."""
    if isinstance(held, list):
        return [_value(each) for each in held]
    if isinstance(held, dict):
        return Decimal(held["decimal"]) if set(held) == {"decimal"} else {name: _value(e) for name, e in held.items()}
    return held
