"""Notes: rows of a child of the customer's newest open invoice, where the site names such a child."""

from __future__ import annotations

from duehook.core.connecting.writing import Refusal, marker, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.resources import where
from duehook.plugins.oracle_fusion.settings import NoteSettings
from duehook.plugins.oracle_fusion.site import ERP, FusionSite


class NoteWriter:
    """Writes a note that begins with its command's mark onto an invoice of the customer."""

    def __init__(self, site: FusionSite, notes: NoteSettings) -> None:
        """Take the site, and where its notes are."""
        self._site, self._notes = site, notes

    def preview(self, command: Command) -> str:
        """Say what would be written, and where."""
        return f"write a note onto invoice {self._invoices(command)[0]} of {command.customer}: {_text(command)[:80]}"

    def apply(self, command: Command) -> Applied:
        """Write the note, unless it is there."""
        invoices = self._invoices(command)
        if self._is_there(command, invoices):
            return Applied("already", "the note was there")
        place = f"{self._site.invoices.name}/{invoices[0]}/child/{self._notes.child}"
        self._site.service.post(place, {self._notes.text: _text(command)})
        return read_back(lambda: self._is_there(command, invoices), ERP, reference=marker(command))

    def verify(self, command: Command) -> Applied:
        """Look for the mark."""
        there = self._is_there(command, self._invoices(command))
        return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")

    def _invoices(self, command: Command) -> list[str]:
        """Return the customer's invoices, the newest first: a note may have gone onto one that was newest then."""
        resource = self._site.invoices
        mine = [where(resource.account, "=", command.customer), where("BusinessUnit", "=", command.company)]
        rows = self._site.service.every(Asked(resource, mine, [resource.id]))
        found = [values.number_of(row, resource.id) for row in rows]
        if not found:
            raise Refusal(f"customer {command.customer} has no invoice in {command.company} that a note can stand on")
        return found[::-1]

    def _is_there(self, command: Command, invoices: list[str]) -> bool:
        return any(marker(command) in self._said(row) for each in invoices for row in self._of(each))

    def _of(self, invoice: str) -> list[Row]:
        return self._site.service.child(self._site.invoices, invoice, self._notes.child)

    def _said(self, row: Row) -> str:
        return values.text(row, self._notes.text) or ""


def _text(command: Command) -> str:
    subject = " ".join(str(command.body.get("subject") or "").split())
    text = str(command.body.get("text") or "")
    return f"{marker(command)} {f'{subject}: ' if subject else ''}{text}"
