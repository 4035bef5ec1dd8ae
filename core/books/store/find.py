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

    Raises NotFound when there is none, or several in different companies.
    """
    *rest, key = named.split("/")
    homes = _homes(tx, company=rest[-1] if rest else None, connection=rest[-2] if len(rest) > 1 else None)
    of_items = select(item.c.company, item.c.connection, item.c.debtor).where(item.c.debtor == key, _at(item, homes))
    found = sorted({Debtor(*row) for row in tx.execute(of_items.distinct().limit(_MOST))})
    if not found:
        own = select(customer.c.company, customer.c.connection, customer.c.key)
        own = own.where(customer.c.key == key, customer.c.company != "", _at(customer, homes))
        found = sorted({Debtor(*row) for row in tx.execute(own.distinct().limit(_MOST))})
    return _only(found, f"debtor {named!r}", "COMPANY/KEY")


def open_or_past_item(tx: Connection, named: str) -> Row[Any]:
    """Return the one item that its key, COMPANY/KEY, or its document number names.

    Raises NotFound when there is none, or several.
    """
    company, _, key = named.rpartition("/")
    homes = _homes(tx, company=company or None, connection=None)
    for column in (item.c.key, item.c.document_no):
        found = tx.execute(_named(column.name), {"named": key if company else named, "homes": homes}).all()
        if found:
            keys = [f"{row.company}/{row.key}" for row in found]
            return _only(found, f"item {named!r}", "COMPANY/KEY, with the key", keys)
    raise NotFound(f"there is no item {named!r} in the books.", fix="look it up with `duehook aging` or in the ERP.")


def _homes(tx: Connection, *, company: str | None, connection: str | None) -> list[Home]:
    """Return the (company, connection) pairs to look in: keys are found by both, and there are few."""
    homes = ((home.company, home.connection) for home in tx.execute(_HOMES))
    return [home for home in homes if company in {None, home[0]} and connection in {None, home[1]}]


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
