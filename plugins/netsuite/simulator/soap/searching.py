"""The operations search and searchMoreWithId."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.tables.schema import INSTALMENTS, TAX_ID
from duehook.plugins.netsuite.simulator.tables.values import moment

from .envelope import Asked
from .faults import Failed, unreadable
from .names import COMMON, CORE, MESSAGES, TYPE, local, tag
from .reading import Reading
from .search.columns import Columns
from .search.criteria import Criteria
from .search.masters import ACCOUNT, CONTACT, CUSTOMER, RELATION, ROLE, SUBSIDIARY, TERM
from .search.results import Held, Searches
from .search.source import Source
from .search.transactions import TRANSACTION
from .status import status
from .values import read_boolean

SIZES: Final = (5, 1000)  # the fewest and the most records of a page
SOURCES: Final[Mapping[str, Source]] = {
    tag(each.namespace, f"{each.name}Search"): each
    for each in (TRANSACTION, CUSTOMER, CONTACT, RELATION, SUBSIDIARY, TERM, ROLE, ACCOUNT)
}  # fmt: skip
_BASICS: Final = {tag(COMMON, f"{each.name}SearchBasic"): each for each in SOURCES.values()}


@dataclass(frozen=True)
class Searching:
    """Answers searches over an account; `permit` raises Failed for a right that the role has not."""

    reading: Reading
    searches: Searches
    now: Callable[[], datetime]
    permit: Callable[[str], None]

    def search(self, asked: Asked) -> Element:
        """Answer a new search with its first page; raises Failed."""
        record = asked.body.find(tag(MESSAGES, "searchRecord"))
        if record is None:
            raise unreadable("search has no searchRecord.")
        size, body_only, rows = _preferences(asked.header)
        held = self._held(record, rows=rows)
        held.size, held.body_only = size, body_only
        self.permit(held.source.right)
        held.find(self.reading.context.database)
        return self._page(self.searches.hold(held), 1)

    def more(self, asked: Asked) -> Element:
        """Answer with another page of a search; raises Failed."""
        search = asked.body.findtext(tag(MESSAGES, "searchId"), "").strip()
        index = asked.body.findtext(tag(MESSAGES, "pageIndex"), "").strip()
        held = self.searches.found(search)
        if held is None:
            raise Failed("INVALID_SEARCH_MORE", f"The search {search} does not exist, or has expired.")
        if not index.isdecimal() or not 1 <= int(index) <= max(held.pages, 1):
            raise Failed("INVALID_SEARCH_PAGE_INDEX", f"Invalid page index {index}: there are {held.pages} pages.")
        self.permit(held.source.right)
        return self._page(held, int(index))

    def _held(self, record: Element, *, rows: bool) -> Held:
        named = record.get(TYPE, "")
        advanced = named.removesuffix("Advanced") if named.endswith("SearchAdvanced") else ""
        source = SOURCES.get(advanced or named) or _BASICS.get(named)
        if source is None:
            raise Failed("INVALID_SEARCH_TYPE", f"This account has no search {local(named)}.")
        source = self._of_account(source)
        criteria = Criteria(self.reading.context.zone, self._today(), self.reading.customs)
        if not advanced:
            plain = named in _BASICS
            asked = [*criteria.of_basic(record, source.basic, source.name)] if plain else criteria.read(record, source)
            return Held("", source, asked, None, SIZES[1], True)
        if record.get("savedSearchId") or record.get("savedSearchScriptId"):
            raise Failed("INVALID_SAVEDSEARCH", "That saved search does not exist.")
        parts = {local(child.tag): child for child in record}
        wanted = parts.get("columns")
        columns = Columns.read(wanted, source, self.reading.customs) if wanted is not None and rows else None
        asked = criteria.read(parts["criteria"], source) if "criteria" in parts else []
        return Held("", source, asked, columns if columns and columns.columns else None, SIZES[1], True)

    def _of_account(self, source: Source) -> Source:
        """Return a search without the join of a feature that the account has not, and without such a column."""
        tables = self.reading.context.database.schema.tables
        if INSTALMENTS not in tables:
            joins = {name: part for name, part in source.joins.items() if name != "installmentJoin"}
            source = replace(source, joins=joins)
        return source if TAX_ID in tables["customer"] else source.without(TAX_ID)

    def _page(self, held: Held, index: int) -> Element:
        context, keys = self.reading.context, held.page(index)
        result = Element(tag(CORE, "searchResult"))
        result.append(status())
        counts = {"totalRecords": len(held.keys), "pageSize": held.size, "totalPages": held.pages, "pageIndex": index}
        for name, count in counts.items():
            SubElement(result, tag(CORE, name)).text = str(count)
        SubElement(result, tag(CORE, "searchId")).text = held.search
        if held.columns:
            rows = held.rows(context.database, keys)
            listed = SubElement(result, tag(CORE, "searchRowList"))
            listed.extend(held.columns.row(row, context) for row in rows)
        else:
            found = self.reading.records(held.source.record, [key[0] for key in keys], lists=not held.body_only)
            SubElement(result, tag(CORE, "recordList")).extend(found)
        return result

    def _today(self) -> str:
        return (moment(self.now(), self.reading.context.zone) or "")[1:11]


def _preferences(header: Element) -> tuple[int, bool, bool]:
    """Return the size of pages, whether records come without their lists, and whether columns are given."""
    preferences = header.find(tag(MESSAGES, "searchPreferences"))
    texts = {} if preferences is None else {local(child.tag): (child.text or "").strip() for child in preferences}
    size = texts.get("pageSize", str(SIZES[1]))
    if not size.isdecimal() or not SIZES[0] <= int(size) <= SIZES[1]:
        said = f"Invalid page size {size}: it must be between {SIZES[0]} and {SIZES[1]}."
        raise Failed("INVALID_SEARCH_PAGE_SIZE", said)
    try:
        body_only, rows = (read_boolean(texts.get(name, "true")) for name in ("bodyFieldsOnly", "returnSearchColumns"))
        return int(size), body_only, rows
    except ValueError as error:
        raise Failed("INVALID_SEARCH_PREF", f"Invalid search preference {error}.") from None
