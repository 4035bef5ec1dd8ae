"""Credit holds: F03012.HOLD of the row that governs (rule 25), set by an orchestration that the site names.

A code that is not ours is never overwritten and never released (rule 26).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire import ReplyLost
from duehook.plugins.jde import tables
from duehook.plugins.jde.ais import AisClient
from duehook.plugins.jde.reading.reader import GLOBAL_COMPANY
from duehook.plugins.jde.site import JdeSite
from duehook.plugins.jde.values import text


@dataclass(frozen=True)
class Hold:
    """A hold code as it stands, and the company of the row that it stands in."""

    company: str
    code: str | None


class HoldWriter:
    """Sets and releases the hold code through the orchestration, and reads it back."""

    def __init__(self, ais: AisClient, orchestration: str | None, site: JdeSite) -> None:
        """Take the AIS server, the orchestration's name, and the site that is read."""
        self._ais, self._orchestration, self._site = ais, orchestration or "", site

    def preview(self, command: Command) -> str:
        """Say which code would change, for which companies, from what to what."""
        hold = self._hold(command)
        where = "every company without a row of its own" if hold.company == GLOBAL_COMPANY else hold.company
        wish = _wish(command)
        return f"change the hold code of {command.customer} for {where} from {hold.code or 'none'} to {wish or 'none'}"

    def apply(self, command: Command) -> Applied:
        """Set the code unless another stands there."""
        before, wish = self._hold(command), _wish(command)
        if before.code == wish:
            return Applied("already", f"the hold code was {wish or 'none'}", previous=before.code)
        objection = _objection(command, before.code)
        if objection:
            return Applied("refused", objection, previous=before.code)
        return self._orchestrated(command, before, wish)

    def verify(self, command: Command) -> Applied:
        """Look whether the code stands there."""
        hold = self._hold(command)
        told = f"the hold code is {hold.code or 'none'}"
        return Applied("done", told) if hold.code == _wish(command) else Applied("refused", told, previous=hold.code)

    def governing(self, company: str, customer: str) -> Hold:
        """Read the row of the company, else that of company 00000."""
        if not customer.isdecimal():
            raise ConnectorRefused(f"{customer!r} is no JDE address number.", fix="name the customer by his number.")
        where = {"AIAN8": (int(customer),), "AICO": (company, GLOBAL_COMPANY)}
        rows = self._site.reader.look(tables.CUSTOMER, ("AICO", "AIHOLD"), where)
        found = {text(row[0]): text(row[1]) for row in rows}
        for row_company in (company, GLOBAL_COMPANY):
            if row_company in found:
                return Hold(row_company, found[row_company])
        told = f"Customer {customer} has no row in F03012 for company {company} or {GLOBAL_COMPANY}."
        raise ConnectorRefused(told, fix="add the customer master (P03013), or grant this user's row security.")

    def _hold(self, command: Command) -> Hold:
        return self.governing(command.company, command.customer)

    def _orchestrated(self, command: Command, before: Hold, wish: str | None) -> Applied:
        body = {
            "AddressNumber": command.customer,
            "Company": before.company,
            "HoldCode": wish or "",
            "ExpectedHoldCode": before.code or "",
        }
        try:
            answer = self._ais.orchestrate(self._orchestration, body)
        except ConnectorRefused as error:
            return Applied("refused", error.message, previous=before.code)
        except ReplyLost as error:
            return Applied("unknown", error.message, previous=before.code)
        return self._read_back(command, before, answer)

    def _read_back(self, command: Command, before: Hold, answer: dict[str, Any]) -> Applied:
        told = f"{answer.get('Status', 'no status')}: {answer.get('Message', '')}".strip(": ")
        try:
            after = self._hold(command)
        except ConnectorError as error:
            return Applied("unknown", f"{told}; reading back failed: {error.message}", previous=before.code)
        if after.code == _wish(command):
            return Applied("done", "written and read back", previous=before.code, reference=after.company)
        if after.code == before.code:
            return Applied("refused", f"the orchestration changed nothing ({told})", previous=before.code)
        return Applied("unknown", f"the hold code is now {after.code or 'none'} ({told})", previous=before.code)


def _wish(command: Command) -> str | None:
    """Return the hold code that the command wants to see."""
    return text(command.body.get("restore" if command.kind == "release_credit_hold" else "value"))


def _objection(command: Command, code: str | None) -> str | None:
    """Say why the code that is there must stay."""
    if command.kind == "release_credit_hold":
        ours = text(command.body.get("value"))
        return None if code == ours else f"another hold code is there: {code or 'none'}, ours was {ours}"
    expected = text(command.body.get("expect"))
    if code is not None:
        return f"another hold code is there: {code}"
    return None if expected is None else f"the hold code {expected} was taken away meanwhile"
