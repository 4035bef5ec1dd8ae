"""Credit blocks and dunning data: looked at in KNKK and KNB5, written by the site's functions, and looked at again."""

from __future__ import annotations

from typing import Final

from duehook.core.connecting.writing import Refusal, expect_ours, read_back
from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.client.tables import Row
from duehook.plugins.sap_ecc.mapping.parties import credit_row
from duehook.plugins.sap_ecc.mapping.values import padded
from duehook.plugins.sap_ecc.settings import FunctionSettings
from duehook.plugins.sap_ecc.site import EccSite
from duehook.plugins.sap_ecc.where import both, compare

from .functions import write

HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})
OURS: Final = frozenset({"X"})  # what CRBLB holds of a block
COLUMN: Final = {"set_dunning_block": "MANSP", "set_dunning_level": "MAHNS"}


class StateWriter:
    """Writes one kind of state."""

    def __init__(self, site: EccSite, function: FunctionSettings) -> None:
        """Take the site and the function that writes it."""
        self._site, self._function = site, function

    def preview(self, command: Command) -> str:
        """Say which function would be called, and from what to what it would change."""
        held, wish = self.held(command), _wish(command)
        return f"call {self._function.name} for customer {command.customer}: {held or 'none'} to {wish or 'none'}"

    def apply(self, command: Command) -> Applied:
        """Call the function unless it is so already, or others have set what must stay."""
        held, wish = self.held(command), _wish(command)
        if held == wish:
            return Applied("already", "it was there", previous=held)
        self._object(command, held)
        write(self._site, self._function, command)
        return read_back(lambda: self.held(command) == wish, "SAP", previous=held)

    def verify(self, command: Command) -> Applied:
        """Look whether it is so."""
        held = self.held(command)
        if held == _wish(command):
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=held)

    def held(self, command: Command) -> str | None:
        """Return what stands there now; Refusal for a customer that there is not."""
        if command.kind in HOLDS:
            return current_hold(self._site, command.company, command.customer)
        key = _known(self._site, command.company, command.customer)
        rows = self._site.rows(
            tables.DUNNING, both(compare("KUNNR", "=", key), compare("BUKRS", "=", command.company),
                                 compare("MABER", "=", ""))
        )  # fmt: skip
        found = rows[0][COLUMN[command.kind]] if rows else ""
        return None if command.kind == "set_dunning_level" and found == "0" else found or None

    def _object(self, command: Command, held: str | None) -> None:
        """Refuse where what is there must stay (rule 26)."""
        if command.kind in HOLDS:
            expect_ours(command, held, OURS, setting="CRBLB")
        if command.kind == "set_dunning_block" and held != command.body.get("expect"):
            raise Refusal(f"the dunning block is {held or 'none'}, not {command.body.get('expect') or 'none'}", held)


def current_hold(site: EccSite, company: str, customer: str) -> str | None:
    """Return the credit block that governs a customer; Refusal for one that there is not."""
    key = _known(site, company, customer)
    rows: list[Row] = site.rows(tables.CREDIT, compare("KUNNR", "=", key))
    row = credit_row(site, company, rows)
    return (row["CRBLB"] or None) if row else None


def _known(site: EccSite, company: str, customer: str) -> str:
    key = padded(customer)
    if not site.rows(tables.COMPANY_KEYS, both(compare("KUNNR", "=", key), compare("BUKRS", "=", company))):
        raise Refusal(f"SAP has no customer {customer} in company code {company}")
    return key


def _wish(command: Command) -> str | None:
    if command.kind == "set_dunning_level":
        return str(command.body.get("level") or "") or None
    name = "restore" if command.kind == "release_credit_hold" else "value"
    return command.body.get(name) or None
