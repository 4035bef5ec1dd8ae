"""Transactions with their open rows as items: one a due date, keyed by the transaction and that date.

What was settled of a transaction is on the item that is due on the transaction's own date: it is there whether open
or not, and its amount is what is not open at other dates. The others are open rows, and 0 of 0 when they are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.connecting import odata_rows
from duehook.core.connecting.odata_rows import required
from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import BadRow, Total
from duehook.core.records import ItemClass, ItemKind
from duehook.core.wire.odata.readable import expect_readable
from duehook.plugins.d365.settings import CodeLists
from duehook.plugins.d365.values import NO_DATE

Row = dict[str, Any]
Source = Mapping[str, Any]
NOTHING: Final = Decimal(0)
NO_LETTERS: Final = "no collection letters"


@dataclass(frozen=True)
class Document:
    """A transaction, what is open of it, and its dispute; `asked` are due dates that must be told of."""

    row: Source
    opened: Sequence[Source] = ()
    dispute: Source | None = None
    asked: Collection[date | None] = ()

    @property
    def own_key(self) -> str:
        """Return the key of the item that is due on the transaction's own date."""
        due = self.row.get("DueDate")
        return key_of(self.row["SysRecId"], due if isinstance(due, date) else None)


@dataclass
class Due:
    """What is open at one due date."""

    amount: Decimal = NOTHING
    company_amount: Decimal = NOTHING
    row: Source = field(default_factory=dict)


def key_of(number: int, due: date | None) -> str:
    """Return an item's key; a date that is none is written as F&O writes it."""
    return f"{number}|{(due or NO_DATE).isoformat()}"


def read_key(key: str) -> tuple[int, date | None] | None:
    """Return the transaction and the due date that a key names; None for text that is no such key."""
    number, _, due = key.partition("|")
    try:
        day = date.fromisoformat(due)
    except ValueError:
        return None
    if day.isoformat() != due or not (number.isascii() and number.isdigit()) or int(number) >= 2**63:
        return None
    return int(number), day if day > NO_DATE else None


