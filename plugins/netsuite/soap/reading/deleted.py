"""Which transactions were deleted, as getDeleted says; SuiteQL has no such list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from duehook.core.errors import ConnectorRefused
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.client import answers
from duehook.plugins.netsuite.soap.site import SoapSite

KINDS: Final = tuple(dict.fromkeys(words.RECORDS.values()))
PAGES: Final = 20  # how many pages are looked through: deletions are rare, and what is not found is told as missing
BACK: Final = timedelta(days=400)


def deleted(site: SoapSite, wanted: Collection[int]) -> set[int]:
    """Return those of these transactions that NetSuite tells as deleted; none where the role may not ask."""
    since = (site.soap.clock() - BACK).replace(microsecond=0).isoformat()
    gone, page, pages = set[int](), 1, 1
    while page <= min(pages, PAGES) and not gone.issuperset(wanted):
        try:
            found = site.soap.deleted(KINDS, since, page)
        except ConnectorRefused:
            return gone
        pages = answers.number(found, "totalPages")
        for each in answers.children(answers.child(found, "deletedRecordList"), "deletedRecord"):
            key = answers.child(each, "record")
            if key is not None and (held := key.get("internalId") or "").isdigit() and int(held) in wanted:
                gone.add(int(held))
        page += 1
    return gone
