"""Invoices and credit memos with their instalments, receipts, and each of them by the key of an item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from duehook.core.errors import ConnectorError
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row, nested
from duehook.plugins.oracle_fusion.client.errors import NotQueryable
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.mapping.items import Document, key_of
from duehook.plugins.oracle_fusion.resources import INSTALLMENT, Resource, among, is_id
from duehook.plugins.oracle_fusion.site import FusionSite
from duehook.plugins.oracle_fusion.values import Source

from .activities import Activities

AT_ONCE: Final = 100  # ids of one question: an address has its length
LATELY: Final = timedelta(days=35)
_LARGEST: Final = 2**63


@dataclass(frozen=True)
class Found:
    """The document that an instalment is of, and where it was found."""

    resource: Resource
    document: Document


class Documents:
    """Reads what items are made of."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site = site
        self._activities = Activities(site)
        self._by_child: bool | None = None

    def pages(
        self, resource: Resource, conditions: Sequence[str] = (), after: str | None = None, *,
        since: datetime | None = None, is_open: bool = False,
    ) -> Iterator[list[Row]]:  # fmt: skip
        """Yield pages of rows, documents with their instalments."""
        asked = Asked(resource, conditions, expand=resource.child is not None, since=since, open=is_open)
        for rows in self._site.service.pages(asked, after):
            self._activities.forget()
            yield rows

    def document(self, resource: Resource, row: Row) -> Document:
        """Return a row as a document, with its instalments in their order."""
        is_credit = resource.name == self._site.credit_memos.name
        parts = self._parts(resource, row, resource.child) if resource.child else self._activities.of(row)
        return Document(row, sorted(parts, key=_place), is_credit)

    def receipts(self, wanted: Iterable[str]) -> dict[str, Row]:
        """Return receipts by their ids, as far as they are there."""
        ids, found = sorted({each for each in wanted if is_number(each)}, key=int), dict[str, Row]()
        for chunk in _chunks(ids):
            found |= {values.number_of(row, self._site.receipts.id): row for row in self._receipts(chunk)}
        return {each: found[each] for each in ids if each in found}

    def of(self, wanted: Iterable[str]) -> dict[str, Found]:
        """Return the documents of instalments by their ids, as far as they are there.

        Fusion tells a document's instalments, and not an instalment's document. So they are asked for by the
        attribute of the child, where this pod takes that; else they are looked for: among what is open, among what
        changed lately, and among all.
        """
        left = sorted({each for each in wanted if is_number(each)}, key=int)
        found = self._asked(left) if self._by_child is not False else None
        resources = [each for each in self._site.documents[:2] if found is None or each.child is None]
        found = found or {}
        for questions in self._ranges(resources) if resources else ():
            if len(found) == len(left):
                break
            found |= self._among(set(left) - set(found), questions)
        return found

    def tries_by_child(self) -> str | None:
        """Ask for an instalment by its id; return why that does not work, None where it does."""
        try:
            self._with(self._site.invoices, ["1"])
        except ConnectorError as error:
            return error.message
        return None

    def _parts(self, resource: Resource, row: Row, child: str) -> list[Row]:
        found = nested(row, child)
        return (
            self._site.service.child(resource, str(row[resource.id]), child, order=INSTALLMENT)
            if found.is_cut
            else found.rows
        )

    def _receipts(self, ids: Sequence[str]) -> Iterator[Row]:
        """Yield the receipts of some ids; where lists of them are not taken, all between the first and the last."""
        resource = self._site.receipts
        try:
            yield from self._site.service.every(Asked(resource, [among(resource.id, ids)]))
        except NotQueryable:
            span = [is_id(resource.id, ">=", ids[0]), is_id(resource.id, "<=", ids[-1])]
            yield from self._site.service.every(Asked(resource, span))

    def _asked(self, ids: Sequence[str]) -> dict[str, Found] | None:
        """Ask for instalments by their ids; None where this pod does not take that, or passes it over."""
        found: dict[str, Found] = {}
        try:
            for chunk in _chunks(ids):
                for resource in self._site.documents[:2]:
                    left = [each for each in chunk if each not in found]
                    for document in self._with(resource, left) if left and resource.child else ():
                        keys = set(left).intersection(key_of(part) or "" for part in document.parts)
                        if not keys:
                            raise NotQueryable(f"{resource.name} answers a look-up with what was not asked for.")
                        found |= dict.fromkeys(keys, Found(resource, document))
        except NotQueryable:
            self._by_child = False
            return None
        self._by_child = True
        return found

    def _with(self, resource: Resource, ids: Sequence[str]) -> list[Document]:
        condition = among(f"{resource.child}.{INSTALLMENT}", ids)
        rows = self._site.service.every(Asked(resource, [condition], expand=True))
        return [self.document(resource, row) for row in rows]

    def _ranges(self, resources: Sequence[Resource]) -> Iterator[list[Asked]]:
        """Yield what is looked through for an instalment, the likeliest first."""
        self._activities.forget()
        yield [Asked(each, expand=True, open=True) for each in resources]
        lately = self._site.bound().at - LATELY
        yield [Asked(each, expand=True, since=lately) for each in resources]
        yield [Asked(each, [self._site.before(lately)], expand=True) for each in resources]

    def _among(self, wanted: set[str], questions: Iterable[Asked]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for asked in questions:
            resource = asked.resource
            for rows in self._site.service.pages(asked):
                for document in (self.document(resource, row) for row in rows):
                    keys = wanted.intersection(key_of(part) or "" for part in document.parts)
                    found |= dict.fromkeys(keys, Found(resource, document))
                if len(found) == len(wanted):
                    return found
        return found


def is_number(key: str) -> bool:
    """Say whether a text can be an id."""
    return key.isascii() and key.isdigit() and not (len(key) > 1 and key[0] == "0") and int(key) < _LARGEST


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _place(part: Source) -> tuple[int, str]:
    key = key_of(part)
    return (int(key), "") if key is not None else (_LARGEST, str(part.get(INSTALLMENT)))
