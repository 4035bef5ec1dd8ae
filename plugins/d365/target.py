"""Writes into F&O: notes as attachments, the credit hold, promises and disputes; look first, read back.

A note has an id that its command makes, so twice is once; promise and dispute carry the command's marker in their
comment. A change goes with the version (ETag) of what was looked at: who changed it meanwhile wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind, Finding
from duehook.core.wire import ReplyLost
from duehook.core.wire.odata import Entity, Found, Stale, Where, all_of, any_of

from . import check, entities
from .mapping.items import read_key
from .mapping.parties import NO_HOLD
from .settings import D365Settings
from .site import AREA, D365Site
from .writing.wishes import Refusal, wish_of

TRIES: Final = 3
TITLE: Final = 45  # signs of a note's subject before its marker: F&O shows sixty
_HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})
_STATUSES: Final[frozenset[CommandKind]] = frozenset({"set_promise", "set_dispute"})


def marker(command: Command) -> str:
    """Return the mark by which what a command wrote is found again."""
    return f"#DH-{command.mark}"


def document_id(command: Command) -> str:
    """Return the id of a command's note: the same command always has the same."""
    return str(uuid5(NAMESPACE_URL, f"duehook:{command.key}"))


@dataclass(frozen=True)
class Change:
    """A change of one row, or a new row: what it shall hold, and what it held when it was looked at."""

    entity: Entity
    key: Mapping[str, Any]
    values: Mapping[str, Any]
    found: Found | None

    @property
    def is_there(self) -> bool:
        """Say whether the row holds it already."""
        return self.found is not None and all(
            (self.found.row.get(name) or "") == (held or "") for name, held in self.values.items()
        )


