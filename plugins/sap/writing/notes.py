"""Notes: lines of a long text, each with the mark of its command, behind what others wrote there."""

from __future__ import annotations

from duehook.core.connecting.writing import marker, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.odata import Entity, Found
from duehook.core.wire.odata.changes import make
from duehook.plugins.sap import entities
from duehook.plugins.sap.settings import NoteSettings
from duehook.plugins.sap.site import SapSite


class NoteWriter:
    """Appends to the customer's text, or to that of the customer in its company."""

    def __init__(self, site: SapSite, notes: NoteSettings) -> None:
        """Take the site, and which text takes the notes."""
        self._service, self._notes = site.partners, notes
        self._entity: Entity = entities.COMPANY_TEXT if notes.by_company else entities.TEXT

    def preview(self, command: Command) -> str:
        """Say which line would be appended."""
        return f"append to the text of customer {command.customer} in SAP: {_line(command)}"

    def apply(self, command: Command) -> Applied:
        """Append the line, the text before it untouched."""
        found = self._found(command)
        text = _text(found)
        if marker(command) in text:
            return Applied("already", "the note was there")
        if self._service.row(entities.CUSTOMER, {"Customer": command.customer}) is None:
            return Applied("refused", f"SAP has no customer {command.customer}")
        between = "" if not text or text.endswith("\n") else "\n"
        values = {"LongText": f"{text}{between}{_line(command)}"}
        if found is None:
            make(self._service, self._entity, self._key(command), values)
        else:
            self._service.patch(self._entity, self._key(command), values, etag=found.etag)
        return read_back(lambda: marker(command) in _text(self._found(command)), "SAP")

    def verify(self, command: Command) -> Applied:
        """Look for the mark."""
        there = marker(command) in _text(self._found(command))
        return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")

    def _found(self, command: Command) -> Found | None:
        return self._service.row(self._entity, self._key(command))

    def _key(self, command: Command) -> dict[str, str]:
        company = {"CompanyCode": command.company} if self._notes.by_company else {}
        text = {"Language": self._notes.language, "LongTextID": self._notes.text_id}
        return {"Customer": command.customer, **company, **text}


def _text(found: Found | None) -> str:
    return str(found.row.get("LongText") or "") if found else ""


def _line(command: Command) -> str:
    text = " ".join(str(command.body.get("text", "")).split())
    return f"{text} {marker(command)}"
