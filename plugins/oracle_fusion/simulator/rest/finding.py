"""Which rows of a table a question is about: by what is indexed where that narrows it, and in the order asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from duehook.plugins.oracle_fusion.simulator.site.table import Row, Table

from .query import Asked

Order = Sequence[tuple[str, bool]]


def found(table: Table, asked: Asked, order: Order) -> Iterator[Row]:
    """Yield the rows that fit; those that changed last first where no order is asked for."""
    keys = _keys(table, asked, order)
    rows = (table.rows[key] for key in keys)
    fitting = (row for row in rows if asked.test(row))
    if order and order != [(table.key, False)]:
        return iter(_in_order(list(fitting), order))
    return fitting


def counted(table: Table, asked: Asked, q: str) -> int:
    """Return how many rows fit; what was counted once is known until a row changes."""
    known = table.counts
    if q not in known:
        known[q] = sum(1 for _ in found(table, asked, [(table.key, False)]))
    return known[q]


def _keys(table: Table, asked: Asked, order: Order) -> Sequence[int]:
    narrow = _narrowed(table, asked)
    by_id = order == [(table.key, False)]
    if narrow is None:
        if not order:
            return table.newest_first()
        return table.by_id(*_bounds(table, asked))
    if by_id or order:
        return sorted(narrow)
    return sorted(narrow, key=lambda key: str(table.rows[key].get("LastUpdateDate")), reverse=True)


def _narrowed(table: Table, asked: Asked) -> set[int] | None:
    """Return the ids that conditions on the key or on what is indexed leave; None where there are none."""
    left: set[int] | None = None
    for name, sign, values in asked.certain:
        if sign not in ("=", "in"):
            continue
        if name == table.key:
            these = {value for value in values if value in table.rows}
        elif name in table.indexes:
            these = table.having(name, values)
        else:
            continue
        left = these if left is None else left & these
    return left


def _bounds(table: Table, asked: Asked) -> tuple[int | None, int | None]:
    above: list[Any] = [values[0] for name, sign, values in asked.certain if name == table.key and sign in (">", ">=")]
    below: list[Any] = [values[0] for name, sign, values in asked.certain if name == table.key and sign in ("<", "<=")]
    return max(above, default=None), min(below, default=None)


def _in_order(rows: list[Row], order: Order) -> list[Row]:
    for name, falls in reversed(order):
        rows.sort(key=lambda row: (row.get(name) is not None, row.get(name)), reverse=falls)
    return rows
