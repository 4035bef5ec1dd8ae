"""Writes notes and credit holds into EnterpriseOne: look first, write once, read back.

A note carries a marker of its command, so that it is found again instead of written twice. A hold is
F03012.HOLD of the row that governs (rule 25), set by an orchestration that the site names; a code
that is not ours is never overwritten and never released (rule 26).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from duehook.core.connecting.writing import read_back, unsupported
from duehook.core.errors import ConfigError, ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind, Finding
from duehook.core.wire import ReplyLost

from . import check, tables
from .ais import AisClient
from .odbc.queries import GLOBAL_COMPANY
from .settings import AisSettings, JdeSettings
from .site import JdeSite
from .values import text

_HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})


@dataclass(frozen=True)
class Hold:
    """A hold code as it stands, and the company of the row that it stands in."""

    company: str
    code: str | None


def marker(command: Command) -> str:
    """Return the mark by which a command's note is found again."""
    return f"[dh:{command.mark}]"


class JdeTarget:
    """Notes through AIS; holds through an orchestration, read back over ODBC."""

    capabilities: frozenset[CommandKind]

    def __init__(self, settings: JdeSettings, name: str = "jde", *, ais: AisClient | None = None) -> None:
        """Take the connection's settings, and its name for the messages."""
        if settings.ais is None:
            raise ConfigError(f"Connection {name} has no AIS server.", fix="add `ais:` to it.")
        self._settings: AisSettings = settings.ais
        self._ais = ais or AisClient(settings.ais, name)
        self._site = JdeSite(settings, name)
        notes: frozenset[CommandKind] = frozenset({"add_note"})
        self.capabilities = notes | (_HOLDS if settings.ais.hold_orchestration else frozenset())

    def check(self) -> Iterable[Finding]:
        """Sign in, write a marked note to the test address and read it back, and try the orchestration."""
        return check.target(self._site, self._ais, self)

    def preview(self, command: Command) -> str:
        """Say what `apply` would change."""
        if command.kind == "add_note":
            return f"add a note to address {command.customer} in JDE: {self._text_of(command)}"
        hold = self._hold(command)
        where = "every company without a row of its own" if hold.company == GLOBAL_COMPANY else hold.company
        wish = self._wish(command)
        return f"change the hold code of {command.customer} for {where} from {hold.code or 'none'} to {wish or 'none'}"

    def apply(self, command: Command) -> Applied:
        """Do it once."""
        if command.kind not in self.capabilities:
            return unsupported(command, "JDE")
        try:
            return self._add_note(command) if command.kind == "add_note" else self._set_hold(command)
        except ConnectorGarbled as error:  # a senseless answer to a write is a ReplyLost, so this was to a read
            raise ConnectorDown(f"{error.message} Nothing was written.", fix=error.fix) from error

    def verify(self, command: Command) -> Applied:
        """Look whether it is there."""
        if command.kind not in self.capabilities:
            return unsupported(command, "JDE")
        try:
            if command.kind == "add_note":
                there = self._ais.has_note(command.customer, marker(command))
                return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")
            hold = self._hold(command)
        except ConnectorError as error:
            return Applied("unknown", error.message)
        if hold.code == self._wish(command):
            return Applied("done", f"the hold code is {hold.code or 'none'}")
        return Applied("refused", f"the hold code is {hold.code or 'none'}", previous=hold.code)

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold code that governs the customer in the company."""
        return self._governing(company, customer).code

    def close(self) -> None:
        """Sign out and hang up."""
        self._ais.close()
        self._site.close()

    def _add_note(self, command: Command) -> Applied:
        mark = marker(command)
        try:
            if self._ais.has_note(command.customer, mark):
                return Applied("already", "the note was there")
            reference = self._ais.add_note(command.customer, self._text_of(command), command.body.get("subject"))
        except ConnectorRefused as error:
            return Applied("refused", error.message)
        except ReplyLost as error:
            return Applied("unknown", error.message)
        return read_back(lambda: self._ais.has_note(command.customer, mark), "AIS", reference=reference)

    def _set_hold(self, command: Command) -> Applied:
        try:
            before = self._hold(command)
        except ConnectorRefused as error:
            return Applied("refused", error.message)
        wish = self._wish(command)
        if before.code == wish:
            return Applied("already", f"the hold code was {wish or 'none'}", previous=before.code)
        objection = self._objection(command, before.code)
        if objection:
            return Applied("refused", objection, previous=before.code)
        return self._orchestrated(command, before, wish)

    def _objection(self, command: Command, code: str | None) -> str | None:
        """Say why the code that is there must stay."""
        if command.kind == "release_credit_hold":
            ours = text(command.body.get("value"))
            return None if code == ours else f"another hold code is there: {code or 'none'}, ours was {ours}"
        expected = text(command.body.get("expect"))
        if code is not None:
            return f"another hold code is there: {code}"
        return None if expected is None else f"the hold code {expected} was taken away meanwhile"

    def _orchestrated(self, command: Command, before: Hold, wish: str | None) -> Applied:
        name = self._settings.hold_orchestration or ""
        body = {
            "AddressNumber": command.customer,
            "Company": before.company,
            "HoldCode": wish or "",
            "ExpectedHoldCode": before.code or "",
        }
        try:
            answer = self._ais.orchestrate(name, body)
        except ConnectorRefused as error:
            return Applied("refused", error.message, previous=before.code)
        except ReplyLost as error:
            return Applied("unknown", error.message, previous=before.code)
        return self._hold_read_back(command, before, answer)

    def _hold_read_back(self, command: Command, before: Hold, answer: dict[str, Any]) -> Applied:
        told = f"{answer.get('Status', 'no status')}: {answer.get('Message', '')}".strip(": ")
        try:
            after = self._hold(command)
        except ConnectorError as error:
            return Applied("unknown", f"{told}; reading back failed: {error.message}", previous=before.code)
        if after.code == self._wish(command):
            return Applied("done", "written and read back", previous=before.code, reference=after.company)
        if after.code == before.code:
            return Applied("refused", f"the orchestration changed nothing ({told})", previous=before.code)
        return Applied("unknown", f"the hold code is now {after.code or 'none'} ({told})", previous=before.code)

    def _wish(self, command: Command) -> str | None:
        """Return the hold code that the command wants to see."""
        return text(command.body.get("restore" if command.kind == "release_credit_hold" else "value"))

    def _text_of(self, command: Command) -> str:
        return f"{marker(command)} {command.body.get('text', '')}"

    def _hold(self, command: Command) -> Hold:
        return self._governing(command.company, command.customer)

    def _governing(self, company: str, customer: str) -> Hold:
        """Read the row of the company, else that of company 00000."""
        if not customer.isdecimal():
            raise ConnectorRefused(f"{customer!r} is no JDE address number.")
        rows = self._site.rows(self._site.queries.holds(int(customer), company), tables.CUSTOMER)
        found = {text(row[0]): text(row[1]) for row in rows}
        for row_company in (company, GLOBAL_COMPANY):
            if row_company in found:
                return Hold(row_company, found[row_company])
        raise ConnectorRefused(f"Customer {customer} has no row in F03012 for company {company} or {GLOBAL_COMPANY}.")
