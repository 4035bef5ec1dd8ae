"""The tie-out's comparison: what the source says is open against what the books hold open (rule 14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
)

from duehook.core.books import bulk
from duehook.core.books.tables.imports import dunning_lock, quarantine, source_total, tie_out, tie_out_line
from duehook.core.books.tables.ledger import item
from duehook.core.books.upsert import upsert

Key = tuple[str, str]
IN_FLIGHT: Final = "changed after the import's bound"
PARKED: Final = "in quarantine"
LEFT_OUT: Final = "class left out by the settings"


def clear(tx: Connection, connection: str) -> None:
    """Empty the connection's stage."""
    tx.execute(delete(source_total).where(source_total.c.connection == connection))


def add(tx: Connection, connection: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Add totals to the stage, as columns of database values."""
    rows = len(columns["document"])
    bulk.load(tx, source_total, {"connection": [connection] * rows, **columns})
    bulk.know(tx, source_total)


def told_twice(tx: Connection, connection: str) -> Key | None:
    """Return a document that the source listed twice, where there is one."""
    group = (source_total.c.company, source_total.c.document)
    twice = select(*group).where(source_total.c.connection == connection).group_by(*group).having(func.count() > 1)
    row = tx.execute(twice.limit(1)).first()
    return None if row is None else (row.company, row.document)


def differing(tx: Connection, connection: str, companies: Collection[str]) -> list[Key]:
    """Return the documents that differ and are not in flight by the source's own word."""
    rows = _differences(connection, companies).subquery()
    wanted = select(rows.c.company, rows.c.document).where(~rows.c.in_flight)
    return [(company, document) for company, document in tx.execute(wanted.order_by(*wanted.selected_columns))]


def _differences(connection: str, companies: Collection[str]) -> Any:
    """Select every document whose open amount, class or currency the two sides tell differently."""
    known = and_(_open(connection), item.c.company == source_total.c.company, item.c.key == source_total.c.document)
    theirs = (
        select(
            source_total.c.company,
            source_total.c.document,
            source_total.c.item_class,
            source_total.c.currency,
            func.coalesce(item.c.open_amount, 0).label("ours"),
            source_total.c.open_amount.label("theirs"),
            item.c.company_open_amount.label("ours_company"),
            source_total.c.company_open_amount.label("theirs_company"),
            source_total.c.company_currency,
            source_total.c.in_flight,
        )
        .select_from(source_total.outerjoin(item, known))
        .where(source_total.c.connection == connection, source_total.c.company.in_(sorted(companies)), _told_apart())
    )
    told = exists().where(
        source_total.c.connection == connection,
        source_total.c.company == item.c.company,
        source_total.c.document == item.c.key,
    )
    only_ours = select(
        item.c.company,
        item.c.key,
        item.c.item_class,
        item.c.currency,
        item.c.open_amount,
        literal(0),
        item.c.company_open_amount,
        cast(null(), BigInteger),
        item.c.company_currency,
        literal(False),
    ).where(_open(connection), item.c.company.in_(sorted(companies)), ~told)
    return union_all(theirs, only_ours)


def _open(connection: str) -> ColumnElement[bool]:
    return and_(item.c.connection == connection, item.c.state == "open")


def _told_apart() -> ColumnElement[bool]:
    both = and_(item.c.company_open_amount.is_not(None), source_total.c.company_open_amount.is_not(None))
    return or_(
        func.coalesce(item.c.open_amount, 0) != source_total.c.open_amount,
        and_(both, item.c.company_open_amount != source_total.c.company_open_amount),
        item.c.item_class != source_total.c.item_class,
        item.c.currency != source_total.c.currency,
    )


def write(
    tx: Connection,
    row: Mapping[str, Any],
    *,
    bound_at: datetime,
    left_out: Collection[str],
) -> int:
    """Write one company's tie-out with a line a differing document, each explained or not; return its id."""
    company, connection = row["company"], row["connection"]
    (number,) = tx.execute(tie_out.insert(), row).inserted_primary_key or (0,)
    found = _differences(connection, [company]).subquery()
    named = ("document", "item_class", "currency", "ours", "theirs", "ours_company", "theirs_company")
    columns = (*named, "company_currency")
    why = _explanation(found, connection, bound_at, left_out=left_out)
    lines = select(literal(number), *(found.c[name] for name in columns), why)
    tx.execute(insert(tie_out_line).from_select(["tie_out_id", *columns, "explained_by"], lines))
    state = _state(tx, number)
    tx.execute(tie_out.update().where(tie_out.c.id == number).values(state=state))
    _lock_or_lift(tx, company, row["made_at"])
    return int(number)


def _explanation(
    found: Any, connection: str, bound_at: datetime, *, left_out: Collection[str]
) -> ColumnElement[str | None]:
    later = exists().where(
        item.c.company == found.c.company,
        item.c.connection == connection,
        item.c.key == found.c.document,
        item.c.changed_at > bound_at,
    )
    parked = exists().where(
        quarantine.c.connection == connection,
        quarantine.c.stream == "item",
        quarantine.c.state == "parked",
        quarantine.c.company == found.c.company,
        quarantine.c.key == found.c.document,
    )
    return case(
        (or_(found.c.in_flight, later), IN_FLIGHT),
        (parked, PARKED),
        (found.c.item_class.in_(sorted(left_out)), LEFT_OUT),
        else_=None,
    )


def _state(tx: Connection, number: int) -> str:
    mine = tie_out_line.c.tie_out_id == number
    explained = tie_out_line.c.explained_by.is_(None)
    unexplained = select(func.count()).select_from(tie_out_line).where(mine, explained)
    if tx.execute(unexplained).scalar_one():
        return "differs"
    lines = select(func.count()).select_from(tie_out_line).where(mine)
    return "explained" if tx.execute(lines).scalar_one() else "balanced"


def _lock_or_lift(tx: Connection, company: str, at: datetime) -> None:
    """Lock the company's dunning while the newest tie-out of one of its connections differs."""
    newest = select(func.max(tie_out.c.id)).where(tie_out.c.company == company).group_by(tie_out.c.connection)
    bad = tx.execute(select(tie_out).where(tie_out.c.id.in_(newest), tie_out.c.state == "differs")).first()
    if bad is None:
        by_tie_out = (dunning_lock.c.company == company, dunning_lock.c.tie_out_id.is_not(None))
        tx.execute(delete(dunning_lock).where(*by_tie_out))
        return
    reason = f"the tie-out with {bad.connection} differs: {_unexplained(tx, bad.id)} documents unexplained"
    held = tx.execute(select(dunning_lock.c.since).where(dunning_lock.c.company == company)).scalar()
    row = {"company": company, "reason": reason, "tie_out_id": bad.id, "since": held or at}
    upsert(tx, dunning_lock, [row])


def _unexplained(tx: Connection, number: int) -> int:
    wanted = (tie_out_line.c.tie_out_id == number, tie_out_line.c.explained_by.is_(None))
    return int(tx.execute(select(func.count()).select_from(tie_out_line).where(*wanted)).scalar_one())


def headings(tx: Connection, connection: str, company: str) -> list[Row[Any]]:
    """Return the sums of both sides by class and currency, in document and company currency."""
    ours = select(
        item.c.item_class,
        item.c.currency,
        item.c.company_currency,
        item.c.open_amount.label("ours"),
        literal(0).label("theirs"),
        func.coalesce(item.c.company_open_amount, 0).label("ours_company"),
        literal(0).label("theirs_company"),
    ).where(_open(connection), item.c.company == company)
    theirs = select(
        source_total.c.item_class,
        source_total.c.currency,
        source_total.c.company_currency,
        literal(0),
        source_total.c.open_amount,
        literal(0),
        func.coalesce(source_total.c.company_open_amount, 0),
    ).where(source_total.c.connection == connection, source_total.c.company == company)
    both = union_all(ours, theirs).subquery()
    group = (both.c.item_class, both.c.currency, both.c.company_currency)
    names = ("ours", "theirs", "ours_company", "theirs_company")
    sums = (cast(func.sum(both.c[name]), BigInteger).label(name) for name in names)
    rows: Select[Any] = select(*group, *sums).group_by(*group).order_by(both.c.item_class, both.c.currency)
    return list(tx.execute(rows))


def count_compared(tx: Connection, connection: str, company: str) -> int:
    """Count the documents that either side holds open."""
    theirs = select(source_total.c.document).where(
        source_total.c.connection == connection, source_total.c.company == company
    )
    ours = select(item.c.key).where(_open(connection), item.c.company == company)
    return int(tx.execute(select(func.count()).select_from(theirs.union(ours).subquery())).scalar_one())


def tie_out_row(tx: Connection, number: int) -> Row[Any]:
    """Return a tie-out."""
    return tx.execute(select(tie_out).where(tie_out.c.id == number)).one()


def lines_of(tx: Connection, number: int) -> Sequence[Row[Any]]:
    """Return the differing documents of a tie-out, the unexplained first."""
    order = (tie_out_line.c.explained_by.is_not(None), tie_out_line.c.item_class, tie_out_line.c.document)
    return tx.execute(select(tie_out_line).where(tie_out_line.c.tie_out_id == number).order_by(*order)).all()
