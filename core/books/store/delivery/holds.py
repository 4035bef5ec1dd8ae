"""Credit holds that Duehook proposed or set, and every state they were in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from duehook.core.books.store.accounts import governing_customers
from duehook.core.books.tables.dunning import hold, hold_version, notice
from duehook.core.books.tables.imports import company_feed, import_run
from duehook.core.books.tables.ledger import payment
from duehook.core.books.tables.ops import outbox
from duehook.core.books.upsert import insert_new

Who = tuple[str, str]  # connection, key
RELEASE: Final = "release_credit_hold"
ACTIVE: Final = ("proposed", "setting", "set", "release_proposed", "releasing")
STATES: Final = (*ACTIVE, "released", "would_be", "refused", "dropped", "drifted")


def propose(tx: Connection, row: Mapping[str, Any]) -> bool:
    """Write a hold; False when the customer has an active one already."""
    return insert_new(tx, hold, dict(row))


def get(tx: Connection, number: int) -> Row[Any] | None:
    """Return the hold of that number."""
    return tx.execute(select(hold).where(hold.c.id == number)).first()


def of_notice(tx: Connection, notice_id: int) -> Row[Any] | None:
    """Return the hold that was proposed with a notice."""
    return tx.execute(_of_notice(), {"the_notice": notice_id}).first()


@cache
def _of_notice() -> Select[Any]:
    return select(hold).where(hold.c.notice_id == bindparam("the_notice")).order_by(hold.c.id.desc()).limit(1)


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
    given = {"number": number, "of_states": sorted(of)}
    tx.execute(_kept(), {**given, "until": at})
    return tx.execute(_changed(), {**values, **given}).rowcount == 1


@cache
def _kept() -> Insert:
    kept = [column.name for column in hold.c]
    until = bindparam("until", type_=hold_version.c.known_to.type)
    old = select(*hold.c, until, literal(0)).where(*_number_in_states())
    return insert(hold_version).from_select([*kept, "known_to", "ended_by_run"], old)


@cache
def _changed() -> Update:
    return update(hold).where(*_number_in_states())


def _number_in_states() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return hold.c.id == bindparam("number"), hold.c.state.in_(bindparam("of_states", expanding=True))


def erp_value(tx: Connection, company: str, connection: str, customer_key: str) -> str | None:
    """Return the hold value that governs the customer by the last import: the company's own row, else the common."""
    row = governing_customers(tx, company, [(connection, customer_key)]).get((connection, customer_key))
    return None if row is None else row.hold


def read_since(tx: Connection, company: str, connections: Collection[str]) -> dict[str, datetime]:
    """Return when each connection's last closed import for the company began, by our own clock.

    What was written into the ERP before is in it, whatever the ERP's clock says.
    """
    closed = (
        import_run.c.connection == company_feed.c.connection,
        import_run.c.generation == company_feed.c.generation,
    )
    ours = (company_feed.c.company == company, company_feed.c.connection.in_(sorted(connections)))
    begun = select(company_feed.c.connection, import_run.c.started_at).join(import_run, and_(*closed)).where(*ours)
    return {row.connection: row.started_at for row in tx.execute(begun)}


def settled_at(tx: Connection, holds: Collection[int]) -> dict[int, datetime]:
    """Return when the ERP last answered for each of these holds that are set: it was set, or not released."""
    refused = (outbox.c.kind == RELEASE, outbox.c.subject_id == hold.c.id, outbox.c.state == "failed")
    answered = select(func.max(outbox.c.settled_at)).where(*refused).scalar_subquery()
    ours = (hold.c.id.in_(sorted(holds)), hold.c.set_at.is_not(None))
    rows = tx.execute(select(hold.c.id, hold.c.set_at, answered.label("refused_at")).where(*ours))
    return {row.id: max(row.set_at, row.refused_at or row.set_at) for row in rows}


def latest_policies(tx: Connection, companies: Collection[str], debtors: Collection[Who]) -> dict[str, dict[Who, str]]:
    """Return by company the policy's hash of each debtor's newest notice."""
    connections, keys = {connection for connection, _ in debtors}, {key for _, key in debtors}
    theirs = (
        notice.c.company.in_(sorted(companies)),
        notice.c.connection.in_(sorted(connections)),
        notice.c.debtor.in_(sorted(keys)),
    )
    columns = (notice.c.company, notice.c.connection, notice.c.debtor, notice.c.policy_hash)
    found: dict[str, dict[Who, str]] = defaultdict(dict)
    for row in tx.execute(select(*columns).where(*theirs).order_by(notice.c.id)):
        if (row.connection, row.debtor) in debtors:
            found[row.company][row.connection, row.debtor] = row.policy_hash
    return found


def last_released_on(tx: Connection, company: str, connection: str, customer_key: str) -> date | None:
    """Return the day Duehook last released a hold of the customer."""
    same = (hold.c.company == company, hold.c.connection == connection, hold.c.customer == customer_key)
    return tx.execute(select(func.max(hold.c.released_on)).where(*same, hold.c.state == "released")).scalar()


def last_cash_on(tx: Connection, company: str, customers: Collection[Who]) -> dict[Who, date]:
    """Return the receipt date of each customer's newest payment that was not reversed."""
    back = payment.alias("back")
    reversed_by = exists().where(
        back.c.company == payment.c.company,
        back.c.connection == payment.c.connection,
        back.c.reversal_of == payment.c.key,
    )
    theirs = tuple_(payment.c.connection, payment.c.customer).in_(sorted(customers))
    cash = (payment.c.amount > 0, payment.c.reversed_on.is_(None), ~reversed_by)
    newest = select(payment.c.connection, payment.c.customer, func.max(payment.c.received_on).label("on"))
    statement = newest.where(payment.c.company == company, theirs, *cash)
    rows = tx.execute(statement.group_by(payment.c.connection, payment.c.customer))
    return {(row.connection, row.customer): row.on for row in rows}
