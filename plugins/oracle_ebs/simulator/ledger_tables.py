"""The AR tables of the simulated site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from operator import attrgetter
from typing import Any, Final

from duehook.core.testing.book import Item
from duehook.core.testing.sql_ledger import Column, Table, moment, nullable_amount, number, text

from .lines import (
    Schedule,
    applications,
    item_schedules,
    org,
    payment_schedules,
    receipts,
    receipts_on_account,
    trx_id,
    unapplied_lines,
)

_ID: Final = number(15)
_WHEN: Final = moment()
_MONEY: Final = nullable_amount()
_of = attrgetter
ORG: Final = Column("ORG_ID", _ID, "Operating unit", lambda line: org(line.company))
CHANGED: Final = Column("LAST_UPDATE_DATE", _WHEN, "Last update", _of("changed"))
_LONG_AGO: Final = date(2020, 1, 1)


def _due(line: Schedule) -> date | None:
    """Return a due date: Oracle's dates carry a time, and some programs fill it."""
    if line.due is None or not line.trx or line.trx // 100 % 2 == 0:
        return line.due
    return datetime.combine(line.due, time(23, 59, 59))


SCHEDULES: Final = (
    Column("PAYMENT_SCHEDULE_ID", _ID, "Payment schedule", _of("id")),
    Column("CUSTOMER_TRX_ID", _ID, "Transaction", _of("trx")),
    Column("CASH_RECEIPT_ID", _ID, "Receipt", _of("receipt")),
    Column("TRX_NUMBER", text(30), "Transaction number", _of("number")),
    Column("CLASS", text(20), "INV, DM, CM, CB, PMT, BR", _of("sort")),
    Column("STATUS", text(30), "OP or CL", _of("status")),
    Column("DUE_DATE", _WHEN, "Due date", _due),
    Column("TRX_DATE", _WHEN, "Transaction date", _of("on")),
    Column("GL_DATE", _WHEN, "General ledger date", _of("posted")),
    Column("TERMS_SEQUENCE_NUMBER", _ID, "Instalment", _of("sequence")),
    Column("AMOUNT_DUE_ORIGINAL", _MONEY, "Original amount", _of("original")),
    Column("AMOUNT_DUE_REMAINING", _MONEY, "Amount remaining", _of("left")),
    Column("ACCTD_AMOUNT_DUE_REMAINING", _MONEY, "Remaining, in the ledger's currency", _of("accounted")),
    Column("AMOUNT_APPLIED", _MONEY, "Amount settled", lambda line: line.original - line.left),
    Column("AMOUNT_IN_DISPUTE", _MONEY, "Amount in dispute", _of("disputed")),
    Column("DISPUTE_DATE", _WHEN, "Dispute date", _of("disputed_on")),
    Column("INVOICE_CURRENCY_CODE", text(15), "Currency", _of("currency")),
    Column("EXCHANGE_RATE", _MONEY, "Exchange rate", _of("rate")),
    Column("GL_DATE_CLOSED", _WHEN, "Closed, ledger date", _of("closed")),
    Column("ACTUAL_DATE_CLOSED", _WHEN, "Closed on", _of("closed")),
    Column("CUSTOMER_ID", _ID, "Customer account", _of("customer")),
    Column("CUSTOMER_SITE_USE_ID", _ID, "Bill-to site use", lambda line: line.customer and line.customer * 10 + 1),
    ORG,
    CHANGED,
)


def _odd_schedules(site: Any) -> Iterator[Mapping[str, Any]]:
    """Technical rows below zero, and cash of nobody."""
    more = {
        "STATUS": "OP", "TRX_DATE": date(2020, 1, 1), "DUE_DATE": date(2020, 1, 1), "INVOICE_CURRENCY_CODE": "USD",
        "LAST_UPDATE_DATE": _LONG_AGO, "GL_DATE_CLOSED": date(4712, 12, 31), "ORG_ID": 1, "TERMS_SEQUENCE_NUMBER": 1,
    }  # fmt: skip
    for id, sort in ((-1, "PMT"), (-2, "INV")):
        yield {
            **more, "PAYMENT_SCHEDULE_ID": id, "CLASS": sort, "TRX_NUMBER": "ON ACCOUNT", "CUSTOMER_ID": 1001,
            "AMOUNT_DUE_ORIGINAL": 77, "AMOUNT_DUE_REMAINING": 77, "ACCTD_AMOUNT_DUE_REMAINING": 77,
        }  # fmt: skip
    yield {
        **more, "PAYMENT_SCHEDULE_ID": 1, "CASH_RECEIPT_ID": 1, "CLASS": "PMT", "TRX_NUMBER": "NOBODY",
        "AMOUNT_DUE_ORIGINAL": -500, "AMOUNT_DUE_REMAINING": -500, "ACCTD_AMOUNT_DUE_REMAINING": -500,
    }  # fmt: skip


