"""Notices on their way out: their lines, numbers and addressees, and the levels they move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Update, and_, bindparam, delete, func, select, tuple_, update
from sqlalchemy.sql.dml import ReturningUpdate

from duehook.core.books.tables.dunning import (
    debtor_dunning,
    item_dunning,
    notice,
    notice_line,
    number_series,
    policy_version,
)
from duehook.core.books.tables.imports import company_feed, dunning_lock
from duehook.core.books.tables.ledger import company as company_table
from duehook.core.books.tables.ledger import contact, item
from duehook.core.books.upsert import insert_new, upsert

Notice = Row[Any]
SERIES: Final = "notice"


def notices(tx: Connection, ids: Collection[int]) -> dict[int, Notice]:
    """Return notices by id."""
    return {row.id: row for row in tx.execute(_notices(), {"ids": sorted(ids)})}


@cache
def _notices() -> Select[Any]:
    return select(notice).where(notice.c.id.in_(bindparam("ids", expanding=True)))


def lines(tx: Connection, ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """Return the lines of notices with their items' documents, in the order they are printed."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in tx.execute(_lines(), {"ids": sorted(ids)}):
        found[row.notice_id].append(row)
    return found


@cache
def _lines() -> Select[Any]:
    same = and_(
        notice.c.id == notice_line.c.notice_id,
        item.c.company == notice.c.company,
        item.c.connection == notice.c.connection,
        item.c.key == notice_line.c.item,
    )
    documents = (
        item.c.document_no,
        item.c.document_type,
        item.c.document_on,
        item.c.purchase_order,
        item.c.reference,
        item.c.amount,
        item.c.address,
    )
    return (
        select(notice_line, *documents)
        .select_from(notice_line.join(notice, notice.c.id == notice_line.c.notice_id).join(item, same))
        .where(notice_line.c.notice_id.in_(bindparam("ids", expanding=True)))
        .order_by(notice_line.c.due_on, item.c.document_no, notice_line.c.item)
    )


def numbers_of(tx: Connection, rows: Sequence[Notice], prefix: str) -> dict[int, str]:
    """Return the numbers of notices of one company by their ids, giving its next ones to those that have none yet."""
    ids = [row.id for row in rows]
    numbers = {row.id: str(row.number) for row in tx.execute(_numbers(), {"ids": ids}) if row.number}
    new = [number for number in ids if number not in numbers]
    if new:
        company = rows[0].company
        insert_new(tx, number_series, {"company": company, "name": SERIES, "next": 1})
        after = tx.execute(_next_numbers(), {"of_company": company, "many": len(new)}).scalar_one()
        given = {each: f"{prefix}{number:06d}" for number, each in enumerate(new, after - len(new))}
        tx.execute(_set_number(), [{"the_notice": each, "number": number} for each, number in given.items()])
        numbers |= given
    return numbers


@cache
def _numbers() -> Select[Any]:
    return select(notice.c.id, notice.c.number).where(notice.c.id.in_(bindparam("ids", expanding=True)))


@cache
def _next_numbers() -> ReturningUpdate[Any]:
    same = (number_series.c.company == bindparam("of_company"), number_series.c.name == SERIES)
    following = number_series.c.next + bindparam("many")
    return update(number_series).where(*same).values(next=following).returning(number_series.c.next)


@cache
def _set_number() -> Update:
    return update(notice).where(notice.c.id == bindparam("the_notice"))


def move(tx: Connection, number: int, values: Mapping[str, Any], *, of: Collection[str]) -> bool:
    """Change a notice that is in one of these states; False when it is not."""
    return tx.execute(_move(), {**values, "the_notice": number, "of_states": sorted(of)}).rowcount == 1


@cache
def _move() -> Update:
    in_state = notice.c.state.in_(bindparam("of_states", expanding=True))
    return update(notice).where(notice.c.id == bindparam("the_notice"), in_state)


def raise_levels(tx: Connection, row: Notice, sent_on: date) -> int:
    """Give the notice's items their new levels, and the debtor's clock its day (rule 17).

    A level that a person set while the letter was on its way stays (rule 18). One that a person set
    and freed again is what the line rose from: a cancelled letter goes back to it.
    """
    key = {"company": row.company, "connection": row.connection}
    lines = tx.execute(_own_lines(), {"the_notice": row.id}).all()
    if row.kind == "reminder":
        reminded = [
            {**key, "item": line.item, "level": line.old_level, "hand_set": False, "reminded_on": sent_on}
            for line in lines
        ]
        _note_reminded(tx, reminded)
        return 0
    rising = [line for line in lines if line.rises and not line.hand_set]
    for line in rising:
        if line.level not in (None, line.old_level):
            tx.execute(_note_old_level(), {"the_notice": row.id, "the_item": line.item, "old_level": line.level})
    risen = [
        {**key, "item": line.item, "level": line.new_level, "level_on": sent_on, "hand_set": False, "notice_id": row.id}
        for line in rising
    ]
    upsert(tx, item_dunning, risen)
    upsert(tx, debtor_dunning, [{**key, "debtor": row.debtor, "currency": row.currency, "last_sent_on": sent_on}])
    return len(risen)


