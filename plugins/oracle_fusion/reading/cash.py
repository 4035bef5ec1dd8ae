"""Read payments: receipts whose customer is known, with their reversals, and what was applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Lookup, Page, Position, UpperBound
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.fields import patch_of
from duehook.plugins.oracle_fusion.mapping.cash import BACK, CashMapping
from duehook.plugins.oracle_fusion.site import FusionSite
from duehook.plugins.oracle_fusion.values import bad_row

from .applications import ApplicationReading
from .documents import Documents
from .place import Place

PART: Final = "receipts"


class CashReading:
    """Reads receipts."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._documents = site, Documents(site)
        self._applications = ApplicationReading(site)
        self._cash = CashMapping(site.settings, patch_of(site.fields, "payment"))

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments in the order of their ids; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        first = place.since or self._site.history_from(place.bound)
        resource = self._site.receipts
        asked = Asked(resource, since=first)
        for rows in self._site.service.pages(asked, place.begun(PART)):
            made, bad = self._made(rows)
            yield Page(made, place.position(PART, str(rows[-1][resource.id])), bad)
        yield Page([], place.done)

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read payments again."""
        numbers = [key.removesuffix(BACK) for _, key in keys]
        made, bad = self._made(self._documents.receipts(numbers).values())
        wanted = set(keys)
        found = [row for row in made if (row["company"], row["key"]) in wanted]
        told = {(row["company"], row["key"]) for row in found} | {(each.company or "", each.key) for each in bad}
        return Lookup(found, missing=[name for name in keys if name not in told], bad=bad)

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield what receipts and credit memos were applied to."""
        return self._applications.pages(position, bound)

    def _made(self, rows: Iterable[Row]) -> tuple[list[Row], list[BadRow]]:
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            unit = values.text(row, "BusinessUnit")
            if values.text(row, self._site.receipts.account) is None or (unit and not self._site.reads(unit)):
                continue
            try:
                made += self._cash.rows(row)
            except BadRecord as error:
                bad.append(bad_row(error, values.text(row, self._site.receipts.id), unit, row))
        return made, bad
