"""Read both sides, compare, read again what differs, and lock or lift a company's dunning."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from duehook.core.books.store.imports import comparison, import_runs
from duehook.core.books.store.imports import tie_out as store
from duehook.core.context import Context
from duehook.core.errors import ConfigError, NotFound
from duehook.core.hookspecs import Source, UpperBound
from duehook.core.ops.heap import settled
from duehook.core.runs.days import day_at
from duehook.core.runs.imports.locked import locked
from duehook.core.runs.imports.report import ImportReport, SweepReport
from duehook.core.runs.imports.session import Session
from duehook.core.runs.imports.site import connections_of, distinct, rules_of
from duehook.core.runs.imports.sweep import LOOKUP, settle_gone
from duehook.core.runs.site import Site

from .results import CompanyTieOut, Difference, Heading, TieOut, difference, heading
from .totals import Sums, stage_totals


@dataclass(frozen=True)
class _Comparison:
    """What one comparison found, by company."""

    compared: Mapping[str, comparison.Compared]
    headings: Mapping[str, Sequence[Heading]]

    @property
    def differing(self) -> dict[str, comparison.Compared]:
        """Return the companies in which a document differs."""
        return {company: compared for company, compared in self.compared.items() if compared.differs}


def tie_out(site: Site, context: Context, company: str) -> CompanyTieOut:
    """Tie one company out with every connection that gives its items.

    Raises Busy while one of them is being imported, and the source's own errors.
    """
    parts = [part for name in connections_of(site, company) for part in _of_site(site, context, name, [company])]
    return CompanyTieOut(company, tuple(parts))


def tie_out_in_turn(site: Site, context: Context, company: str, *, since: datetime) -> str:
    """Tie a company out as `tie_out` does, unless another company's turn did it since; say the result.

    A source gives its totals for all companies at once, so one turn is everybody's. A tie-out from
    before `since`, or before the connection's last import, does not count.
    """
    told = []
    for name in connections_of(site, company):
        if (row := _tied_out(site, company, name, since)) is None:
            _of_site(site, context, name, list(site.settings.companies))
            row = _tied_out(site, company, name, since)
        if row is not None:
            with site.books.read() as tx:
                count = store.unexplained(tx, row.id)
            told.append(f"{name} {row.state}, {row.documents} documents, {count} unexplained")
    return "; ".join(told) or "nothing to tie out"


def _tied_out(site: Site, company: str, connection: str, since: datetime) -> Any:
    with site.books.read() as tx:
        row, run = store.newest(tx, company, connection), import_runs.last_run(tx, connection, state="closed")
    read_at = run.ended_at if run is not None else None
    return None if row is None or row.made_at < max(since, read_at or since) else row


def tie_out_all(site: Site, context: Context) -> list[CompanyTieOut]:
    """Tie every company of the site out, reading each connection's totals once."""
    named = list(site.settings.companies)
    if not named:
        raise ConfigError(
            "no company is configured, so there is nothing to tie out.",
            fix="write companies: in duehook.yaml; `duehook discover` lists them.",
        )
    parts = [part for name in site.settings.connections for part in _of_site(site, context, name, named)]
    return [CompanyTieOut(code, tuple(part for part in parts if part.company == code)) for code in named]


def _of_site(site: Site, context: Context, connection: str, companies: Collection[str]) -> list[TieOut]:
    report = ImportReport(connection, "tie_out", day_at(site.settings, next(iter(companies)), context.now()))
    session = Session(site.books, connection, context, report.as_of, rules_of(site, connection), report)
    wanted = sorted({*companies} & {*site.settings.companies_of(connection).values()})
    with ExitStack() as opened:
        sources = [opened.enter_context(closing(source)) for source in distinct(site, connection)]
        items = next((source for source in sources if "item" in source.streams), None)
        feeds = {company: connections_of(site, company) for company in wanted}
        return tie_out_connection(session, items, companies=wanted, feeds=feeds) if items is not None and wanted else []


