"""Find what a person names: a debtor by its key, an item by its key or document number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, Select, select

from duehook.core.books.tables.ledger import customer, item
from duehook.core.errors import NotFound

_MOST = 6
Found = TypeVar("Found")


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
    company, connection = (rest[-1] if rest else None), (rest[-2] if len(rest) > 1 else None)
    with_items = _where(
        select(item.c.company, item.c.connection, item.c.debtor),
        item,
        "debtor",
        key=key,
        company=company,
        connection=connection,
    )
    found = sorted({Debtor(*row) for row in tx.execute(with_items.distinct())})
    if not found:
        as_customer = _where(
            select(customer.c.company, customer.c.connection, customer.c.key),
            customer,
            "key",
            key=key,
            company=company,
            connection=connection,
        )
        found = sorted({Debtor(*row) for row in tx.execute(as_customer.where(customer.c.company != "").distinct())})
    return _only(found, f"debtor {named!r}", "COMPANY/KEY")


def open_or_past_item(tx: Connection, named: str) -> Row[Any]:
    """Return the one item that its key, COMPANY/KEY, or its document number names.

    Raises NotFound when there is none, or several.
    """
    company, _, key = named.rpartition("/")
    for column in ("key", "document_no"):
        found = tx.execute(
            _where(select(item), item, column, key=key if company else named, company=company or None, connection=None)
        ).all()
        if found:
            return _only(
                found, f"item {named!r}", "COMPANY/KEY, with the key", [f"{row.company}/{row.key}" for row in found]
            )
    raise NotFound(f"there is no item {named!r} in the books.", fix="look it up with `duehook aging` or in the ERP.")


def _where(
    statement: Select[Any], table: Any, column: str, *, key: str, company: str | None, connection: str | None
) -> Select[Any]:
    wanted = [table.c[column] == key]
    wanted += [table.c.company == company] if company else []
    wanted += [table.c.connection == connection] if connection else []
    return statement.where(*wanted).limit(_MOST)


def _only(found: Sequence[Found], what: str, say: str, names: Sequence[str] | None = None) -> Found:
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"there is no {what} in the books.", fix="check the key, or import first.")
    listed = ", ".join(names or [str(one) for one in found])
    raise NotFound(f"{what} is more than one: {listed}.", fix=f"name it as {say}.")
