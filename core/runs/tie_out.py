"""Tie-out: prove to the cent, document by document, that the books hold what the ERP says is open.

Totals are read under the bound of the last closed import. Documents that differ are read again
once. What still differs is explained (changed after the bound, in quarantine, a class left out)
or it is not; the unexplained rest locks dunning, for its company only, until a later tie-out is
clean (rule 14).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from duehook.core.books import bulk
from duehook.core.books.store import imports
from duehook.core.books.store import tie_out as store
from duehook.core.context import Context
from duehook.core.errors import ConnectorGarbled, NotFound
from duehook.core.hookspecs import Source, Total, UpperBound
from duehook.core.money import from_scaled, to_scaled
from duehook.core.runs.imports.locked import locked
from duehook.core.runs.imports.report import ImportReport, SweepReport
from duehook.core.runs.imports.session import Session
from duehook.core.runs.imports.site import connections_of, distinct, rules_of
from duehook.core.runs.imports.sweep import LOOKUP, settle_gone
from duehook.core.runs.site import Site

from .days import day_at


@dataclass(frozen=True)
class Heading:
    """The sums of both sides in one class and currency; the company's currency where it is told."""

    item_class: str
    currency: str
    ours: Decimal
    theirs: Decimal
    company_currency: str | None
    ours_company: Decimal | None
    theirs_company: Decimal | None


@dataclass(frozen=True)
class Difference:
    """A document that the two sides tell differently; `explained_by` None is what locks dunning."""

    document: str
    item_class: str
    currency: str
    ours: Decimal
    theirs: Decimal
    explained_by: str | None


@dataclass(frozen=True)
class TieOut:
    """One company against one connection. `state` is balanced, explained or differs."""

    company: str
    connection: str
    number: int
    state: str
    documents: int
    made_at: datetime
    bound_at: datetime
    headings: tuple[Heading, ...]
    differences: tuple[Difference, ...]

    @property
    def balanced(self) -> bool:
        """Say whether nothing is unexplained."""
        return self.state != "differs"

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Return the differences that nothing explains."""
        return tuple(each for each in self.differences if each.explained_by is None)


@dataclass(frozen=True)
class CompanyTieOut:
    """One company against every connection that gives its items."""

    company: str
    parts: tuple[TieOut, ...]

    @property
    def balanced(self) -> bool:
        """Say whether nothing is unexplained."""
        return all(part.balanced for part in self.parts)

    def __str__(self) -> str:
        """Say it in a line."""
        told = (
            f"{part.connection} {part.state}, {part.documents} documents, {len(part.unexplained)} unexplained"
            for part in self.parts
        )
        return "; ".join(told) or "nothing to tie out"


def tie_out(site: Site, context: Context, company: str) -> CompanyTieOut:
    """Tie one company out with every connection that gives its items.

    Raises Busy while one of them is being imported, and the source's own errors.
    """
    parts = [part for name in connections_of(site, company) for part in _of_site(site, context, name, [company])]
    return CompanyTieOut(company, tuple(parts))


def tie_out_all(site: Site, context: Context) -> list[CompanyTieOut]:
    """Tie every company of the site out, reading each connection's totals once."""
    named = list(site.settings.companies)
    parts = [part for name in site.settings.connections for part in _of_site(site, context, name, named)]
    return [CompanyTieOut(code, tuple(part for part in parts if part.company == code)) for code in named]


def _of_site(site: Site, context: Context, connection: str, companies: Collection[str]) -> list[TieOut]:
    report = ImportReport(connection, "tie_out", day_at(site.settings, next(iter(companies)), context.now()))
    session = Session(site.books, connection, context, report.as_of, rules_of(site, connection), report)
    wanted = sorted({*companies} & {*site.settings.companies_of(connection).values()})
    with ExitStack() as opened:
        sources = [opened.enter_context(closing(source)) for source in distinct(site, connection)]
        items = next((source for source in sources if "item" in source.streams), None)
        return tie_out_connection(session, items, companies=wanted) if items is not None and wanted else []


