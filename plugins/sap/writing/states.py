"""Holds and dunning data: fields of a row, changed with the version that was looked at."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.connecting.writing import read_back
from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.wire.odata import Entity, Found
from duehook.core.wire.odata.changes import Change, make
from duehook.plugins.sap import entities
from duehook.plugins.sap.client import SapService
from duehook.plugins.sap.settings import SapSettings
from duehook.plugins.sap.site import SapSite

HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})
DUNNING: Final[frozenset[CommandKind]] = frozenset({"set_dunning_block", "set_dunning_level"})


def can_hold(settings: SapSettings) -> bool:
    """Say whether the site has what holds are written to."""
    return settings.hold is not None and (settings.hold.by == "order" or settings.services.credit is not None)


class StateWriter:
    """Writes the credit block or the order block, the dunning block and the dunning level."""

    def __init__(self, site: SapSite) -> None:
        """Take the site."""
        self._site = site
        self._by_order = site.settings.hold is not None and site.settings.hold.by == "order"

    def preview(self, command: Command) -> str:
        """Say which fields would change from what to what."""
        change = self._change(command)
        return f"change {change.entity.name} of customer {command.customer}: {change.words}"

    def apply(self, command: Command) -> Applied:
        """Change the row unless others have set what must stay."""
        change = self._change(command)
        previous = self._held(command, change.found)
        if change.is_there:
            return Applied("already", "it was there", previous=previous)
        wrong = objection(command, previous)
        if wrong:
            return Applied("refused", wrong, previous=previous)
        if change.found is not None:
            change.service.patch(change.entity, change.key, change.values, etag=change.found.etag)
        elif change.entity is entities.DUNNING:
            self._expect_company(command)
            make(change.service, change.entity, change.key, change.values)
        else:
            return Applied("refused", f"SAP has no {change.entity.name} of customer {command.customer}")
        return read_back(lambda: self._change(command).is_there, "SAP", previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look whether the row holds it."""
        change = self._change(command)
        if change.is_there:
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=self._held(command, change.found))

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold that governs the customer."""
        command = Command("set_credit_hold", "", company, customer, body={"value": None})
        return self._held(command, self._change(command).found)

    def _change(self, command: Command) -> Change:
        service, entity, key = self._place(command)
        return Change(service, entity, key, self._wish(command), service.row(entity, key))

    def _place(self, command: Command) -> tuple[SapService, Entity, dict[str, str]]:
        site = self._site
        if command.kind in DUNNING:
            key = {"Customer": command.customer, "CompanyCode": command.company, "DunningArea": ""}
            return site.partners, entities.DUNNING, key
        if self._by_order:
            return site.partners, entities.CUSTOMER, {"Customer": command.customer}
        if site.credit is None:
            raise ConnectorRefused("This connection names no service of credit management.", fix="set services.credit.")
        key = {"BusinessPartner": self._partner(command.customer), "CreditSegment": site.settings.credit_segment}
        return site.credit, entities.CREDIT, key

    def _partner(self, customer: str) -> str:
        """Return the business partner of a customer: their numbers may differ."""
        found = self._site.rows_of(self._site.partners, entities.PARTNER, "Customer", [customer])
        if not found:
            told = f"SAP has no business partner for customer {customer}."
            raise ConnectorRefused(told, fix="let the SAP admin synchronise it (CVI), or show it to this user.")
        return str(found[0]["BusinessPartner"])

    def _wish(self, command: Command) -> dict[str, Any]:
        body = command.body
        if command.kind == "set_dunning_block":
            return {"DunningBlock": body.get("value") or ""}
        if command.kind == "set_dunning_level":
            return {"DunningLevel": str(body.get("level", 0))}
        value = body.get("restore" if command.kind == "release_credit_hold" else "value") or ""
        if self._by_order:
            return {"OrderIsBlockedForCustomer": value}
        return {"CreditAccountIsBlocked": bool(value), "CreditAccountBlockReason": value}

    def _held(self, command: Command, found: Found | None) -> str | None:
        if found is None:
            return None
        row = found.row
        if command.kind == "set_dunning_block":
            return row.get("DunningBlock")
        if command.kind == "set_dunning_level":
            return row.get("DunningLevel")
        if self._by_order:
            return row.get("OrderIsBlockedForCustomer")
        return (row.get("CreditAccountBlockReason") or "blocked") if row.get("CreditAccountIsBlocked") else None

    def _expect_company(self, command: Command) -> None:
        key = {"Customer": command.customer, "CompanyCode": command.company}
        if self._site.partners.row(entities.COMPANY, key) is None:
            told = f"SAP has no customer {command.customer} in company code {command.company}."
            raise ConnectorRefused(told, fix="extend the customer to the company code, or show it to this user.")


def objection(command: Command, held: str | None) -> str | None:
    """Say why what is there must stay (rule 26); None where nothing must."""
    if command.kind == "release_credit_hold":
        ours = command.body.get("value")
        return None if held == ours else f"another hold is there: {held or 'none'}, ours was {ours}"
    if command.kind == "set_credit_hold" and held is not None:
        return f"another hold is there: {held}"
    if command.kind == "set_dunning_block" and held != command.body.get("expect"):
        return f"the dunning block is {held or 'none'}, not {command.body.get('expect') or 'none'}"
    return None
