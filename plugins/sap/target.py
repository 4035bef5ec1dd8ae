"""Writes into SAP: notes into a long text, the credit block, dunning block and level; look first, read back.

A note is a line with a marker of its command, appended to the text that is there, so that it is found
again instead of written twice. A change goes with the version (ETag) of what was looked at: who changed
it meanwhile wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind, Finding
from duehook.core.wire import ReplyLost
from duehook.core.wire.odata import Entity, Found, Stale

from . import check, entities
from .client import SapService
from .settings import SapSettings
from .site import SapSite

TRIES: Final = 3
_HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})
_DUNNING: Final[frozenset[CommandKind]] = frozenset({"set_dunning_block", "set_dunning_level"})


def marker(command: Command) -> str:
    """Return the mark by which a command's note is found again."""
    return f"#DH-{command.mark}"


@dataclass(frozen=True)
class Change:
    """A change of one row: where it is, what the row shall hold, and what it held when it was looked at."""

    service: SapService
    entity: Entity
    key: Mapping[str, str]
    values: Mapping[str, Any]
    found: Found | None

    @property
    def is_there(self) -> bool:
        """Say whether the row holds it already."""
        return self.found is not None and all(
            (self.found.row.get(name) or "") == (held or "") for name, held in self.values.items()
        )


