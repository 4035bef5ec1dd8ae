"""The data service of the simulated AIS server: grids of its tables, in pages that a link leads on from.

Cells come as AIS gives them: decimals applied by currency or dictionary, days as yyyyMMdd, texts without
their blanks, what is empty left out.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from duehook.core.money import exponent
from duehook.core.testing.simulator import Reply
from duehook.core.wire.exact_json import exact_json

from .encoding import julian
from .store import Store
from .tables import TABLES, Table

MOST: Final = 1_000  # rows of one page, whatever is asked for
KEPT: Final = 20  # result sets that wait for their next page
NEXT: Final = "/jderest/v2/dataservice/next/"
_COMPARED: Final = {
    "EQUAL": "=", "NOT_EQUAL": "<>", "LESS": "<", "LESS_EQUAL": "<=", "GREATER": ">", "GREATER_EQUAL": ">=",
}  # fmt: skip
_ABROAD: Final = frozenset({  # in the transaction's currency
    "ACR", "FAP", "CDS", "CDSA", "CTXA", "CTXN", "CTAM", "FCAM", "PFAP", "FCHG", "ECBF", "FDA", "URAT",
})  # fmt: skip
_DICTIONARY: Final = {"DCP": 1, "ACL": 0}  # decimals that no currency decides


class Unasked(Exception):
    """The request names what there is not."""


@dataclass
class _Waiting:
    """A result set behind its first pages, and whose session it is of."""

    table: Table
    names: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]
    size: int
    token: str


class DataService:
    """Answers BROWSE requests over a store."""

    def __init__(self, store: Store) -> None:
        """Serve that store's tables."""
        self._store = store
        self._waiting: dict[str, _Waiting] = {}
        self._numbers = itertools.count(1)

    def browse(self, body: Mapping[str, Any], token: str, base: str) -> Reply:
        """Give the first page; raise Unasked for what there is not."""
        table = TABLES.get(str(body.get("targetName")))
        if table is None or body.get("targetType") != "table" or body.get("dataServiceType") != "BROWSE":
            raise Unasked(f"{body.get('targetName')} cannot be browsed")
        names = _names(table, str(body.get("returnControlIDs") or ""))
        where, values = self._where(table, body.get("query") or {})
        order = ", ".join(_order(table, body.get("aggregation") or {}))
        read = (*names, *(name for name in _currencies(table) if name not in names))
        text = f"SELECT {', '.join(read)} FROM {table.name}{where} ORDER BY {order}"
        rows = [dict(zip(read, row, strict=True)) for row in self._store.query(text, *values)]
        size = min(int(body.get("maxPageSize") or MOST), MOST)
        waiting = _Waiting(table, names, rows, size, token)
        return self._page(waiting, base, linked=str(body.get("enableNextPageProcessing")).lower() == "true")

    def next(self, number: str, token: str, base: str) -> Reply | None:
        """Give the next page of a result set; None where its session is another one, or it was forgotten."""
        waiting = self._waiting.pop(number, None)
        return None if waiting is None or waiting.token != token else self._page(waiting, base, linked=True)

    def table_of(self, number: str) -> str:
        """Return the name of the table that a link is about, blank for an unknown one."""
        return self._waiting[number].table.name if number in self._waiting else ""

    def _page(self, waiting: _Waiting, base: str, *, linked: bool) -> Reply:
        page, rest = waiting.rows[: waiting.size], waiting.rows[waiting.size :]
        table = waiting.table
        grid = {
            "columns": {_control(table, name, "_"): name for name in waiting.names},
            "rowset": [_rendered(table, waiting.names, row) for row in page],
            "summary": {"records": len(page), "moreRecords": bool(rest)},
        }
        form = {"title": f"Data Browser - {table.name}", "data": {"gridData": grid}}
        answer: dict[str, Any] = {f"fs_DATABROWSE_{table.name}": form, "sysErrors": []}
        if rest and linked:
            number = str(next(self._numbers))
            self._waiting[number] = _Waiting(table, waiting.names, rest, waiting.size, waiting.token)
            for old in list(self._waiting)[:-KEPT]:
                del self._waiting[old]
            answer["links"] = [{"rel": "next", "href": f"{base}{NEXT}{number}", "context": "next"}]
        return Reply(exact_json(answer).encode())

    def _where(self, table: Table, query: Mapping[str, Any]) -> tuple[str, list[Any]]:
        if query.get("matchType", "MATCH_ALL") not in ("MATCH_ALL", "MATCH_ANY"):
            raise Unasked(f"matchType {query['matchType']}")
        parts, values = [], []
        for condition in query.get("condition") or ():
            text, found = _condition(table, condition)
            parts.append(text)
            values += found
        joint = " OR " if query.get("matchType") == "MATCH_ANY" else " AND "
        return (f" WHERE {joint.join(parts)}" if parts else ""), values


