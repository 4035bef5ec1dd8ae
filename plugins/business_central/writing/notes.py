"""Notes: comment lines of a customer, each with a code made of the command, written one behind the other.

What broke off is completed by the next try: the lines that are there already are the first ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from duehook.core.connecting.writing import read_back
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.odata import Entity, Row, Where
from duehook.core.wire.odata.changes import make
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.site import ERP, BusinessCentralSite
from duehook.plugins.business_central.values import word

from .holds import customer_of

LONGEST: Final = 80  # signs of a comment line
STEP: Final = 10_000  # Business Central leaves room between two lines
CUSTOMER: Final = "Customer"


class NoteWriter:
    """Writes a note into the customer's comments."""

    def __init__(self, site: BusinessCentralSite, comments: str) -> None:
        """Take the site, and the name under which the comments are published."""
        self._site, self._name = site, comments

    def preview(self, command: Command) -> str:
        """Say how many lines would be written, and how they begin."""
        lines = lines_of(command)
        return f"write {len(lines)} comment lines on customer {command.customer}: {lines[0]}"

    def apply(self, command: Command) -> Applied:
        """Write the lines that are not there yet."""
        lines, held = lines_of(command), self._held(command)
        done = len(_ours(command, held))
        if done >= len(lines):
            return Applied("already", "the note was there")
        customer_of(self._site, command.company, command.customer)
        last = max((row["Line_No"] for row in held), default=0)
        for place, text in enumerate(lines[done:], 1):
            self._write(command, last + place * STEP, text)
        return read_back(lambda: self._is_there(command), ERP, reference=code_of(command))

    def verify(self, command: Command) -> Applied:
        """Look for all lines of the note."""
        there = self._is_there(command)
        return Applied("done", "the note is there") if there else Applied("refused", "the note is not there")

    def _is_there(self, command: Command) -> bool:
        return len(_ours(command, self._held(command))) >= len(lines_of(command))

    def _write(self, command: Command, line: int, text: str) -> None:
        key = {"No": command.customer, "Line_No": line}
        values: dict[str, Any] = {
            "Table_Name": CUSTOMER, "Date": self._site.bound().at.date(), "Code": code_of(command), "Comment": text,
        }  # fmt: skip
        make(self._site.service, self._entity(command), key, values)

    def _held(self, command: Command) -> Sequence[Row]:
        """Return all comment lines of the customer, in their order."""
        where = Where.field("No", "eq", command.customer)
        rows = self._site.service.read(self._entity(command), where, order=("Line_No",))
        return [row for row in rows if word(row.get("Table_Name")) == CUSTOMER]

    def _entity(self, command: Command) -> Entity:
        return self._site.page(self._site.company(command.company), entities.COMMENT, self._name)


def code_of(command: Command) -> str:
    """Return what the lines of a command bear: a code of Business Central has ten signs, in capitals."""
    return f"DH{command.mark[:8]}".upper()


def lines_of(command: Command) -> list[str]:
    """Return a note's lines, broken between words where that goes."""
    told = [str(command.body.get(name) or "").strip() for name in ("subject", "text")]
    text = ": ".join(each for each in told if each)
    return [line for given in text.splitlines() for line in _broken(given)] or ["Duehook"]


def _broken(text: str) -> Iterator[str]:
    line = ""
    for each in text.split():
        rest = each
        if line and len(line) + 1 + len(rest) > LONGEST:
            yield line
            line = ""
        while len(rest) > LONGEST:
            yield rest[:LONGEST]
            rest = rest[LONGEST:]
        line = f"{line} {rest}" if line else rest
    if line:
        yield line


def _ours(command: Command, held: Sequence[Row]) -> list[Row]:
    return [row for row in held if str(row.get("Code") or "").upper() == code_of(command)]
