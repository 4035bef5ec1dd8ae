"""The four sources of a ledger; each gives what the template has of its streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from duehook.core.connecting.streams import expect_given
from duehook.core.hookspecs import (
    Discovery,
    Finding,
    KeyPage,
    Lookup,
    Page,
    Position,
    SourceCapabilities,
    Total,
    UpperBound,
)
from duehook.core.records import Stream

from . import check, discover
from .settings import CompanySettings, SqlLedgerSettings
from .site import SqlSite
from .template.loading import load_template

_SWEPT: Final[tuple[Stream, ...]] = ("customer", "contact", "item")


class SqlSource:
    """Reads some streams of a ledger. Companies that no table names are those of the settings."""

    def __init__(self, site: SqlSite, streams: tuple[Stream, ...]) -> None:
        """Take the site, and which of its streams are read here."""
        self._site = site
        self.streams: tuple[Stream, ...] = streams
        parts = [part for stream in streams for part in site.template.streams.get(stream, ())]
        self.capabilities = SourceCapabilities(
            incremental=any(part.changed is not None for part in parts),
            allocations="allocation" in streams,
            history_days=site.settings.history_days,
        )

    def check(self) -> Iterable[Finding]:
        """Try the rights, the columns and the proofs of what is read here."""
        return check.source(self._site, self.streams)

    def discover(self) -> Iterable[Discovery]:
        """List companies, and columns that may be those the settings leave open."""
        return discover.source(self._site, self.streams)

    def upper_bound(self) -> UpperBound:
        """Read the database's clock."""
        return self._site.bound()

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the stream's pages in key order, the last one empty and `done`."""
        expect_given(stream, self.streams)
        if self._is_set(stream):
            yield Page([_row(company) for company in self._site.settings.companies], {"done": True}, whole=True)
            return
        yield from self._site.stream(stream).pages(position, bound)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; of payments and allocations none: they never vanish."""
        expect_given(stream, self.streams)
        return self._site.stream(stream).keys() if stream in _SWEPT else iter(())

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again."""
        expect_given(stream, self.streams)
        if self._is_set(stream):
            found = [
                _row(company) for company in self._site.settings.companies if (company.code,) in {k[1:] for k in keys}
            ]
            return Lookup(found, missing=[pair for pair in keys if pair[1] not in {row["company"] for row in found}])
        return self._site.stream(stream).lookup(keys)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item; nothing of a source without items."""
        return self._site.stream("item").totals(bound) if "item" in self.streams else iter(())

    def close(self) -> None:
        """Hang up."""
        self._site.close()

    def _is_set(self, stream: Stream) -> bool:
        return stream == "company" and "company" not in self._site.template.streams


def source_of(settings: SqlLedgerSettings, name: str, home: Path, *, streams: Sequence[Stream]) -> SqlSource | None:
    """Return what reads these streams, as far as the site's template has them; None where it has none."""
    site = SqlSite(settings, name, home)
    given = {*site.template.streams, *(("company",) if settings.companies else ())}
    offered = tuple(stream for stream in streams if stream in given)
    return SqlSource(site, offered) if offered else None


def check_template(file: Path, settings: SqlLedgerSettings) -> str:
    """Check a template and say what it maps. Raises ConfigError with all its faults."""
    template = load_template(file, settings).template
    return ", ".join(
        f"{stream} ({sum(len(part.fields) for part in parts)} fields)" for stream, parts in template.streams.items()
    )


def _row(company: CompanySettings) -> dict[str, str]:
    return {"company": company.code, "name": company.name, "currency": company.currency}
