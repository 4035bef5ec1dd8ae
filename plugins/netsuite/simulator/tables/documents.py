"""The rows of a transaction, made of the book: its header, its lines, and what they come to in each accounting book.

The main line stands on the receivables account (that of a deposit on its own), a debit positive, a credit negative.
A journal has no main line and no entity on its header: its first line has the account and the customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from duehook.core.money import exponent
from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.postings import converted

from .codes import (
    BANK,
    CLASS_FIELD,
    CLASSES,
    CREDIT,
    CURRENCIES,
    DEPOSIT,
    DEPOSITS,
    DUNNED_FIELD,
    EXPENSE,
    INVOICE,
    JOURNAL,
    LEVEL_FIELD,
    LOCAL_BOOK,
    LOCAL_BOOK_OF,
    PAYMENT,
    PRIMARY_BOOK,
    RECEIVABLE,
    SALES,
    SUBSIDIARIES,
    TERMS,
)
from .names import document_id, payment_id, reduction_id, transaction_type
from .values import day

Row = dict[str, Any]
BILLS: Final = (INVOICE, JOURNAL)
_LOCAL: Final = 1.05  # how the second accounting book values what the first one does not


@cache
def units(currency: str) -> int:
    """Return how many of the smallest units are one of a currency."""
    return int(10 ** exponent(currency))


@dataclass(slots=True)
class Posted:
    """One transaction's rows, and when it was last written in the book.

    `content` is what a change of it stamps; `applied` what was settled of a bill: less of it stamps too.
    """

    id: int
    head: Row
    lines: list[Row]
    booked: list[Row]
    changed_at: datetime
    content: tuple[Any, ...]
    applied: int = 0
    instalments: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and what is left of it, in the transaction's currency and in the subsidiary's, signed as a debit."""

    currency: str
    own: str
    amount: int
    amount_own: int
    left: int
    left_own: int

    def line(self, *, bill: bool) -> Row:
        """Return the amounts of the main line."""
        return _cells(self.amount, self.left, self.currency, bill=bill, names=_FOREIGN)

    def booked(self, *, bill: bool, times: float = 1) -> Row:
        """Return the amounts of the main line in an accounting book."""
        found = _cells(self.amount_own, self.left_own if self.left else 0, self.own, bill=bill, names=_BOOKED)
        return found if times == 1 else {name: round(held * times, 3) for name, held in found.items()}


_FOREIGN: Final = ("foreignamount", "foreignamountpaid", "foreignamountunpaid", "foreignpaymentamountused",
                   "foreignpaymentamountunused", "debitforeignamount", "creditforeignamount")  # fmt: skip
_BOOKED: Final = ("amount", "amountpaid", "amountunpaid", "paymentamountused", "paymentamountunused", "debit", "credit")


def _cells(amount: int, left: int, currency: str, *, bill: bool, names: Sequence[str]) -> Row:
    whole, paid, unpaid, used, unused, debit, credit = names
    rest = (paid, unpaid) if bill else (used, unused)
    sign = 1 if bill else -1
    cells = {whole: amount, rest[0]: sign * (amount - left), rest[1]: sign * left}
    cells[debit if amount >= 0 else credit] = abs(amount)
    scale = units(currency)
    return {name: held / scale for name, held in cells.items()}


def document(items: Sequence[Item], book: Book, *, grouped: bool) -> Posted:
    """Return the transaction of a document, given all its instalments."""
    head = items[0]
    kind = transaction_type(head)
    left = sum(item.open_minor for item in items)
    money = Money(
        head.currency, head.company_currency, sum(item.amount_minor for item in items),
        sum(item.company_amount_minor for item in items), left, sum(item.company_open_minor for item in items),
    )  # fmt: skip
    posted = all(item.posted for item in items)
    closed = max((item.cleared_on for item in items if item.cleared_on), default=None) if left == 0 else None
    number = document_id(head, grouped=grouped)
    row = _head(number, kind, head.company, money=money, on=head.document_on, rate=head.rate_scaled)
    row |= {
        "tranid": str(head.document_no),
        "entity": None if kind == JOURNAL else int(head.customer),
        "duedate": day(head.due_on),
        "closedate": day(closed),
        "terms": TERMS[head.terms] if kind == INVOICE else None,
        "status": _status(kind, left),
        "posting": "T" if posted else "F",
        "approvalstatus": "2" if posted else "1",
        "otherrefnum": head.purchase_order or None,
        "memo": head.text or None,
        CLASS_FIELD: CLASSES.get(head.item_class),
        LEVEL_FIELD: max((item.dunning_level or 0 for item in items), default=0) or None,
        DUNNED_FIELD: day(max((item.last_dunned_on for item in items if item.last_dunned_on), default=None)),
    }
    account = DEPOSITS if kind == DEPOSIT else RECEIVABLE
    lines, booked = _lines(row, head.company, money=money, entity=int(head.customer), accounts=(account, SALES))
    content: tuple[Any, ...] = (
        row["status"],
        row["posting"],
        money.amount,
        row["duedate"],
        row["memo"],
        row["otherrefnum"],
    )
    if kind not in BILLS:
        content += (left,)
    made = Posted(
        number, row, lines, booked, max(item.changed_at for item in items), content,
        money.amount - left if kind in BILLS else 0,
    )  # fmt: skip
    if grouped and kind == INVOICE and len(items) > 1:
        made.instalments = [_instalment(number, item, place) for place, item in enumerate(items, 1)]
    return made


