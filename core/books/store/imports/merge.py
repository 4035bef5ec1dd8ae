"""Merge a staged page into the ledger: compare, keep the old rows as versions, write what differs.

One left join finds what is new and what differs; everything after it touches only those rows, so
the same page twice writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union,
    update,
)

from duehook.core.books import bulk
from duehook.core.books.tables.imports import touched_debtor
from duehook.core.books.tables.ledger import customer, item
from duehook.core.books.upsert import insert as insert_on_conflict

from .stage import Shape, change

_DEBTORS: Final = ("company", "run_id", "connection", "debtor")


@dataclass(frozen=True)
class Stamp:
    """Which run writes, when, and which day it writes for."""

    connection: str
    run_id: int
    at: datetime
    as_of: date


@dataclass(frozen=True)
class Merged:
    """What a page did to the ledger."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    placeholders: int = 0


def merge(tx: Connection, of: Shape, stamp: Stamp, staged: int) -> Merged:
    """Merge the staged rows; `staged` is how many there are."""
    new, changed = _compare(tx, of)
    if not new and not changed:
        return Merged(unchanged=staged)
    if changed:
        _keep_versions(tx, of, stamp)
        _touch_former_debtors(tx, of, stamp)
        _update(tx, of, stamp)
    if new:
        _insert(tx, of, stamp, all_new=new == staged)
    _touch_debtors(tx, of, stamp)
    placeholders = _settle_placeholders(tx, of, stamp)
    return Merged(new, changed, staged - new - changed, placeholders)


def same(of: Shape) -> ColumnElement[bool]:
    """Return the join of a stage with its ledger table by key."""
    names = [column.name for column in of.table.primary_key]
    return and_(*(of.table.c[name] == of.stage.c[name] for name in names))


def _compare(tx: Connection, of: Shape) -> tuple[int, int]:
    """Note in the change table what is new and what differs; return how many of each."""
    first = next(iter(of.table.primary_key))
    is_new = of.table.c[first.name].is_(None)
    differs = or_(*(of.table.c[name].is_distinct_from(of.stage.c[name]) for name in of.compared))
    found = (
        select(of.stage.c.n, case((is_new, 1), else_=0))
        .select_from(of.stage.outerjoin(of.table, same(of)))
        .where(or_(is_new, differs))
    )
    tx.execute(insert(change).from_select(["n", "is_new"], found))
    counted = tx.execute(select(func.count(), func.coalesce(func.sum(change.c.is_new), 0)).select_from(change)).one()
    return int(counted[1]), int(counted[0]) - int(counted[1])


def _changed(of: Shape) -> ColumnElement[bool]:
    """Return the condition under which a ledger row is one that the stage changes."""
    return and_(same(of), of.stage.c.n == change.c.n, change.c.is_new == 0)


def _keep_versions(tx: Connection, of: Shape, stamp: Stamp) -> None:
    if of.version is None:
        return
    names = [column.name for column in of.table.columns]
    old = select(
        *(of.table.c[name] for name in names),
        literal(stamp.at, of.version.c.known_to.type),
        literal(stamp.run_id),
    ).where(_changed(of))
    tx.execute(insert(of.version).from_select([*names, "known_to", "ended_by_run"], old))


def _update(tx: Connection, of: Shape, stamp: Stamp) -> None:
    values: dict[str, Any] = {name: of.stage.c[name] for name in (*of.compared, "changed_at")}
    values |= {"known_from": stamp.at, "run_id": stamp.run_id}
    if of.table is item:
        values["reopened_on"] = case((_reopened(of, stamp), stamp.as_of), else_=item.c.reopened_on)
    tx.execute(update(of.table).values(values).where(_changed(of)))


def _reopened(of: Shape, stamp: Stamp) -> ColumnElement[bool]:
    """Say that a settled item is owed again (rule 16).

    It is when less of it is settled than before, or when it comes back from another state; not
    when it was gone for moments within this very run.
    """
    new = of.stage.c
    settled = func.abs(item.c.amount - item.c.open_amount)
    grew = and_(
        func.abs(new.open_amount) > func.abs(item.c.open_amount), func.abs(new.amount - new.open_amount) < settled
    )
    blinked = and_(item.c.state == "gone", item.c.run_id == stamp.run_id)
    return and_(new.state == "open", or_(grew, and_(item.c.state != "open", ~blinked)))


