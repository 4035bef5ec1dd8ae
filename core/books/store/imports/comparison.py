"""What the source says is open against what the books hold open, document by document (rule 14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from duehook.core.books.tables.imports import source_total
from duehook.core.books.tables.ledger import in_state, item

Key = tuple[str, str]
Group = tuple[str, str, str, str | None]  # company, class, currency, company currency


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


def differing(tx: Connection, connection: str, compared: Mapping[str, Compared]) -> list[Key]:
    """Return the documents that differ, are not in flight by the source's own word, and no known residue.

    `compared` are the companies in which a document differs; of others nothing is looked at.
    """
    rows = differences(connection, compared).subquery()
    wanted = select(rows.c.company, rows.c.document).where(~rows.c.in_flight, ~is_residue(rows, connection))
    return [(company, document) for company, document in tx.execute(wanted.order_by(*wanted.selected_columns))]


def differences(connection: str, compared: Mapping[str, Compared]) -> CompoundSelect[Any]:
    """Select every document whose open amount, class or currency the two sides tell differently."""
    apart = [code for code, company in compared.items() if company.apart]
    only_ours = [code for code, company in compared.items() if company.held != company.found]
    sides = ((_apart, apart), (_only_ours, only_ours))
    return union_all(*(side(connection, companies) for side, companies in sides if companies))


def _apart(connection: str, companies: Collection[str]) -> Select[Any]:
    return (
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


def _only_ours(connection: str, companies: Collection[str]) -> Select[Any]:
    told = exists().where(
        source_total.c.connection == connection,
        source_total.c.company == item.c.company,
        source_total.c.document == item.c.key,
    )
    return select(
        item.c.company,
        item.c.key.label("document"),
        item.c.item_class,
        item.c.currency,
        item.c.open_amount.label("ours"),
        literal(0).label("theirs"),
        item.c.company_open_amount.label("ours_company"),
        cast(null(), BigInteger).label("theirs_company"),
        item.c.company_currency,
        literal(False).label("in_flight"),
    ).where(_held(connection, companies), ~told)


def _open(connection: str) -> ColumnElement[bool]:
    return and_(item.c.connection == connection, in_state(item, "open"))


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


def is_residue(found: Any, connection: str) -> ColumnElement[bool]:
    """Say that a document is settled on both sides but for what is left in company currency, alike on both."""
    held = exists().where(
        item.c.company == found.c.company,
        item.c.connection == connection,
        item.c.key == found.c.document,
        item.c.open_amount == 0,
        item.c.company_open_amount == found.c.theirs_company,
    )
    return and_(found.c.ours == 0, found.c.theirs == 0, held)


def open_sums(tx: Connection, connection: str, companies: Collection[str]) -> dict[Group, tuple[int, int]]:
    """Return what these companies' items hold open, and its part in company currency, by group."""
    group = (item.c.company, item.c.item_class, item.c.currency, item.c.company_currency)
    amounts = (item.c.open_amount, func.coalesce(item.c.company_open_amount, 0))
    sums = (cast(func.sum(amount), BigInteger) for amount in amounts)
    rows = tx.execute(select(*group, *sums).where(_held(connection, companies)).group_by(*group))
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}