@settled()
def tie_out_connection(
    session: Session,
    source: Source,
    *,
    companies: Sequence[str],
    left_out: Collection[str] = (),
    feeds: Mapping[str, Collection[str]] | None = None,
) -> list[TieOut]:
    """Compare, read what differs again, compare once more, and write each company's result.

    `left_out` are item classes whose differences count as explained. `feeds` names the connections
    that a company has: what the newest tie-out with another said locks nothing any more.
    """
    bound = _bound(session)
    with locked(session):
        session.report.sweep = SweepReport()
        told = stage_totals(session, source, bound, companies=companies)
        found = _comparison(session, companies, told)
        if found.differing and _read_again(session, source, found.differing):
            found = _comparison(session, companies, told)
        results = _results(session, found, bound, left_out=left_out, feeds=feeds or {})
        with session.transaction() as tx:
            store.clear(tx, session.connection)
    return results


def _bound(session: Session) -> UpperBound:
    with session.books.read() as tx:
        run = import_runs.last_run(tx, session.connection, state="closed")
    if run is None:
        raise NotFound(
            f"{session.connection} has closed no import yet, so there is nothing to tie out.",
            fix=f"run `duehook import {session.connection}` first.",
        )
    return UpperBound(run.bound, run.bound_at)


def _comparison(session: Session, companies: Sequence[str], told: Sums) -> _Comparison:
    """Compare both sides in one state of the books; nobody else writes these items while the lock is held."""
    with session.books.read() as tx:
        compared = comparison.compare(tx, session.connection, companies)
        unlike = [company for company in companies if not compared[company].alike]
        ours = comparison.open_sums(tx, session.connection, unlike) if unlike else {}
    held = {group: sums for group, sums in told.items() if compared[group[0]].alike} | ours
    headings: dict[str, list[Heading]] = {company: [] for company in companies}
    for group in sorted({*told, *held}, key=lambda group: (*group[:3], group[3] or "")):
        headings[group[0]].append(heading(group, held.get(group, (0, 0)), told.get(group, (0, 0))))
    return _Comparison(compared, headings)


def _read_again(session: Session, source: Source, compared: Mapping[str, comparison.Compared]) -> bool:
    """Look the differing documents up, once, and merge what they are now; say whether there were any."""
    with session.books.read() as tx:
        keys = comparison.differing(tx, session.connection, compared)
    for start in range(0, len(keys), LOOKUP):
        settle_gone(session, source, keys[start : start + LOOKUP])
    return bool(keys)


def _results(
    session: Session,
    found: _Comparison,
    bound: UpperBound,
    *,
    left_out: Collection[str],
    feeds: Mapping[str, Collection[str]],
) -> list[TieOut]:
    """Write every company's result with its differing documents, and lock or lift its dunning."""
    connection, now = session.connection, session.context.now()
    with session.transaction() as tx:
        numbers = store.write(tx, [_row(session, company, found) for company in found.compared])
        states, lines = dict.fromkeys(numbers, "balanced"), dict.fromkeys(numbers, tuple[Difference, ...]())
        if found.differing:
            differing = {company: numbers[company] for company in found.differing}
            states |= store.write_lines(
                tx, connection, differing, found.differing, bound_at=bound.at, left_out=left_out
            )
            for company, number in differing.items():
                lines[company] = tuple(difference(line) for line in store.lines_of(tx, number))
        for company in numbers:
            store.lock_or_lift(tx, company, now, connections=feeds.get(company))
    return [
        TieOut(
            company,
            connection,
            number,
            states[company],
            found.compared[company].documents,
            now,
            bound.at,
            tuple(found.headings[company]),
            lines[company],
        )
        for company, number in numbers.items()
    ]


def _row(session: Session, company: str, found: _Comparison) -> dict[str, Any]:
    return {
        "company": company,
        "connection": session.connection,
        "run_id": session.run_id,
        "made_at": session.context.now(),
        "state": "balanced",
        "documents": found.compared[company].documents,
        "totals": [vars(each) for each in found.headings[company]],
        "actor": f"{session.context.actor.kind}:{session.context.actor.id}",
    }
