"""One request to the data service and its answer: a grid of cells, and the link to the next page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Reply
from duehook.plugins.jde.ais import AisClient, message_of
from duehook.plugins.jde.reading.reader import RawRow
from duehook.plugins.jde.settings import AisSettings
from duehook.plugins.jde.tables import Column

from .cells import Days, kind_of, literal, raw_row
from .conditions import Condition, Conditions

_FORM: Final = "fs_databrowse_"
_AGAIN: Final = "run it again; where it stays so, let the admin look at the AIS log."


@dataclass(frozen=True)
class Ask:
    """Which columns of which rows of a table, in the order of which columns; no columns are all.

    `lacking` are those of the columns that the site does not have: they are not asked for and come empty.
    """

    table: str
    columns: Sequence[Column]
    where: Conditions = ()
    order: Sequence[Column] = ()
    lacking: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Grid:
    """The rows of one answer by AIS's names, the names, whether there are more rows, and the link to them.

    `records` is how many rows AIS says it gives. On a page that is not the only one a release may mean all.
    `before` counts the rows of the pages before it, and `uneven` says that one of these did not count its own.
    """

    rows: Sequence[Mapping[str, Any]]
    names: Sequence[str]
    records: int
    more: bool
    link: str | None
    before: int = 0
    uneven: bool = False

    @property
    def lacks_rows(self) -> bool:
        """Say of the last page whether rows are missing in it, or in one before it."""
        every = self.before + len(self.rows)
        return not self.more and self.records not in ({every} if self.uneven else {every, len(self.rows)})


class Browser:
    """Asks one AIS server."""

    def __init__(self, ais: AisClient, settings: AisSettings, name: str) -> None:
        """Take the client and its settings, and the connection's name for the messages."""
        self._ais, self._settings, self._form, self._name = ais, settings, settings.data_service, name
        self._days = Days(self._form.days)

    def page(self, ask: Ask, limit: int) -> Grid:
        """Return the first page; raise ConnectorRefused where the table may not be browsed.

        Raises ConnectorGarbled where it is the only page and rows are missing in it.
        """
        grid = self._grid(ask.table, self._ais.browse(self._body(ask, limit)))
        if grid.lacks_rows:
            raise _lacking(ask, grid)
        return grid

    def next(self, ask: Ask, last: Grid) -> Grid | None:
        """Return the page behind one; None where there is no link to it, or the session ended and the link with it.

        Raises ConnectorGarbled where it is the last page and rows are missing in one before it.
        """
        reply = self._ais.browse_on(last.link) if last.link else None
        if reply is None:
            return None
        uneven, before = last.uneven or last.records != len(last.rows), last.before + len(last.rows)
        grid = replace(self._grid(ask.table, reply), before=before, uneven=uneven)
        if grid.uneven and grid.lacks_rows:
            raise _lacking(ask, grid)
        return grid

    def few(self, ask: Ask, limit: int) -> list[RawRow]:
        """Return the rows of a request that has few, whatever their key; ConnectorGarbled where pages get lost."""
        grid: Grid | None = self.page(ask, limit)
        found: list[RawRow] = []
        while grid is not None:
            found += self.raw(ask, grid)
            if grid.lacks_rows:
                raise _lacking(ask, grid)
            if not grid.more:
                return found
            grid = self.next(ask, grid)
        told = f"AIS lost the rest of {ask.table} behind {len(found)} rows; nothing was kept of it."
        raise ConnectorGarbled(told, fix="run it again, or raise `ais.data_service.page_size`.")

    def raw(self, ask: Ask, grid: Grid) -> list[RawRow]:
        """Return a grid's rows in the columns asked for; one that the site lacks is empty."""
        columns = [(f"{ask.table}_{_alias(column)}", kind_of(column)) for column in ask.columns]
        return [raw_row(row, columns, self._days) for row in grid.rows]

    def _body(self, ask: Ask, limit: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "targetName": ask.table,
            "targetType": "table",
            "dataServiceType": "BROWSE",
            "findOnEntry": "TRUE",
            "maxPageSize": str(limit),
            "enableNextPageProcessing": "true",
            "outputType": "GRID_DATA",
        }
        if ask.columns:
            there = [column for column in ask.columns if column.name not in ask.lacking]
            body["returnControlIDs"] = "|".join(_control(ask.table, column) for column in there)
        if ask.where:
            told = [self._told(ask.table, each) for each in ask.where]
            body["query"] = {"autoFind": True, "matchType": "MATCH_ALL", "condition": told}
        if ask.order and self._form.order == "asked":
            order = [{"column": _control(ask.table, each), "direction": "ASC"} for each in ask.order]
            body["aggregation"] = {"orderBy": order}
        return body

    def _told(self, table: str, condition: Condition) -> dict[str, Any]:
        column, form = condition.column, self._form.days_asked
        values = [{"content": literal(column, value, form), "specialValueId": "LITERAL"} for value in condition.values]
        told = {"controlId": _control(table, column), "operator": condition.operator}
        return {**told, "value": values} if values else told

    def _grid(self, table: str, reply: Reply) -> Grid:
        if reply.status == 403:
            raise ConnectorRefused(
                f"AIS refused to browse {table} (403): {message_of(reply)}",
                fix=f"let the JDE security officer allow {self._settings.username} of connection {self._name} "
                f"to see {table} in the Data Browser, which the data service goes by.",
            )
        if reply.status >= 400:
            raise ConnectorRefused(
                f"AIS refused to browse {table} ({reply.status}): {message_of(reply)}",
                fix="see that the table and its columns are there on this release, and that AIS is 9.2 or later.",
            )
        body = reply.json()
        found = body if isinstance(body, dict) else {}
        form = next((held for name, held in found.items() if name.lower() == f"{_FORM}{table.lower()}"), None)
        grid = _grid_of(table, form, found.get("links"), reply)
        if grid.more and not grid.rows:
            told = f"AIS says that there are more rows of {table} and gives none; nothing of it was kept."
            raise ConnectorGarbled(told, fix=_AGAIN)
        return grid


def _grid_of(table: str, form: Any, links: Any, reply: Reply) -> Grid:
    """Take the grid out of a form; raise ConnectorGarbled where there is none."""
    try:
        grid = form["data"]["gridData"]
        rows, summary = list(grid["rowset"]), grid["summary"]
        names = [str(name) for name in grid.get("columns") or {}] or [str(name) for row in rows[:1] for name in row]
        link = next((str(each["href"]) for each in links or () if each.get("rel") == "next"), None)
        return Grid(rows, names, int(summary.get("records", len(rows))), bool(summary["moreRecords"]), link)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConnectorGarbled(
            f"AIS answered the request for {table} without a grid: {reply.excerpt()}",
            fix="see that `ais.base_url` leads to an AIS server of 9.2 or later, whose version 2 services are on.",
        ) from error


def _lacking(ask: Ask, grid: Grid) -> ConnectorGarbled:
    given = grid.before + len(grid.rows)
    told = f"AIS says {grid.records} rows of {ask.table} and gives {given}; nothing of it was kept."
    return ConnectorGarbled(told, fix=_AGAIN)


def _alias(column: Column) -> str:
    """Return a column's name without its prefix, which is of two letters."""
    return column.name[2:]


def _control(table: str, column: Column) -> str:
    return f"{table}.{_alias(column)}"