def _insert(tx: Connection, of: Shape, stamp: Stamp, *, all_new: bool) -> None:
    rows = select(
        *(of.stage.c[name] for name in of.columns),
        literal(stamp.at, of.table.c.known_from.type),
        literal(stamp.run_id),
    )
    if not all_new:
        rows = rows.where(of.stage.c.n == change.c.n, change.c.is_new == 1)
    tx.execute(insert(of.table).from_select([*of.columns, "known_from", "run_id"], rows))


def _touch_former_debtors(tx: Connection, of: Shape, stamp: Stamp) -> None:
    """Note the debtors that changed rows had before: one that lost an item or a payment is touched too."""
    run, held = literal(stamp.run_id), of.table.c
    if of.stream == "item":
        touch(tx, select(held.company, run, held.connection, held.debtor).where(_changed(of)))
    if of.stream == "payment":
        touch(tx, select(held.company, run, held.connection, held.customer).where(_changed(of)))
    if of.stream == "allocation":
        touch(tx, _debtors_of_allocations(of.table, run).where(_changed(of)))


def _touch_debtors(tx: Connection, of: Shape, stamp: Stamp) -> None:
    stage, run = of.stage, literal(stamp.run_id)
    moved = stage.c.n == change.c.n
    if of.stream == "item":
        touch(tx, select(stage.c.company, run, stage.c.connection, stage.c.debtor).where(moved))
    if of.stream == "payment":
        touch(tx, select(stage.c.company, run, stage.c.connection, stage.c.customer).where(moved))
    if of.stream == "allocation":
        touch(tx, _debtors_of_allocations(stage, run).where(moved))


def _debtors_of_allocations(table: Table, run: ColumnElement[int]) -> Select[Any]:
    joined = and_(
        item.c.company == table.c.company, item.c.connection == table.c.connection, item.c.key == table.c.item
    )
    return select(item.c.company, run, item.c.connection, item.c.debtor).where(joined)


def touch(tx: Connection, debtors: Select[Any]) -> None:
    """Note (company, run, connection, debtor) rows as touched, once each."""
    statement = insert_on_conflict(tx, touched_debtor).from_select(list(_DEBTORS), debtors.distinct())
    tx.execute(statement.on_conflict_do_nothing())


def _settle_placeholders(tx: Connection, of: Shape, stamp: Stamp) -> int:
    if of.stream == "item":
        return _add_placeholders(tx, of, stamp)
    if of.stream == "customer":
        _drop_placeholders(tx, of)
    return 0


def _add_placeholders(tx: Connection, of: Shape, stamp: Stamp) -> int:
    """Add a customer for each item whose customer or debtor is unknown, so that it loads (rule 9)."""
    bulk.know(tx, customer)
    moved = of.stage.c.n == change.c.n
    named = union(
        *(select(of.stage.c.company, of.stage.c[name].label("key")).where(moved) for name in ("customer", "debtor"))
    ).subquery()
    filled = {
        "connection": literal(stamp.connection),
        "name": named.c.key,
        "state": literal("active"),
        "placeholder": true(),
        "known_from": literal(stamp.at, customer.c.known_from.type),
        "run_id": literal(stamp.run_id),
    }
    unknown = [~_known_customer(stamp.connection, company, named.c.key) for company in (named.c.company, literal(""))]
    rows = select(named.c.company, named.c.key, *filled.values()).where(*unknown)
    statement = insert(customer).from_select(["company", "key", *filled], rows)
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _known_customer(connection: str, company: ColumnElement[str], key: ColumnElement[str]) -> ColumnElement[bool]:
    same_key = (customer.c.company == company, customer.c.connection == connection, customer.c.key == key)
    return exists().where(*same_key)


def _drop_placeholders(tx: Connection, of: Shape) -> None:
    """Drop placeholders whose customer came as the row that governs every company."""
    stage = of.stage
    arrived = exists().where(
        stage.c.n == change.c.n,
        stage.c.company == "",
        stage.c.connection == customer.c.connection,
        stage.c.key == customer.c.key,
    )
    tx.execute(customer.delete().where(customer.c.placeholder, customer.c.company != "", arrived))
