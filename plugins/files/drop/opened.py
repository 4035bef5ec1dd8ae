"""A file that was looked over, row by row: what is skipped, what makes one record, and how a bad row is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from duehook.core.hookspecs import BadRow, Row
from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.rows import Identity, RowMapper, Unmapped
from duehook.core.table_mapping.tally import Tally
from duehook.plugins.files.forms.table import Table

from .among import Among
from .folder import Drop
from .inspection import Inspection, latest

_REPEATED: Final = "equal to a row before them"
Line = tuple[int, Cells, Sequence[str]]


@dataclass
class Opened:
    """A file that was looked over: its rows, one for each key where many make one record.

    `place` is where it stands in `among`, that is, beside other files of its stream.
    """

    table: Table
    mapper: RowMapper
    inspection: Inspection
    _drop: Drop
    among: Among = field(default_factory=Among)
    place: int = 0

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.table.name

    def lines(self, tally: Tally | None = None) -> Iterator[Line]:
        """Yield (line, cells, aliases) of every row that counts; the tally is told of the others."""
        return (line for _, line in self.numbered(tally))

    def numbered(self, tally: Tally | None = None) -> Iterator[tuple[int, Line]]:
        """Yield every row that counts with its number, which is the same whatever other files say."""
        last, place = self.among.last, self.place
        for number, line in enumerate(self._own(tally), 1):
            if last and last.get(self.mapper.identity(line[1]) or (), place) != place:
                if tally is not None:
                    tally.skipped[self.among.passed] += 1
            else:
                yield number, line

    def _own(self, tally: Tally | None) -> Iterator[Line]:
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
        if places := self._beside(cells):
            raise Unmapped(f"{len(places)} rows have one key, {' and '.join(places)}; only one may stand there")
        row = self.mapper.row(cells, tally)
        if aliases:
            row.setdefault("extra", {})["aliases"] = list(aliases)
            tally.kept["records have other names too, kept as aliases"] += 1
        return row

    def _beside(self, cells: Cells) -> Sequence[str]:
        """Return the places of the rows, this one among them, that have one key and differ."""
        twins, clashes = self.inspection.twins, self.among.clashes
        key = (self.mapper.identity(cells) or ()) if twins or clashes else ()
        return clashes.get(key) or [f"{self.name}:{each}" for each in twins.get(key, ())]

    def bad(self, line: Line, reason: str) -> BadRow:
        """Return a row as the quarantine keeps it."""
        number, cells, _ = line
        names = self.table.header
        payload = {names[at] if at < len(names) else str(at + 1): cell for at, cell in enumerate(cells)}
        key = self.mapper.identity(cells)
        company = key[0] if key and len(key) == 2 else None
        return BadRow(f"{self.name}:{number}: {reason}", payload, key[-1] if key else None, company or None)
