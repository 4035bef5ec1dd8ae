"""Credit holds: OnHoldStatus of a customer in a company."""

from __future__ import annotations

from typing import Any

from duehook.core.connecting.holding import HoldWriter
from duehook.core.connecting.writing import Refusal
from duehook.core.hookspecs import Command
from duehook.core.wire.odata import Found
from duehook.core.wire.odata.changes import Change
from duehook.plugins.d365 import entities
from duehook.plugins.d365.mapping.parties import NO_HOLD
from duehook.plugins.d365.settings import HoldSettings
from duehook.plugins.d365.site import AREA, ERP, D365Site


def hold_writer(site: D365Site, allowed: HoldSettings) -> HoldWriter:
    """Return what sets and lifts OnHoldStatus."""

    def look(command: Command, wanted: str | None) -> Change:
        key: dict[str, Any] = {AREA: command.company, "CustomerAccount": command.customer}
        found = customer_of(site, command.company, command.customer)
        return Change(site.service, entities.HOLD, key, {"OnHoldStatus": wanted or NO_HOLD}, found)

    return HoldWriter(ERP, allowed.values, look=look, held=hold_of)


def customer_of(site: D365Site, company: str, account: str) -> Found:
    """Return a customer's row in a company with its version; Refusal where there is none."""
    found = site.service.row(entities.HOLD, {AREA: company, "CustomerAccount": account})
    if found is None:
        raise Refusal(f"F&O has no customer {account} in {company}")
    return found


def hold_of(found: Found | None) -> str | None:
    """Return the hold that a customer's row says, None for none."""
    held = found.row.get("OnHoldStatus") if found else None
    return held if held != NO_HOLD else None
