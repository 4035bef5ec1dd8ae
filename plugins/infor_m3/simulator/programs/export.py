"""EXPORTMI: rows of tables as one text each, by a query of its own grammar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.layouts import DATES
from duehook.plugins.infor_m3.simulator.query import Condition, parse, refused
from duehook.plugins.infor_m3.simulator.refusal import UNKNOWN, nok
from duehook.plugins.infor_m3.simulator.tables.exported import Table

_LONGEST: Final = 3985


def _list_fields(asked: Asked) -> Iterator[Record]:
    table = asked.site.tables.get(asked.get("FILE").upper())
    if table is None:
        raise nok("FILE", UNKNOWN, f"Table {asked.get('FILE')}")
    for name, each in table.columns.items():
        yield {
            "FLDN": f"{table.prefix}{name}", "FLDS": name, "FLTY": "N" if table.numeric(name) else "A",
            "FLLE": str(8 if name in DATES else each.length), "FLDP": "0",
        }  # fmt: skip


def _select(asked: Asked) -> Iterator[Record]:
    """Give each row as a text: its cells behind the separator, or as wide as their columns without one."""
    query = parse(asked.get("QERY"))
    table = asked.site.tables.get(query.table)
    if table is None:
        raise refused(f"there is no table {query.table}")
    names = [_column(table, each) for each in query.columns]
    conditions = [_condition(table, each) for each in query.where]
    if asked.get("HDRS") == "1":
        yield {"REPL": _text(asked, table, names, query.columns)}
    for row in _rows(table, conditions):
        cells = table.cells(row, names)
        texts = [cells[name] or ("0" if table.numeric(name) else "") for name in names]
        yield {"REPL": _text(asked, table, names, texts)[:_LONGEST]}


def _rows(table: Table, conditions: list[Condition]) -> Iterator[object]:
    asked: dict[str, list[Condition]] = {}
    for each in conditions:
        asked.setdefault(each.column, []).append(each)
    for row in table.rows(asked):
        cells = table.cells(row, asked)
        if all(each.holds(cells[each.column]) for each in conditions):
            yield row


def _column(table: Table, name: str) -> str:
    plain = name.removeprefix(table.prefix)
    if plain == name or plain not in table.columns:
        raise refused(f"no column is called {name}")
    return plain


def _condition(table: Table, of: Condition) -> Condition:
    """Return a condition without the prefix; a number in quotes is a number where the column holds such."""
    name = _column(table, of.column)
    if not table.numeric(name) or isinstance(of.values[0], Decimal):
        return Condition(name, of.how, of.values)
    try:
        return Condition(name, of.how, tuple(Decimal(each or 0) for each in of.values))
    except ArithmeticError:
        raise refused(f"{of.values[0]} is no number, as {of.column} is") from None


def _text(asked: Asked, table: Table, names: Iterable[str], texts: Iterable[str]) -> str:
    if asked.get("SEPC"):
        return asked.get("SEPC").join(texts)
    return "".join(f"{text:<{table.columns[name].length}}" for name, text in zip(names, texts, strict=True))


EXPORTMI: Final[Mapping[str, Handler]] = {"LstFields": _list_fields, "Select": _select, "SelectPad": _select}
