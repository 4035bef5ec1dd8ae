"""Read items of posted invoices and credit memos, where ledger entries are not published.

What is open of a document is calculated when it is read, and moves no stamp: so they are read whole each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from duehook.core.connecting.odata_fields import patch_of, selected
from duehook.core.connecting.odata_rows import bad_row
from duehook.core.connecting.place import Place
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.core.wire.odata import Entity, pages
from duehook.core.wire.odata.paging import count
from duehook.plugins.business_central import entities
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.mapping.items import DocumentMapping, is_posted
from duehook.plugins.business_central.mapping.rows import Row, Source
from duehook.plugins.business_central.site import BusinessCentralSite

from .items import Keys, looked_up

SETS: Final = {"I": entities.INVOICE, "C": entities.CREDIT_MEMO}


class DocumentReading:
    """Reads posted documents as items."""

    def __init__(self, site: BusinessCentralSite) -> None:
        """Take the site."""
        self._site = site
        self._items = DocumentMapping(patch_of(site.fields, "item"))

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items in the order of their numbers, set by set; the last page is empty and done."""
        place = Place.at(position, bound, lookback=None, mapping=self._site.fields.digest)
        parts = {f"{one.id} {sort}": (one, sort) for one in self._site.with_currency for sort in SETS}
        for name in place.part_of(list(parts)):
            one, sort = parts[name]
            for rows in self._listed(one, sort, place.begun(name)):
                made, bad = self._rows(one, sort, rows)
                yield Page(made, place.position(name, [rows[-1]["number"]]), bad)
        yield Page([], place.done, whole=not place.taken_up)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open now; whole when as many documents came as are counted, and any came."""
        whole, seen = True, 0
        for one in self._site.with_currency:
            for sort in SETS:
                told = 0
                for rows in self._listed(one, sort):
                    told += len(rows)
                    made, bad = self._rows(one, sort, rows)
                    keys = [(one.id, row["key"]) for row in made if row["open_amount"]]
                    yield KeyPage(keys + [(one.id, str(fault.key)) for fault in bad])
                listing = self._site.listing(self._entity(one, sort))
                whole, seen = whole and told == count(self._site.service, listing), seen + told
        yield KeyPage([], complete=whole and seen > 0)

    def lookup(self, keys: Keys) -> Lookup:
        """Read documents again."""
        asked: dict[tuple[str, str], list[str]] = {}
        for company, key in keys:
            sort, bar, number = key.partition("|")
            if bar and sort in SETS and number:
                asked.setdefault((company, sort), []).append(number)
        found: list[Row] = []
        bad: list[BadRow] = []
        for (company, sort), numbers in asked.items():
            one = self._site.company(company)
            rows = list(self._site.by_values(self._entity(one, sort), "number", numbers))
            made, faults = self._rows(one, sort, [row for row in rows if row["number"] in numbers])
            found, bad = found + made, bad + faults
        return looked_up(keys, found, bad)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by document."""
        for one in self._site.with_currency:
            for sort in SETS:
                for rows in self._listed(one, sort):
                    made, _ = self._rows(one, sort, rows)
                    yield [_total(row, bound) for row in made if row["open_amount"]]

    def _listed(self, one: Company, sort: str, after: Sequence[str] | None = None) -> Iterator[Sequence[Source]]:
        entity = self._entity(one, sort)
        self._site.service.learn(entity)
        for page in pages(self._site.service, self._site.listing(entity), after):
            yield page.rows

    def _entity(self, one: Company, sort: str) -> Entity:
        return self._site.api(one, selected(self._site.fields, SETS[sort]))

    def _rows(self, one: Company, sort: str, rows: Sequence[Source]) -> tuple[list[Row], list[BadRow]]:
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            try:
                if is_posted(row):
                    terms = self._site.term_of(one, row)
                    made.append(self._items.row(one, row, terms, is_credit=sort == "C"))
            except BadRecord as error:
                bad.append(bad_row(error, one.id, f"{sort}|{row['number']}", row))
        return made, bad


def _total(row: Row, bound: UpperBound) -> Total:
    changed, posted = row["changed_at"], row["posted_on"]
    past = bool(changed and changed > bound.at) or bool(posted and posted > bound.at.date())
    return Total(
        row["company"], row["key"], "normal", row["currency"], row["open_amount"], row["company_currency"],
        row.get("company_open_amount"), past,
    )  # fmt: skip
