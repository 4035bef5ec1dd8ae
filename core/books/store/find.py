"""Find what a person names: a debtor by its key, an item by its key or document number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, String, bindparam, select, tuple_

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
    of_items = select(item.c.company, item.c.connection, item.c.debtor).where(item.c.debtor == key, _at(item, homes))
    found = [Debtor(*row) for row in tx.execute(of_items.distinct().limit(_MOST))]
    if found:
        return found
    own = select(customer.c.company, customer.c.connection, customer.c.key)
    own = own.where(customer.c.key == key, customer.c.company != "", _at(customer, homes))
    return [Debtor(*row) for row in tx.execute(own.distinct().limit(_MOST))]


def open_or_past_item(tx: Connection, named: str) -> Row[Any]:
    """Return the one item that its key, COMPANY/KEY, CONNECTION/COMPANY/KEY, or its document number names.

    Raises NotFound when there is none, or several.
    """
    readings = _readings(tx, named)
    for column in (item.c.key, item.c.document_no):
        rows = (
            row
            for key, homes in readings
            for row in tx.execute(_named(column.name), {"named": key, "homes": homes}).all()
        )
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


@cache
def _named(column: str) -> Select[Any]:
    """Return the statement that finds items by a column: built once."""
    homes = tuple_(item.c.company, item.c.connection).in_(bindparam("homes", expanding=True))
    return select(item).where(item.c[column] == bindparam("named", type_=String()), homes).limit(_MOST)


def _at(table: Any, homes: Sequence[Home]) -> ColumnElement[bool]:
    return tuple_(table.c.company, table.c.connection).in_(homes)


def _only(found: Sequence[Found], what: str, say: str, names: Sequence[str] | None = None) -> Found:
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"there is no {what} in the books.", fix="check the key, or import first.")
    listed = ", ".join(names or [str(one) for one in found])
    raise NotFound(f"{what} is more than one: {listed}.", fix=f"name it as {say}.")
