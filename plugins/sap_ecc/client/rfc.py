"""Function modules by RFC, through a library that the site installs: SAP's SDK behind it may not be handed on."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Literal

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import ReplyLost
from duehook.core.wire.tapes import Broken, Question, exchanged
from duehook.plugins.sap_ecc.settings import EccSettings

from .calling import Answer, FunctionCall
from .faults import FunctionFault

_TOLD: Final = re.compile(r"Date: *(\d{8}) +Time: *(\d{6})")
_BROKEN: Final = {"CommunicationError", "RFC_COMMUNICATION_FAILURE"}
TRIES: Final = 3
_COUNTS: Final = frozenset({"ROWCOUNT", "ROWSKIPS"})


class RfcTransport:
    """One connection, opened on the first call and again after it broke."""

    def __init__(self, settings: EccSettings, name: str, *, sleep: Callable[[float], None]) -> None:
        """Take the connection's settings and its name for the messages."""
        self._settings, self._name, self._sleep = settings, name, sleep
        self._open: Any = None

    def call(self, call: FunctionCall) -> Answer:
        """Call once; a reading is tried again where the connection broke."""
        for tried in range(1, TRIES + 1):
            try:
                return Answer(self._called(call))
            except ReplyLost:
                raise
            except ConnectorDown:
                if not call.reads or tried == TRIES:
                    raise
                self._sleep(0.5 * tried)
        raise AssertionError("the last try returns or raises")

    def clock(self) -> datetime:
        """Return the server's own time, of what it says of itself."""
        told = str(self.call(FunctionCall("STFC_CONNECTION", {"REQUTEXT": "Duehook"})).values.get("RESPTEXT", ""))
        found = _TOLD.search(told)
        if found is None:
            raise ConnectorGarbled(
                f"STFC_CONNECTION says no date and time: {one_line(redact(told))[:200]}", fix="write `transport: soap`."
            )
        return datetime.strptime("".join(found.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def close(self) -> None:
        """Hang up."""
        if self._open is not None:
            with suppress(Exception):
                self._open.close()
            self._open = None

    def _called(self, call: FunctionCall) -> Mapping[str, Any]:
        given = {name: _sent(name, held) for name, held in call.parameters.items()}
        try:
            answer = exchanged(Question("rfc", call.function, given), partial(self._answered, call.function, given))
        except Broken as error:
            raise self._fault(call, error) from error
        if not isinstance(answer, Mapping):
            raise ConnectorGarbled(f"{call.function} gave back {type(answer).__name__}.", fix="compare `rfc_library`.")
        return answer

    def _answered(self, function: str, given: Mapping[str, Any]) -> Any:
        connection = self._connection()
        try:
            return connection.call(function, **given)
        except Exception as error:  # each library has its own classes; they are told apart by their names
            raise _broken(error, str(error)) from error

    def _fault(self, call: FunctionCall, error: Broken) -> ConnectorError:
        said = one_line(redact(error.text))[:200]
        if error.kind == "LogonError":
            self.close()
            return self._refused(said)
        if error.at == "opening":
            told = f"{self._settings.host} cannot be reached: {said}."
            return ConnectorDown(told, fix=f"see that it runs, or correct `host` of connection {self._name}.")
        if error.kind in _BROKEN or error.key in _BROKEN:
            self.close()
            told = f"{self._settings.host} broke off at {call.function}: {said}."
            if call.reads:
                return ConnectorDown(told, fix="let the SAP admin look why; it is asked again by the next run.")
            return ReplyLost(f"{told} The write was sent and may have taken effect.")
        return FunctionFault(call.function, error.key or error.kind, said)

    def _connection(self) -> Any:
        if self._open is not None:
            return self._open
        settings, library = self._settings, self._library()
        password = settings.password.get_secret_value() if settings.password else ""
        try:
            self._open = library.Connection(
                ashost=settings.host, sysnr=settings.system_number, client=settings.client, user=settings.user,
                passwd=password,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - each library has its own classes; they are told by their names
            said = str(error).replace(password, "…") if password else str(error)
            raise _broken(error, said, "opening") from None
        return self._open

    def _refused(self, said: str) -> ConnectorRefused:
        told = f"{self._settings.host} refused the sign-in of {self._settings.user}: {said}."
        return ConnectorRefused(told, fix="correct the user and password of the connection.")

    def _library(self) -> Any:
        name = self._settings.rfc_library
        try:
            return importlib.import_module(name)
        except ImportError as error:
            told = f"The RFC library {name} cannot be used: {error}."
            raise ConnectorRefused(
                told,
                fix="install it beside SAP's NW RFC SDK, which SAP gives to its customers alone (`rfc_library` names "
                "another one), or write `transport: soap`, which needs neither.",
            ) from None  # fmt: skip


def _broken(error: Exception, said: str, at: Literal["opening", "asking"] = "asking") -> Broken:
    """Return what a library raised without its class; what the operating system raises is a line that broke."""
    kind = "CommunicationError" if isinstance(error, OSError) else type(error).__name__
    return Broken(kind, str(getattr(error, "key", "") or ""), said, at)


def _sent(name: str, held: Any) -> Any:
    """Return a parameter as RFC libraries take it: counts as numbers, tables as lists."""
    if isinstance(held, str):
        return int(held) if name in _COUNTS else held
    return [dict(row) for row in held]
