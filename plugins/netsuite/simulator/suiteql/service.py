"""POST /services/rest/query/v1/suiteql: a query, a page of its rows as texts, and how many there are."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final
from urllib.parse import parse_qs

from duehook.core.testing.simulator import Reply, Request, json_reply
from duehook.plugins.netsuite.simulator.problem import Refused
from duehook.plugins.netsuite.simulator.tables.codes import STATUS_TEXTS, TYPE_TEXTS
from duehook.plugins.netsuite.simulator.tables.database import Database
from duehook.plugins.netsuite.simulator.tables.schema import SUBSIDIARY
from duehook.plugins.netsuite.simulator.tables.values import given_out, moment

from .dialect import refused
from .functions import Functions
from .looks import unknown
from .translate import Translated, Translator

PATH: Final = "/services/rest/query/v1/suiteql"
MOST: Final = 1_000  # rows a page
CAP: Final = 100_000  # rows a query: behind them it ends, whatever totalResults says
_TWICE: Final = re.compile(r":(\d+)$")
_TABLE_OF: Final = {"currency": "currency", "subsidiary": "subsidiary", "terms": "term", "account": "account",
                    "contactrole": "contactrole", "entitystatus": "entitystatus"}  # fmt: skip


class SuiteQLService:
    """Answers queries over the account's tables. `url` is where the account is reached, which links name."""

    def __init__(self, database: Database, zone: tzinfo, now: Callable[[], datetime]) -> None:
        """Take the tables; `now` is the account's clock."""
        self._database, self._zone, self._now = database, zone, now
        self._translator = Translator(database.schema, str(zone))
        self._functions = Functions(database.connection, self.displayed)
        self._counted: dict[tuple[str, int], int] = {}
        self.url = ""

    def answer(self, request: Request, hidden: frozenset[str]) -> Reply:
        """Answer a request; raises Refused. The role sees no row of the tables that are `hidden`."""
        if request.method != "POST":
            raise Refused(405, "Method not allowed.", "METHOD_NOT_ALLOWED")
        headers = {name.lower(): text for name, text in request.headers.items()}
        if "transient" not in headers.get("prefer", ""):
            said = "The required request header 'Prefer' is missing or its value is not 'transient'."
            raise Refused(400, said, "INVALID_HEADER", errorHeader="Prefer")
        limit, offset = _window(parse_qs(request.query))
        query = (request.json or {}).get("q") if isinstance(request.json, Mapping) else None
        if not isinstance(query, str) or not query.strip():
            raise Refused(400, "Invalid content: the parameter 'q' is required.", "INVALID_CONTENT", errorPath="q")
        translated = self._translator.translate(query, hidden)
        rows, total = self._run(translated, limit, offset)
        return json_reply(self._page(rows, total, limit=limit, offset=offset))

    def tables(self, request: Request) -> tuple[str, ...]:
        """Return the tables that a request asks, for the log; none where it cannot be read."""
        try:
            return self._translator.translate((request.json or {}).get("q", ""), frozenset()).tables
        except (Refused, AttributeError):
            return ()

    def _run(self, translated: Translated, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
        sql = f"SELECT * FROM ({translated.sql}) LIMIT {limit} OFFSET {offset}"
        try:
            found = self._database.connection.execute(sql, {"now": moment(self._now(), self._zone)})
            names = _names([column[0] for column in found.description])
            names = names if self._database.schema.oneworld or not translated.has_star else _without(names)
            rows = [_item(names, row) for row in found]
        except sqlite3.OperationalError as error:
            raise self._told(str(error), translated) from None
        whole = len(rows) < limit and (rows or not offset)
        if whole or (translated.fetch is not None and offset + len(rows) == translated.fetch):
            return rows, offset + len(rows)
        return rows, self._count(translated.sql)

    def _count(self, sql: str) -> int:
        key = sql, self._database.version
        if key not in self._counted:
            self._counted = {each: count for each, count in self._counted.items() if each[1] == key[1]}
            values = {"now": moment(self._now(), self._zone)}
            counted = self._database.connection.execute(f"SELECT COUNT(*) FROM ({sql})", values)
            self._counted[key] = int(counted.fetchone()[0])
        return self._counted[key]

    def _told(self, error: str, translated: Translated) -> Refused:
        """Say in NetSuite's words what is wrong with a query."""
        if "user-defined function" in error:
            return refused(f"Invalid or unsupported search. {self._functions.said}")
        if "no such column" in error:
            name = error.rpartition(": ")[2].rpartition(".")[2]
            return unknown(name, translated.tables)
        if "ambiguous column name" in error:
            return refused(f"Invalid or unsupported search. Field '{error.rpartition(': ')[2]}' is ambiguous")
        return refused()

    def _page(self, rows: list[dict[str, Any]], total: int, *, limit: int, offset: int) -> dict[str, Any]:
        more = offset + limit < min(total, CAP)
        links = [self._link("next", limit, offset + limit)] if more else []
        links.append(self._link("self", limit, offset))
        return {"links": links, "count": len(rows), "hasMore": more, "items": rows, "offset": offset,
                "totalResults": total}  # fmt: skip

    def _link(self, rel: str, limit: int, offset: int) -> dict[str, str]:
        return {"rel": rel, "href": f"{self.url}{PATH}?limit={limit}&offset={offset}"}

    def displayed(self, column: str, held: Any, beside: Any) -> str | None:
        """BUILTIN.DF: what a column's value is displayed as."""
        if held is None:
            return None
        if column == "status":
            return STATUS_TEXTS.get((beside, held), str(held))
        if column == "type":
            return TYPE_TEXTS.get(held, str(held))
        if column in ("entity", "customer", "company"):
            row = self._database.row("customer", held)
            return f"{row['entityid']} {row['altname']}" if row else given_out(held)
        row = self._database.row(_TABLE_OF[column], held) if column in _TABLE_OF else None
        return str(row.get("fullname") or row["name"]) if row else given_out(held)


def _window(parameters: Mapping[str, list[str]]) -> tuple[int, int]:
    """Return limit and offset; raises Refused for what NetSuite does not take."""
    texts = {name: parameters.get(name, [usual])[0] for name, usual in (("limit", str(MOST)), ("offset", "0"))}
    for name, text in texts.items():
        if not text.isdigit() or (name == "limit" and not 1 <= int(text) <= MOST):
            said = f"Invalid query parameter value. The '{name}' query parameter must be between 1 and {MOST}."
            raise Refused(400, said, "INVALID_PARAMETER", errorQueryParam=name)
    limit, offset = int(texts["limit"]), int(texts["offset"])
    if offset % limit:
        said = "Invalid query parameter value. The 'offset' query parameter must be divisible by the 'limit' parameter."
        raise Refused(400, said, "INVALID_PARAMETER", errorQueryParam="offset")
    if offset + limit > CAP:
        said = f"Invalid query parameter value. A query gives at most {CAP} rows."
        raise Refused(400, said, "INVALID_PARAMETER", errorQueryParam="offset")
    return limit, offset


def _names(told: list[str]) -> list[str]:
    """Return the keys of an item: small letters; the second of a name is name_0, where SQLite says name:1."""
    return [_TWICE.sub(lambda found: f"_{int(found[1]) - 1}", name.lower()) for name in told]


def _without(names: list[str]) -> list[str]:
    """Return the names of a query for all columns; that of what only OneWorld has is empty, and left out."""
    return ["" if name == SUBSIDIARY else name for name in names]


def _item(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    item: dict[str, Any] = {"links": []}
    for name, held in zip(names, row, strict=True):
        if held is not None and name:
            item[name] = given_out(held)
    return item