def payment(paid: Payment, rest: Item | None, book: Book, *, voided_on: date | None) -> Posted:
    """Return the transaction of money that came in; `rest` is the book's item of what it left on account."""
    own = paid.company_currency
    rate = book.rate(paid.currency, own, paid.received_on)
    left = 0 if voided_on else -paid.unapplied_minor
    left_own = rest.company_open_minor if rest else converted(left, paid.currency, own, rate)
    money = Money(paid.currency, own, -paid.amount_minor, -paid.company_amount_minor, left, left_own)
    row = _head(payment_id(paid), PAYMENT, paid.company, money=money, on=paid.received_on, rate=rate)
    row |= {
        "tranid": str(rest.document_no if rest else paid.number),
        "entity": int(paid.customer),
        "duedate": day(paid.received_on),
        "closedate": day(voided_on),
        "status": "V" if voided_on else "C",
        "voided": "T" if voided_on else "F",
        "otherrefnum": paid.reference or None,
    }
    lines, booked = _lines(row, paid.company, money=money, entity=int(paid.customer), accounts=(RECEIVABLE, BANK))
    if voided_on:
        lines[0]["foreignpaymentamountused"] = booked[0]["paymentamountused"] = 0
    return Posted(row["id"], row, lines, booked, paid.changed_at, (row["status"], paid.amount_minor, left))


def reduction(made: Allocation, paid: Payment, book: Book, *, customer: str, voided_on: date | None) -> Posted:
    """Return the credit memo of a discount, write-off or deduction that was taken with a payment."""
    own = made.company_currency
    rate = book.rate(made.currency, own, made.allocated_on)
    money = Money(made.currency, own, -made.amount_minor, -made.company_minor, 0, 0)
    row = _head(reduction_id(book, made), CREDIT, made.company, money=money, on=made.allocated_on, rate=rate)
    row |= {
        "tranid": f"CM{paid.number}-{made.key.rpartition('-')[2]}",
        "entity": int(customer),
        "duedate": day(made.allocated_on),
        "closedate": day(voided_on or made.allocated_on),
        "status": "V" if voided_on else "B",
        "voided": "T" if voided_on else "F",
        "memo": made.kind,
    }
    lines, booked = _lines(row, made.company, money=money, entity=int(customer), accounts=(RECEIVABLE, EXPENSE))
    changed_at = paid.changed_at if voided_on else made.changed_at
    return Posted(row["id"], row, lines, booked, changed_at, (row["status"],))


def _head(number: int, kind: str, company: str, *, money: Money, on: date, rate: int) -> Row:
    return {
        "id": number,
        "transactionnumber": f"{kind.upper()}{number}",
        "type": kind,
        "trandate": day(on),
        "currency": CURRENCIES[money.currency][0],
        "exchangerate": rate / 10_000_000,
        "foreigntotal": money.amount / units(money.currency),
        "total": money.amount_own / units(money.own),
        "postingperiod": (on.year - 2000) * 12 + on.month,
        "posting": "T",
        "voided": "F",
        "isreversal": "F",
        "approvalstatus": "2",
    }


def _lines(head: Row, company: str, *, money: Money, entity: int, accounts: tuple[int, int]) -> tuple[list[Row], ...]:
    """Return the line on the customer's account and the one against it, and what both are in the books."""
    journal, bill = head["type"] == JOURNAL, head["type"] in BILLS
    common = {
        "transaction": head["id"], "entity": entity, "subsidiary": SUBSIDIARIES[company], "taxline": "F",
        "memo": head.get("memo"),
    }  # fmt: skip
    against = -money.amount / units(money.currency), -money.amount_own / units(money.own)
    main = {
        **common, "id": 0, "linesequencenumber": 0, "mainline": "F" if journal else "T", "expenseaccount": accounts[0],
        "uniquekey": head["id"] * 10, "netamount": head["total"], **money.line(bill=bill),
    }  # fmt: skip
    other = {
        **common, "id": 1, "linesequencenumber": 1, "mainline": "F", "expenseaccount": accounts[1],
        "uniquekey": head["id"] * 10 + 1, "netamount": against[1], "foreignamount": against[0],
    }  # fmt: skip
    in_book = {"transaction": head["id"], "posting": head["posting"], "exchangerate": head["exchangerate"],
               "accountingbook": PRIMARY_BOOK}  # fmt: skip
    booked = [
        in_book | {"transactionline": 0, "account": accounts[0], "netamount": head["total"]} | money.booked(bill=bill),
        in_book | {"transactionline": 1, "account": accounts[1], "netamount": against[1],
                   "amount": against[1]},
    ]  # fmt: skip
    if company == LOCAL_BOOK_OF:
        booked.append(booked[0] | {"accountingbook": LOCAL_BOOK} | money.booked(bill=bill, times=_LOCAL))
    return [main, other], booked


def _status(kind: str, left: int) -> str:
    if kind in (INVOICE, CREDIT):
        return "A" if left else "B"
    return "B"


def _instalment(transaction: int, item: Item, place: int) -> Row:
    return {
        "transaction": transaction,
        "seqnum": place,
        "installmentnumber": place,
        "duedate": day(item.due_on),
        "amount": item.amount_minor / units(item.currency),
        "amountdue": item.open_minor / units(item.currency),
        "status": "Unpaid" if item.open_minor else "Paid In Full",
    }
