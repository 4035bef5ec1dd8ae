"""Read allocations: the applications that the activities of accounts show, accounts of what changed alone.

An application does not say its business unit: that is the one of the receipt or credit memo that was applied, which
are asked for by their ids. Those of business units that are not read, or that are not shown, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Page, Position, UpperBound
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row, nested
from duehook.plugins.oracle_fusion.mapping.applications import CREDIT_MEMO, KEY, RECEIPT, allocation
from duehook.plugins.oracle_fusion.resources import Resource, applied, literal
from duehook.plugins.oracle_fusion.site import FusionSite
from duehook.plugins.oracle_fusion.values import bad_row

from .accounts import Accounts
from .listed import Listed
from .place import Place

PART: Final = "accounts"
Made = tuple[list[Row], list[BadRow]]


class ApplicationReading:
    """Reads what was applied to what."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._accounts, self._listed = site, Accounts(site), Listed(site)
        self._resource = applied(site.settings)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield allocations in the order of their accounts' numbers; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        first = self._site.history_from(place.bound).date()
        if self._resource.child is not None:
            accounts = self._accounts.of(place, renamed=False)
            for chunk in self._accounts.chunks(accounts, place.begun(PART)):
                made, bad = self._made(list(self._applications(chunk)))
                rows = [row for row in made if row["allocated_on"] >= first]
                yield Page(rows, place.position(PART, [*chunk][-1]), bad)
        yield Page([], place.done)

    def _applications(self, accounts: Iterable[str]) -> Iterator[Row]:
        """Yield what was applied to an instalment, of some accounts."""
        resource = self._resource
        asked = [literal(each) for each in accounts]
        for row in self._listed.rows(resource, resource.account, asked, expand=True):
            for child in (resource.child or "").split(","):
                for each in self._of(row, child):
                    if each.get("ReferenceInstallmentId") is not None:
                        yield each

    def _of(self, row: Row, child: str) -> list[Row]:
        found = nested(row, child)
        if not found.is_cut:
            return found.rows
        return self._site.service.child(self._resource, str(row[self._resource.id]), child, order=KEY)

    def _made(self, applications: Sequence[Row]) -> Made:
        units = {RECEIPT: self._units(self._site.receipts, RECEIPT, applications),
                 CREDIT_MEMO: self._units(self._site.credit_memos, CREDIT_MEMO, applications)}  # fmt: skip
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in applications:
            of = RECEIPT if row.get(RECEIPT) is not None else CREDIT_MEMO
            unit = units[of].get(str(row.get(of)))
            if unit is None or not self._site.reads(unit):
                continue
            try:
                made.append(allocation(row, unit, self._site.settings.columns.changed))
            except BadRecord as error:
                bad.append(bad_row(error, values.text(row, KEY), unit, row))
        return made, bad

    def _units(self, resource: Resource, name: str, applications: Iterable[Row]) -> Mapping[str, str | None]:
        """Return the business units of the receipts or credit memos that applications name, by their ids."""
        ids = sorted({held for row in applications if (held := values.text(row, name)) and held.isdigit()}, key=int)
        rows = self._listed.rows(resource, resource.id, ids, fields=[resource.id, "BusinessUnit"])
        return {str(row.get(resource.id)): values.text(row, "BusinessUnit") for row in rows}
