"""Read items: whole or since an instant, what is open now, again by their keys, and what is open by item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Total, UpperBound
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row
from duehook.plugins.oracle_fusion.fields import patch_of
from duehook.plugins.oracle_fusion.mapping.items import ON_ACCOUNT, ItemMapping, key_of, totals_of
from duehook.plugins.oracle_fusion.resources import Resource
from duehook.plugins.oracle_fusion.site import FusionSite
from duehook.plugins.oracle_fusion.values import Source, bad_row

from .documents import Documents
from .place import Place

RECENT: Final = "recent"  # by the stamp of the last change
OLD: Final = "old"  # what is open and older than the history
OPEN: Final = "open"
Made = tuple[list[Row], list[BadRow]]
Name = tuple[str, str]


class ItemReading:
    """Reads instalments, and what is left of receipts, as items."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site = site
        self.documents = Documents(site)
        self._items = ItemMapping(site.settings, patch_of(site.fields, "item"))

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items in the order of their documents' ids, part by part; the last page is empty and done."""
        place = Place.at(position, bound, self._site)
        for part in place.part_of(self._parts(place)):
            resource, which, after = self._resource(part), part.partition(":")[2], place.begun(part)
            for rows in self._pages(resource, which, place, after):
                made, bad = self._made(resource, rows)
                notes = self._left_out(resource, rows)
                yield Page(made, place.position(part, str(rows[-1][resource.id])), bad, notes)
        yield Page([], place.done)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open now; whole where there are any.

        A user who lost a right sees nothing of it and gets no error: then nothing is proved. What is lost of one
        resource or business unit alone is seen when its items are looked up.
        """
        told, is_whole = 0, True
        for resource in self._site.documents:
            for rows in self.documents.pages(resource, is_open=True):
                keys, is_readable = self._open_keys(resource, rows)
                told, is_whole = told + len(keys), is_whole and is_readable
                yield KeyPage(keys)
        yield KeyPage([], complete=is_whole and told > 0)

    def lookup(self, keys: Sequence[Name]) -> Lookup:
        """Read items again; one that is not there was never one, or is gone.

        Raises ConnectorRefused where nothing of a resource or business unit is shown: then nobody can say that.
        """
        found: dict[str, Made] = {}
        money = [key.removeprefix(ON_ACCOUNT) for _, key in keys if key.startswith(ON_ACCOUNT)]
        for number, row in self.documents.receipts(money).items():
            found[f"{ON_ACCOUNT}{number}"] = self._of_receipt(row)
        for key, at in self.documents.of(key for _, key in keys).items():
            made, bad = self._items.rows(at.document)
            found[key] = [row for row in made if row["key"] == key], [each for each in bad if each.key == key]
        there = {name: found[name[1]] for name in keys if name[1] in found and _is_of(found[name[1]], name[0])}
        missing = [name for name in keys if name not in there]
        self._expect_seen(missing)
        rows = [row for made, _ in there.values() for row in made]
        bad_rows = [replace(each, key=name[1], company=name[0]) for name, (_, bad) in there.items() for each in bad]
        return Lookup(rows, missing=missing, bad=bad_rows)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open, by item."""
        for resource in self._site.documents:
            for rows in self.documents.pages(resource, is_open=True):
                yield list(self._totals(resource, self._read(rows), bound))

    def _parts(self, place: Place) -> list[str]:
        names = [each.name for each in self._site.documents]
        if place.since is not None:
            return [f"{name}:{RECENT}" for name in names]
        documents = [f"{name}:{part}" for name in names[:2] for part in (RECENT, OLD)]
        return [*documents, f"{names[2]}:{OPEN}"]

    def _resource(self, part: str) -> Resource:
        return next(each for each in self._site.documents if part.startswith(f"{each.name}:"))

    def _pages(self, resource: Resource, which: str, place: Place, after: str | None) -> Iterator[list[Row]]:
        first = self._site.history_from(place.bound)
        if which == RECENT:
            return self.documents.pages(resource, (), after, since=place.since or first)
        conditions = [self._site.before(first)] if which == OLD else []
        return self.documents.pages(resource, conditions, after, is_open=True)

    def _made(self, resource: Resource, rows: Iterable[Row]) -> Made:
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in self._read(rows):
            found, faults = self._of(resource, row)
            made += found
            bad += faults
        return made, bad

    def _of(self, resource: Resource, row: Row) -> Made:
        if resource is self._site.receipts:
            made, bad = self._of_receipt(row)
            return [each for each in made if each["open_amount"]], bad
        document = self.documents.document(resource, row)
        if not document.parts and row.get(resource.balance):
            told = f"{resource.balance} is {row[resource.balance]}, and no instalments came with it."
            return [], [bad_row(BadRecord(told), None, document.unit, row)]
        return self._items.rows(document)

    def _of_receipt(self, row: Row) -> Made:
        try:
            return [self._items.on_account(row)], []
        except BadRecord as error:
            key = f"{ON_ACCOUNT}{row.get(self._site.receipts.id)}"
            return [], [bad_row(error, key, values.text(row, "BusinessUnit"), row)]

    def _read(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Leave out the business units that are not read, and money that nobody knows the customer of."""
        for row in rows:
            unit = values.text(row, "BusinessUnit")
            if unit is not None and not self._site.reads(unit):
                continue
            if "StandardReceiptId" in row and values.text(row, self._site.receipts.account) is None:
                continue
            yield row

    def _left_out(self, resource: Resource, rows: Sequence[Row]) -> list[str]:
        others = {unit for row in rows if (unit := values.text(row, "BusinessUnit")) and not self._site.reads(unit)}
        return (
            [f"left out of {resource.name}, for `business_units` does not name them: {', '.join(sorted(others))}"]
            if others
            else []
        )

    def _open_keys(self, resource: Resource, rows: Sequence[Row]) -> tuple[list[Name], bool]:
        """Return the keys of what is open of some rows, and whether all could be told."""
        keys: list[Name] = []
        is_readable = True
        for row in self._read(rows):
            unit = values.text(row, "BusinessUnit") or ""
            if resource is self._site.receipts:
                keys.append((unit, f"{ON_ACCOUNT}{row[resource.id]}"))
                continue
            parts = self.documents.document(resource, row).parts
            told = [key_of(part) for part in parts if _is_left(part)]
            is_readable = is_readable and bool(parts) and None not in told
            keys += [(unit, key) for key in told if key is not None]
        return keys, is_readable

    def _totals(self, resource: Resource, rows: Iterable[Row], bound: UpperBound) -> Iterator[Total]:
        for row in rows:
            if resource is self._site.receipts:
                found = self._items.receipt_total(row, bound.at)
                yield from [found] if found else []
            else:
                yield from totals_of(self._items, self.documents.document(resource, row), bound.at)

    def _expect_seen(self, missing: Sequence[Name]) -> None:
        units = {unit for unit, key in missing if self._site.reads(unit)}
        if any(key.startswith(ON_ACCOUNT) and key[2:].isdigit() for _, key in missing):
            self._site.expect_seen(self._site.receipts, units)
        if any(key.isdigit() for _, key in missing):
            self._site.expect_seen(self._site.invoices, units)


def _is_left(part: Source) -> bool:
    """Say whether an instalment is open; one whose balance cannot be read is taken for open."""
    try:
        return values.needed(part, "InstallmentBalanceDue") != 0
    except BadRecord:
        return True


def _is_of(made: Made, company: str) -> bool:
    """Say whether what was found by a key is of the company that was asked for, as far as it says one."""
    rows, bad = made
    told = [row["company"] for row in rows] + [each.company for each in bad if each.company]
    return not told or company in told
