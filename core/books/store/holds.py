"""Credit holds that Duehook proposed or set, and every state they were in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, func, insert, literal, select, update

from duehook.core.books.tables.dunning import hold, hold_version
from duehook.core.books.tables.imports import company_feed
from duehook.core.books.tables.ledger import customer, payment
from duehook.core.books.upsert import insert_new

ACTIVE: Final = ("proposed", "setting", "set", "release_proposed", "releasing")


def propose(tx: Connection, row: Mapping[str, Any]) -> bool:
    """Write a hold; False when the customer has an active one already."""
    return insert_new(tx, hold, dict(row))


def get(tx: Connection, number: int) -> Row[Any] | None:
    """Return the hold of that number."""
    return tx.execute(select(hold).where(hold.c.id == number)).first()


def of_notice(tx: Connection, notice_id: int) -> Row[Any] | None:
    """Return the hold that was proposed with a notice."""
    statement = select(hold).where(hold.c.notice_id == notice_id).order_by(hold.c.id.desc()).limit(1)
    return tx.execute(statement).first()


def active(tx: Connection, company: str, connection: str, customer_key: str) -> Row[Any] | None:
    """Return the customer's active hold."""
    same = (hold.c.company == company, hold.c.connection == connection, hold.c.customer == customer_key)
    return tx.execute(select(hold).where(*same, hold.c.state.in_(ACTIVE))).first()


def listed(tx: Connection, *, states: Collection[str] = (), company: str | None = None) -> Sequence[Row[Any]]:
    """Return holds in these states, oldest first; all when none is named."""
    statement = select(hold).order_by(hold.c.id)
    if states:
        statement = statement.where(hold.c.state.in_(sorted(states)))
    if company is not None:
        statement = statement.where(hold.c.company == company)
    return tx.execute(statement).all()


def change(tx: Connection, number: int, values: Mapping[str, Any], *, at: datetime, of: Collection[str]) -> bool:
    """Change a hold that is in one of the states `of`, keeping what it was; False when it is not."""
    kept = [column.name for column in hold.c]
    old = select(*hold.c, literal(at, hold_version.c.known_to.type), literal(0)).where(
        hold.c.id == number, hold.c.state.in_(sorted(of))
    )
    tx.execute(insert(hold_version).from_select([*kept, "known_to", "ended_by_run"], old))
    changed = update(hold).where(hold.c.id == number, hold.c.state.in_(sorted(of))).values(**values)
    return tx.execute(changed).rowcount == 1


def erp_value(tx: Connection, company: str, connection: str, customer_key: str) -> str | None:
    """Return the hold value that governs the customer by the last import: the company's own row, else the common."""
    same = (customer.c.connection == connection, customer.c.key == customer_key, customer.c.company.in_((company, "")))
    statement = select(customer.c.hold).where(*same).order_by(customer.c.company.desc()).limit(1)
    return tx.execute(statement).scalar()


def known_at(tx: Connection, company: str, connection: str) -> datetime | None:
    """Return the bound of the connection's last closed import for the company."""
    same = (company_feed.c.company == company, company_feed.c.connection == connection)
    return tx.execute(select(company_feed.c.bound_at).where(*same)).scalar()


def last_released_on(tx: Connection, company: str, connection: str, customer_key: str) -> date | None:
    """Return the day Duehook last released a hold of the customer."""
    same = (hold.c.company == company, hold.c.connection == connection, hold.c.customer == customer_key)
    return tx.execute(select(func.max(hold.c.released_on)).where(*same, hold.c.state == "released")).scalar()


def last_cash_on(tx: Connection, company: str, connection: str, customer_key: str) -> date | None:
    """Return the receipt date of the customer's newest payment that was not reversed."""
    back = payment.alias("back")
    reversed_by = exists().where(
        back.c.company == payment.c.company,
        back.c.connection == payment.c.connection,
        back.c.reversal_of == payment.c.key,
    )
    same = (payment.c.company == company, payment.c.connection == connection, payment.c.customer == customer_key)
    cash = (payment.c.amount > 0, payment.c.reversed_on.is_(None), ~reversed_by)
    return tx.execute(select(func.max(payment.c.received_on)).where(*same, *cash)).scalar()
