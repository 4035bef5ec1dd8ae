"""Quarantine of the site: list, look, try again."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import date
from typing import Any

from duehook.core.books.store.imports import quarantine as store
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.runs.site import Site

from .parked import retry
from .report import ImportReport
from .site import distinct, rules_of


def waiting(site: Site, connection: str | None = None) -> list[dict[str, Any]]:
    """Return the rows that wait, newest first, without their payload."""
    with site.books.read() as tx:
        rows = [dict(row._mapping) for row in store.rows(tx, connection)]
    return [{name: value for name, value in row.items() if name != "payload"} for row in rows]


def one(site: Site, number: int) -> dict[str, Any]:
    """Return a row with its payload."""
    with site.books.read() as tx:
        row = store.row(tx, number)
    if row is None:
        raise NotFound(f"Nothing is parked under {number}.", fix="see `duehook quarantine list`.")
    return dict(row._mapping)


def retry_all(site: Site, context: Context, connection: str | None, *, as_of: date) -> list[ImportReport]:
    """Try the parked rows of one connection again, or of all that have some."""
    names = [connection] if connection else sorted({row["connection"] for row in waiting(site)})
    reports = []
    for name in names:
        with ExitStack() as opened:
            sources = [opened.enter_context(closing(source)) for source in distinct(site, name)]
            rules = rules_of(site, name)
            reports.append(retry(site.books, name, sources, context, as_of=as_of, rules=rules))
    return reports
