"""A tie-out as the books hold it: its stage, its result with the documents that differ, and the lock it leads to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, exists, func, insert, or_, select

from duehook.core.books import bulk
from duehook.core.books.tables.imports import dunning_lock, quarantine, source_total, tie_out, tie_out_line
from duehook.core.books.tables.ledger import item
from duehook.core.books.upsert import upsert

from .comparison import Compared, Key, differences, is_residue

IN_FLIGHT: Final = "changed after the import's bound"
PARKED: Final = "in quarantine"
LEFT_OUT: Final = "class left out by the settings"
RESIDUE: Final = "settled in its own currency, a rest in company currency is left"


def clear(tx: Connection, connection: str) -> None:
    """Empty the connection's stage."""
    tx.execute(delete(source_total).where(source_total.c.connection == connection))


def add(tx: Connection, connection: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Add totals to the stage, as columns of database values."""
    bulk.load(tx, source_total, {"connection": [connection] * len(columns["document"]), **columns})


def know(tx: Connection) -> None:
    """Tell the database what lies in the stage, once all is in it."""
    bulk.know(tx, source_total)


def told_twice(tx: Connection, connection: str) -> Key | None:
    """Return a document that the source listed twice, where there is one."""
    group = (source_total.c.company, source_total.c.document)
    twice = select(*group).where(source_total.c.connection == connection).group_by(*group).having(func.count() > 1)
    row = tx.execute(twice.limit(1)).first()
    return None if row is None else (row.company, row.document)


def write(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Write tie-outs in which nothing differs yet; return their ids by company."""
    found = {}
    for row in rows:
        (number,) = tx.execute(tie_out.insert(), row).inserted_primary_key or (0,)
        found[row["company"]] = int(number)
    return found


def write_lines(
    tx: Connection,
    connection: str,
    numbers: Mapping[str, int],
    compared: Mapping[str, Compared],
    *,
    bound_at: datetime,
    left_out: Collection[str],
) -> dict[str, str]:
    """Write a line a differing document of these companies' tie-outs, explained or not; return their states."""
    found = differences(connection, compared).subquery()
    named = ("document", "item_class", "currency", "ours", "theirs", "ours_company", "theirs_company")
    columns = (*named, "company_currency")
    mine = and_(tie_out.c.company == found.c.company, tie_out.c.id.in_(numbers.values()))
    why = _explanation(found, connection, bound_at, left_out=left_out)
    lines = select(tie_out.c.id, *(found.c[name] for name in columns), why).select_from(found.join(tie_out, mine))
    tx.execute(insert(tie_out_line).from_select(["tie_out_id", *columns, "explained_by"], lines))
    states = {company: _state(tx, number) for company, number in numbers.items()}
    for company, state in states.items():
        tx.execute(tie_out.update().where(tie_out.c.id == numbers[company]).values(state=state))
    return states


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
        (is_residue(found, connection), RESIDUE),
        (found.c.item_class.in_(sorted(left_out)), LEFT_OUT),
        else_=None,
    )


def _state(tx: Connection, number: int) -> str:
    if unexplained(tx, number):
        return "differs"
    lines = exists().where(tie_out_line.c.tie_out_id == number)
    return "explained" if tx.execute(select(lines)).scalar_one() else "balanced"


def lock_or_lift(tx: Connection, company: str, at: datetime, *, connections: Collection[str] | None = None) -> None:
    """Lock the company's dunning while the newest tie-out with one of these connections (None: with any) differs."""
    newest = select(func.max(tie_out.c.id)).where(tie_out.c.company == company).group_by(tie_out.c.connection)
    if connections is not None:
        newest = newest.where(tie_out.c.connection.in_(sorted(connections)))
    bad = tx.execute(select(tie_out).where(tie_out.c.id.in_(newest), tie_out.c.state == "differs")).first()
    if bad is None:
        by_tie_out = (dunning_lock.c.company == company, dunning_lock.c.tie_out_id.is_not(None))
        tx.execute(delete(dunning_lock).where(*by_tie_out))
        return
    reason = f"the tie-out with {bad.connection} differs: {unexplained(tx, bad.id)} documents unexplained"
    held = tx.execute(select(dunning_lock.c.since).where(dunning_lock.c.company == company)).scalar()
    row = {"company": company, "reason": reason, "tie_out_id": bad.id, "since": held or at}
    upsert(tx, dunning_lock, [row])


def unexplained(tx: Connection, number: int) -> int:
    """Count the documents of a tie-out that differ without an explanation."""
    wanted = and_(tie_out_line.c.tie_out_id == number, tie_out_line.c.explained_by.is_(None))
    return int(tx.execute(select(func.count()).select_from(tie_out_line).where(wanted)).scalar_one())


def newest(tx: Connection, company: str, connection: str) -> Row[Any] | None:
    """Return the newest tie-out of a company with a connection."""
    mine = select(tie_out).where(tie_out.c.company == company, tie_out.c.connection == connection)
    return tx.execute(mine.order_by(tie_out.c.id.desc()).limit(1)).first()


def lines_of(tx: Connection, number: int) -> Sequence[Row[Any]]:
    """Return the differing documents of a tie-out, the unexplained first."""
    order = (tie_out_line.c.explained_by.is_not(None), tie_out_line.c.item_class, tie_out_line.c.document)
    return tx.execute(select(tie_out_line).where(tie_out_line.c.tie_out_id == number).order_by(*order)).all()
