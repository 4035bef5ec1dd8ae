"""The customer lines as SAP's tables have them: open ones in BSID, cleared ones in BSAD, and their headers in BKPF.

- Amounts are unsigned, SHKZG tells the side, and they are stored as if every currency had two decimals.
- A line that is cleared moves from BSID to BSAD, with AUGDT, AUGBL and AUGGJ; one that is reset moves back.
- Due: ZFBDT, and ZBD3T, ZBD2T or ZBD1T days after it, the first that is not 0. An invoice without a due
  date of its own has no ZFBDT: it is due so many days after BLDAT. Credits have no days.
- A document that was reversed and its reversal name each other (STBLG, STJAH).
- An archived document is in no table any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from duehook.core.testing.book import Book, Item
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.book_simulator import DATE, balances
from duehook.core.testing.sap_ledger.codes import SALES_INVOICE, SPECIAL_GL
from duehook.core.testing.sap_ledger.kept import KeptLines, posting_day
from duehook.core.testing.sap_ledger.lines import Line, LineKey, type_of
from duehook.core.testing.sap_ledger.settling import Posting

from .schema import NO_DAY, Row, Value, day, padded
from .store import Store

AMOUNT, SIDE = "amount", "side"  # flaws beside a date that is none
NO_SUCH_DAY: Final = "20260231"
_ENTERED_AT: Final = "101500"
_SIDES: Final = {"S": 1, "H": -1}


class EccLines(KeptLines):
    """Keeps BSID, BSAD and BKPF as the book moves."""

    def __init__(self, book: Book, posting: Posting, store: Store) -> None:
        """Take the book as it stands."""
        self.store = store
        self.headers: dict[tuple[str, ...], dict[LineKey, Line]] = {}
        self._stale: dict[tuple[str, ...], None] = {}
        self._tables: dict[LineKey, str] = {}
        super().__init__(book, posting)
        self.moved()

    def shown(self, line: Line) -> None:
        """Write a line where it belongs."""
        table = "BSAD" if line.cleared else "BSID"
        before, self._tables[line.key] = self._tables.get(line.key, table), table
        if before != table:
            self.store.drop(before, _place(line.key))
        self.store.put(table, self.row(line))
        self.headers.setdefault(line.key[:3], {})[line.key] = line
        self._stale[line.key[:3]] = None

    def hidden(self, key: LineKey) -> None:
        """Take a line away."""
        self.store.drop(self._tables.pop(key, "BSID"), _place(key))
        self.headers.get(key[:3], {}).pop(key, None)
        self._stale[key[:3]] = None

    def moved(self) -> None:
        """Write the headers of the documents whose lines were touched, or take them away with their last lines."""
        for document in self._stale:
            self._head(document)
        self._stale.clear()

    def row(self, line: Line) -> Row:
        """Return a line's row."""
        item, payment, number = line.item, line.payment, padded(line.key[2])
        reference = self.reference(line)
        row: Row = {
            "BUKRS": line.key[0], "GJAHR": line.key[1], "BELNR": number, "BUZEI": line.key[3],
            "KUNNR": padded(item.customer), "WAERS": item.currency, "BLART": type_of(line),
            "XBLNR": (payment or item).reference[:16], "BSCHL": _posting_key(line), "RSTGR": line.reason,
            "SHKZG": "S" if line.is_debit else "H", "DMBTR": abs(line.company_minor), "WRBTR": abs(line.minor),
            "WSKTO": abs(line.discount_minor), "SKNTO": abs(line.company_discount_minor),
            "BUDAT": day(posting_day(line)), "BLDAT": day(posting_day(line)), "CPUDT": day(self.created_on(line)),
            "REBZG": padded(reference[0]), "REBZJ": reference[1] or "0000", "REBZZ": reference[2] or "000",
            "ZFBDT": day(posting_day(line)),
        }  # fmt: skip
        if payment is None:
            row |= self._own(line)
        if line.cleared:
            cleared = line.cleared
            row |= {"AUGDT": day(cleared.on), "AUGBL": padded(cleared.document), "AUGGJ": cleared.year}
        return row | self._spoilt(line)

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Add up BSID, as it stands there: by the side, and unsigned."""
        rows = self.store.select("BSID", columns="BUKRS, KUNNR, WAERS, SHKZG, WRBTR")
        return balances(
            ((company, customer.lstrip("0"), currency), to_amount(_SIDES[side] * minor, currency))
            for company, customer, currency, side, minor in rows
            if side in _SIDES and minor is not None
        )  # fmt: skip

    def _own(self, line: Line) -> Row:
        """Return what only an item's own line has."""
        item = line.item
        special = SPECIAL_GL.get(item.item_class, "")
        return {
            "UMSKS": special, "UMSKZ": special, "ZUONR": item.purchase_order[:18], "SGTXT": item.text[:50],
            "ZTERM": item.terms, "BLDAT": day(item.document_on), "MANSP": item.dunning_block or "",
            "MANST": str(item.dunning_level or 0), "MADAT": day(item.last_dunned_on),
            "VBELN": padded(line.key[2]) if type_of(line) == SALES_INVOICE else "",
            **self._terms(item),
        }  # fmt: skip

    def _terms(self, item: Item) -> Row:
        """Return what an item is due by."""
        if item.amount_minor < 0:
            return {"ZFBDT": day(item.due_on or item.document_on)}
        term = self.book.terms[item.terms]
        days = term.net_days if item.due_on is None else _days(item, term.net_days)
        base = item.due_on - timedelta(days=days) if item.due_on else None
        if term.discount_days is None or term.discount_percent is None:
            return {"ZFBDT": day(base), "ZBD1T": days}
        percent = int(term.discount_percent.scaleb(3))
        return {"ZFBDT": day(base), "ZBD1T": term.discount_days, "ZBD1P": percent, "ZBD2T": days}

    def _spoilt(self, line: Line) -> Row:
        flaw = self.flaw(line)
        if flaw == DATE:
            return {"BLDAT": NO_SUCH_DAY} if line.payment is None else {"BLDAT": NO_SUCH_DAY, "BUDAT": NO_SUCH_DAY}
        return {AMOUNT: {"WRBTR": None}, SIDE: {"SHKZG": ""}}.get(flaw, {})  # type: ignore[return-value]

    def _head(self, document: tuple[str, ...]) -> None:
        company, year, number = document
        lines = self.headers.get(document)
        if not lines:
            self.headers.pop(document, None)
            return self.store.drop("BKPF", (company, padded(number), year))
        line = next(iter(lines.values()))
        changed = max((on for each in lines.values() if (on := self.header_changed_on(each))), default=None)
        reversed_in, reversed_by = self.reversal(line)
        origin = "VBRK" if type_of(line) == SALES_INVOICE else "BKPF"
        return self.store.put("BKPF", {
            "BUKRS": company, "BELNR": padded(number), "GJAHR": year, "BLART": type_of(line),
            "BLDAT": day(posting_day(line) if line.payment else line.item.document_on), "BUDAT": day(posting_day(line)),
            "CPUDT": day(self.created_on(line)), "CPUTM": _ENTERED_AT, "AEDAT": day(changed), "UPDDT": day(changed),
            "WAERS": line.item.currency, "XBLNR": (line.payment or line.item).reference[:16],
            "STBLG": padded(reversed_by), "STJAH": reversed_in or "0000", "AWTYP": origin,
            "AWKEY": f"{padded(number)}{company}{year}", "USNAM": "SIMUSER",
        })  # fmt: skip


