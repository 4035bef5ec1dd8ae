"""Documents with their instalments, and journals' lines, by SuiteTalk as the rows that SuiteQL gives of them.

A search tells what remains in the subsidiary's currency. Of a document in that currency this is what is open of it; of
one in another, what remains is asked of its record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled
from duehook.core.records import Stream
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Row
from duehook.plugins.netsuite.mapping.items import Document, first_lines
from duehook.plugins.netsuite.soap import words
from duehook.plugins.netsuite.soap.client import answers
from duehook.plugins.netsuite.soap.search import OPEN, Search, any_of, flag
from duehook.plugins.netsuite.soap.site import SoapSite, types
from duehook.plugins.netsuite.soap.taken import Taken
from duehook.plugins.netsuite.suiteql import Key

_COLUMNS: Final = (
    "internalId", "type", "tranId", "entity", "tranDate", "dueDate", "closeDate", "currency", "terms", "otherRefNum",
    "memoMain", "status", "lastModifiedDate", "subsidiary", "fxAmount", "amount", "amountRemaining",
)  # fmt: skip
AMOUNTS: Final = (  # what totals need
    "internalId", "type", "entity", "currency", "terms", "lastModifiedDate", "subsidiary", "fxAmount", "amount",
    "amountRemaining",
)  # fmt: skip
_CALLED: Final = {
    "tranId": "tranid", "entity": "entity", "tranDate": "trandate", "dueDate": "duedate", "closeDate": "closedate",
    "currency": "currency", "terms": "terms", "otherRefNum": "otherrefnum", "memoMain": "memo",
    "lastModifiedDate": "modified", "subsidiary": "subsidiary", "fxAmount": "foreignamount", "amount": "companyamount",
    "line": "line",
}  # fmt: skip
POSTED: Final = flag(held=True)
DOCUMENT: Final = Search("Transaction", _COLUMNS).under(mainLine=flag(held=True), posting=POSTED)
JOURNAL_LINE: Final = Search("Transaction", (*_COLUMNS, "line"), several=True).under(
    type=any_of(words.JOURNAL), accountType=any_of(words.RECEIVABLE), posting=POSTED
)
PART: Final = Search("Transaction", (
    "internalId", *(f"installmentJoin.{name}" for name in
                    ("installmentNumber", "dueDate", "fxAmount", "fxAmountRemaining")),
), several=True).under(mainLine=flag(held=True))  # fmt: skip
_APPLYING, _APPLIED = "applyingForeignAmount", "appliedToForeignAmount"
_LEFT: Final = {"CustInvc": "amountRemaining", "CustCred": "unapplied", "CustPymt": "unapplied"}
_FIX: Final = "it is read again by the next run."


class SoapDocuments:
    """Asks for what may be items, or payments."""

    def __init__(self, site: SoapSite, stream: Stream = "item") -> None:
        """Take the site, and what is made of its documents."""
        self._site = site
        self._taken = Taken(site.soap, site.fields, stream)
        beside = tables.beside(site.settings) if stream == "item" else ()
        self._beside = {column.name: column.source.partition(".")[2] for column in beside}

    @property
    def items(self) -> Search:
        """Return the search of documents that may be items."""
        return self.documents(self._site.documents)

    @property
    def journals(self) -> Search:
        """Return the search of the lines of journals that stand on receivables."""
        search = JOURNAL_LINE.under(subsidiary=self._site.within)
        return self._with_own(search)

    @property
    def open_journals(self) -> Search:
        """Return the search of the lines of journals of which something is open."""
        return self.journals.under(amountRemaining=OPEN)

    @property
    def open_keys(self) -> Search:
        """Return the search of the documents of which something is open."""
        return DOCUMENT.only("type", "subsidiary").under(
            type=types(self._site.documents), subsidiary=self._site.within, amountRemaining=OPEN
        )

    def documents(self, kinds: Iterable[str]) -> Search:
        """Return the search of documents of some types."""
        return self._with_own(DOCUMENT.under(type=types(kinds), subsidiary=self._site.within))

    def windows(self, search: Search, start: Key | None = None) -> Iterator[tuple[list[Document], Key]]:
        """Yield documents, each window with the id that the next stand behind."""
        for window in self._site.windows(search, start):
            yield self.of(window.rows), window.last

    def journal_windows(self, search: Search, start: Key | None = None) -> Iterator[tuple[list[Document], Key, int]]:
        """Yield all lines of the journals of which a line is found, and how many were; each journal once."""
        told: set[int] = set()
        for window in self._site.windows(search.only(), start):
            numbers = {int(row["internalId"]) for row in window.rows} - told
            told |= numbers
            yield self.journal_lines(numbers), window.last, len(window.rows)

    def by_id(self, numbers: Iterable[int]) -> list[Document]:
        """Return the documents of these ids."""
        return self.of(list(self._site.by_id(self.items, numbers)))

    def journal_lines(self, numbers: Iterable[int]) -> list[Document]:
        """Return all lines of these journals that stand on receivables and name a customer."""
        found = [row for row in self._site.by_id(self.journals, numbers) if row.get("entity")]
        rows = [self._row(row) for row in found]
        foreign = self._foreign(rows)
        if foreign:
            left = self._left_of_journals({int(row["id"]) for row in foreign})
            for row in foreign:
                row["unpaid"] = left.get((row["id"], row["line"]), row["unpaid"])
        rows.sort(key=lambda row: (int(row["id"]), int(row["line"] or 0)))
        return first_lines(rows)

    def of(self, found: Sequence[Row]) -> list[Document]:
        """Return documents with their instalments, in the order in which they came."""
        rows = self.rows(found)
        if self._site.settings.instalments_table is None:
            return [Document(row) for row in rows]
        invoices = [int(row["id"]) for row in rows if row["doctype"] == "CustInvc"]
        parts = self._instalments(invoices)
        return [Document(row, parts.get(str(row["id"]), ())) for row in rows]

    def rows(self, found: Sequence[Row]) -> list[Row]:
        """Return rows as SuiteQL gives them, with what is open of each in its own currency."""
        rows = [self._row(row) for row in found]
        foreign = [row for row in self._foreign(rows) if row["doctype"] in words.RECORDS]
        left = self._left_of_records([(words.RECORDS[row["doctype"]], str(row["id"])) for row in foreign])
        for row in foreign:
            name = "unpaid" if row["doctype"] == "CustInvc" else "unused"
            row[name] = left.get(str(row["id"]), row[name])
        return rows

    def _row(self, row: Row) -> Row:
        doctype = words.code_of(row.get("type"))
        found: Row = {called: row.get(name) for name, called in _CALLED.items()}
        found |= {
            "id": row["internalId"],
            "doctype": doctype,
            "status": "V" if words.is_voided(row.get("status")) else "",
        }
        left = "unpaid" if doctype in {"CustInvc", tables.JOURNAL} else "unused"
        remaining = row.get("amountRemaining")
        found |= {"unpaid": None, "unused": None, left: remaining, f"company{left}": remaining}
        beside = {name: _plain(row.get(field)) for name, field in self._beside.items()}
        return found | beside | self._taken.of(row)

    def _with_own(self, search: Search) -> Search:
        """Return a search with the account's own fields that settings name, and what the site's own file takes."""
        names = [*self._beside.values(), *self._taken.own()]
        made = replace(search, custom=self._site.custom.columns(names))
        return made.with_columns(*self._taken.standard())

    def _foreign(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows of which something remains, and whose currency is not their subsidiary's."""
        bases = self._site.base_currencies
        return [row for row in rows if _is_something(row.get("companyunpaid") or row.get("companyunused"))
                and row.get("currency") != bases.get(str(row.get("subsidiary")))]  # fmt: skip

    def _left_of_records(self, references: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return what is open of records by their ids; of one that is not shown why, so that it can not be read."""
        found: dict[str, str] = {}
        for (kind, key), element in self._site.get(references) if references else ():
            if isinstance(element, str):
                found[key] = f"{kind} {key} is not shown: {element}"
                continue
            record = answers.record(element) or {}
            name = next((_LEFT[code] for code, each in words.RECORDS.items() if each == kind and code in _LEFT), None)
            found[key] = str(record.get(name) or 0) if name else str(_deposit_left(record))
        return found

    def _left_of_journals(self, numbers: set[int]) -> dict[tuple[str, str], str]:
        """Return what is open of journals' lines in their own currency: what they are, less what was applied."""
        left: dict[tuple[str, str], Decimal] = {}
        for applied in (_APPLYING, _APPLIED):
            search = JOURNAL_LINE.only("line", "fxAmount", applied)
            for row in self._site.by_id(search, numbers):
                name = str(row["internalId"]), str(row.get("line"))
                left.setdefault(name, abs(_exact(row.get("fxAmount"))))
                left[name] -= abs(_exact(row.get(applied)))
        return {name: str(each) for name, each in left.items()}

    def _instalments(self, invoices: Sequence[int]) -> dict[str, list[Row]]:
        parts: dict[str, list[Row]] = {}
        for row in self._site.by_id(PART, invoices) if invoices else ():
            part = {name.rpartition(".")[2]: held for name, held in row.items()}
            if part.get("installmentNumber"):
                parts.setdefault(str(row["internalId"]), []).append({
                    "id": row["internalId"], "seq": part["installmentNumber"], "duedate": part.get("dueDate"),
                    "foreignamount": part.get("fxAmount"), "unpaid": part.get("fxAmountRemaining"),
                })  # fmt: skip
        return {key: sorted(each, key=lambda part: int(part["seq"])) for key, each in parts.items()}


def _deposit_left(record: Mapping[str, Any]) -> Decimal:
    """Return what of a deposit was not applied."""
    listed = answers.children(record.get("applyList"), "customerDepositApply")
    return _exact(record.get("payment")) - sum((_exact(answers.said(each, "amount")) for each in listed), Decimal(0))


def _exact(held: Any) -> Decimal:
    try:
        return Decimal(held or 0)
    except InvalidOperation:
        raise ConnectorGarbled(f"SuiteTalk gave {str(held)[:40]!r} as an amount.", fix=_FIX) from None


def _is_something(held: Any) -> bool:
    try:
        return bool(Decimal(held or 0))
    except InvalidOperation:
        return False


def _plain(held: Any) -> Any:
    """Return a box that is ticked as SuiteQL tells it."""
    return {"true": "T", "false": "F"}.get(held, held)