class D365Target:
    """Notes, holds, promises and disputes through the sets that a site has."""

    def __init__(self, settings: D365Settings, name: str = "d365") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = D365Site(settings, name)
        kinds: set[CommandKind] = set()
        kinds |= {"add_note"} if settings.sets.attachments else set()
        kinds |= _HOLDS if settings.hold else set()
        kinds |= _STATUSES if settings.sets.disputes else set()
        self.capabilities: frozenset[CommandKind] = frozenset(kinds)

    def check(self) -> Iterable[Finding]:
        """Try what is written to, on the customer that the settings name for that."""
        return check.target(self._site, self)

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""
        if command.kind == "add_note":
            return f"attach a note to customer {command.customer} in {command.company}: {self._title(command)}"
        change = self._change(command, looks=False)
        before = {name: change.found.row.get(name) if change.found else None for name in change.values}
        wish = ", ".join(f"{name} from {before[name] or 'nothing'} to {held or 'nothing'}"
                         for name, held in change.values.items())  # fmt: skip
        return f"change {change.entity.name} of customer {command.customer} in {command.company}: {wish}"

    def apply(self, command: Command) -> Applied:
        """Do it once."""
        if command.kind not in self.capabilities:
            return _unsupported(command)
        for _ in range(TRIES):
            try:
                return self._note(command) if command.kind == "add_note" else self._set(command)
            except Stale:
                continue  # somebody was quicker: look again
            except ReplyLost as error:
                return Applied("unknown", error.message)
            except Refusal as error:
                return Applied("refused", error.message, previous=error.previous)
            except ConnectorRefused as error:
                return Applied("refused", error.message)
            except ConnectorGarbled as error:  # a senseless answer to a write is a ReplyLost, so this was to a read
                raise ConnectorDown(f"{error.message} Nothing was written.", fix=error.fix) from error
        return Applied("refused", f"{command.customer} was changed by others while it was written, {TRIES} times")

    def verify(self, command: Command) -> Applied:
        """Look whether it is there."""
        if command.kind not in self.capabilities:
            return _unsupported(command)
        try:
            if command.kind == "add_note":
                there = self._has_note(command)
                return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")
            if command.kind in _STATUSES:
                there = self._took(command)
                return Applied("done", "it is there") if there else Applied("refused", "it is not there")
            change = self._change(command, looks=False)
        except Refusal as error:
            return Applied("refused", error.message, previous=error.previous)
        except ConnectorError as error:
            return Applied("unknown", error.message)
        if change.is_there:
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=_hold_of(change.found))

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold of the customer in that company."""
        return _hold_of(self._customer(company, customer))

    def close(self) -> None:
        """Hang up."""
        self._site.close()

    def _note(self, command: Command) -> Applied:
        if self._has_note(command):
            return Applied("already", "the note was there")
        entity = self._attachments()
        try:
            self._site.service.post(entity, self._attachment(command))
        except ConnectorRefused:
            if self._has_note(command):  # an answer was lost, or another was quicker, between our look and now
                return Applied("already", "the note was there")
            raise
        return self._read_back(lambda: self._has_note(command), reference=document_id(command))

    def _set(self, command: Command) -> Applied:
        change = self._change(command)
        previous = _hold_of(change.found) if command.kind in _HOLDS else _status_of(change.found)
        if change.is_there or (command.kind in _STATUSES and self._is_marked(command, change.found)):
            return Applied("already", "it was there", previous=previous)
        if change.found is None:
            return self._made(command, change)
        if not change.found.etag:
            raise Refusal(f"{change.entity.name} comes without an ETag; unguarded, another's change could be lost")
        self._site.service.patch(change.entity, change.key, change.values, etag=change.found.etag)
        return self._read_back(lambda: self._took(command), previous)

    def _made(self, command: Command, change: Change) -> Applied:
        """Make the row that there is none of; who was quicker is looked at once more."""
        try:
            self._site.service.post(change.entity, {**change.key, **change.values})
        except ConnectorRefused as error:
            if not isinstance(error, Stale) and self._status(command) is not None:
                raise Stale(error.message) from error
            raise
        return self._read_back(lambda: self._took(command))

    def _took(self, command: Command) -> bool:
        """Say whether a change is seen now."""
        if command.kind in _STATUSES:
            return self._is_marked(command, self._status(command))
        return self._change(command, looks=False).is_there

    def _change(self, command: Command, *, looks: bool = True) -> Change:
        """Return what a command changes; Refusal where what is there must stay, unless it is only looked back at."""
        if command.kind in _HOLDS:
            return self._hold_change(command, looks=looks)
        found = self._status(command)
        before = str((found.row.get("ReasonComment") if found else None) or "")
        wish = wish_of(command, marker(command), self._site.settings.codes, before=before)
        if looks and not self._is_marked(command, found):
            wish.expect_free(found)
        entity = self._site.disputes
        assert entity is not None
        number = self._transaction(command)
        if found is None:
            return Change(entity, {AREA: command.company, "CustTrans": number}, wish.values, None)
        return Change(entity, {AREA: found.row[AREA], "SysRecId": found.row["SysRecId"]}, wish.values, found)

    def _hold_change(self, command: Command, *, looks: bool) -> Change:
        found = self._customer(command.company, command.customer)
        held, ours = _hold_of(found), command.body.get("value")
        wanted = command.body.get("restore") if command.kind == "release_credit_hold" else ours
        change = Change(
            entities.HOLD, {AREA: command.company, "CustomerAccount": command.customer},
            {"OnHoldStatus": wanted or NO_HOLD}, found,
        )  # fmt: skip
        if looks and not change.is_there:
            self._expect_ours(command, held)
        return change

    def _expect_ours(self, command: Command, held: str | None) -> None:
        """Refuse to touch another's hold (rule 26), and to set what the settings do not allow (rule 25)."""
        ours, allowed = command.body.get("value"), self._site.settings.hold
        if command.kind == "release_credit_hold":
            if held != ours:
                raise Refusal(f"another hold is there: {held or 'none'}, ours was {ours}", held)
            return
        if held is not None:
            raise Refusal(f"another hold is there: {held}", held)
        if allowed is None or ours not in allowed.values:
            raise Refusal(f"{ours} is not among `hold.values`, which this connection may set", held)

    def _customer(self, company: str, customer: str) -> Found:
        found = self._site.service.row(entities.HOLD, {AREA: company, "CustomerAccount": customer})
        if found is None:
            raise Refusal(f"F&O has no customer {customer} in {company}")
        return found

    def _status(self, command: Command) -> Found | None:
        """Return the dispute row of the command's transaction; F&O has at most one."""
        entity = self._site.disputes
        assert entity is not None
        return self._site.service.row(entity, {AREA: command.company, "CustTrans": self._transaction(command)})

    def _transaction(self, command: Command) -> int:
        """Return the record id of the transaction that a command is about, which must be the customer's."""
        read = read_key(command.item or "")
        if read is None:
            kept = f"F&O keeps a {command.kind[4:]} by transaction"
            raise Refusal(f"{command.item or 'no item'} names none, and {kept}")
        key = {AREA: command.company, self._site.transactions.key[1]: read[0]}
        found = self._site.service.row(self._site.transactions, key)
        if found is None or command.customer not in {found.row["OrderAccount"], found.row["AccountNum"]}:
            raise Refusal(f"F&O has no transaction {read[0]} of customer {command.customer} in {command.company}")
        return read[0]

    def _is_marked(self, command: Command, found: Found | None) -> bool:
        return found is not None and marker(command) in str(found.row.get("ReasonComment") or "")

    def _attachments(self) -> Entity:
        assert self._site.attachments is not None
        return self._site.attachments

    def _attachment(self, command: Command) -> dict[str, Any]:
        return {
            AREA: command.company,
            "DocumentId": document_id(command),
            "TypeId": "Note",
            "Name": self._title(command),
            "Notes": str(command.body.get("text", "")),
            "CustomerAccountNumber": command.customer,
        }

    def _has_note(self, command: Command) -> bool:
        """Look for the note by its id, and by its marker, for F&O may have given it an id of its own."""
        ours = any_of(
            Where.written(f"DocumentId eq {document_id(command)}"),
            Where.written(f"Name eq '*{marker(command)}'"),  # a star stands for any text
        )
        where = all_of(Where.field(AREA, "eq", command.company),
                       Where.field("CustomerAccountNumber", "eq", command.customer), ours)  # fmt: skip
        rows = self._site.service.rows(self._attachments(), where, top=1)
        return bool(rows)

    @staticmethod
    def _title(command: Command) -> str:
        subject = " ".join(str(command.body.get("subject") or "Duehook").split()).replace("*", "")[:TITLE]
        return f"{subject} {marker(command)}"

    @staticmethod
    def _read_back(there: Callable[[], bool], previous: str | None = None, *, reference: str | None = None) -> Applied:
        try:
            found = there()
        except ConnectorError:
            return Applied("done", "F&O took it; reading it back failed", previous, reference)
        if found:
            return Applied("done", "written and read back", previous, reference)
        return Applied("unknown", "F&O took it, but it cannot be found", previous, reference)


def _hold_of(found: Found | None) -> str | None:
    held = found.row.get("OnHoldStatus") if found else None
    return held if held != NO_HOLD else None


def _status_of(found: Found | None) -> str | None:
    return found.row.get("Status") if found else None


def _unsupported(command: Command) -> Applied:
    return Applied("refused", f"unsupported: this F&O connection cannot {command.kind.replace('_', ' ')}.")