def due_on(row: Row, invoice: Row | None) -> date | None:
    """Return when a line is due by the rule; `invoice` is the line that it refers to, where that is there."""
    if row.get("SHKZG") == "H" and invoice is not None:
        return due_on(invoice, None)
    base = base_of(row)
    days = 0 if row.get("SHKZG") == "H" else next(_net_days(row), 0)
    return base and base + timedelta(days=days)


def base_of(row: Row) -> date | None:
    """Return the day that a line's terms are counted from."""
    text = str(row.get("ZFBDT") or NO_DAY)
    text = text if text != NO_DAY else str(row["BLDAT"])
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text != NO_DAY else None


def _net_days(row: Row) -> Iterator[int]:
    days = (row.get(name) or 0 for name in ("ZBD3T", "ZBD2T", "ZBD1T"))
    return (int(each) for each in days if each)


def _days(item: Item, usual: int) -> int:
    """Return the days of an item's terms: an instalment has its own."""
    assert item.due_on is not None
    days = (item.due_on - item.document_on).days
    return days if item.terms == "S3" and days > 0 else usual


def _place(key: LineKey) -> tuple[Value, ...]:
    return key[0], key[1], padded(key[2]), key[3]


def _posting_key(line: Line) -> str:
    if line.payment is not None:
        return "05" if line.is_debit else "15"
    if line.item.item_class in SPECIAL_GL:
        return "09" if line.is_debit else "19"
    return "01" if line.is_debit else "11"
