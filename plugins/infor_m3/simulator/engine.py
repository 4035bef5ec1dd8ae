"""Carries out one call of a transaction: looks at its inputs, and cuts and writes its outputs as they are wanted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from .asked import Asked, Record
from .codes import COMPANY, DIVISIONS
from .layouts import DATES, GENERAL, PROGRAMS, Field, Transaction
from .programs import EVERY, HANDLERS
from .refusal import INVALID, MISSING, NOT_ALLOWED, Nok, nok
from .site import Site

FORMATS: Final = {
    "YMD8": "{0}{1}{2}", "YMD8-": "{0}-{1}-{2}", "YMD6": "{3}{1}{2}", "MDY6": "{1}{2}{3}", "DMY6": "{2}{1}{3}",
}  # fmt: skip
# An empty value is a place to start listing from.
_MAY_BE_EMPTY: Final = frozenset({("CRS075MI", "TEPY"), ("CRS111MI", "EMTP")})
_NUMBER: Final = re.compile(r"-?\d*\.?\d+")
_DAY: Final = re.compile(r"(\d\d(\d\d))(\d\d)(\d\d)")


class NoSuch(Exception):
    """There is no such program, transaction or field: the call is not begun."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


@dataclass
class Call:
    """A call as it came over the wire. `most` is how many records are wanted at most, 0 all of them."""

    program: str
    transaction: str
    values: Mapping[str, str] = field(default_factory=dict)
    company: str = ""
    division: str = ""
    most: int = 0
    columns: tuple[str, ...] = ()
    dates: str = "YMD8"


@dataclass
class Engine:
    """The transactions of a site.

    `denied` are programs that the user may not use; `absent` are programs, and transactions of others, that there
    are not.
    """

    site: Site
    denied: Collection[str] = ()
    absent: Collection[str] = ()

    def transaction(self, program: str, name: str) -> Transaction:
        """Return what a transaction is made of; NoSuch for one that is not there."""
        if program not in PROGRAMS or program in self.absent:
            raise NoSuch(f"Program {program} could not be found")
        found = PROGRAMS[program].get(name)
        if found is None or f"{program}/{name}" in self.absent:
            raise NoSuch(f"Transaction {name} is not found in program {program}")
        return found

    def outputs(self, call: Call) -> list[Field]:
        """Return the outputs that are wanted of a call, in the order in which they are."""
        known = self.transaction(call.program, call.transaction).outputs
        unknown = [name for name in call.columns if name not in known]
        if unknown:
            raise NoSuch(f"Field {unknown[0]} is not found in {call.program}/{call.transaction}", unknown[0])
        return [known[name] for name in call.columns or known]

    def run(self, call: Call) -> list[Record]:
        """Return the records of a call; raises Nok for what M3 refuses, NoSuch for what is not there."""
        made_of, outputs = self.transaction(call.program, call.transaction), self.outputs(call)
        unknown = [name for name in call.values if name not in made_of.inputs]
        if unknown:
            raise NoSuch(f"Field {unknown[0]} is not found in {call.program}/{call.transaction}", unknown[0])
        values = {name: value.rstrip() for name, value in call.values.items()}
        self._refuse(call, values)
        for each in made_of.inputs.values():
            _look_at(call.program, each, values)
        names = tuple(each.name for each in outputs)
        division = values.get("DIVI") or call.division or str(self.site.options["division"])
        asked = Asked(self.site, call.program, call.transaction, values, names, division)
        handlers = EVERY if call.transaction in GENERAL else HANDLERS[call.program]
        records = handlers[call.transaction](asked)
        return [_written(record, outputs, call.dates) for record in islice(records, call.most or None)]

    def _refuse(self, call: Call, values: Mapping[str, str]) -> None:
        """Refuse another company than the user's, a division that there is not, and a program without its right."""
        company = values.get("CONO") or call.company or COMPANY
        if company != COMPANY or call.program in self.denied:
            raise Nok(f"Not authorized for company {company}", code=NOT_ALLOWED, field="CONO")
        division = values.get("DIVI") or call.division
        if division and division not in DIVISIONS.values():
            raise nok("DIVI", INVALID, f"Division {division}")


def _look_at(program: str, of: Field, values: Mapping[str, str]) -> None:
    """Refuse a value that is too long, no number where one is wanted, or not there where it must be."""
    value = values.get(of.name, "")
    if not value and of.mandatory and not (of.name in values and (program, of.name) in _MAY_BE_EMPTY):
        raise nok(of.name, MISSING, of.name)
    if len(value) > of.length:
        raise nok(of.name, INVALID, f"{of.name} {value[: of.length]}: more than {of.length} characters")
    if of.number and value and not _NUMBER.fullmatch(value):
        raise nok(of.name, INVALID, f"{of.name} {value}")


def _written(record: Record, outputs: list[Field], dates: str) -> Record:
    """Return a record with its dates as they are wanted."""
    if dates == "YMD8":
        return {each.name: record.get(each.name, "") for each in outputs}
    return {
        each.name: _day(record.get(each.name, ""), dates) if each.name in DATES else record.get(each.name, "")
        for each in outputs
    }


def _day(value: str, dates: str) -> str:
    found = _DAY.fullmatch(value)
    if found is None:
        return value
    century_year, year, month, day = found.groups()
    return FORMATS[dates].format(century_year, month, day, year)
