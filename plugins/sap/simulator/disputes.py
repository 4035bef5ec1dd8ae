"""The dispute service, where the option says that the site has it.

Its names are not published: these are the simulator's own guess, so a connector must have them as settings.
A case of the book has a UUID that follows from its item; one that was created from outside keeps its own.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from duehook.core.testing.book import Book, Item
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.odata import Row, Table
from duehook.core.testing.sap_ledger.lines import LineKey, item_key

from .written import Written

SET: Final = "DisputeCase"
OPEN, CLOSED = "01", "03"
_SPACE: Final = uuid.UUID("6f1d8a54-6f3f-4d51-9d4b-0d2f8b8f5a10")


class Disputes:
    """The cases over a book."""

    def __init__(self, book: Book, written: Written) -> None:
        """Take the book as it stands."""
        self.book, self.written = book, written
        self.table = Table(self._case)
        self.refresh()

    def refresh(self) -> None:
        """Work out anew which cases there are."""
        self.table.clear()
        for item in self.book.items.values():
            if item.dispute_reason is not None and item.posted:
                self.table.put((case_of(item),), item)
        for key in self.written.created(SET):
            self.table.put(key, key)

    def _case(self, source: Item | tuple[str]) -> dict[str, Any]:
        if not isinstance(source, Item):
            return self.written.over(SET, source, {"CaseUUID": source[0], "CaseStatus": OPEN})
        company, year, number, line = item_key(source)
        row = {
            "CaseUUID": case_of(source), "CaseID": f"{source.document_no:010d}", "CompanyCode": company,
            "FiscalYear": year, "AccountingDocument": number, "AccountingDocumentItem": line,
            "Customer": source.customer, "DisputedAmount": to_amount(source.disputed_minor or 0, source.currency),
            "DisputeCaseCurrency": source.currency, "CaseReason": source.dispute_reason, "CaseStatus": OPEN,
            "CaseTitle": f"Invoice {number}", "CreationDate": source.changed_at.date(),
        }  # fmt: skip
        return self.written.over(SET, (case_of(source),), row)

    def of(self, key: LineKey) -> Row | None:
        """Return the open case about an item, the last one that was opened."""
        names = ("CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem")
        rows = [row for each in self.table.where(names, key) if (row := self.table.get(each)) is not None]
        return next((row for row in reversed(rows) if row.get("CaseStatus") == OPEN), None)


def case_of(item: Item) -> str:
    """Return the UUID of the case that the book has about an item."""
    return str(uuid.uuid5(_SPACE, item.key))
