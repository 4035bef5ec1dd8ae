"""Import by the site's settings: one connection, or what feeds one company."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date, datetime

from duehook.core.books.store.imports import import_runs as store
from duehook.core.context import Context
from duehook.core.errors import DuehookError
from duehook.core.hookspecs import Source
from duehook.core.runs.site import Site

from .report import ImportReport
from .rules import ImportRules
from .run import Progress, import_connection


@dataclass(frozen=True)
class How:
    """How an import is wanted."""

    full: bool = False
    dry_run: bool = False
    accept_drop: bool = False
    progress: Progress | None = None


def import_by_name(
    site: Site, context: Context, connection: str, *, as_of: date, how: How | None = None
) -> ImportReport:
    """Import one connection of duehook.yaml. Raises what `import_connection` raises."""
    wanted = how or How()
    with ExitStack() as opened:
        sources = [opened.enter_context(closing(source)) for source in distinct(site, connection)]
        return import_connection(
            site.books,
            connection,
            sources,
            context,
            as_of=as_of,
            rules=rules_of(site, connection),
            full=wanted.full,
            dry_run=wanted.dry_run,
            accept_drop=wanted.accept_drop,
            progress=wanted.progress,
        )


@dataclass(frozen=True)
class NotRead:
    """A connection that could not be imported, and why."""

    connection: str
    error: DuehookError


def import_each(
    connections: Iterable[str], one: Callable[[str], ImportReport]
) -> tuple[list[ImportReport], list[NotRead]]:
    """Import connections one after the other by `one`; what cannot be read keeps no other back."""
    reports, failed = [], []
    for connection in connections:
        try:
            reports.append(one(connection))
        except DuehookError as error:
            failed.append(NotRead(connection, error))
    return reports, failed


def distinct(site: Site, connection: str) -> Collection[Source]:
    """Return the connection's sources, each object once."""
    return {id(source): source for source in site.sources(connection).values()}.values()


def rules_of(site: Site, connection: str) -> ImportRules:
    """Return the guards and the company codes that duehook.yaml gives the connection."""
    defaults = site.settings.defaults
    return ImportRules(
        companies=site.settings.companies_of(connection),
        ours=site.settings.companies if _keeps_books(site, connection) else (),
        bad_rows=defaults.bad_rows,
        balance_drop=defaults.balance_drop,
    )


def _keeps_books(site: Site, connection: str) -> bool:
    """Say whether the connection is some company's ERP: its codes are its own; another's may be ours."""
    return any(company.erp.connection == connection for company in site.settings.companies.values())


def connections_of(site: Site, company: str) -> list[str]:
    """Return the connections that may feed a company: its ledger's, and those with a code for it."""
    return [name for name in site.settings.connections if company in site.settings.companies_of(name).values()]


def import_company(
    site: Site, context: Context, company: str, *, as_of: date, since: datetime | None = None
) -> list[ImportReport]:
    """Import what feeds a company, leaving out what was read up to `since` or later already."""
    return [
        import_by_name(site, context, name, as_of=as_of)
        for name in connections_of(site, company)
        if since is None or not _is_fresh(site, company, name, since)
    ]


def _is_fresh(site: Site, company: str, connection: str, since: datetime) -> bool:
    with site.books.read() as tx:
        bound = store.read_up_to(tx, company, connection)
    return bound is not None and bound >= since
