"""What `check` tries: each table by name, each column of the template, the companies, and the template's proofs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Finding
from duehook.core.records import Stream
from duehook.plugins.sql_ledgers.template.columns import columns_in
from duehook.plugins.sql_ledgers.template.model import Part, Proof

from .reading.cells import text_of
from .reading.statements import Statements
from .site import SqlSite


def source(site: SqlSite, streams: Sequence[Stream]) -> Iterable[Finding]:
    """Try what is read of these streams."""
    bound = site.bound()
    yield Finding("clock", True, f"the database's clock reads {bound.at:%Y-%m-%d %H:%M:%S} UTC", severity="info")
    if "customer" in streams and site.settings.dialect not in site.template.dialects:
        yield _dialect(site)
    parts = [part for stream in streams for part in site.template.streams.get(stream, ())]
    readable = set[str]()
    for table in dict.fromkeys(name for part in parts for name in part.tables.values()):
        finding = _table(site, table, parts)
        readable |= {table} if finding.ok else set()
        yield finding
    if "customer" in streams and "company" not in site.template.streams:
        yield _companies(site)
    if "item" in streams:
        for name, proof in site.template.proofs.items():
            if readable.issuperset(proof.tables.values()):
                yield _proof(site, name, proof)


def _dialect(site: SqlSite) -> Finding:
    known = ", ".join(name for name in site.template.dialects if name != "sqlite")
    told = f"the template was written for {known}, not for {site.settings.dialect}"
    return Finding(
        "dialect", False, told, "compare the first figures with the ERP's own with care.", severity="warning"
    )


def _table(site: SqlSite, table: str, parts: Sequence[Part]) -> Finding:
    """Say whether a table may be read and has the columns that the template names of it."""
    try:
        site.catalogue.of(table)
    except ConnectorRefused as error:
        return Finding(f"read {table}", False, f"{table} cannot be read: {error.message}", error.fix)
    told = [
        each
        for part in parts
        if table in part.tables.values()
        for each in site.lacking({a: t for a, t in part.tables.items() if t == table}, list(part.texts()))
    ]
    if told:
        advice = f"name them in `columns` of connection {site.name}, or in a copy of the template."
        return Finding(f"read {table}", False, f"mapping incomplete: {'; '.join(dict.fromkeys(told))}", advice)
    count = len({name for part in parts for at, name in columns_in(part.texts(), part.tables) if at == table})
    return Finding(f"read {table}", True, f"{table} can be read and has the {count} columns of the template")


def _companies(site: SqlSite) -> Finding:
    companies = site.settings.companies
    if not companies:
        advice = "write `companies: [{code: …, name: …, currency: EUR}, …]`: this ERP's tables do not name them."
        return Finding("companies", False, "the connection names no company", advice)
    return Finding("companies", True, f"{len(companies)} companies are named in the settings", severity="info")


def _proof(site: SqlSite, name: str, proof: Proof) -> Finding:
    """Count what is not as it must be."""
    part = Part(tables=proof.tables, key=("-",), fields={})
    try:
        rows = site.client.rows(Statements(site.place, part).counted(proof.count), about=name)
    except ConnectorError as error:
        return Finding(name, False, f"it could not be counted: {error.message}", error.fix, severity="warning")
    count = text_of(rows[0][0]) if rows else ""
    if count in ("", "0"):
        return Finding(name, True, "as it must be")
    return Finding(name, False, proof.told.format(count=count), proof.advice, severity="warning")


def open_names(site: SqlSite) -> Iterator[tuple[str, str, str]]:
    """Yield (name, table, words) of the columns that the site has left open."""
    for name, given in site.template.names.columns.items():
        if not site.settings.columns.get(name, given.usual):
            yield name, given.table, ", ".join(given.text)
