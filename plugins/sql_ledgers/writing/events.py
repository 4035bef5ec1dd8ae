"""Commands as events of the staging table, what may stand in the way of them, and how they ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from duehook.core.connecting.writing import Refusal, amount_of, day_of, expect_ours, marker
from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Applied, Command, CommandKind, Row
from duehook.core.records import Stream
from duehook.plugins.sql_ledgers.settings import EventType
from duehook.plugins.sql_ledgers.site import SqlSite

from .staging import WIDEST, Event, Staging, Standing

SHOWN: Final = 3  # rows that a message names
KINDS: Final[Mapping[EventType, tuple[CommandKind, ...]]] = {
    "NOTE": ("add_note",),
    "HOLD": ("set_credit_hold", "release_credit_hold"),
    "PROMISE": ("set_promise",),
    "DISPUTE": ("set_dispute",),
    "BLOCK": ("set_dunning_block",),
    "LEVEL": ("set_dunning_level",),
}


class EventWriter:
    """Writes one kind of event: looks at what is there, queues the rows once, and waits for the site's program."""

    def __init__(self, site: SqlSite, staging: Staging) -> None:
        """Take the site to look at, and the table to queue in."""
        self._site, self._staging = site, staging

    def preview(self, command: Command) -> str:
        """Say which rows would be queued."""
        told = " and ".join(f"{event.type} {event.code} {event.text}".strip() for event in self.events(command))
        return f"queue in {self._staging.asked.table} for customer {command.customer}: {told}"

    def apply(self, command: Command) -> Applied:
        """Queue it, unless it is queued, and say how it ended."""
        events = self.events(command)
        found = self._staging.standing(command, len(events))
        is_queued = found is not None and found.rows == len(events)
        if found is not None and is_queued and (found.status != "E" or found.was_asked_again):
            return self._ended(command, len(events), was_there=True)
        previous = self.expect(command)
        if is_queued:
            self._staging.again(command, events)
        else:
            self._staging.queue(command, events)
        return self._ended(command, len(events), previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look how far it is; while nobody can look, the program may carry it out all the same."""
        count = len(self.events(command))
        try:
            found = self._staging.standing(command, count)
        except ConnectorError as error:
            return Applied("unknown", error.message, wait=self._staging.patience)
        if found is None:
            return Applied("refused", "it is not in the staging table")
        if found.rows < count:
            return Applied("refused", f"{found.rows} of its {count} rows are in the staging table; the rest can follow")
        return self._outcome(found)

    def events(self, command: Command) -> Sequence[Event]:
        """Return the rows of a command. Raises Refusal where they cannot be made."""
        return [_MADE[command.kind](command)]

    def expect(self, command: Command) -> str | None:
        """Raise Refusal where the ERP has nobody to do it to; return what is replaced."""
        self.customer(command)
        if command.item is not None:
            self.there("item", command.company, command.item)
        return None

    def customer(self, command: Command) -> Row:
        """Return the customer. Raises Refusal where there is none."""
        return self.there("customer", command.company, command.customer)

    def there(self, stream: Stream, company: str, key: str) -> Row:
        """Return a row that must be there."""
        found = self._site.stream(stream).lookup([("" if stream == "customer" else company, key)])
        if not found.found:
            raise Refusal(f"there is no {stream} {key}, or it cannot be read")
        return found.found[0]

    def _ended(self, command: Command, count: int, *, was_there: bool = False, previous: str | None = None) -> Applied:
        try:
            found = self._staging.settled(command, count)
        except ConnectorError as error:
            told = f"it was queued; looking at it failed: {error.message}"
            return Applied("unknown", told, previous, wait=self._staging.patience)
        if found is None:
            return Applied("unknown", "it was queued and is not in the staging table any more", previous)
        ended = self._outcome(found)
        if ended.outcome == "done" and was_there:
            return Applied("already", "it was queued and carried out before")
        return Applied(ended.outcome, ended.message, previous, ended.reference, ended.wait)

    def _outcome(self, found: Standing) -> Applied:
        if found.status == "D":
            return Applied("done", found.message or "the site's program has carried it out")
        if found.status == "E":
            return Applied("refused", f"the site's program refused: {found.message or 'without a reason'}")
        return Applied("unknown", self._waiting(found), wait=self._staging.patience)

    def _waiting(self, found: Standing) -> str:
        """Say which rows wait for the program, and what a person does about them if it does not come."""
        more = f" and {len(found.keys) - SHOWN} more" if len(found.keys) > SHOWN else ""
        rows = f"{self._staging.name} has EVENTID {', '.join(found.keys[:SHOWN])}{more} at STATUS {found.status}"
        if found.status == "N":
            patience = f"`staging.patience_hours`: {self._staging.asked.patience_hours:g}"
            told = f"the site's program has not taken it ({patience})"
            return f"{rows}: {told}. Let it run; before you settle it as not sent, delete what is still N"
        told = "the site's program has not said how it ended"
        return f"{rows}: {told}. Look whether the ERP has it, and set STATUS D, or E where it has not"


class NoteWriter(EventWriter):
    """Notes; a long one is several rows, each with our mark."""

    def events(self, command: Command) -> Sequence[Event]:
        """Return the rows of a note."""
        subject, text = command.body.get("subject"), str(command.body.get("text") or "")
        whole = f"{subject}: {text}" if subject else text
        room = WIDEST - len(marker(command)) - 1
        parts = [whole[at : at + room] for at in range(0, len(whole), room)] or [""]
        return [Event("NOTE", command.company, command.customer, text=f"{part} {marker(command)}") for part in parts]


class HoldWriter(EventWriter):
    """Holds. The row says which hold the program must find, so that a user who is quicker wins."""

    def events(self, command: Command) -> Sequence[Event]:
        """Return the row of a hold: the value to set, and the one that must be there."""
        is_release = command.kind == "release_credit_hold"
        wanted = command.body.get("restore" if is_release else "value") or " "
        found = command.body.get("value") if is_release else " "
        return [Event("HOLD", command.company, command.customer, code=str(wanted), text=str(found or " "))]

    def expect(self, command: Command) -> str | None:
        """Refuse to overwrite another's hold, or to release it (rule 26)."""
        held: str | None = self.customer(command).get("hold")
        expect_ours(command, held, self._site.settings.hold.values)
        return held


def _promise(command: Command) -> Event:
    body = command.body
    return Event(
        "PROMISE", command.company, command.customer, command.item or " ", day=_day(day_of(body)),
        amount=amount_of(body), text=_text(body),
    )  # fmt: skip


def _dispute(command: Command) -> Event:
    body = command.body
    return Event(
        "DISPUTE", command.company, command.customer, command.item or " ", code=str(body.get("reason") or " "),
        amount=amount_of(body), text=_text(body),
    )  # fmt: skip


def _block(command: Command) -> Event:
    body = command.body
    until = body.get("until")
    return Event(
        "BLOCK", command.company, command.customer, command.item or " ", code=str(body.get("value") or " "),
        day=_day(date.fromisoformat(str(until))) if until else 0, text=str(body.get("reason") or " ")[:WIDEST],
    )  # fmt: skip


def _level(command: Command) -> Event:
    on = command.body.get("on")
    return Event(
        "LEVEL", command.company, command.customer, command.item or " ", code=str(command.body.get("level")),
        day=_day(date.fromisoformat(str(on))) if on else 0,
    )  # fmt: skip


_MADE: Final[Mapping[str, Callable[[Command], Event]]] = {
    "set_promise": _promise,
    "set_dispute": _dispute,
    "set_dunning_block": _block,
    "set_dunning_level": _level,
}


def _day(day: date) -> int:
    return int(f"{day:%Y%m%d}")


def _text(body: Mapping[str, Any]) -> str:
    return str(body.get("text") or " ")[:WIDEST]