def tie_out_connection(
    session: Session, source: Source, *, companies: Sequence[str], left_out: Collection[str] = ()
) -> list[TieOut]:
    """Compare, read what differs again, compare once more, and write each company's result.

    `left_out` are item classes whose differences count as explained.
    """
    bound = _bound(session)
    with locked(session):
        _stage_totals(session, source, bound, companies=set(companies))
        _read_again(session, source, companies)
        found = [_result(session, company, bound, left_out=left_out) for company in companies]
        with session.transaction() as tx:
            store.clear(tx, session.connection)
    return found


def _bound(session: Session) -> UpperBound:
    with session.books.read() as tx:
        run = imports.last_run(tx, session.connection, state="closed")
    if run is None:
        raise NotFound(
            f"{session.connection} has closed no import yet, so there is nothing to tie out.",
            fix=f"run `duehook import {session.connection}` first.",
        )
    return UpperBound(run.bound, run.bound_at)


def _stage_totals(session: Session, source: Source, bound: UpperBound, *, companies: set[str]) -> None:
    """Write the source's totals of these companies into the stage, a page a transaction."""
    with session.transaction() as tx:
        store.clear(tx, session.connection)
    for page in source.totals(bound):
        mine = [total for total in page if session.placing.company(total.company) in companies]
        for start in range(0, len(mine), bulk.SQLITE_ROWS):
            with session.transaction() as tx:
                store.add(tx, session.connection, _columns(session, mine[start : start + bulk.SQLITE_ROWS]))
    with session.books.read() as tx:
        twice = store.told_twice(tx, session.connection)
    if twice is not None:
        raise ConnectorGarbled(f"{session.connection} listed the total of {twice[1]} (company {twice[0]}) twice.")


def _columns(session: Session, totals: Sequence[Total]) -> dict[str, list[Any]]:
    return {
        "company": [session.placing.company(total.company) for total in totals],
        "document": [total.document for total in totals],
        "item_class": [total.item_class for total in totals],
        "currency": [total.currency for total in totals],
        "open_amount": [to_scaled(total.open_amount) for total in totals],
        "company_currency": [total.company_currency for total in totals],
        "company_open_amount": [
            None if total.company_open_amount is None else to_scaled(total.company_open_amount) for total in totals
        ],
        "in_flight": [total.changed_past_bound for total in totals],
    }


def _read_again(session: Session, source: Source, companies: Sequence[str]) -> None:
    """Look the differing documents up, once, and merge what they are now."""
    session.report.sweep = SweepReport()
    for keys in _batches(session, companies):
        settle_gone(session, source, keys)


def _batches(session: Session, companies: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    with session.books.read() as tx:
        keys = store.differing(tx, session.connection, companies)
    for start in range(0, len(keys), LOOKUP):
        yield keys[start : start + LOOKUP]


def _result(session: Session, company: str, bound: UpperBound, *, left_out: Collection[str]) -> TieOut:
    """Write one company's result and read it back."""
    connection, now = session.connection, session.context.now()
    with session.transaction() as tx:
        sums = tuple(_heading(row) for row in store.headings(tx, connection, company))
        documents = store.count_compared(tx, connection, company)
        row = {
            "company": company,
            "connection": connection,
            "run_id": session.run_id,
            "made_at": now,
            "state": "comparing",
            "documents": documents,
            "totals": [vars(each) for each in sums],
            "actor": f"{session.context.actor.kind}:{session.context.actor.id}",
        }
        number = store.write(tx, row, bound_at=bound.at, left_out=left_out)
        state = store.tie_out_row(tx, number).state
        lines = tuple(_difference(line) for line in store.lines_of(tx, number))
    return TieOut(company, connection, number, state, documents, now, bound.at, sums, lines)


def _heading(row: Any) -> Heading:
    own, theirs = from_scaled(row.ours, row.currency), from_scaled(row.theirs, row.currency)
    if row.company_currency is None:
        return Heading(row.item_class, row.currency, own, theirs, None, None, None)
    in_company = (from_scaled(amount, row.company_currency) for amount in (row.ours_company, row.theirs_company))
    return Heading(row.item_class, row.currency, own, theirs, row.company_currency, *in_company)


def _difference(row: Any) -> Difference:
    ours, theirs = (from_scaled(amount, row.currency) for amount in (row.ours, row.theirs))
    return Difference(row.document, row.item_class, row.currency, ours, theirs, row.explained_by)