def shrunk(reply: Reply) -> Reply:
    """Return a page that looks like the last one and has half of the rows that it counts; anything else as it is."""
    answer = json.loads(reply.body, parse_float=Decimal)
    form = next((held for name, held in answer.items() if name.startswith("fs_DATABROWSE_")), None)
    if form is None:
        return reply
    grid = form["data"]["gridData"]
    grid["rowset"] = grid["rowset"][: len(grid["rowset"]) // 2]
    grid["summary"]["moreRecords"] = False
    answer.pop("links", None)
    return Reply(exact_json(answer).encode())


def _names(table: Table, asked: str) -> tuple[str, ...]:
    return tuple(_column(table, each) for each in asked.split("|")) if asked else tuple(table.columns)


def _column(table: Table, control: str) -> str:
    owner, dot, alias = control.partition(".")
    name = table.prefix + alias
    if owner != table.name or not dot or name not in table.columns:
        raise Unasked(f"there is no column {control}")
    return name


def _order(table: Table, aggregation: Mapping[str, Any]) -> list[str]:
    asked = [
        (_column(table, str(each.get("column"))), each.get("direction")) for each in aggregation.get("orderBy") or ()
    ]
    return [f"{name} {'DESC' if direction == 'DESC' else 'ASC'}" for name, direction in asked] or list(table.key)


def _condition(table: Table, condition: Mapping[str, Any]) -> tuple[str, list[Any]]:
    name, operator = _column(table, str(condition.get("controlId"))), str(condition.get("operator"))
    values = [_stored(table, name, str(each.get("content", ""))) for each in condition.get("value") or ()]
    if operator in ("STR_BLANK", "STR_NOT_BLANK"):
        return f"TRIM({name}) {'=' if operator == 'STR_BLANK' else '<>'} ''", []
    if operator == "LIST":
        return f"{name} IN ({', '.join('?' * len(values))})", values
    if operator == "BETWEEN" and len(values) == 2:
        return f"{name} BETWEEN ? AND ?", values
    if operator not in _COMPARED or len(values) != 1:
        raise Unasked(f"the operator {operator} of {condition.get('controlId')} with {len(values)} values")
    return f"{name} {_COMPARED[operator]} ?", values


def _stored(table: Table, name: str, content: str) -> Any:
    """Return a literal as the table stores it: blank-padded, CYYDDD, a number."""
    kind = table.columns[name][0]
    if kind in "crv":
        return table.cell(name.removeprefix(table.prefix), content)
    if kind == "j":
        if len(content) != 8:
            raise Unasked(f"{content} is no date")
        return julian(date(int(content[:4]), int(content[4:6]), int(content[6:])))
    number = Decimal(content)
    return int(number) if number == int(number) else str(number)


def _currencies(table: Table) -> list[str]:
    return [name for alias in ("BCRC", "CRCD") if (name := table.prefix + alias) in table.columns]


def _rendered(table: Table, names: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any]:
    cells = {_control(table, name, "_"): _cell(table, name, row) for name in names}
    return {name: cell for name, cell in cells.items() if cell is not None}


def _cell(table: Table, name: str, row: Mapping[str, Any]) -> Any:
    kind, cell, alias = table.columns[name][0], row[name], name.removeprefix(table.prefix)
    if kind in "crv":
        return str(cell).strip()
    if kind == "j":
        return _day(int(cell))
    if kind == "x":
        return Decimal(str(cell))
    if kind == "a" or alias in _DICTIONARY:
        return Decimal(int(cell)).scaleb(-_decimals(table, alias, row))
    return int(cell)


def _decimals(table: Table, alias: str, row: Mapping[str, Any]) -> int:
    if alias in _DICTIONARY:
        return _DICTIONARY[alias]
    return exponent(str(row[table.prefix + ("CRCD" if alias in _ABROAD else "BCRC")]).strip())


def _day(value: int) -> str | None:
    """Return CYYDDD as yyyyMMdd, none as None; what is no day as it is stored."""
    if not value:
        return None
    year, day = 1900 + value // 1000, value % 1000
    found = date(year, 1, 1) + timedelta(days=day - 1)
    return f"{found:%Y%m%d}" if found.year == year and day else str(value)


def _control(table: Table, name: str, mark: str) -> str:
    return f"{table.name}{mark}{name.removeprefix(table.prefix)}"
