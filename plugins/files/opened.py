"""A file that was looked over, row by row: what is skipped, what makes one record, and how a bad row is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from duehook.core.hookspecs import BadRow, Row

from .folder import Drop
from .inspection import Inspection, latest
from .rows import Identity, RowMapper, Unmapped
from .table import Cells, Table
from .tally import Tally

_REPEATED: Final = "equal to a row before them"
Line = tuple[int, Cells, Sequence[str]]


@dataclass
class Opened:
    """A file that was looked over: its rows, one for each key where many make one record."""

    table: Table
    mapper: RowMapper
    inspection: Inspection
    _drop: Drop

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.table.name

    def lines(self, tally: Tally | None = None) -> Iterator[Line]:
        """Yield (line, cells, aliases) of every row that counts; the tally is told of the others."""
        one = self._drop.mapping(self.mapper.stream).one_per_key
        if one is not None:
            yield from latest(self.table, self.mapper, one.aliases)
            return
        given: set[Identity] = set()
        for line, cells in self.table.lines():
            why = self.mapper.why_skipped(cells) or self._said_before(cells, given)
            if why is None:
                yield line, cells, ()
            elif tally is not None:
                tally.skipped[why] += 1

    def _said_before(self, cells: Cells, given: set[Identity]) -> str | None:
        """Say that a row equal to this one was among those given; note it as given when it was not."""
        repeated = self.inspection.repeated
        key = self.mapper.identity(cells) if repeated else None
        if key is None or key not in repeated:
            return None
        if key in given:
            return _REPEATED
        given.add(key)
        return None

    def mapped(self, line: Line, tally: Tally) -> Row:
        """Return a row. Raises Unmapped, also for one of several with its key."""
        _, cells, aliases = line
        if self.inspection.twins:
            others = self.inspection.twins.get(self.mapper.identity(cells) or ())
            if others:
                places = " and ".join(f"{self.name}:{each}" for each in others)
                raise Unmapped(f"{len(others)} rows have one key, {places}; only one may stand there")
        row = self.mapper.row(cells, tally)
        if aliases:
            row.setdefault("extra", {})["aliases"] = list(aliases)
            tally.kept["records have other names too, kept as aliases"] += 1
        return row

    def bad(self, line: Line, reason: str) -> BadRow:
        """Return a row as the quarantine keeps it."""
        number, cells, _ = line
        names = self.table.header
        payload = {names[at] if at < len(names) else str(at + 1): cell for at, cell in enumerate(cells)}
        key = self.mapper.identity(cells)
        company = {"company": key[0]} if key and len(key) == 2 and key[0] else {}
        return BadRow(f"{self.name}:{number}: {reason}", {**payload, **company}, key[-1] if key else None)
