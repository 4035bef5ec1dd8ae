"""Credit holds: Blocked of a customer, changed with the version that was looked at."""

from __future__ import annotations

from duehook.core.connecting.holding import HoldWriter
from duehook.core.connecting.writing import Refusal
from duehook.core.hookspecs import Command
from duehook.core.wire.odata import Entity, Found
from duehook.core.wire.odata.changes import Change
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.settings import HoldSettings
from duehook.plugins.business_central.site import ERP, BusinessCentralSite
from duehook.plugins.business_central.values import BLANK, word


def hold_writer(site: BusinessCentralSite, allowed: HoldSettings) -> HoldWriter:
    """Return what sets and lifts Blocked."""

    def look(command: Command, wanted: str | None) -> Change:
        found = customer_of(site, command.company, command.customer)
        held = {"blocked": wanted or BLANK}
        if (hold_of(found) or "") == (wanted or ""):  # a blank may come in more than one way
            held = {"blocked": found.row["blocked"]}
        return Change(site.service, _customers(site, command.company), {"id": found.row["id"]}, held, found)

    return HoldWriter(ERP, allowed.values, look=look, held=hold_of)


def customer_of(site: BusinessCentralSite, company: str, number: str) -> Found:
    """Return a customer's row in a company with its version; Refusal where there is none."""
    found = site.service.row(_customers(site, company), {"number": number})
    if found is None:
        raise Refusal(f"Business Central has no customer {number} in company {company}")
    return found


def hold_of(found: Found | None) -> str | None:
    """Return the hold that a customer's row says, None for none."""
    return word(found.row.get("blocked")) or None if found else None


def _customers(site: BusinessCentralSite, company: str) -> Entity:
    return site.api(site.company(company), entities.HOLD)