class SapTarget:
    """Notes, holds and dunning data through the services that a site has."""

    def __init__(self, settings: SapSettings, name: str = "sap") -> None:
        """Take the connection's settings, and its name for the messages."""
        self._site = SapSite(settings, name)
        self._settings = settings
        kinds: set[CommandKind] = set(_DUNNING)
        kinds |= {"add_note"} if settings.notes else set()
        kinds |= _HOLDS if settings.hold and (settings.hold.by == "order" or settings.services.credit) else set()
        self.capabilities: frozenset[CommandKind] = frozenset(kinds)

    def check(self) -> Iterable[Finding]:
        """Try the token that every change needs."""
        return check.target(self._site)

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""
        if command.kind == "add_note":
            return f"append to the text of customer {command.customer} in SAP: {self._line(command)}"
        change = self._change(command)
        before = {name: change.found.row.get(name) if change.found else None for name in change.values}
        wish = ", ".join(f"{name} from {before[name] or 'nothing'} to {held or 'nothing'}"
                         for name, held in change.values.items())  # fmt: skip
        return f"change {change.entity.name} of customer {command.customer}: {wish}"

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
            except ConnectorRefused as error:
                return Applied("refused", error.message)
            except ConnectorGarbled as error:  # a senseless answer to a write is a ReplyLost, so this was to a read
                raise ConnectorDown(f"{error.message} Nothing was written.", fix=error.fix) from error
        return Applied(
            "refused", f"customer {command.customer} was changed by others while it was written, {TRIES} times"
        )

    def verify(self, command: Command) -> Applied:
        """Look whether it is there."""
        if command.kind not in self.capabilities:
            return _unsupported(command)
        try:
            if command.kind == "add_note":
                there = marker(command) in self._text(self._note_row(command))
                return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")
            change = self._change(command)
        except ConnectorError as error:
            return Applied("unknown", error.message)
        if change.is_there:
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=self._held(command, change.found))

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold that governs the customer."""
        command = Command("set_credit_hold", "", company, customer, body={"value": None})
        return self._held(command, self._change(command).found)

    def close(self) -> None:
        """Hang up."""
        self._site.close()

    def _note(self, command: Command) -> Applied:
        service, entity, key = self._note_place(command)
        found = service.row(entity, key)
        text = self._text(found)
        if marker(command) in text:
            return Applied("already", "the note was there")
        if service.row(entities.CUSTOMER, {"Customer": command.customer}) is None:
            return Applied("refused", f"SAP has no customer {command.customer}")
        lines = [*text.splitlines(), self._line(command)][-self._keep :]
        values = {"LongText": "\n".join(lines)}
        if found is None:
            service.post(entity, {**key, **values})
        else:
            service.patch(entity, key, values, etag=found.etag)
        return self._read_back(lambda: marker(command) in self._text(self._note_row(command)))

    def _set(self, command: Command) -> Applied:
        change = self._change(command)
        previous = self._held(command, change.found)
        if change.is_there:
            return Applied("already", "it was there", previous=previous)
        objection = self._objection(command, previous)
        if objection:
            return Applied("refused", objection, previous=previous)
        if change.found is not None:
            change.service.patch(change.entity, change.key, change.values, etag=change.found.etag)
        elif change.entity is entities.DUNNING:
            self._expect_company(command)
            change.service.post(change.entity, {**change.key, **change.values})
        else:
            return Applied("refused", f"SAP has no {change.entity.name} of customer {command.customer}")
        return self._read_back(lambda: self._change(command).is_there, previous)

    def _objection(self, command: Command, held: str | None) -> str | None:
        """Say why what is there must stay (rule 26)."""
        if command.kind == "release_credit_hold":
            ours = command.body.get("value")
            return None if held == ours else f"another hold is there: {held or 'none'}, ours was {ours}"
        if command.kind == "set_credit_hold" and held is not None:
            return f"another hold is there: {held}"
        if command.kind == "set_dunning_block" and held != command.body.get("expect"):
            return f"the dunning block is {held or 'none'}, not {command.body.get('expect') or 'none'}"
        return None

    def _change(self, command: Command) -> Change:
        service, entity, key = self._place(command)
        return Change(service, entity, key, self._wish(command), service.row(entity, key))

    def _place(self, command: Command) -> tuple[SapService, Entity, dict[str, str]]:
        site, hold = self._site, self._settings.hold
        if command.kind in _DUNNING:
            key = {"Customer": command.customer, "CompanyCode": command.company, "DunningArea": ""}
            return site.partners, entities.DUNNING, key
        assert hold is not None
        if hold.by == "order":
            return site.partners, entities.CUSTOMER, {"Customer": command.customer}
        assert site.credit is not None
        key = {"BusinessPartner": self._partner(command.customer), "CreditSegment": hold.segment}
        return site.credit, entities.CREDIT, key

    def _partner(self, customer: str) -> str:
        """Return the business partner of a customer: their numbers may differ."""
        found = self._site.rows_of(self._site.partners, entities.PARTNER, "Customer", [customer])
        if not found:
            raise ConnectorRefused(f"SAP has no business partner for customer {customer}.")
        return str(found[0]["BusinessPartner"])

    def _wish(self, command: Command) -> dict[str, Any]:
        body = command.body
        if command.kind == "set_dunning_block":
            return {"DunningBlock": body.get("value") or ""}
        if command.kind == "set_dunning_level":
            return {"DunningLevel": str(body.get("level", 0))}
        value = body.get("restore" if command.kind == "release_credit_hold" else "value") or ""
        hold = self._settings.hold
        if hold is not None and hold.by == "order":
            return {"OrderIsBlockedForCustomer": value}
        return {"CreditAccountIsBlocked": bool(value), "CreditAccountBlockReason": value}

    def _held(self, command: Command, found: Found | None) -> str | None:
        if found is None:
            return None
        row, hold = found.row, self._settings.hold
        if command.kind == "set_dunning_block":
            return row.get("DunningBlock")
        if command.kind == "set_dunning_level":
            return row.get("DunningLevel")
        if hold is not None and hold.by == "order":
            return row.get("OrderIsBlockedForCustomer")
        return (row.get("CreditAccountBlockReason") or "blocked") if row.get("CreditAccountIsBlocked") else None

    def _expect_company(self, command: Command) -> None:
        key = {"Customer": command.customer, "CompanyCode": command.company}
        if self._site.partners.row(entities.COMPANY, key) is None:
            raise ConnectorRefused(f"SAP has no customer {command.customer} in company code {command.company}.")

    @property
    def _keep(self) -> int:
        return self._settings.notes.keep_lines if self._settings.notes else 0

    def _note_place(self, command: Command) -> tuple[SapService, Entity, dict[str, str]]:
        notes = self._settings.notes
        assert notes is not None
        key = {"Customer": command.customer}
        key |= {"CompanyCode": command.company} if notes.by_company else {}
        key |= {"Language": notes.language, "LongTextID": notes.text_id}
        return self._site.partners, entities.COMPANY_TEXT if notes.by_company else entities.TEXT, key

    def _note_row(self, command: Command) -> Found | None:
        service, entity, key = self._note_place(command)
        return service.row(entity, key)

    @staticmethod
    def _text(found: Found | None) -> str:
        return str(found.row.get("LongText") or "") if found else ""

    @staticmethod
    def _line(command: Command) -> str:
        text = " ".join(str(command.body.get("text", "")).split())
        return f"{text} {marker(command)}"

    @staticmethod
    def _read_back(there: Callable[[], bool], previous: str | None = None) -> Applied:
        try:
            found = there()
        except ConnectorError:
            return Applied("done", "SAP took it; reading it back failed", previous=previous)
        if found:
            return Applied("done", "written and read back", previous=previous)
        return Applied("unknown", "SAP took it, but it cannot be found", previous=previous)


def _unsupported(command: Command) -> Applied:
    return Applied("refused", f"unsupported: this SAP connection cannot {command.kind.replace('_', ' ')}.")
