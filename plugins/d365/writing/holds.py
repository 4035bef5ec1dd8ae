"""Credit holds: OnHoldStatus of a customer in a company, changed with the version that was looked at."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.connecting.writing import Refusal, expect_ours, read_back
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.wire.odata import Found
from duehook.core.wire.odata.changes import Change
from duehook.plugins.d365 import entities
from duehook.plugins.d365.mapping.parties import NO_HOLD
from duehook.plugins.d365.settings import HoldSettings
from duehook.plugins.d365.site import AREA, ERP, D365Site

from .versions import patch

HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})


class HoldWriter:
    """Sets and lifts OnHoldStatus. Another's hold is neither overwritten nor released (rule 26)."""

    def __init__(self, site: D365Site, allowed: HoldSettings) -> None:
        """Take the site, and which values the connection may set."""
        self._site, self._allowed = site, allowed

    def preview(self, command: Command) -> str:
        """Say what the status would change from and to."""
        change = self._change(command)
        return f"change {change.entity.name} of customer {command.customer} in {command.company}: {change.words}"

    def apply(self, command: Command) -> Applied:
        """Change the status, unless another's must stay."""
        change = self._change(command)
        previous = hold_of(change.found)
        if change.is_there:
            return Applied("already", "it was there", previous=previous)
        expect_ours(command, previous, self._allowed.values)
        patch(change)
        return read_back(lambda: self._change(command).is_there, ERP, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look whether the customer has the status."""
        change = self._change(command)
        if change.is_there:
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=hold_of(change.found))

    def _change(self, command: Command) -> Change:
        body, releases = command.body, command.kind == "release_credit_hold"
        wanted = body.get("restore") if releases else body.get("value")
        key: dict[str, Any] = {AREA: command.company, "CustomerAccount": command.customer}
        found = customer_of(self._site, command.company, command.customer)
        return Change(self._site.service, entities.HOLD, key, {"OnHoldStatus": wanted or NO_HOLD}, found)


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
