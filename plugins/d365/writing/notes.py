"""Notes: attachments of a customer, each with an id made of its command and with its mark in the name."""

from __future__ import annotations

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from duehook.core.connecting.writing import marker, read_back
from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.odata import Entity, Where, all_of, any_of
from duehook.plugins.d365.site import AREA, ERP, D365Site

TITLE: Final = 45  # signs of a note's subject before its marker: F&O shows sixty


def document_id(command: Command) -> str:
    """Return the id of a command's note: the same command always has the same."""
    return str(uuid5(NAMESPACE_URL, f"duehook:{command.key}"))


class NoteWriter:
    """Attaches a note to the customer."""

    def __init__(self, site: D365Site, attachments: Entity) -> None:
        """Take the site, and the set that notes are written to."""
        self._service, self._entity = site.service, attachments

    def preview(self, command: Command) -> str:
        """Say under which name it would be attached."""
        return f"attach a note to customer {command.customer} in {command.company}: {_title(command)}"

    def apply(self, command: Command) -> Applied:
        """Attach the note, unless it is there."""
        if self._is_there(command):
            return Applied("already", "the note was there")
        try:
            self._service.post(self._entity, _attachment(command))
        except ConnectorRefused:
            if self._is_there(command):  # an answer was lost, or another was quicker, between our look and now
                return Applied("already", "the note was there")
            raise
        return read_back(lambda: self._is_there(command), ERP, reference=document_id(command))

    def verify(self, command: Command) -> Applied:
        """Look for the note."""
        there = self._is_there(command)
        return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")

    def _is_there(self, command: Command) -> bool:
        """Look for the note by its id, and by its marker, for F&O may have given it an id of its own."""
        ours = any_of(
            Where.written(f"DocumentId eq {document_id(command)}"),
            Where.written(f"Name eq '*{marker(command)}'"),  # a star stands for any text
        )
        where = all_of(Where.field(AREA, "eq", command.company),
                       Where.field("CustomerAccountNumber", "eq", command.customer), ours)  # fmt: skip
        return bool(self._service.rows(self._entity, where, top=1))


def _attachment(command: Command) -> dict[str, Any]:
    return {
        AREA: command.company,
        "DocumentId": document_id(command),
        "TypeId": "Note",
        "Name": _title(command),
        "Notes": str(command.body.get("text", "")),
        "CustomerAccountNumber": command.customer,
    }


def _title(command: Command) -> str:
    subject = " ".join(str(command.body.get("subject") or "Duehook").split()).replace("*", "")[:TITLE]
    return f"{subject} {marker(command)}"
