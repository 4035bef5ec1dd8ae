"""Notes: records with an external id made of their command, so that the same command is the same note."""

from __future__ import annotations

from typing import Any, Final, Literal

from duehook.core.connecting.writing import marker, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.netsuite.account import ERP

from .customers import customer_of
from .place import WrittenSite

TITLE: Final = 60  # signs of a note's subject before its marker


class NoteWriter:
    """Writes a note, or a phone call, on the customer."""

    def __init__(self, site: WrittenSite, kind: Literal["note", "phonecall"]) -> None:
        """Take the site, and which type of record takes notes."""
        self._site, self._kind = site, kind

    def preview(self, command: Command) -> str:
        """Say under which title it would be written."""
        return f"write a {self._kind} on customer {command.customer}: {_title(command)}"

    def apply(self, command: Command) -> Applied:
        """Write the note, unless it is there."""
        if self._is_there(command):
            return Applied("already", "the note was there")
        customer_of(self._site, command.company, command.customer)
        self._site.service.put(self._kind, external_id(command), self._values(command))
        return read_back(lambda: self._is_there(command), ERP, reference=external_id(command))

    def verify(self, command: Command) -> Applied:
        """Look for the note."""
        there = self._is_there(command)
        return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")

    def _is_there(self, command: Command) -> bool:
        return self._site.service.record(self._kind, f"eid:{external_id(command)}") is not None

    def _values(self, command: Command) -> dict[str, Any]:
        body, customer = str(command.body.get("text", "")), {"id": command.customer}
        if self._kind == "phonecall":
            return {"title": _title(command), "message": body, "company": customer, "status": {"id": "COMPLETE"}}
        return {"title": _title(command), "note": body, "entity": customer}


def external_id(command: Command) -> str:
    """Return the external id of a command's note: the same command always has the same."""
    return f"DUEHOOK-{command.mark}"


def _title(command: Command) -> str:
    subject = " ".join(str(command.body.get("subject") or "Duehook").split())[:TITLE]
    return f"{subject} {marker(command)}"