def _transactions(site: Any, item: Item) -> Iterator[tuple[Any, Item]]:
    if item.kind != "on_account":
        yield site, item


def _trx(field: str) -> Any:
    read = attrgetter(field)
    return lambda pair: read(pair[1])


_TRX: Final = (
    Column("CUSTOMER_TRX_ID", _ID, "Transaction", lambda pair: trx_id(pair[1])),
    Column("TRX_NUMBER", text(20), "Transaction number", _trx("document_no")),
    Column("TRX_DATE", _WHEN, "Transaction date", _trx("document_on")),
    Column("BILL_TO_CUSTOMER_ID", _ID, "Bill-to account", _trx("customer")),
    Column("PURCHASE_ORDER", text(50), "Purchase order", _trx("purchase_order")),
    Column("COMPLETE_FLAG", text(1), "Complete", lambda pair: "Y" if pair[1].posted else "N"),
    Column("INTERFACE_HEADER_ATTRIBUTE1", text(150), "Sales order", _trx("sales_order")),
    Column("ORG_ID", _ID, "Operating unit", lambda pair: org(pair[1].company)),
    Column("LAST_UPDATE_DATE", _WHEN, "Last update", lambda pair: pair[0].local(pair[1].changed_at)),
)
_RECEIPTS: Final = (
    Column("CASH_RECEIPT_ID", _ID, "Receipt", _of("id")),
    Column("RECEIPT_NUMBER", text(30), "Receipt number", _of("number")),
    Column("AMOUNT", _MONEY, "Amount", _of("amount")),
    Column("CURRENCY_CODE", text(15), "Currency", _of("currency")),
    Column("RECEIPT_DATE", _WHEN, "Receipt date", _of("on")),
    Column("STATUS", text(30), "APP, UNAPP, UNID, REV, NSF, STOP", _of("status")),
    Column("PAY_FROM_CUSTOMER", _ID, "Customer account", _of("customer")),
    Column("REVERSAL_DATE", _WHEN, "Reversed on", _of("reversed")),
    ORG,
    CHANGED,
)


def _odd_receipts(site: Any) -> Iterator[Mapping[str, Any]]:
    yield {
        "CASH_RECEIPT_ID": 1, "RECEIPT_NUMBER": "NOBODY", "AMOUNT": 500, "CURRENCY_CODE": "USD", "ORG_ID": 1,
        "RECEIPT_DATE": date(2026, 1, 5), "STATUS": "UNID", "LAST_UPDATE_DATE": _LONG_AGO,
    }  # fmt: skip


_APPLICATIONS: Final = (
    Column("RECEIVABLE_APPLICATION_ID", _ID, "Application", _of("id")),
    Column("APPLICATION_TYPE", text(20), "CASH or CM", _of("sort")),
    Column("STATUS", text(30), "APP, UNAPP, ACC, UNID", _of("status")),
    Column("DISPLAY", text(1), "Latest application", _of("display")),
    Column("AMOUNT_APPLIED", _MONEY, "Amount applied", _of("amount")),
    Column("CASH_RECEIPT_ID", _ID, "Receipt", _of("receipt")),
    Column("CUSTOMER_TRX_ID", _ID, "Credit memo", _of("credit")),
    Column("APPLIED_PAYMENT_SCHEDULE_ID", _ID, "Applied to", _of("schedule")),
    Column("APPLY_DATE", _WHEN, "Applied on", _of("on")),
    Column("GL_DATE", _WHEN, "General ledger date", _of("on")),
    ORG,
    CHANGED,
)
LEDGER_TABLES: Final = (
    Table(
        "AR_PAYMENT_SCHEDULES_ALL", "Payment schedules", "PAYMENT_SCHEDULE_ID", SCHEDULES,
        {"item": item_schedules, "payment": payment_schedules}, _odd_schedules,
        ("LAST_UPDATE_DATE", "STATUS ORG_ID", "CUSTOMER_TRX_ID", "CASH_RECEIPT_ID", "CUSTOMER_ID"),
    ),
    Table(
        "RA_CUSTOMER_TRX_ALL", "Transactions", "CUSTOMER_TRX_ID", _TRX, {"item": _transactions},
        indexes=("LAST_UPDATE_DATE",),
    ),
    Table(
        "AR_CASH_RECEIPTS_ALL", "Receipts", "CASH_RECEIPT_ID", _RECEIPTS,
        {"payment": receipts, "item": receipts_on_account}, _odd_receipts, ("LAST_UPDATE_DATE",),
    ),
    Table(
        "AR_RECEIVABLE_APPLICATIONS_ALL", "Applications", "RECEIVABLE_APPLICATION_ID", _APPLICATIONS,
        {"payment": applications, "item": unapplied_lines},
        indexes=("LAST_UPDATE_DATE", "APPLIED_PAYMENT_SCHEDULE_ID", "CASH_RECEIPT_ID"),
    ),
)  # fmt: skip
