"""Ids and lines of the AR tables: payment schedules, transactions, receipts and their applications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Item, Payment
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import applied_cash, is_netting, item_of, other_side

FOREVER: Final = date(4712, 12, 31)  # Oracle closes what is open on the last day that it knows
_SORTS: Final = ("RI", "RM", "RU", "RF", "R5", "RB", "R1", "DP", "IC", "RN")
_CLASSES: Final = {"invoice": "INV", "fee": "DM", "chargeback": "CB", "credit_note": "CM", "on_account": "PMT"}
_PLACES: Final = 10_000_000


def org(company: str) -> int:
    """Return a company's operating unit."""
    return int(company)


def trx_id(item: Item) -> int:
    """Return the id of a document: its instalments share it."""
    sort = "RN" if item.renumbered else item.document_type
    return ((_SORTS.index(sort) + 1) * _PLACES + item.document_no) * 100 + item.fiscal_year % 100


def schedule_id(item: Item) -> int:
    """Return the id of an item's payment schedule."""
    return trx_id(item) * 10 + int(item.instalment)


def receipt_id(payment: Payment) -> int:
    """Return the id of a payment's receipt; a reversal has none of its own."""
    return payment.number


def on_account_receipt(item: Item) -> int:
    """Return the id of the receipt that money on account is."""
    return 20 * _PLACES + item.document_no


def class_of(item: Item) -> str:
    """Return what kind of schedule an item has."""
    return "BR" if item.item_class == "draft" else _CLASSES[item.kind]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A row of AR_PAYMENT_SCHEDULES_ALL."""

    id: int
    trx: int | None
    receipt: int | None
    number: str
    sort: str
    due: date | None
    on: date
    posted: date | None
    sequence: int
    original: Decimal
    left: Decimal
    accounted: Decimal
    currency: str
    rate: Decimal | None
    closed: date
    customer: int | None
    company: str
    changed: datetime
    disputed: Decimal | None = None
    disputed_on: date | None = None

    @property
    def status(self) -> str:
        """Say whether anything is left: OP or CL."""
        return "OP" if self.left else "CL"


def item_schedules(site: Any, item: Item) -> Iterator[Schedule]:
    """Yield an item's schedule; an invoice that is not complete has none."""
    if not item.posted:
        return
    mine = item.kind == "on_account"
    disputed = disputed_amount(site, item)
    yield Schedule(
        schedule_id(item), None if mine else trx_id(item), on_account_receipt(item) if mine else None,
        str(item.document_no), class_of(item), item.due_on, item.document_on, item.posted_on or item.document_on,
        int(item.instalment), to_amount(item.amount_minor, item.currency), item.open_amount,
        accounted(item), item.currency, rate_of(item.rate_scaled, item.currency, item.company_currency),
        (item.cleared_on or FOREVER) if not item.open_minor else FOREVER, int(item.customer), item.company,
        site.local(item.changed_at), disputed, item.changed_at.date() if disputed else None,
    )  # fmt: skip


def accounted(item: Item) -> Decimal:
    """Return what is open in the ledger's currency: nothing where nothing is open."""
    return to_amount(item.company_open_minor if item.open_minor else 0, item.company_currency)


def disputed_amount(site: Any, item: Item) -> Decimal | None:
    """Return what is in dispute: what the site's program was told, else what users entered."""
    told = site.site.mark("DISPUTE", str(schedule_id(item)))
    if told:
        return Decimal(told["amount"]) or None
    return to_amount(item.disputed_minor, item.currency) if item.disputed_minor else None


def rate_of(scaled: int, currency: str, company_currency: str) -> Decimal | None:
    """Return a rate, which is none where the currency is the ledger's own."""
    return None if currency == company_currency else Decimal(scaled).scaleb(-7)


def payment_schedules(site: Any, payment: Payment) -> Iterator[Schedule]:
    """Yield a receipt's own schedule, which has nothing left; a reversal's is its receipt's."""
    cash = applied_cash(site.book, payment)
    if not cash or payment.reversal_of:
        return
    rate = site.book.rate(payment.currency, payment.company_currency, payment.received_on)
    yield Schedule(
        19 * _PLACES * 1000 + payment.number, None, receipt_id(payment), payment.reference, "PMT", payment.received_on,
        payment.received_on, payment.received_on, 1, -cash, Decimal(0), Decimal(0), payment.currency,
        rate_of(rate, payment.currency, payment.company_currency), payment.received_on, int(payment.customer),
        payment.company, site.local(payment.changed_at),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Receipt:
    """A row of AR_CASH_RECEIPTS_ALL."""

    id: int
    number: str
    amount: Decimal
    currency: str
    on: date
    status: str
    customer: int
    company: str
    reversed: date | None
    changed: datetime


def receipts(site: Any, payment: Payment) -> Iterator[Receipt]:
    """Yield a payment's receipt: what of it was applied."""
    cash = applied_cash(site.book, payment)
    if not cash or payment.reversal_of:
        return
    yield Receipt(
        receipt_id(payment), payment.reference, cash, payment.currency, payment.received_on,
        "REV" if payment.reversed_on else "APP", int(payment.customer), payment.company, payment.reversed_on,
        site.local(payment.changed_at),
    )  # fmt: skip


def receipts_on_account(site: Any, item: Item) -> Iterator[Receipt]:
    """Yield the receipt that money on account is."""
    if item.kind == "on_account":
        yield Receipt(
            on_account_receipt(item), str(item.document_no), -to_amount(item.amount_minor, item.currency),
            item.currency, item.document_on, "UNAPP" if item.open_minor else "APP", int(item.customer), item.company,
            None, site.local(item.changed_at),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Application:
    """A row of AR_RECEIVABLE_APPLICATIONS_ALL."""

    id: int
    sort: str
    status: str
    display: str
    amount: Decimal
    receipt: int | None
    credit: int | None
    schedule: int | None
    on: date
    company: str
    changed: datetime


def applications(site: Any, payment: Payment) -> Iterator[Application]:
    """Yield what a payment was applied to: cash, or a credit; what is neither has no row here."""
    book = site.book
    for place, key in enumerate(payment.allocations, 1):
        part = book.allocations.get(key)
        if part is None or part.kind not in ("cash", "credit") or (is_netting(payment) and part.amount_minor < 0):
            continue
        receipt, credit = receipt_id(payment), None
        if is_netting(payment):
            paper = other_side(book, payment, part)
            mine = paper.kind == "on_account"
            receipt, credit = (on_account_receipt(paper), None) if mine else (None, trx_id(paper))  # type: ignore[assignment]
        undone = bool(payment.reversal_of or payment.reversed_on)
        yield Application(
            (payment.number * 1000 + place) * 10 + bool(payment.reversal_of), "CM" if credit else "CASH", "APP",
            "N" if undone else "Y", part.amount, receipt, credit, schedule_id(item_of(book, part.item)),
            part.allocated_on, payment.company, site.local(max(payment.changed_at, part.changed_at)),
        )  # fmt: skip


def unapplied_lines(site: Any, item: Item) -> Iterator[Application]:
    """Yield the line of what is not applied of money on account, which is no application to anything."""
    if item.kind == "on_account" and item.open_minor:
        yield Application(
            9 * _PLACES * 1000 + item.document_no, "CASH", "UNAPP", "Y", -item.open_amount, on_account_receipt(item),
            None, None, item.document_on, item.company, site.local(item.changed_at),
        )  # fmt: skip
