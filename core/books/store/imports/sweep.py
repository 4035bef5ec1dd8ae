"""The sweep: which rows the source no longer lists, and what becomes of them (rule 15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, literal, select, tuple_, update

from duehook.core.books import bulk
from duehook.core.books.tables.imports import quarantine, sweep_key
from duehook.core.books.tables.ledger import customer, in_state, item
from duehook.core.records import Stream

from .import_runs import in_company_currency
from .merge import Stamp, touch
from .stage import shape

Key = tuple[str, str]


def clear(tx: Connection, connection: str) -> None:
    """Empty the connection's listing."""
    tx.execute(delete(sweep_key).where(sweep_key.c.connection == connection))


def add(tx: Connection, connection: str, keys: Sequence[Key]) -> None:
    """Add keys, by our company code, to the listing."""
    companies, names = zip(*keys, strict=True) if keys else ((), ())
    bulk.load(tx, sweep_key, {"connection": [connection] * len(keys), "company": companies, "key": names})
    bulk.know(tx, sweep_key)


def _listed(table: Any) -> ColumnElement[bool]:
    return exists().where(
        sweep_key.c.connection == table.c.connection,
        sweep_key.c.company == table.c.company,
        sweep_key.c.key == table.c.key,
    )


def balances_after(tx: Connection, connection: str, *, swept: bool) -> dict[tuple[str, str], int]:
    """Return what would stay open as `imports.balances` counts, were the unlisted items gone."""
    currency, amount = in_company_currency()
    group = (item.c.company, currency)
    wanted = [item.c.connection == connection, in_state(item, "open"), *([_listed(item)] if swept else [])]
    rows = tx.execute(select(*group, func.sum(amount)).where(*wanted).group_by(*group))
    return {(company, currency): int(balance) for company, currency, balance in rows}


def vanished_items(tx: Connection, connection: str, most: int) -> list[Key]:
    """Return keys of open items that are not listed, at most that many."""
    wanted = (item.c.connection == connection, in_state(item, "open"), ~_listed(item))
    return _keys(tx, select(item.c.company, item.c.key).where(*wanted).limit(most))


def count_vanished(tx: Connection, connection: str) -> int:
    """Count the open items that are not listed."""
    wanted = (item.c.connection == connection, in_state(item, "open"), ~_listed(item))
    return int(tx.execute(select(func.count()).select_from(item).where(*wanted)).scalar_one())


def gone_items(tx: Connection, connection: str, after: Key, most: int) -> list[Key]:
    """Return keys of items that are gone and not looked up yet, in key order behind `after`."""
    key = tuple_(item.c.company, item.c.key)
    wanted = (item.c.connection == connection, in_state(item, "gone"), key > after)
    return _keys(tx, select(item.c.company, item.c.key).where(*wanted).order_by(item.c.company, item.c.key).limit(most))


def listed_but_not_open(tx: Connection, connection: str, after: Key, most: int) -> list[Key]:
    """Return listed keys of items that we do not hold as open, in key order behind `after`.

    A change that committed late, or a row that came back, is found this way. Rows that wait in
    quarantine are left to `retry`.
    """
    key = tuple_(sweep_key.c.company, sweep_key.c.key)
    held = exists().where(
        item.c.connection == connection,
        item.c.company == sweep_key.c.company,
        item.c.key == sweep_key.c.key,
        in_state(item, "open"),
    )
    order = (sweep_key.c.company, sweep_key.c.key)
    parked = exists().where(
        quarantine.c.connection == connection,
        quarantine.c.stream == "item",
        quarantine.c.state == "parked",
        quarantine.c.company == sweep_key.c.company,
        quarantine.c.key == sweep_key.c.key,
    )
    wanted = (sweep_key.c.connection == connection, key > after, ~held, ~parked)
    return _keys(tx, select(*order).where(*wanted).distinct().order_by(*order).limit(most))


def set_state(tx: Connection, keys: Sequence[Key], stamp: Stamp, state: str) -> int:
    """Give these items a state, keeping what they were as versions and noting their debtors."""
    moved = and_(
        item.c.connection == stamp.connection, tuple_(item.c.company, item.c.key).in_(list(keys)), item.c.state != state
    )
    _keep(tx, "item", moved, stamp)
    touch(tx, select(item.c.company, literal(stamp.run_id), item.c.connection, item.c.debtor).where(moved))
    values = {"state": state, "known_from": stamp.at, "run_id": stamp.run_id}
    return tx.execute(update(item).where(moved).values(values)).rowcount


def drop_unlisted(tx: Connection, stream: Stream, stamp: Stamp) -> int:
    """Take unlisted rows of a stream other than items out of the books.

    A customer stays, as a placeholder, because items and history hang on it.
    """
    table = shape(stream).table
    moved = and_(table.c.connection == stamp.connection, ~_listed(table))
    if stream == "customer":
        moved = and_(moved, ~customer.c.placeholder)
    _keep(tx, stream, moved, stamp)
    if stream == "allocation":
        _touch_allocations(tx, moved, stamp)
    if stream == "payment":
        touch(tx, select(table.c.company, literal(stamp.run_id), table.c.connection, table.c.customer).where(moved))
    if stream == "customer":
        values = {"placeholder": True, "known_from": stamp.at, "run_id": stamp.run_id}
        return tx.execute(update(table).where(moved).values(values)).rowcount
    return tx.execute(delete(table).where(moved)).rowcount


def _touch_allocations(tx: Connection, moved: ColumnElement[bool], stamp: Stamp) -> None:
    table = shape("allocation").table
    same_item = and_(
        item.c.company == table.c.company, item.c.connection == table.c.connection, item.c.key == table.c.item
    )
    touch(tx, select(item.c.company, literal(stamp.run_id), item.c.connection, item.c.debtor).where(same_item, moved))


def _keep(tx: Connection, stream: Stream, moved: ColumnElement[bool], stamp: Stamp) -> None:
    of = shape(stream)
    if of.version is None:
        return
    names = [column.name for column in of.table.columns]
    old = select(
        *(of.table.c[name] for name in names),
        literal(stamp.at, of.version.c.known_to.type),
        literal(stamp.run_id),
    ).where(moved)
    tx.execute(insert(of.version).from_select([*names, "known_to", "ended_by_run"], old))


def _keys(tx: Connection, statement: Any) -> list[Key]:
    return [(company, key) for company, key in tx.execute(statement)]
