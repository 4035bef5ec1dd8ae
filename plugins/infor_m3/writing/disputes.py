"""Disputes: additional information of a record of the ledger, in the category that the site keeps for it."""

from __future__ import annotations

from duehook.core.connecting.writing import marker, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.infor_m3 import entities
from duehook.plugins.infor_m3.site import ERP, M3Site

from .invoices import Invoices, record_of


class DisputeWriter:
    """Adds one line of information, which begins with the command's mark."""

    def __init__(self, site: M3Site, category: str) -> None:
        """Take the site, and the category."""
        self._site, self._category, self._invoices = site, category, Invoices(site)

    def preview(self, command: Command) -> str:
        """Say which line would be added."""
        record = self._record(command)
        return f"add to category {self._category} of record {'/'.join(record.values())}: {_line(command)}"

    def apply(self, command: Command) -> Applied:
        """Add the line, unless it is there."""
        record = self._record(command)
        if self._is_there(command, record):
            return Applied("already", "it was there")
        values = {**record, "SEXN": self._category, "SEXI": _line(command)}
        self._site.service.write(entities.ADD_INFORMATION, values)
        return read_back(lambda: self._is_there(command, record), ERP, reference=marker(command))

    def verify(self, command: Command) -> Applied:
        """Look for the mark."""
        there = self._is_there(command, self._record(command))
        return Applied("done", "it is there") if there else Applied("refused", "it is not there")

    def _record(self, command: Command) -> dict[str, str]:
        return record_of(self._invoices.one(command), command.company)

    def _is_there(self, command: Command, record: dict[str, str]) -> bool:
        asked = {**record, "CONO": self._site.settings.company, "SEXN": self._category}
        rows = self._site.service.rows(entities.INFORMATION, asked)
        return any(marker(command) in row["SEXI"] for row in rows)


def _line(command: Command) -> str:
    """Return the line: mark, amount and reason first, for the field is short."""
    body = command.body
    told = f"{marker(command)} {body.get('amount')} {body.get('reason') or ''}: {body.get('text') or ''}"
    return " ".join(told.split())[: entities.ADD_INFORMATION.inputs["SEXI"].length].rstrip(": ")
