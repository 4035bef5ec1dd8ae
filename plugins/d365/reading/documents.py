"""Transactions with what belongs to them: a page of transactions, or a page of open rows, joined with the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from duehook.core.errors import ConnectorRefused
from duehook.core.wire.odata import Entity, Row, Where, pages
from duehook.core.wire.odata.paging import KeyValues
from duehook.plugins.d365.client.service import ALL_COMPANIES, D365Service
from duehook.plugins.d365.mapping.items import Document
from duehook.plugins.d365.site import AREA, D365Site, Pair

BY_TRANSACTION: Final = (AREA, "RefRecId", "SysRecId")


class Documents:
    """Reads transactions together with their open rows and disputes."""

    def __init__(self, site: D365Site) -> None:
        """Take the site."""
        self._site = site
        self._expanding: D365Service | None = None
        self._expands: bool | None = None

    @property
    def number(self) -> str:
        """Return the field that tells transactions apart."""
        return self._site.transactions.key[1]

    def of(self, rows: Sequence[Row], asked: Mapping[Pair, Collection[date | None]] | None = None) -> list[Document]:
        """Return transactions with their open rows and disputes, in the order in which they came."""
        site, wanted = self._site, asked or {}
        pairs = [(row[AREA], row["SysRecId"]) for row in self.plain(rows)]
        opened = site.joined(site.open, "RefRecId", pairs) if site.open else None
        disputes = site.joined(site.disputes, "CustTrans", pairs) if site.disputes else None
        return [
            Document(
                row,
                opened.of(pair) if opened else (),
                next(iter(disputes.of(pair)), None) if disputes else None,
                wanted.get(pair, ()),
            )
            for row, pair in zip(rows, pairs, strict=True)
        ]

    def by_number(self, pairs: Sequence[Pair], *more: Where) -> dict[Pair, Row]:
        """Return the transactions of these record ids."""
        rows = self.plain(self._site.by_key(self._site.transactions, self.number, pairs, *more))
        return {(row[AREA], row["SysRecId"]): row for row in rows}

    def plain(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Call the record id by one name, whichever set the rows are from."""
        if self.number != "SysRecId":
            for row in rows:
                row["SysRecId"] = row[self.number]
        return rows

    def open_pages(
        self, where: Where, start: KeyValues | None = None
    ) -> Iterator[tuple[list[tuple[Row, list[Row]]], KeyValues]]:
        """Yield pages of transactions with all their open rows, by open rows under a condition, and the last key.

        An open row whose transaction is not there is left out: it was settled and purged meanwhile.
        """
        site, waiting = self._site, list[Row]()
        assert site.open is not None
        listing = site.listing(site.open, site.within(where), BY_TRANSACTION)
        service = self._expanded(site.open) or site.service
        for page in pages(service, listing, start):
            rows = [*waiting, *page.rows]
            last = _pair(rows[-1])
            cut = next(place for place, row in enumerate(rows) if _pair(row) == last)
            ready, waiting = rows[:cut], rows[cut:]
            if ready:
                yield self._with_transactions(ready), _key(ready[-1])
        if waiting:
            yield self._with_transactions(waiting), _key(waiting[-1])

    def _with_transactions(self, rows: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
        found: dict[Pair, list[Row]] = {}
        for row in rows:
            found.setdefault(_pair(row), []).append(row)
        known = self._taken_along(rows) if self._expanding is not None else self.by_number(list(found))
        return [(known[pair], opened) for pair, opened in found.items() if pair in known]

    def _taken_along(self, rows: Sequence[Row]) -> dict[Pair, Row]:
        """Return the transactions that came inside of the open rows."""
        name, inner = self._site.settings.sets.open_navigation or "", dict[Pair, Row]()
        for row in rows:
            held = row.pop(name, None)
            if isinstance(held, dict):
                inner[_pair(row)] = held
        entity, taken = self._site.transactions, list(inner.values())
        self._site.service.dialect.decode(entity, taken)
        self.plain(taken)
        return inner

    def _expanded(self, entity: Entity) -> D365Service | None:
        """Return a service whose open rows bring their transaction along, where the site has that navigation."""
        if self._expands is None:
            self._expands = self.tries_to_expand(entity) is None
        return self._expanding if self._expands else None

    def tries_to_expand(self, entity: Entity) -> str | None:
        """Ask for one open row with its transaction; return why that does not work, None where it does."""
        site, name = self._site, self._site.settings.sets.open_navigation
        if name is None or site.stamped:
            return "no navigation is set"
        fields = ",".join(site.transactions.kinds)
        service = replace(site.service, options={**ALL_COMPANIES, "$expand": f"{name}($select={fields})"})
        try:
            found = service.rows(entity, top=1)
        except ConnectorRefused as error:
            return error.message
        if found and not isinstance(found[0].get(name), dict):
            return f"{name} brings no transaction along"
        self._expanding = service
        return None


def _pair(row: Row) -> Pair:
    return row[AREA], row["RefRecId"]


def _key(row: Row) -> KeyValues:
    return tuple(row[name] for name in BY_TRANSACTION)


def as_documents(found: Iterable[tuple[Row, list[Row]]]) -> list[Document]:
    """Return them as documents without disputes, as totals need them."""
    return [Document(row, opened) for row, opened in found]


def pairs_of(rows: Iterable[Mapping[str, Any]], field: str) -> list[Pair]:
    """Return company and a field's value of each row that has one."""
    return [(row[AREA], row[field]) for row in rows if row.get(field)]
