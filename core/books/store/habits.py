"""How debtors pay, in the books: what was applied and received, and the stored habits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, delete, func, select, tuple_, union_all

from duehook.core.books.tables.dunning import payment_habit
from duehook.core.books.tables.ledger import allocation, item, payment

_AT_ONCE: Final = 5_000
Account = tuple[str, str, str, str]  # company, connection, debtor, currency


def applied_cash(tx: Connection, company: str, debtors: Select[Any] | None) -> Iterator[Row[Any]]:
    """Yield (connection, debtor, currency, amount, paid_on, document_on, due_on), ordered by debtor.

    Cash applied to invoices; where the source gives no allocations of an item, the day it was
    cleared stands for them with its whole amount. None means every debtor.
    """
    given = (item.c.connection, item.c.debtor, item.c.currency)
    same = and_(
        allocation.c.company == item.c.company,
        allocation.c.connection == item.c.connection,
        allocation.c.item == item.c.key,
    )
    wanted = [item.c.company == company, item.c.amount > 0]
    wanted += [] if debtors is None else [tuple_(item.c.connection, item.c.debtor).in_(debtors)]
    paid_on = func.coalesce(payment.c.received_on, allocation.c.allocated_on)
    by_payment = and_(
        payment.c.company == allocation.c.company,
        payment.c.connection == allocation.c.connection,
        payment.c.key == allocation.c.payment,
    )
    applied = (
        select(*given, allocation.c.amount, paid_on.label("paid_on"), item.c.document_on, item.c.due_on)
        .select_from(item.join(allocation, same).outerjoin(payment, by_payment))
        .where(*wanted, allocation.c.kind == "cash")
    )
    cleared = select(*given, item.c.amount, item.c.cleared_on, item.c.document_on, item.c.due_on).where(
        *wanted,
        item.c.state == "cleared",
        item.c.cleared_on.is_not(None),
        ~select(allocation.c.key).where(same).exists(),
    )
    rows = union_all(applied, cleared).order_by("connection", "debtor", "currency")
    yield from tx.execute(rows.execution_options(yield_per=_AT_ONCE))


def received(tx: Connection, company: str, debtors: Select[Any] | None) -> Iterator[Row[Any]]:
    """Yield (connection, customer, currency, amount, received_on, reversed_on), ordered by customer."""
    wanted = [payment.c.company == company]
    wanted += [] if debtors is None else [tuple_(payment.c.connection, payment.c.customer).in_(debtors)]
    columns = (payment.c.amount, payment.c.received_on, payment.c.reversed_on)
    rows: Select[Any] = (
        select(payment.c.connection, payment.c.customer, payment.c.currency, *columns)
        .where(*wanted)
        .order_by(payment.c.connection, payment.c.customer, payment.c.currency)
    )
    yield from tx.execute(rows.execution_options(yield_per=_AT_ONCE))


def replace(tx: Connection, company: str, debtors: Select[Any] | None, habits: list[dict[str, Any]]) -> None:
    """Store these habits in place of what is stored of the debtors (None: of all)."""
    wanted = [payment_habit.c.company == company]
    if debtors is not None:
        wanted.append(tuple_(payment_habit.c.connection, payment_habit.c.debtor).in_(debtors))
    tx.execute(delete(payment_habit).where(*wanted))
    for start in range(0, len(habits), _AT_ONCE):
        tx.execute(payment_habit.insert(), habits[start : start + _AT_ONCE])


def stored(tx: Connection, company: str | None = None) -> dict[Account, Row[Any]]:
    """Return the stored habits by (company, connection, debtor, currency), of one company or of all."""
    rows = select(payment_habit)
    rows = rows if company is None else rows.where(payment_habit.c.company == company)
    return {(row.company, row.connection, row.debtor, row.currency): row for row in tx.execute(rows)}
