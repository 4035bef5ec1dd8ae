"""The records of items and payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, Final

from duehook.core.testing.book import Item, Payment
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import Cell, Column, Table, amount, day, moment, one_blank, whole

from .lines import (
    TYPES,
    activities,
    check_no,
    collection,
    dispute,
    draft,
    item_line,
    items,
    open_base,
    origins,
    payment_parts,
    payments,
    rate,
    stamp,
)

ELSEWHERE: Final = "00090"  # a business unit that is not ours
_MONEY: Final = amount(26, 3)
_DAY: Final = day()


def _item(name: str, cell: Cell, label: str, field: str) -> Column:
    read = attrgetter(field)
    return Column(name, cell, label, lambda pair: read(pair[1]))


def _blank(name: str, width: int, label: str) -> Column:
    return Column(name, one_blank(width), label)


def _original(pair: tuple[Any, Item]) -> Any:
    return to_amount(pair[1].amount_minor, pair[1].currency)


def _posted(pair: tuple[Any, Item]) -> date:
    return pair[1].posted_on or pair[1].document_on


def _invoiced(pair: tuple[Any, Item]) -> date | None:
    return None if pair[1].kind == "on_account" else pair[1].document_on


def _discount(pair: tuple[Any, Item]) -> Any:
    return to_amount(pair[1].discount_minor, pair[1].currency)


_ITEM: Final = (
    _item("BUSINESS_UNIT", one_blank(5), "Business Unit", "company"),
    _item("CUST_ID", one_blank(15), "Customer ID", "customer"),
    _item("ITEM", one_blank(30), "Item ID", "document_no"),
    Column("ITEM_LINE", whole(6), "Item Line", lambda pair: item_line(pair[1])),
    Column("ITEM_STATUS", one_blank(1), "Item Status", lambda pair: "O" if pair[1].open_minor else "C"),
    Column("ENTRY_TYPE", one_blank(5), "Entry Type", lambda pair: TYPES[pair[1].kind]),
    _blank("ENTRY_REASON", 5, "Entry Reason"),
    _item("BAL_AMT", _MONEY, "Balance", "open_amount"),
    _item("BAL_CURRENCY", one_blank(3), "Balance Currency", "currency"),
    Column("ORIG_ITEM_AMT", _MONEY, "Original Amount", _original),
    Column("BAL_AMT_BASE", _MONEY, "Base Balance", lambda pair: open_base(pair[1])),
    _item("CURRENCY_CD", one_blank(3), "Base Currency", "company_currency"),
    Column("RT_TYPE", one_blank(5), "Rate Type", lambda pair: "CRRNT"),
    Column("RATE_MULT", amount(15, 8), "Rate Multiplier", lambda pair: rate(pair[1])),
    Column("RATE_DIV", amount(15, 8), "Rate Divisor", lambda pair: 1),
    Column("DISC_AMT", _MONEY, "Discount Amount", _discount),
    _item("DISC_DT", _DAY, "Discount Date", "discount_on"),
    Column("ACCOUNTING_DT", _DAY, "Accounting Date", _posted),
    _item("ASOF_DT", _DAY, "As Of Date", "document_on"),
    _item("DUE_DT", _DAY, "Due Date", "due_on"),
    Column("INVOICE_DT", _DAY, "Invoice Date", _invoiced),
    Column("POST_DT", _DAY, "Post Date", _posted),
    Column("LAST_ACTIVITY_DT", _DAY, "Last Activity", lambda pair: pair[1].changed_at.date()),
    Column("DISPUTE_STATUS", one_blank(3), "Dispute Status", lambda pair: dispute(*pair)[0]),
    Column("DISPUTE_AMOUNT", _MONEY, "Dispute Amount", lambda pair: dispute(*pair)[1]),
    Column("DISPUTE_DT", _DAY, "Dispute Date"),
    Column("COLLECTION_STATUS", one_blank(3), "Collection Status", lambda pair: collection(pair[1])),
    _item("DUN_DT", _DAY, "Dunning Date", "last_dunned_on"),
    _item("LETTER_CD", one_blank(1), "Letter Code", "dunning_level"),
    _item("PO_REF", one_blank(30), "Purchase Order", "purchase_order"),
    _item("ORDER_NO", one_blank(10), "Order", "sales_order"),
    _item("DOCUMENT", one_blank(30), "Document", "reference"),
    _blank("INVOICE", 22, "Invoice"),
    _blank("DEDUCTION_STATUS", 3, "Deduction Status"),
    Column("DRAFT_ID", one_blank(12), "Draft", lambda pair: draft(pair[1])),
    Column("CONVERS_EXISTS", one_blank(1), "Conversations", lambda pair: "N"),
    Column("LAST_UPDATE_DTTM", moment(), "Last Update", lambda pair: stamp(*pair)),
)


def _odd_items(site: Any) -> Iterator[Mapping[str, Any]]:
    """An item of a business unit that is not ours."""
    yield {
        "BUSINESS_UNIT": ELSEWHERE, "CUST_ID": "1001", "ITEM": "900001", "ITEM_STATUS": "O", "ENTRY_TYPE": "IN",
        "BAL_AMT": 500, "ORIG_ITEM_AMT": 500, "BAL_AMT_BASE": 500, "BAL_CURRENCY": "USD", "CURRENCY_CD": "USD",
        "RATE_MULT": 1, "RATE_DIV": 1, "ASOF_DT": date(2026, 1, 5), "ACCOUNTING_DT": date(2026, 1, 5),
        "INVOICE_DT": date(2026, 1, 5), "POST_DT": date(2026, 1, 5), "DUE_DT": date(2026, 2, 4),
    }  # fmt: skip


_of = attrgetter
_ACTIVITY: Final = (
    Column("BUSINESS_UNIT", one_blank(5), "Business Unit", _of("item.company")),
    Column("CUST_ID", one_blank(15), "Customer ID", _of("item.customer")),
    Column("ITEM", one_blank(30), "Item ID", _of("item.document_no")),
    Column("ITEM_LINE", whole(6), "Item Line", lambda line: item_line(line.item)),
    Column("ITEM_SEQ_NUM", whole(6), "Item Sequence", _of("sequence")),
    Column("ENTRY_TYPE", one_blank(5), "Entry Type", _of("type")),
    Column("ENTRY_REASON", one_blank(5), "Entry Reason", _of("reason")),
    Column("ENTRY_USE_ID", one_blank(5), "Entry Use", _of("use")),
    Column("ENTRY_AMT", _MONEY, "Entry Amount", _of("amount")),
    Column("ENTRY_CURRENCY", one_blank(3), "Entry Currency", _of("item.currency")),
    Column("ENTRY_AMT_BASE", _MONEY, "Base Entry Amount", _of("base")),
    Column("PAYMENT_ID", one_blank(15), "Payment ID", lambda line: check_no(line.payment)),
    Column("DEPOSIT_BU", one_blank(5), "Deposit Unit", lambda line: line.paid(0)),
    Column("DEPOSIT_ID", one_blank(15), "Deposit ID", lambda line: line.paid(1)),
    Column("PAYMENT_SEQ_NUM", whole(6), "Payment Sequence", lambda line: line.paid(2)),
    Column("ACCOUNTING_DT", _DAY, "Accounting Date", _of("on")),
    Column("POST_DT", _DAY, "Post Date", _of("on")),
)  # fmt: skip


def _paid(part: int) -> Any:
    return lambda pair: payment_parts(pair[1])[part]


_PAYMENT_KEY: Final = (
    Column("DEPOSIT_BU", one_blank(5), "Deposit Unit", _paid(0)),
    Column("DEPOSIT_ID", one_blank(15), "Deposit ID", _paid(1)),
    Column("PAYMENT_SEQ_NUM", whole(6), "Payment Sequence", _paid(2)),
)


def _status(pair: tuple[Any, Payment]) -> str:
    return "B" if pair[1].reversed_on else "C"


_PAYMENT: Final = (
    *_PAYMENT_KEY,
    Column("PAYMENT_ID", one_blank(15), "Payment ID", lambda pair: check_no(pair[1])),
    _item("PAYMENT_AMT", _MONEY, "Payment Amount", "amount"),
    _item("PAYMENT_CURRENCY", one_blank(3), "Payment Currency", "currency"),
    _item("CURRENCY_CD", one_blank(3), "Base Currency", "company_currency"),
    _item("ACCOUNTING_DT", _DAY, "Accounting Date", "received_on"),
    _item("ENTRY_DT", _DAY, "Entry Date", "received_on"),
    Column("PAYMENT_STATUS", one_blank(1), "Payment Status", _status),
)


def _odd_payments(site: Any) -> Iterator[Mapping[str, Any]]:
    """Money of nobody yet, and a direct journal."""
    for sequence, status in ((1, "U"), (2, "J")):
        yield {
            "DEPOSIT_BU": "00001", "DEPOSIT_ID": "9000", "PAYMENT_SEQ_NUM": sequence, "PAYMENT_ID": "NOBODY",
            "PAYMENT_AMT": 500, "PAYMENT_CURRENCY": "USD", "CURRENCY_CD": "USD", "PAYMENT_STATUS": status,
            "ACCOUNTING_DT": date(2026, 1, 5), "ENTRY_DT": date(2026, 1, 5),
        }  # fmt: skip


_PAYER: Final = (
    *_PAYMENT_KEY,
    Column("ID_SEQ_NUM", whole(6), "Sequence", lambda pair: 1),
    _item("CUST_ID", one_blank(15), "Customer ID", "customer"),
)
_KEY: Final = "BUSINESS_UNIT CUST_ID ITEM ITEM_LINE"
LEDGER_TABLES: Final = (
    Table(
        "PS_ITEM", "Items", _KEY, _ITEM, {"item": items}, _odd_items,
        ("LAST_UPDATE_DTTM", "ITEM_STATUS", "LAST_ACTIVITY_DT", "CUST_ID"),
    ),
    Table(
        "PS_ITEM_ACTIVITY", "Item activity", f"{_KEY} ITEM_SEQ_NUM", _ACTIVITY,
        {"item": origins, "payment": activities}, indexes=("DEPOSIT_BU DEPOSIT_ID PAYMENT_SEQ_NUM",),
    ),
    Table(
        "PS_PAYMENT", "Payments", "DEPOSIT_BU DEPOSIT_ID PAYMENT_SEQ_NUM", _PAYMENT, {"payment": payments},
        _odd_payments,
    ),
    Table(
        "PS_PAYMENT_ID_CUST", "Payers", "DEPOSIT_BU DEPOSIT_ID PAYMENT_SEQ_NUM ID_SEQ_NUM", _PAYER,
        {"payment": payments},
    ),
)  # fmt: skip
