"""What several files of one stream say of the same key: which of them tells, and where they contradict each other.

Of files that are news the last one tells, be its row good or bad. Files that are one state together
may repeat a row, but not tell it differently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.rows import Identity, RowMapper, Unmapped
from duehook.core.table_mapping.tally import Tally
from duehook.plugins.files.forms.table import Table

from .sieve import Sieve

TOLD_LATER: Final = "a later file tells of them"
TOLD_ALIKE: Final = "equal to a row of another file"
File = tuple[Table, RowMapper]


@dataclass(frozen=True)
class Among:
    """Keys that stand in several files: the place of the last file that has them, and those told differently.

    `clashes` are the places (file:line) of rows that may not stand beside each other; they are in no `last`.
    """

    last: Mapping[Identity, int] = field(default_factory=dict)
    clashes: Mapping[Identity, Sequence[str]] = field(default_factory=dict)
    passed: str = TOLD_LATER


def last_of(files: Sequence[File]) -> Among:
    """Say of every key in several of these files which is the last that has it, by its place among them."""
    first: dict[Identity, int] = {}
    last: dict[Identity, int] = {}
    for place, _, _, key in _shared(files):
        first.setdefault(key, place)
        last[key] = place
    return Among({key: place for key, place in last.items() if first[key] != place})


def together(files: Sequence[File]) -> Among:
    """Part the keys that several of these files tell alike from those that they tell differently."""
    last: dict[Identity, int] = {}
    places: dict[Identity, dict[str, int]] = defaultdict(dict)
    told: dict[Identity, set[str]] = defaultdict(set)
    for place, line, cells, key in _shared(files):
        table, mapper = files[place]
        last[key] = place
        places[key][f"{table.name}:{line}"] = place
        told[key].add(_told(mapper, cells))
    several = {key for key, found in places.items() if len(set(found.values())) > 1}
    clashes = {key: list(places[key]) for key in several if len(told[key]) > 1}
    return Among({key: last[key] for key in several - clashes.keys()}, clashes, TOLD_ALIKE)


def _shared(files: Sequence[File]) -> Iterator[tuple[int, int, Cells, Identity]]:
    """Yield (place of the file, line, cells, key) of the rows whose key may be there more than once."""
    if len(files) < 2:
        return
    sieve = Sieve.of(table for table, _ in files)
    shared = {key for _, _, _, key in _keyed(files) if sieve.add(key)}
    if shared:
        yield from (row for row in _keyed(files) if row[3] in shared)


def _keyed(files: Sequence[File]) -> Iterator[tuple[int, int, Cells, Identity]]:
    for place, (table, mapper) in enumerate(files):
        for line, cells in table.lines():
            if mapper.why_skipped(cells) is None and (key := mapper.identity(cells)) is not None:
                yield place, line, cells, key


def _told(mapper: RowMapper, cells: Cells) -> str:
    """Return what a row says, by its fields, or by its cells when it cannot be read."""
    try:
        return repr(sorted(mapper.row(cells, Tally()).items()))
    except Unmapped:
        return repr(cells)
