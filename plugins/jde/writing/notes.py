"""Notes: texts of the address, rows of the activity log, or wherever the site's own orchestration puts them.

A note begins with the mark of its command, so that it is found again instead of written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from duehook.core.connecting.writing import read_back
from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.jde.ais import AisClient, texts_in
from duehook.plugins.jde.fields import WIDEST
from duehook.plugins.jde.site import JdeSite
from duehook.plugins.jde.tables import Column, Table
from duehook.plugins.jde.values import text

from .calls import carry_out
from .mark import mark_of
from .settings import NOTE_INPUTS, NoteSettings

ACTIVITY_LOG: Final = "F03B31"


def marker(command: Command) -> str:
    """Return the mark by which a command's note is found again."""
    return f"[{mark_of(command)}]"


@dataclass(frozen=True)
class Note:
    """A note about a customer; `text` begins with its mark."""

    company: str
    customer: str
    mark: str
    text: str
    subject: str | None = None

    @classmethod
    def of(cls, command: Command) -> Note:
        """Return the note that a command asks for."""
        mark, body = marker(command), command.body
        return cls(command.company, command.customer, mark, f"{mark} {body.get('text', '')}", body.get("subject"))


class NotePlace(Protocol):
    """Where notes are kept. All may raise a ConnectorError."""

    where: str

    def has(self, note: Note) -> bool:
        """Say whether a note of this customer with this mark is there."""

    def add(self, note: Note) -> str | None:
        """Add a note and return its reference; ConnectorRefused where it was not taken."""


class NoteWriter:
    """Adds a note, unless one with the command's mark is there."""

    def __init__(self, place: NotePlace) -> None:
        """Take where the site keeps notes."""
        self._place = place

    def preview(self, command: Command) -> str:
        """Say which note would be added, and where."""
        return f"add a note to {self._place.where} {command.customer} in JDE: {Note.of(command).text}"

    def apply(self, command: Command) -> Applied:
        """Add the note."""
        note = Note.of(command)
        if self._place.has(note):
            return Applied("already", "the note was there")
        try:
            reference = self._place.add(note)
        except ConnectorRefused:
            if self._is_there(note):  # a call of many steps added it and failed at a later one
                return Applied("done", "the note is there, though JDE says that it did not take it")
            raise
        return read_back(lambda: self._place.has(note), "AIS", reference=reference)

    def _is_there(self, note: Note) -> bool:
        try:
            return self._place.has(note)
        except ConnectorError:
            return False  # JDE has said that it did not take it

    def verify(self, command: Command) -> Applied:
        """Look for the mark."""
        there = self._place.has(Note.of(command))
        return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")


class Texts:
    """Text media objects of the address-book number."""

    where = "address"

    def __init__(self, ais: AisClient) -> None:
        """Take the AIS server."""
        self._ais = ais

    def has(self, note: Note) -> bool:
        """Look through all texts of the address."""
        return self._ais.has_note(note.customer, note.mark)

    def add(self, note: Note) -> str:
        """Add a text."""
        return self._ais.add_note(note.customer, note.text, note.subject)


class Called:
    """Notes that a call of the site's adds; where they are found again is said by those that are this."""

    where = "customer"

    def __init__(self, ais: AisClient, notes: NoteSettings) -> None:
        """Take the AIS server, and the call."""
        self._ais, self._notes = ais, notes

    def add(self, note: Note) -> str | None:
        """Hand the note over with its mark, whole."""
        answer = carry_out(self._ais, self._notes, NOTE_INPUTS, {
            "customer": note.customer, "company": note.company, "text": note.text, "mark": note.mark,
            "subject": note.subject,
        })  # fmt: skip
        if not answer.ok:
            raise ConnectorRefused(f"JDE did not take the note ({answer.told}).")
        return answer.reference


class Orchestrated(Called):
    """Notes that one orchestration adds and another gives back."""

    def has(self, note: Note) -> bool:
        """Look through the customer's notes, in whatever field of the answer they stand.

        The mark is not handed over: an answer that repeats what it was asked would hold it in any case.
        """
        called = self._notes.inputs.get("customer") or NOTE_INPUTS["customer"]
        answer = self._ais.ask(self._notes.find or "", {called: note.customer})
        return any(note.mark in told for told in texts_in(answer))


class ActivityLog(Called):
    """Rows of the customer activity log, found again by the column that begins with the mark."""

    where = "the activity log of"

    def __init__(self, ais: AisClient, notes: NoteSettings, site: JdeSite) -> None:
        """Take the AIS server, the call that adds a row, and the site whose log is read."""
        super().__init__(ais, notes)
        self._site = site

    def has(self, note: Note) -> bool:
        """Look through the customer's rows of the log."""
        if not note.customer.isdecimal():
            told = f"{note.customer!r} is no JDE address number."
            raise ConnectorRefused(told, fix="name the customer by his number.")
        where = {"ZGAN8": (int(note.customer),)}
        rows = self._site.reader.look(log_of(self._notes), (self._notes.column,), where)
        return any(note.mark in (text(cell) or "") for (cell,) in rows)


def log_of(notes: NoteSettings) -> Table:
    """Return the activity log as it is read: the customer's number, and the column that shows the mark."""
    number = Column("ZGAN8")
    return Table(ACTIVITY_LOG, "ZG", (number,), (number, Column(notes.column, WIDEST)))


def place_of(ais: AisClient, notes: NoteSettings, site: JdeSite) -> NotePlace:
    """Return where the settings say that notes go."""
    if notes.by == "text":
        return Texts(ais)
    return ActivityLog(ais, notes, site) if notes.by == "activity" else Orchestrated(ais, notes)
