"""Find what a person names: a debtor by its key, an item by its key or document number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, select

from duehook.core.books.tables.imports import company_feed
from duehook.core.books.tables.ledger import customer, item
from duehook.core.errors import NotFound

_MOST = 6
_HOMES: Final = select(company_feed.c.company, company_feed.c.connection)
Found = TypeVar("Found")
Home = tuple[str, str]


class Debtor(NamedTuple):
    """A debtor of one company."""

    company: str
    connection: str
    key: str

    def __str__(self) -> str:
        return f"{self.company}/{self.key}"


def debtor(tx: Connection, named: str) -> Debtor:
    """Return the one debtor that KEY, COMPANY/KEY or CONNECTION/COMPANY/KEY names.

    Raises NotFound when there is none, or several in different companies, or when the name can be
    read in two ways.
    """
    found = sorted({one for key, homes in _readings(tx, named) for one in _debtors(tx, key, homes)})
    return _only(found[:_MOST], f"debtor {named!r}", "CONNECTION/COMPANY/KEY")


def _debtors(tx: Connection, key: str, homes: Sequence[Home]) -> list[Debtor]:
    of_items = select(item.c.company, item.c.connection, item.c.debtor).where(item.c.debtor == key)
    own = select(customer.c.company, customer.c.connection, customer.c.key).where(
        customer.c.key == key, customer.c.company != ""
    )
    for table, statement in ((item, of_items), (customer, own)):
        rows = tx.execute(statement.where(*_near(table, homes)).distinct())
        found = [Debtor(*row) for row in rows if (row.company, row.connection) in homes]
        if found:
            return found
    return []


def open_or_past_item(tx: Connection, named: str) -> Row[Any]:
    """Return the one item that its key, COMPANY/KEY, CONNECTION/COMPANY/KEY, or its document number names.

    Raises NotFound when there is none, or several.
    """
    readings = _readings(tx, named)
    meant = {(key, *home) for key, homes in readings for home in homes}
    for column, statement in (("key", _by_key()), ("document_no", _by_number())):
        rows = [row for row in tx.execute(statement, _asked(meant)) if _place(row, column) in meant]
        found = {(row.company, row.connection, row.key): row for row in rows}
        if found:
            keys = [f"{company}/{key}" for company, _, key in found]
            say = "CONNECTION/COMPANY/KEY, with the key"
            return _only(list(found.values())[:_MOST], f"item {named!r}", say, keys[:_MOST])
    raise NotFound(f"there is no item {named!r} in the books.", fix="look it up with `duehook aging` or in the ERP.")


def _readings(tx: Connection, named: str) -> list[tuple[str, list[Home]]]:
    """Return each way to read a name, as (key, where to look): a key may hold slashes itself.

    Keys are found by company and connection, and of these pairs there are few.
    """
    homes = [(home.company, home.connection) for home in tx.execute(_HOMES)]
    first, _, behind = named.partition("/")
    second, _, last = behind.partition("/")
    of_company = [home for home in homes if home[0] == first]
    readings = [(named, homes), (behind, of_company), (last, [home for home in homes if home == (second, first)])]
    return [(key, there) for key, there in readings if key and there]


def _asked(meant: Collection[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return what the statements ask for: SQLite looks up pairs of columns by a scan, and each column by its index."""
    names, companies, connections = (sorted({place[at] for place in meant}) for at in range(3))
    return {"names": names, "companies": companies, "connections": connections}


def _place(row: Row[Any], column: str) -> tuple[str, str, str]:
    return row._mapping[column], row.company, row.connection


@cache
def _by_key() -> Select[Any]:
    columns = {"names": item.c.key, "companies": item.c.company, "connections": item.c.connection}
    return select(item).where(*(column.in_(bindparam(name, expanding=True)) for name, column in columns.items()))


@cache
def _by_number() -> Select[Any]:
    return select(item).where(item.c.document_no.in_(bindparam("names", expanding=True)))


def _near(table: Any, homes: Sequence[Home]) -> tuple[ColumnElement[bool], ...]:
    companies, connections = (sorted({home[at] for home in homes}) for at in range(2))
    return table.c.company.in_(companies), table.c.connection.in_(connections)


def _only(found: Sequence[Found], what: str, say: str, names: Sequence[str] | None = None) -> Found:
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"there is no {what} in the books.", fix="check the key, or import first.")
    listed = ", ".join(names or [str(one) for one in found])
    raise NotFound(f"{what} is more than one: {listed}.", fix=f"name it as {say}.")
