"""EXPORTMI: rows of a table by a selection, in ranges that are split until each answer is whole.

A selection has neither order nor count. So a range is asked twice, the second time with room for one row more; an
answer that is as long as was allowed, or as servers usually end one, is taken for cut off and its range is halved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final, Self

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.wire.reply import SENSELESS
from duehook.plugins.infor_m3 import entities
from duehook.plugins.infor_m3.entities import PREFIX

from .answers import Rows
from .listing import TRIES, looks_cut
from .service import Asking, M3Service
from .table import Cells, Table

LONGEST: Final = 982  # signs of a selection
SEPARATORS: Final = "^~|§¦"
BY_PAYER: Final = "PYNO"
BY_NUMBER: Final = "CINO"
WAYS: Final = 16  # parts that a range is split into
_PLAIN: Final = re.compile(r"[0-9]+\Z")  # no database sorts these in another way than Python does


class TooMany(Exception):
    """An answer may be cut off; `rows` are what came."""

    def __init__(self, rows: Table) -> None:
        """Take what came."""
        super().__init__()
        self.rows = rows


@dataclass(frozen=True)
class Range:
    """Payers behind `over` up to `to` (`below`: less than it), or the invoice numbers of one payer."""

    over: str | None = None
    to: str | None = None
    payer: str | None = None
    below: bool = False

    @classmethod
    def read(cls, held: Sequence[Any]) -> Self:
        """Read it as a position holds it."""
        over, to, payer, below = held
        return cls(over, to, payer, bool(below))

    @property
    def written(self) -> list[Any]:
        """Return it as JSON."""
        return [self.over, self.to, self.payer, self.below]

    @property
    def field(self) -> str:
        """Return the field that it is a range of."""
        return BY_PAYER if self.payer is None else BY_NUMBER

    @property
    def conditions(self) -> list[str]:
        """Return it as conditions of a selection."""
        found = [] if self.payer is None else [f"{PREFIX}{BY_PAYER} = {quoted(self.payer)}"]
        found += [] if self.over is None else [f"{PREFIX}{self.field} > {quoted(self.over)}"]
        found += [] if self.to is None else [f"{PREFIX}{self.field} {'<' if self.below else '<='} {quoted(self.to)}"]
        return found

    @property
    def rest(self) -> list[Range]:
        """Return what stands behind it, up to the end of all payers."""
        if self.payer is not None:
            own = [] if self.to is None else [Range(self.to, None, self.payer)]
            return [*own, Range(self.payer)]
        if self.to is None:
            return []
        return [Range(payer=self.to), Range(self.to)] if self.below else [Range(self.to)]

    def split(self, rows: Table) -> list[Range]:
        """Return its parts, by what came of it; nothing where it cannot be made smaller."""
        held = {*rows.column(self.field)}
        inner = sorted(each for each in held if each != self.to and _can_be_quoted(each))
        if len(held) > 1 and inner:
            return self._at(_spread(inner, WAYS if all(map(_PLAIN.match, held)) else 2))
        if self.payer is not None or not held or not _can_be_quoted(min(held)):
            return []
        payer = min(held)
        last = [] if payer == self.to else [replace(self, over=payer)]
        return [replace(self, to=payer, below=True), Range(payer=payer), *last]

    def _at(self, ends: Sequence[str]) -> list[Range]:
        """Return its parts between these."""
        parts = [replace(self, over=over, to=to, below=False) for over, to in pairwise([self.over, *ends])]
        return [*parts, replace(self, over=ends[-1])]


@dataclass
class Export:
    """Selects rows of the ledger's table."""

    service: M3Service
    _separators: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Begin with the separator that the settings say."""
        usual = self.service.settings.separator
        self._separators = usual + SEPARATORS.replace(usual, "")

    def ranges(
        self, selections: Sequence[Sequence[str]], columns: Sequence[str], begun: Range | None = None
    ) -> Iterator[tuple[Range, Table]]:
        """Yield the rows under any of some conditions, range by range in the order of payers, each row once."""
        first = begun or Range()
        waiting = [first, *first.rest]
        while waiting:
            part = waiting.pop(0)
            found: dict[Cells, Cells] = {}
            try:
                for conditions in selections:
                    table = self._whole([*conditions, *part.conditions], columns)
                    found.update(zip(table.cells(entities.ROW_KEY), table.rows, strict=True))
            except TooMany as many:
                waiting = [*self._halved(part, many.rows), *waiting]
            else:
                yield part, Table(columns, list(found.values()))

    def any(self, *conditions: str, columns: Sequence[str] = entities.ITEM_COLUMNS) -> Rows:
        """Return a row or two under conditions, whichever; nothing where there is none."""
        return list(self._select(conditions, columns, most=2))

    def _halved(self, part: Range, rows: Table) -> list[Range]:
        parts = part.split(rows)
        if not parts:
            raise ConnectorRefused(
                f"One invoice number has {len(rows)} rows in {entities.LEDGER}, and they cannot be asked for in parts.",
                fix="raise `rows_at_once`.",
            )
        return parts

    def _whole(self, conditions: Sequence[str], columns: Sequence[str]) -> Table:
        """Return all rows under conditions; TooMany where they may be cut off."""
        most = self.service.settings.rows_at_once
        for _ in range(TRIES):
            rows = self._select(conditions, columns, most=most)
            if len(rows) >= most - 1 or looks_cut(rows) or looks_cut(rows, 1):
                raise TooMany(rows)
            again = self._select(conditions, entities.ROW_KEY, most=len(rows) + 2)
            if {*rows.cells(entities.ROW_KEY)} == {*again.rows}:
                return rows
        told = f"{entities.SELECT.title} gave other rows of {entities.LEDGER} each time it was asked"
        raise ConnectorGarbled(f"{told}; nothing of them was kept.", fix=SENSELESS)

    def _select(self, conditions: Sequence[str], columns: Sequence[str], *, most: int) -> Table:
        """Ask by the first separator that stands in no value, which the number of values of each line proves."""
        for separator in self._separators:
            values = {"QERY": self._query(conditions, columns), "SEPC": separator, "HDRS": "1"}
            lines = [row.get("REPL", "") for row in self.service.rows(entities.SELECT, values, Asking(most))]
            self._expect_head(lines[0].split(separator) if lines else [], columns)
            table = Table.read(columns, lines[1:], separator)
            if table is not None:
                self._separators = separator + self._separators.replace(separator, "")
                return table
        raise ConnectorGarbled(
            f"rows of {entities.LEDGER} hold every separator that was tried: {self._separators}",
            fix="write as `separator` a sign that stands in no document.",
        )

    def _query(self, conditions: Sequence[str], columns: Sequence[str]) -> str:
        wanted = [f"{PREFIX}CONO = {int(self.service.settings.company)}", *conditions]
        names = ",".join(f"{PREFIX}{name}" for name in columns)
        query = f"{names} from {entities.LEDGER} where {' and '.join(wanted)}"
        if len(query) > LONGEST:
            raise ConnectorRefused(f"A selection has {len(query)} signs, EXPORTMI takes {LONGEST}.", fix="tell us.")
        return query

    def _expect_head(self, names: Sequence[str], columns: Sequence[str]) -> None:
        """Refuse an answer that does not begin with the names that were asked for: it is cut off, or another's."""
        head = [name.strip().upper() for name in names]
        if head not in ([*columns], [f"{PREFIX}{name}" for name in columns]):
            came = " ".join(head)[:80] or "nothing"
            told = f"{entities.SELECT.title} does not begin with the names of its columns: {came}"
            raise ConnectorGarbled(told, fix=SENSELESS)


def quoted(value: str) -> str:
    """Write a value into a selection; ValueError for one with a quote, which cannot be written."""
    if not _can_be_quoted(value):
        raise ValueError(value)
    return f"'{value}'"


def _spread(values: Sequence[str], ways: int) -> list[str]:
    """Return some of sorted values, as far from each other as can be; never the last of several."""
    count = len(values) - 1
    return sorted({values[count * number // ways] for number in range(1, ways)})


def _can_be_quoted(value: str) -> bool:
    return "'" not in value and value.isprintable()
