"""How a command is carried out: by the writer of its kind, once, read back, and its faults told as outcomes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.wire import ReplyLost, Stale

TRIES: Final = 3  # how often a row is looked at again that others change meanwhile


class Refusal(ConnectorRefused):
    """A write that is not sent, because of what stands there; `previous` is that."""

    def __init__(self, message: str, previous: str | None = None) -> None:
        """Take why, and what stands there."""
        super().__init__(message)
        self.previous = previous


class Writer(Protocol):
    """Writes some kinds of command. All may raise a ConnectorError; `apply` also Stale, to look again."""

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""

    def apply(self, command: Command) -> Applied:
        """Look, do it once, and read it back."""

    def verify(self, command: Command) -> Applied:
        """Look whether it is there: done, or refused."""


@dataclass(frozen=True)
class Writers:
    """The writers of a connection, by the kinds of command that it takes; `erp` names the ERP in messages."""

    erp: str
    by_kind: Mapping[CommandKind, Writer]

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""
        writer = self.by_kind.get(command.kind)
        return writer.preview(command) if writer else unsupported(command, self.erp).message

    def apply(self, command: Command) -> Applied:
        """Do it once; ConnectorDown only when nothing was written."""
        writer = self.by_kind.get(command.kind)
        if writer is None:
            return unsupported(command, self.erp)
        for _ in range(TRIES):
            try:
                return writer.apply(command)
            except Stale:
                continue  # somebody was quicker: look again
            except ReplyLost as error:
                return Applied("unknown", error.message)
            except Refusal as error:
                return Applied("refused", error.message, previous=error.previous)
            except ConnectorRefused as error:
                return Applied("refused", str(error))
            except ConnectorGarbled as error:  # a senseless answer to a write is a ReplyLost, so this was to a read
                raise ConnectorDown(f"{error.message} Nothing was written.", fix=error.fix) from error
        told = f"customer {command.customer} was changed by others while it was written, {TRIES} times"
        return Applied("refused", told)

    def verify(self, command: Command) -> Applied:
        """Look whether it is there; where it cannot be looked at, that is unknown."""
        writer = self.by_kind.get(command.kind)
        if writer is None:
            return unsupported(command, self.erp)
        try:
            return writer.verify(command)
        except Refusal as error:
            return Applied("refused", error.message, previous=error.previous)
        except ConnectorError as error:
            return Applied("unknown", error.message)


class WritingTarget:
    """What a connector's target does by its writers; it says itself how it is checked, read for a hold, and closed."""

    def __init__(self, writers: Writers) -> None:
        """Take the writers of the connection."""
        self._writers = writers
        self.capabilities: frozenset[CommandKind] = frozenset(writers.by_kind)

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""
        return self._writers.preview(command)

    def apply(self, command: Command) -> Applied:
        """Do it once."""
        return self._writers.apply(command)

    def verify(self, command: Command) -> Applied:
        """Look whether it is there."""
        return self._writers.verify(command)


def amount_of(body: Mapping[str, Any]) -> Decimal:
    """Return the amount of a promise or dispute; Refusal where it is none."""
    try:
        found = Decimal(str(body.get("amount")))
    except InvalidOperation:
        raise Refusal(f"{body.get('amount')!r} is no amount") from None
    if not found.is_finite():
        raise Refusal(f"{found} is no amount")
    return found


def day_of(body: Mapping[str, Any]) -> date:
    """Return the day of a promise; Refusal where it is none."""
    try:
        return date.fromisoformat(str(body.get("on")))
    except ValueError:
        raise Refusal(f"{body.get('on')!r} is no day") from None


def expect_ours(command: Command, held: str | None, allowed: Collection[str], *, setting: str = "hold.values") -> None:
    """Refuse to touch another's hold, and to set what is not `allowed` by the setting (rules 25 and 26)."""
    ours = command.body.get("value")
    if command.kind == "release_credit_hold":
        if held != ours:
            raise Refusal(f"another hold is there: {held or 'none'}, ours was {ours}", held)
        return
    if held is not None:
        raise Refusal(f"another hold is there: {held}", held)
    if ours not in allowed:
        raise Refusal(f"{ours} is not among `{setting}`, which this connection may set", held)


def marker(command: Command) -> str:
    """Return the mark by which what a command wrote is found again."""
    return f"#DH-{command.mark}"


def unsupported(command: Command, erp: str) -> Applied:
    """Refuse a kind of command that a connection does not take."""
    return Applied("refused", f"unsupported: this {erp} connection cannot {command.kind.replace('_', ' ')}.")


def read_back(
    there: Callable[[], bool], erp: str, *, previous: str | None = None, reference: str | None = None
) -> Applied:
    """Say that what the ERP took was done, once it is seen there."""
    try:
        found = there()
    except ConnectorError:
        return Applied("done", f"{erp} took it; reading it back failed", previous, reference)
    if found:
        return Applied("done", "written and read back", previous, reference)
    return Applied("unknown", f"{erp} took it, but it cannot be found", previous, reference)
