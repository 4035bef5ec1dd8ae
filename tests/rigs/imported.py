"""What the import tests share: a connection `erp` that is loaded from literal rows, and looks into the books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from duehook.core.books import Books
from duehook.core.books.tables import metadata
from duehook.core.books.tables.ledger import item as item_table
from duehook.core.hookspecs import Source
from duehook.core.runs.imports import ImportReport, ImportRules, import_connection

from .literal_source import AS_OF, LiteralSource, context, customer

OPEN = Decimal("1")  # a drop of everything is no drop


def load(books: Books, source: Source, **given: Any) -> ImportReport:
    given.setdefault("rules", ImportRules(balance_drop=OPEN, bad_rows=OPEN))
    return import_connection(books, "erp", [source], given.pop("context", context()), as_of=AS_OF, **given)


def source_of(*items: Any, size: int = 2) -> LiteralSource:
    return LiteralSource(size, customer=[customer("A")], item=list(items))


def items(books: Books, *columns: str) -> list[tuple[Any, ...]]:
    """Return the items in key order by these columns."""
    wanted = select(*(item_table.c[name] for name in columns)).order_by(item_table.c.company, item_table.c.key)
    with books.read() as tx:
        return [tuple(row) for row in tx.execute(wanted)]


def state_of(books: Books, key: str) -> str:
    with books.read() as tx:
        return str(tx.execute(select(item_table.c.state).where(item_table.c.key == key)).scalar_one())


def count(books: Books, table: Any) -> int:
    with books.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def ledger(books: Books, *, without: tuple[str, ...] = ("known_from", "run_id")) -> dict[str, list[tuple[Any, ...]]]:
    """Return every ledger table as rows, but for who wrote them when."""
    told = {}
    with books.read() as tx:
        for name in ("company", "payment_term", "customer", "contact", "item", "payment", "allocation"):
            table = metadata.tables[name]
            columns = [column for column in table.columns if column.name not in without]
            told[name] = sorted(map(tuple, tx.execute(select(*columns))), key=repr)
    return told


def allocation(key: str, item_key: str, amount: str) -> dict[str, Any]:
    return {
        "company": "01",
        "key": key,
        "item": item_key,
        "kind": "cash",
        "currency": "EUR",
        "amount": Decimal(amount),
        "allocated_on": date(2026, 2, 1),
    }


def payment(key: str, amount: str) -> dict[str, Any]:
    return {
        "company": "01",
        "key": key,
        "customer": "A",
        "currency": "EUR",
        "amount": Decimal(amount),
        "received_on": date(2026, 2, 1),
    }


class Killed(BaseException):
    """Stands for a process that ends in the middle."""


def kill_at(stream: str, number: int) -> Callable[[str, int], None]:
    def kill(at: str, page: int) -> None:
        if (at, page) == (stream, number):
            raise Killed

    return kill