@cache
def _own_lines() -> Select[Any]:
    """Lines of a notice beside the level that each item stands at, None where Duehook set none yet."""
    same = (item_dunning.c[name] == notice.c[name] for name in ("company", "connection"))
    joined = notice_line.join(notice, notice.c.id == notice_line.c.notice_id)
    joined = joined.outerjoin(item_dunning, and_(*same, item_dunning.c.item == notice_line.c.item))
    standing = (item_dunning.c.level, item_dunning.c.hand_set)
    mine = notice_line.c.notice_id == bindparam("the_notice")
    return select(notice_line, *standing).select_from(joined).where(mine)


@cache
def _note_old_level() -> Update:
    mine = (notice_line.c.notice_id == bindparam("the_notice"), notice_line.c.item == bindparam("the_item"))
    return update(notice_line).where(*mine)


def _note_reminded(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        if insert_new(tx, item_dunning, row):
            continue
        same = [item_dunning.c[name] == row[name] for name in ("company", "connection", "item")]
        tx.execute(update(item_dunning).where(*same).values(reminded_on=row["reminded_on"]))


def lower_levels(tx: Connection, row: Notice) -> int:
    """Take back what a sent notice moved, where nothing moved it since (rules 17, 18)."""
    lowered = 0
    risen = select(notice_line).where(notice_line.c.notice_id == row.id, notice_line.c.rises)
    for line in tx.execute(risen).all():
        same = (
            item_dunning.c.company == row.company,
            item_dunning.c.connection == row.connection,
            item_dunning.c.item == line.item,
            item_dunning.c.notice_id == row.id,
        )
        before = _sent_before(tx, row, line.item)
        values = {
            "level": line.old_level,
            "level_on": before.sent_on if before else None,
            "notice_id": before.id if before else None,
        }
        lowered += tx.execute(update(item_dunning).where(*same).values(**values)).rowcount
    if row.kind == "reminder":
        _forget_reminded(tx, row)
    else:
        _turn_clock_back(tx, row)
    return lowered


def _forget_reminded(tx: Connection, row: Notice) -> None:
    named = select(notice_line.c.item).where(notice_line.c.notice_id == row.id)
    same = (
        item_dunning.c.company == row.company,
        item_dunning.c.connection == row.connection,
        item_dunning.c.item.in_(named),
        item_dunning.c.reminded_on == row.sent_on,
    )
    tx.execute(update(item_dunning).where(*same).values(reminded_on=None))


def taken_back(tx: Connection, row: Notice) -> int:
    """Count the notices of the same account, kind and day that were sent and then cancelled."""
    names = ("company", "connection", "debtor", "currency", "item", "kind", "as_of")
    same = [notice.c[name] == getattr(row, name) for name in names]
    back = (notice.c.id != row.id, notice.c.state == "cancelled", notice.c.sent_on.is_not(None))
    return int(tx.execute(select(func.count()).select_from(notice).where(*same, *back)).scalar_one())


def _sent_before(tx: Connection, row: Notice, item_key: str) -> Any:
    """Return the last other notice that was sent and let this item rise."""
    statement = (
        select(notice.c.id, notice.c.sent_on)
        .join(notice_line, notice_line.c.notice_id == notice.c.id)
        .where(*_others_sent(row), notice_line.c.item == item_key, notice_line.c.rises)
        .order_by(notice.c.sent_on.desc(), notice.c.id.desc())
        .limit(1)
    )
    return tx.execute(statement).first()


def _others_sent(row: Notice) -> tuple[Any, ...]:
    same = [notice.c[name] == getattr(row, name) for name in ("company", "connection", "debtor", "currency")]
    return (*same, notice.c.id != row.id, notice.c.state == "sent", notice.c.kind != "reminder")


def _turn_clock_back(tx: Connection, row: Notice) -> None:
    last = tx.execute(select(func.max(notice.c.sent_on)).where(*_others_sent(row))).scalar()
    names = ("company", "connection", "debtor", "currency")
    same = [debtor_dunning.c[name] == getattr(row, name) for name in names]
    if last is None:
        tx.execute(delete(debtor_dunning).where(*same, debtor_dunning.c.last_sent_on == row.sent_on))
    else:
        tx.execute(update(debtor_dunning).where(*same).values(last_sent_on=last))


def contacts(
    tx: Connection, company: str, customers: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[Row[Any]]]:
    """Return the contacts of customers (connection, key) that count in the company, its own first."""
    named = tuple_(contact.c.connection, contact.c.customer).in_(sorted(customers))
    here = contact.c.company.in_((company, ""))
    found: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in tx.execute(select(contact).where(named, here).order_by(contact.c.company.desc(), contact.c.key)):
        found[row.connection, row.customer].append(row)
    return found


def company_row(tx: Connection, company: str, connection: str) -> Row[Any] | None:
    """Return what the ERP says of the creditor."""
    same = (company_table.c.company == company, company_table.c.connection == connection)
    return tx.execute(select(company_table).where(*same)).first()


def policy_bodies(tx: Connection, hashes: Collection[str]) -> dict[str, str]:
    """Return the adopted policies' texts by hash."""
    wanted = policy_version.c.hash.in_(sorted(hashes))
    return {row.hash: row.body for row in tx.execute(select(policy_version).where(wanted))}


def feeds(tx: Connection, company: str) -> dict[str, Row[Any]]:
    """Return the last closed import of each connection that feeds the company."""
    rows = tx.execute(select(company_feed).where(company_feed.c.company == company))
    return {row.connection: row for row in rows}


def lock_of(tx: Connection, company: str) -> str | None:
    """Return why the company's dunning is locked, None when it is not."""
    return tx.execute(select(dunning_lock.c.reason).where(dunning_lock.c.company == company)).scalar()
