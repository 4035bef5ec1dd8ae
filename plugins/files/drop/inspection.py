"""Look a file over as a whole before anything of it is handed on: is it complete, which keys stand twice.

Memory stays small: keys go into a sieve, and only those that may be there twice are looked at again.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from duehook.core.errors import ConnectorGarbled
from duehook.plugins.files.forms.table import Cells, Table
from duehook.plugins.files.mapping.model import Control
from duehook.plugins.files.mapping.values import Unreadable, amount_reader, whole

from .fields import NoColumn, amounts
from .rows import Identity, RowMapper
from .sieve import Sieve


@dataclass
class Inspection:
    """What the first look at a file told.

    `twins` are lines by key, where rows with one key differ; `repeated` are keys whose rows are all equal.
    """

    digest: str
    rows: int = 0
    twins: dict[Identity, list[int]] = field(default_factory=dict)
    repeated: set[Identity] = field(default_factory=set)
    unkeyed: list[int] = field(default_factory=list)
    keys: Sieve = field(default_factory=Sieve)


def inspect(table: Table, mapper: RowMapper, control: Control | None, *, grouped: bool) -> Inspection:
    """Look a file over. Raises ConnectorGarbled, naming the line, when it is not whole."""
    found = Inspection(table.digest(), keys=Sieve.of([table]))
    doubtful: set[Identity] = set()
    total = _Sum(table, mapper, control)
    line, cells = 0, list[str]()
    for line, cells in table.lines():
        if mapper.why_skipped(cells) is not None:
            continue
        found.rows += 1
        total.take(line, cells)
        key = mapper.identity(cells)
        if key is None:
            found.unkeyed.append(line)
        elif found.keys.add(key) and not grouped:
            doubtful.add(key)
    table.refuse_cut(line, cells)
    total.compare(found.rows)
    _part_twins(found, table, mapper, doubtful)
    return found


def _part_twins(found: Inspection, table: Table, mapper: RowMapper, doubtful: set[Identity]) -> None:
    """Note the keys that do stand twice: apart those whose rows differ, and those whose rows are all equal."""
    lines: dict[Identity, list[int]] = defaultdict(list)
    texts: dict[Identity, set[Identity]] = defaultdict(set)
    for line, cells in table.lines() if doubtful else ():
        key = mapper.identity(cells)
        if key in doubtful and mapper.why_skipped(cells) is None:
            lines[key].append(line)
            texts[key].add(tuple(cells))
    found.twins = {key: places for key, places in lines.items() if len(texts[key]) > 1}
    found.repeated = {key for key, places in lines.items() if len(places) > 1 and key not in found.twins}


class _Sum:
    """Counts and sums a file against its control figures."""

    def __init__(self, table: Table, mapper: RowMapper, control: Control | None) -> None:
        self._table, self._mapper = table, mapper
        self._count, self._expected = _figures(table, control)
        self._sum = Decimal(0)
        self._read = amounts(table.form)
        self._place = None
        if control is not None and control.column is not None:
            try:
                self._place = mapper.place_of(control.column)
            except NoColumn as error:
                raise ConnectorGarbled(f"{table.name}: `control`: {error}.") from error

    def take(self, line: int, cells: Cells) -> None:
        """Add a row; what is no amount is told as a bad row later."""
        if self._place is not None and self._place < len(cells) and cells[self._place]:
            try:
                self._sum += self._read(cells[self._place])
            except Unreadable:
                return

    def compare(self, rows: int) -> None:
        """Raise ConnectorGarbled when the file does not hold what its control figures say."""
        wrong = [f"{rows:,} rows instead of {self._count:,}"] if self._count not in (None, rows) else []
        if self._expected is not None and self._sum.quantize(self._expected) != self._expected:
            wrong.append(f"a sum of {self._sum:,f} instead of {self._expected:,f}")
        if wrong:
            raise ConnectorGarbled(
                f"{self._table.name} has {' and '.join(wrong)}, by its control figures. "
                "The whole file is refused; nothing of it was kept.",
                fix="export it again, or correct `control` in the mapping.",
            )


def _figures(table: Table, control: Control | None) -> tuple[int | None, Decimal | None]:
    if control is None:
        return None, None
    count, total = control.count, control.sum
    if control.file is not None:
        row = _control_row(table, control.file)
        count, total = (None if name is None else row.get(name) for name in (control.count, control.sum))
    try:
        read = amount_reader(table.form.decimal, table.form.thousands) if control.file else Decimal
        return None if count is None else whole(count), None if total is None else read(total)
    except (Unreadable, ArithmeticError) as error:
        raise ConnectorGarbled(f"{table.name}: its control figures cannot be read: {error}.") from error


def _control_row(table: Table, name: str) -> Mapping[str, str]:
    path = table.path.with_name(name.replace("{stem}", table.path.stem))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.DictReader(file, delimiter=table.form.delimiter), {})
    except OSError as error:
        raise ConnectorGarbled(
            f"{table.name} has no control file {path.name} beside it; nothing of it was read.",
            fix="wait until it is exported, or take `control` out of the mapping.",
        ) from error


def latest(table: Table, mapper: RowMapper, field_name: str | None) -> Iterator[tuple[int, Cells, Sequence[str]]]:
    """Yield one row for each key, by key: the latest (the later line of equals), and its aliases.

    Aliases are the other values that the named field has in rows of the key.
    """
    best: dict[Identity, tuple[tuple[object, ...], int, Cells]] = {}
    names: dict[Identity, set[str]] = defaultdict(set)
    loose: list[tuple[int, Cells]] = []
    for line, cells in table.lines():
        if mapper.why_skipped(cells) is not None:
            continue
        key = mapper.identity(cells)
        if key is None:
            loose.append((line, cells))
            continue
        rank = tuple(_rank(read, cells) for read in mapper.newest)
        if key not in best or rank >= best[key][0]:
            best[key] = (rank, line, cells)
        if field_name is not None and (name := mapper.field(field_name, cells)):
            names[key].add(str(name))
    for key, (_, line, cells) in sorted(best.items()):
        own = mapper.field(field_name, cells) if field_name else None
        yield line, cells, sorted(names[key] - {str(own)})
    for line, cells in loose:
        yield line, cells, ()


def _rank(read: object, cells: Cells) -> tuple[bool, object]:
    """Order a value behind those that are empty or cannot be read."""
    assert callable(read)
    try:
        value = read(cells)
    except (Unreadable, IndexError):
        return False, ""
    return (False, "") if value is None else (True, value)