class ItemMapping:
    """Makes items of transactions, by the site's code lists."""

    def __init__(
        self, codes: CodeLists, currency: Callable[[str], str | None], *, by_open_rows: bool, patch: Patch | None = None
    ) -> None:
        """Take the code lists, what says a company's currency, and whether the site publishes open rows."""
        self._codes, self._currency = codes, currency
        self._by_open_rows, self._patch = by_open_rows, patch

    def rows(self, documents: Sequence[Document]) -> tuple[list[Row], list[BadRow]]:
        """Return the items of these transactions, and those transactions that cannot be read."""
        rows: list[Row] = []
        bad: list[BadRow] = []
        for document in documents:
            try:
                rows += list(self._items(document))
            except BadRecord as error:
                bad.append(bad_row(error, document.own_key, document.row, *document.opened))
        return rows, bad

    def totals(self, documents: Sequence[Document], past: Callable[[Source], bool]) -> list[Total]:
        """Return what is open by item, leaving out what cannot be read; `past` says what changed behind the bound."""
        found: list[Total] = []
        for document in documents:
            row = document.row
            try:
                expect_readable(row, *document.opened)
            except BadRecord:
                continue
            area, currency = row["dataAreaId"], self._currency(row["dataAreaId"])
            for day, due in self._dues(document).items():
                if due.amount or (currency and due.company_amount):
                    found.append(
                        Total(
                            area, key_of(row["SysRecId"], day), self._class(row), row["CurrencyCode"], due.amount,
                            currency, due.company_amount if currency else None, past(row),
                        )
                    )  # fmt: skip
        return found

    def is_item(self, row: Source, opened: Sequence[Source]) -> bool:
        """Say whether a transaction is one that is owed, or was: what is open always is, whatever its type."""
        left = bool(opened) if self._by_open_rows else False
        if left or row["AmountCur"] != row["SettleAmountCur"]:
            return True
        kind = row.get("TransType") or ""
        if kind in self._codes.beside_types:
            return False
        if self._codes.kind_by_type.get(kind) != "on_account":
            return True
        settled, posted = row.get("LastSettleDate"), row.get("TransDate")  # later than it came: it stood on account
        return bool(settled and posted and settled > posted and row.get("CancelledPayment") != "Yes")

    def _items(self, document: Document) -> Iterator[Row]:
        row = document.row
        expect_readable(row, *document.opened)
        if not document.asked and not self.is_item(row, document.opened):
            return
        dues = self._dues(document)
        common = self._common(row)
        others = [due for day, due in dues.items() if day != row.get("DueDate")]
        still = [day or NO_DATE for day, due in dues.items() if due.amount]
        disputed = min(still, default=row.get("DueDate") or NO_DATE)
        for day, due in dues.items():
            amounts = due.amount, due.company_amount
            if day == row.get("DueDate"):
                amounts = (
                    required(row, "AmountCur") - sum((other.amount for other in others), NOTHING),
                    required(row, "AmountMST") - sum((other.company_amount for other in others), NOTHING),
                )
            made = {
                **common,
                "key": key_of(row["SysRecId"], day),
                "kind": self._kind(row, amounts[0]),
                "amount": amounts[0],
                "open_amount": due.amount,
                "due_on": day,
                "cleared_on": None if due.amount else row.get("LastSettleDate"),
                **self._when_open(due.row),
                **(self._in_dispute(document, amounts[0]) if disputed == (day or NO_DATE) else {}),
            }
            if common["company_currency"]:
                made |= {"company_amount": amounts[1], "company_open_amount": due.company_amount}
            if self._patch is not None:
                self._patch({"CustTransactions": row, "CustTransOpens": due.row}, made)
            yield made

    def _dues(self, document: Document) -> dict[date | None, Due]:
        """Return what is open by due date, the transaction's own date first, and those that are asked for."""
        row = document.row
        own: date | None = row.get("DueDate")
        if not self._by_open_rows:
            left = required(row, "AmountCur") - required(row, "SettleAmountCur")
            in_company = required(row, "AmountMST") - required(row, "SettleAmountMST")
            found = {own: Due(left, in_company, {"CollectionLetterCode": row.get("CollectionLetterCode")})}
        else:
            found = {own: Due()}
            for each in sorted(document.opened, key=lambda each: each["SysRecId"]):
                due = found.setdefault(each["DueDate"], Due())
                due.amount += required(each, "AmountCur")
                due.company_amount += required(each, "AmountMST")
                discount = (due.row.get("PossibleCashDisc") or NOTHING) + (each["PossibleCashDisc"] or NOTHING)
                due.row = {**each, "PossibleCashDisc": discount}
        for day in document.asked:
            found.setdefault(day, Due())
        return found

    def _common(self, row: Source) -> Row:
        area, customer = row["dataAreaId"], row.get("OrderAccount") or required(row, "AccountNum")
        payer = row.get("AccountNum")
        return {
            "company": area,
            "customer": customer,
            "payer": payer if payer != customer else None,
            "item_class": self._class(row),
            "currency": required(row, "CurrencyCode"),
            "company_currency": self._currency(area),
            "document_no": row.get("Invoice") or row.get("DocumentNum") or row.get("Voucher") or str(row["SysRecId"]),
            "document_type": row.get("TransType") or "",
            "document_on": row.get("DocumentDate") or required(row, "TransDate"),
            "posted_on": row.get("TransDate"),
            "payment_method": row.get("PaymMode"),
            "terms": row.get("PaymTermId"),
            "reference": row.get("PaymReference"),
            "text": row.get("Txt"),
            "changed_at": _stamp(row.get("SysModifiedDateTime")),
        }

    def _kind(self, row: Source, amount: Decimal) -> ItemKind:
        kind = self._codes.kind_by_type.get(row.get("TransType") or "", "invoice")
        if kind in {"invoice", "credit_note"}:
            if self._class(row) == "chargeback":
                return "chargeback"
            return "credit_note" if (amount or row["AmountCur"]) < 0 else "invoice"
        return kind

    def _class(self, row: Source) -> ItemClass:
        codes = self._codes
        if row.get("Prepayment") == "Yes":
            return "down_payment"
        by_mode = codes.class_by_payment_mode.get(row.get("PaymMode") or "")
        return by_mode or codes.class_by_type.get(row.get("TransType") or "") or "normal"

    def _when_open(self, opened: Source) -> Row:
        discount = opened.get("PossibleCashDisc")
        return {
            "dunning_level": self._codes.level_by_letter.get(opened.get("CollectionLetterCode") or "") or None,
            "dunning_block": NO_LETTERS if opened.get("CollectionLetter") == "No" else None,
            "discount_amount": discount or None,
            "discount_on": opened.get("CashDiscDate") if discount else None,
        }

    def _in_dispute(self, document: Document, amount: Decimal) -> Row:
        """Return the dispute, with the item's sign; of an amount that is not said, all that is open."""
        dispute = document.dispute
        if dispute is None or dispute.get("Status") != "Disputed":
            return {}
        expect_readable(dispute)
        whole: Decimal = dispute.get("AmountCur") or sum((due.amount for due in self._dues(document).values()), NOTHING)
        reason = dispute.get("ReasonCode")
        return {
            "disputed_amount": abs(whole) if amount >= 0 else -abs(whole),
            "dispute_reason": self._codes.dispute_by_reason.get(reason, reason) if reason else None,
        }


def bad_row(error: BadRecord, key: str | None, *rows: Source) -> BadRow:
    """Return what cannot be read, with what F&O sent and the company it is of."""
    return odata_rows.bad_row(error, rows[0].get("dataAreaId") or None, key, *rows)


def _stamp(at: Any) -> datetime | None:
    return at if isinstance(at, datetime) and at.year > NO_DATE.year else None
