"""What a function module is: its parameters, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from duehook.plugins.sap_ecc.simulator.system import System
from duehook.plugins.sap_ecc.simulator.tables.schema import Column

Fields = Mapping[str, Column]
Values = dict[str, Any]


class AbapError(Exception):
    """An exception of a function module (`key`), or a failure of the system where `is_runtime`."""

    def __init__(self, key: str, message: str = "", *, is_runtime: bool = False) -> None:
        """Take the name of the exception and its text."""
        super().__init__(message or key)
        self.key, self.message, self.is_runtime = key, message or key, is_runtime


@dataclass
class Session:
    """What one user's session has written and not committed yet."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def commit(self) -> None:
        """Let what was written stand."""
        waiting, self.waiting = self.waiting, []
        for act in waiting:
            act()


@dataclass
class Call:
    """One call: the parameters that were sent, where it runs, and in which session."""

    values: Mapping[str, Any]
    system: System
    session: Session

    def text(self, name: str) -> str:
        """Return a parameter as text; blank where it was not sent."""
        held = self.values.get(name)
        return "" if held is None else str(held).rstrip(" ")

    def number(self, name: str) -> int:
        """Return a parameter as a whole number."""
        try:
            return int(self.text(name) or 0)
        except ValueError:
            raise AbapError("CONVT_NO_NUMBER", f"{name} cannot be interpreted as a number", is_runtime=True) from None

    def table(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a table that was sent."""
        return self.values.get(name) or ()


@dataclass(frozen=True)
class Module:
    """A function module: its name, what it takes and gives, and what it does.

    A parameter is a column, or a structure's fields; `tables` come and go both ways.
    """

    name: str
    imports: Mapping[str, Column]
    exports: Mapping[str, Column | Fields]
    tables: Mapping[str, Fields]
    act: Callable[[Call], Values]

    def called(self, call: Call) -> Values:
        """Carry a call out; AbapError for what ends it."""
        unknown = set(call.values) - {*self.imports, *self.exports, *self.tables}
        if unknown:
            raise AbapError(
                "RFC_INVALID_PARAMETER", f"field '{min(unknown)}' not found in {self.name}", is_runtime=True
            )
        given = self.act(call)
        tables = {name: given.get(name, []) for name in self.tables}
        return {**{name: value for name, value in given.items() if name not in tables}, **tables}


def fields(columns: str) -> Fields:
    """Read the fields of a structure as `schema.Column` has them."""
    return {each.name: each for each in map(Column.read, columns.split())}


RETURN: Final = fields("TYPE:C1 ID:C20 NUMBER:N3 MESSAGE:C220 MESSAGE_V1:C50")


def told(type: str, id: str, number: str, message: str) -> Values:
    """Return what a BAPI says in RETURN: a call that was refused succeeds all the same, with TYPE E or A."""
    return {"RETURN": {"TYPE": type, "ID": id, "NUMBER": number, "MESSAGE": message, "MESSAGE_V1": ""}}


def done(message: str) -> Values:
    """Return what a BAPI says of what it did."""
    return told("S", "ZD", "000", message)
