"""The tie-out's comparison: what the source says is open against what the books hold open (rule 14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
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
Group = tuple[str, str, str, str | None]  # company, class, currency, company currency
IN_FLIGHT: Final = "changed after the import's bound"
PARKED: Final = "in quarantine"
LEFT_OUT: Final = "class left out by the settings"
RESIDUE: Final = "settled in its own currency, a rest in company currency is left"


@dataclass(frozen=True)
class Compared:
    """A company's documents: held open here, told by the source, and what was found of those told.

    `found` are open here too, `apart` differ, `same` are alike in every column.
    """

    held: int
    told: int
    found: int
    apart: int
    same: int

    @property
    def differs(self) -> bool:
        """Say whether a document is told differently or is only ours."""
        return self.apart > 0 or self.held != self.found

    @property
    def alike(self) -> bool:
        """Say whether each side has the other's documents, alike in every column, so that all sums are equal."""
        return self.held == self.told == self.same

    @property
    def documents(self) -> int:
        """Return how many documents either side holds open."""
        return self.told + self.held - self.found


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


def compare(tx: Connection, connection: str, companies: Collection[str]) -> dict[str, Compared]:
    """Compare every total with the item of its key, and count what we hold open, by company.

    No total may be told twice.
    """
    group = source_total.c.company
    tests = (item.c.key, case((_told_apart(), 1)), case((_told_alike(), 1)))
    told = select(group, func.count(), *map(func.count, tests)).select_from(
        source_total.outerjoin(item, _known(connection))
    )
    told = told.where(source_total.c.connection == connection, group.in_(sorted(companies))).group_by(group)
    held = select(item.c.company, func.count()).where(_held(connection, companies)).group_by(item.c.company)
    theirs = {row[0]: tuple(row[1:]) for row in tx.execute(told)}
    ours = {row[0]: row[1] for row in tx.execute(held)}
    nothing = (0, 0, 0, 0)
    return {code: Compared(ours.get(code, 0), *theirs.get(code, nothing)) for code in companies}


def differing(tx: Connection, connection: str, companies: Collection[str]) -> list[Key]:
    """Return the documents that differ, are not in flight by the source's own word, and no known residue."""
    rows = _differences(connection, companies).subquery()
    wanted = select(rows.c.company, rows.c.document).where(~rows.c.in_flight, ~_residue(rows, connection))
    return [(company, document) for company, document in tx.execute(wanted.order_by(*wanted.selected_columns))]


def _differences(connection: str, companies: Collection[str]) -> Any:
    """Select every document whose open amount, class or currency the two sides tell differently."""
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
        .select_from(source_total.outerjoin(item, _known(connection)))
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
    ).where(_held(connection, companies), ~told)
    return union_all(theirs, only_ours)


def _open(connection: str) -> ColumnElement[bool]:
    return and_(item.c.connection == connection, item.c.state == "open")


def _held(connection: str, companies: Collection[str]) -> ColumnElement[bool]:
    return and_(_open(connection), item.c.company.in_(sorted(companies)))


def _known(connection: str) -> ColumnElement[bool]:
    """Join a total to the open item of its key."""
    return and_(_open(connection), item.c.company == source_total.c.company, item.c.key == source_total.c.document)


def _told_apart() -> ColumnElement[bool]:
    both = and_(item.c.company_open_amount.is_not(None), source_total.c.company_open_amount.is_not(None))
    return or_(
        func.coalesce(item.c.open_amount, 0) != source_total.c.open_amount,
        and_(both, item.c.company_open_amount != source_total.c.company_open_amount),
        item.c.item_class != source_total.c.item_class,
        item.c.currency != source_total.c.currency,
        and_(item.c.key.is_(None), func.coalesce(source_total.c.company_open_amount, 0) != 0),
    )


def _told_alike() -> ColumnElement[bool]:
    names = ("open_amount", "item_class", "currency", "company_currency", "company_open_amount")
    return and_(*(item.c[name].is_not_distinct_from(source_total.c[name]) for name in names))


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
    *,
    bound_at: datetime,
    left_out: Collection[str],
) -> dict[str, str]:
    """Write a line a differing document of these companies' tie-outs, explained or not; return their states."""
    found = _differences(connection, numbers).subquery()
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
        (_residue(found, connection), RESIDUE),
        (found.c.item_class.in_(sorted(left_out)), LEFT_OUT),
        else_=None,
    )


def _residue(found: Any, connection: str) -> ColumnElement[bool]:
    """Say that a document is settled on both sides but for what is left in company currency, alike on both."""
    held = exists().where(
        item.c.company == found.c.company,
        item.c.connection == connection,
        item.c.key == found.c.document,
        item.c.open_amount == 0,
        item.c.company_open_amount == found.c.theirs_company,
    )
    return and_(found.c.ours == 0, found.c.theirs == 0, held)


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


def open_sums(tx: Connection, connection: str, companies: Collection[str]) -> dict[Group, tuple[int, int]]:
    """Return what these companies' items hold open, and its part in company currency, by group."""
    group = (item.c.company, item.c.item_class, item.c.currency, item.c.company_currency)
    amounts = (item.c.open_amount, func.coalesce(item.c.company_open_amount, 0))
    sums = (cast(func.sum(amount), BigInteger) for amount in amounts)
    rows = tx.execute(select(*group, *sums).where(_held(connection, companies)).group_by(*group))
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}


def newest(tx: Connection, company: str, connection: str) -> Row[Any] | None:
    """Return the newest tie-out of a company with a connection."""
    mine = select(tie_out).where(tie_out.c.company == company, tie_out.c.connection == connection)
    return tx.execute(mine.order_by(tie_out.c.id.desc()).limit(1)).first()


def lines_of(tx: Connection, number: int) -> Sequence[Row[Any]]:
    """Return the differing documents of a tie-out, the unexplained first."""
    order = (tie_out_line.c.explained_by.is_not(None), tie_out_line.c.item_class, tie_out_line.c.document)
    return tx.execute(select(tie_out_line).where(tie_out_line.c.tie_out_id == number).order_by(*order)).all()
