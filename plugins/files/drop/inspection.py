"""Look a file over as a whole before anything of it is handed on: is it complete, which keys stand twice.

Memory stays small: keys go into a sieve, and only those that may be there twice are looked at again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from duehook.core.errors import ConnectorGarbled
from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.rows import Identity, RowMapper
from duehook.core.table_mapping.values import Unreadable
from duehook.plugins.files.forms.table import Table
from duehook.plugins.files.mapping.model import Control

from .figures import Count, stated
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
    count = Count(table, mapper, stated(table, control))
    line, cells = 0, list[str]()
    for line, cells in table.lines():
        if mapper.why_skipped(cells) is not None:
            continue
        found.rows += 1
        count.take(cells)
        key = mapper.identity(cells)
        if key is None:
            found.unkeyed.append(line)
        elif found.keys.add(key) and not grouped:
            doubtful.add(key)
    table.refuse_cut(line, cells)
    if wrong := count.faults():
        raise ConnectorGarbled(
            f"{table.name} has {' and '.join(wrong)}, by its control figures. "
            "The whole file is refused; nothing of it was kept.",
            fix="export it again, or correct `control` in the mapping.",
        )
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
