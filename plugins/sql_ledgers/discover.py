"""What `discover` lists: the companies, and columns that may be those the settings leave to the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream
from duehook.plugins.sql_ledgers.template.model import Offer, Part

from .reading.cells import text_of
from .reading.statements import Statements
from .site import SqlSite


def source(site: SqlSite, streams: Sequence[Stream]) -> Iterable[Discovery]:
    """List what is there for these streams."""
    if "company" in streams:
        yield from _companies(site)
    tables = {
        table for stream in streams for part in site.template.streams.get(stream, ()) for table in part.tables.values()
    }
    for name, given in site.template.names.columns.items():
        if given.table in tables:
            yield from _candidates(site, name, given.table)
    for called, offer in site.template.offers.items():
        if offer.stream in streams:
            yield from _values(site, called, offer)


def _companies(site: SqlSite) -> Iterator[Discovery]:
    if "company" not in site.template.streams:
        for company in site.settings.companies:
            yield Discovery("company", company.code, company.currency)
        return
    for page in site.stream("company").pages(None, site.bound()):
        for row in page.rows:
            yield Discovery("company", row["company"], row.get("currency", ""))


def _candidates(site: SqlSite, name: str, table: str) -> Iterator[Discovery]:
    """Yield the columns whose text says that they may be the one of this name."""
    given = site.template.names.columns[name]
    own = site.settings.columns.get(name, given.usual)
    try:
        found = site.candidates(table, given.text)
    except ConnectorRefused:
        return
    for told in found:
        column, _, text = told.partition(" ")
        if column != own:
            yield Discovery(
                "column", f"{table}.{column}", f"may be {name} {text}", suggests=f"columns: {{{name}: {column}}}"
            )


def _values(site: SqlSite, called: str, offer: Offer) -> Iterator[Discovery]:
    """Yield the values that a setting may name, nothing where their table may not be read: `check` says so."""
    part = Part(tables=offer.tables, key=("-",), fields={})
    try:
        rows = site.client.rows(Statements(site.place, part).counted(offer.rows), about=called)
    except ConnectorError:
        return
    for value, count in rows:
        held = text_of(value)
        yield Discovery(
            called, held, offer.told.format(count=text_of(count)), suggests=offer.suggests.format(value=held)
        )
