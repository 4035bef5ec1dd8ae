"""Tables by RFC_READ_TABLE: columns by their offsets, conditions in lines of 72, rows of at most 512 characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled
from duehook.plugins.sap_ecc.tables import Table
from duehook.plugins.sap_ecc.where import LONGEST, NOTHING, Where, lines

from .calling import FunctionCall, Transport
from .faults import NO_FIELD, FunctionFault

_AGAIN: Final = "nothing was kept of it; it is asked again by the next run."

Row = dict[str, str]
Columns = Mapping[str, list[str]]  # the values of a column, row by row


@dataclass(frozen=True)
class Rows:
    """Rows as they came, each a text, and where the columns stand in it."""

    spans: Sequence[tuple[str, int, int]]
    texts: Sequence[str]

    def read(self, text: str) -> Row:
        """Return a row by its columns."""
        return dict(zip(self._names, map(str.strip, self._cut(text)), strict=True))

    def columns(self) -> Columns:
        """Return the rows column by column."""
        read = zip(*map(self._cut, self.texts), strict=True) if self.texts else ((),) * len(self.spans)
        return {name: list(map(str.strip, texts)) for name, texts in zip(self._names, read, strict=True)}

    def cells(self, columns: Sequence[str]) -> Iterator[Iterable[str]]:
        """Yield of each row these columns alone."""
        places = {name: slice(start, end) for name, start, end in self.spans}
        cut = itemgetter(*(places[name] for name in columns))
        return (map(str.strip, cut(text)) for text in self.texts)

    @cached_property
    def _names(self) -> list[str]:
        return [name for name, _, _ in self.spans]

    @cached_property
    def _cut(self) -> Callable[[str], Iterable[str]]:
        """Return what cuts a row: all its columns in one call."""
        places = [slice(start, end) for _, start, end in self.spans]
        return itemgetter(*places) if len(places) > 1 else lambda text: [text[place] for place in places]

    def all(self) -> list[Row]:
        """Return all rows by their columns."""
        return [self.read(text) for text in self.texts]


class TableReader:
    """Reads tables of one client; columns that a system does not have are left out from then on."""

    def __init__(self, transport: Transport, function: str, delimiter: str) -> None:
        """Take what calls, the function that reads, and what it puts between columns."""
        self._transport, self._function, self._delimiter = transport, function, delimiter
        self._known: dict[tuple[str, str], bool] = {}

    def read(self, table: Table, where: Where = NOTHING, *, most: int = 0) -> Rows:
        """Return all rows under a condition, or at most so many; their order is none."""
        columns = self.columns(table)
        try:
            return self._read(table.name, columns, where, most)
        except FunctionFault as error:
            if error.key != NO_FIELD or self._is_settled(table):
                raise
        self._settle(table)
        return self._read(table.name, self.columns(table), where, most)

    def columns(self, table: Table) -> tuple[str, ...]:
        """Return the columns that are asked for, as far as is known."""
        return table.columns + tuple(each for each in table.tried if self._known.get((table.name, each), True))

    def lacks(self, table: Table) -> list[str]:
        """Return the columns that this system was found not to have."""
        return [each for each in table.tried if not self._known.get((table.name, each), True)]

    def _is_settled(self, table: Table) -> bool:
        return all((table.name, each) in self._known for each in table.tried)

    def _settle(self, table: Table) -> None:
        for each in table.tried:
            try:
                self._read(table.name, (each,), NOTHING, 1)
            except FunctionFault as error:
                if error.key != NO_FIELD:
                    raise
                self._known[table.name, each] = False
            else:
                self._known[table.name, each] = True

    def _read(self, table: str, columns: Sequence[str], where: Where, most: int) -> Rows:
        if any(len(word) > LONGEST for word in where):
            return Rows((), ())  # no value of a column is so long
        parameters: dict[str, Any] = {
            "QUERY_TABLE": table, "DELIMITER": self._delimiter, "ROWSKIPS": "0", "ROWCOUNT": str(most),
            "OPTIONS": lines(where), "FIELDS": [{"FIELDNAME": each} for each in columns],
        }  # fmt: skip
        call = FunctionCall(self._function, parameters, {"DATA": ("WA",)})
        answer = self._transport.call(call)
        spans = self._spans(table, columns, answer.table("FIELDS"))
        return Rows(spans, answer.column("DATA", "WA"))

    def _spans(
        self, table: str, columns: Sequence[str], fields: Sequence[Mapping[str, Any]]
    ) -> Sequence[tuple[str, int, int]]:
        try:
            spans = [
                (str(each["FIELDNAME"]).strip(), int(each["OFFSET"]), int(each["OFFSET"]) + int(each["LENGTH"]))
                for each in fields
            ]
        except (KeyError, ValueError) as error:
            raise ConnectorGarbled(
                f"{self._function} says not where the columns of {table} stand.", fix=_AGAIN
            ) from error
        if {name for name, _, _ in spans} != set(columns):
            raise ConnectorGarbled(f"{self._function} answered other columns of {table} than asked for.", fix=_AGAIN)
        return spans
