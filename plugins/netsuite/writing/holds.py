"""Holds: the customer's Hold (creditHoldOverride), which is ON, OFF, or AUTO by the credit limit.

NetSuite knows no version of a record: what a user sets between our look and our write shows only where NetSuite
itself notices it (RCRD_HAS_BEEN_CHANGED).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from duehook.core.connecting.writing import Refusal, expect_ours, read_back
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.plugins.netsuite.account import ERP
from duehook.plugins.netsuite.mapping.parties import NO_HOLD, hold_of
from duehook.plugins.netsuite.settings import HoldSettings

from .customers import customer_of
from .place import WrittenSite

HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})


class HoldWriter:
    """Sets and lifts the hold. Another's is neither overwritten nor released (rule 26)."""

    def __init__(self, site: WrittenSite, allowed: HoldSettings) -> None:
        """Take the site, and which values the connection may set."""
        self._site, self._allowed = site, allowed

    def preview(self, command: Command) -> str:
        """Say what the hold would change from and to."""
        held = self._held(command) or NO_HOLD
        return f"change Hold of customer {command.customer}, in all subsidiaries: {held} to {_wanted(command)}"

    def apply(self, command: Command) -> Applied:
        """Change the hold, unless another's must stay."""
        held = self._held(command)
        if (held or NO_HOLD) == _wanted(command):
            return Applied("already", "it was there", previous=held)
        expect_ours(command, held, self._allowed.values)
        self._site.service.patch("customer", command.customer, {"creditHoldOverride": {"id": _wanted(command)}})
        return read_back(lambda: (self._held(command) or NO_HOLD) == _wanted(command), ERP, previous=held)

    def verify(self, command: Command) -> Applied:
        """Look whether the customer has the hold."""
        held = self._held(command)
        if (held or NO_HOLD) == _wanted(command):
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=held)

    def _held(self, command: Command) -> str | None:
        """Return the hold as the record has it that is written to: one that is away or locked is not written."""
        customer_of(self._site, command.company, command.customer)
        record = self._site.service.record("customer", command.customer)
        if record is None:
            raise Refusal(f"{ERP} shows customer {command.customer} in a search, and not as a record")
        held = record.get("creditHoldOverride")
        return hold_of(str(held.get("id") or "") if isinstance(held, Mapping) else None)


def _wanted(command: Command) -> str:
    """Return what shall stand there: of a release what stood there before, else AUTO; never OFF, which forces one."""
    name = "restore" if command.kind == "release_credit_hold" else "value"
    return str(command.body.get(name) or NO_HOLD)
