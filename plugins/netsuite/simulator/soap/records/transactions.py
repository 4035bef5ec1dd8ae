"""Transactions as records: invoices, credit memos, payments, deposits, refunds, journals and those beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element

from duehook.plugins.netsuite.simulator.soap.names import CUSTOMERS, GENERAL, PURCHASES, SALES
from duehook.plugins.netsuite.simulator.tables.codes import (
    CREDIT,
    DEPOSIT,
    INVOICE,
    JOURNAL,
    PAYMENT,
    REFUND,
    STATUS_TEXTS,
)

from .custom import Custom, add_customs
from .lists import add_lists
from .shape import Context, Shape, fields

Row = dict[str, Any]
_STAMPS: Final = "createdDate:date lastModifiedDate:date"
SHAPES: Final[Mapping[str, Shape]] = {
    INVOICE: Shape("Invoice", SALES, "transaction", fields(
        f"{_STAMPS} entity:ref.customer tranDate:date tranId terms:ref.term subsidiary:ref.subsidiary "
        "currency:ref.currency dueDate:date otherRefNum memo amountPaid:number:foreignamountpaid "
        "amountRemaining:number:foreignamountunpaid account:ref.account:expenseaccount exchangeRate:number "
        "currencyName total:number:foreigntotal status:text:statustext approvalStatus:ref.none"
    )),
    CREDIT: Shape("CreditMemo", CUSTOMERS, "transaction", fields(
        f"{_STAMPS} currency:ref.currency entity:ref.customer tranDate:date tranId subsidiary:ref.subsidiary "
        "otherRefNum memo account:ref.account:expenseaccount exchangeRate:number "
        "amountPaid:number:foreignpaymentamountused currencyName amountRemaining:number:foreignpaymentamountunused "
        "unapplied:number:foreignpaymentamountunused applied:number:foreignpaymentamountused "
        "total:turned:foreigntotal status:text:statustext"
    )),
    PAYMENT: Shape("CustomerPayment", CUSTOMERS, "transaction", fields(
        f"{_STAMPS} arAcct:ref.account:expenseaccount customer:ref.customer:entity currency:ref.currency "
        "payment:turned:foreigntotal tranDate:date tranId memo currencyName exchangeRate:number "
        "total:turned:foreigntotal subsidiary:ref.subsidiary applied:number:foreignpaymentamountused "
        "unapplied:number:foreignpaymentamountunused status:text:statustext"
    )),
    DEPOSIT: Shape("CustomerDeposit", CUSTOMERS, "transaction", fields(
        f"{_STAMPS} status:text:statustext customer:ref.customer:entity payment:turned:foreigntotal "
        "currency:ref.currency tranDate:date memo currencyName exchangeRate:number subsidiary:ref.subsidiary "
        "account:ref.account:expenseaccount tranId"
    )),
    REFUND: Shape("CustomerRefund", CUSTOMERS, "transaction", fields(
        f"{_STAMPS} status:text:statustext transactionNumber customer:ref.customer:entity "
        "arAcct:ref.account:expenseaccount currencyName exchangeRate:number total:number:foreigntotal "
        "currency:ref.currency tranDate:date memo tranId subsidiary:ref.subsidiary"
    )),
    JOURNAL: Shape("JournalEntry", GENERAL, "transaction", fields(
        "tranDate:date currency:ref.currency exchangeRate:number tranId subsidiary:ref.subsidiary memo "
        f"approved:bool {_STAMPS}"
    )),
    "SalesOrd": Shape("SalesOrder", SALES, "transaction", fields(
        "createdDate:date entity:ref.customer currency:ref.currency tranDate:date tranId memo exchangeRate:number "
        "total:number:foreigntotal subsidiary:ref.subsidiary lastModifiedDate:date"
    )),
    "CashSale": Shape("CashSale", SALES, "transaction", fields(
        f"{_STAMPS} entity:ref.customer tranDate:date tranId subsidiary:ref.subsidiary memo currency:ref.currency "
        "exchangeRate:number total:number:foreigntotal"
    )),
    "VendBill": Shape("VendorBill", PURCHASES, "transaction", fields(
        f"{_STAMPS} entity:ref.vendor subsidiary:ref.subsidiary tranDate:date exchangeRate:number tranId memo "
        "currency:ref.currency"
    )),
}  # fmt: skip
RECORDS: Final[Mapping[str, str]] = {  # what a reference calls the record: the type of the transaction
    f"{shape.name[0].lower()}{shape.name[1:]}": kind for kind, shape in SHAPES.items()
}
NAMES: Final[Mapping[str, str]] = {kind: name for name, kind in RECORDS.items()}
_LOADED: Final = (
    "SELECT t.*, l.subsidiary, l.expenseaccount, l.foreignamountpaid, l.foreignamountunpaid, "
    "l.foreignpaymentamountused, l.foreignpaymentamountunused, m.name AS currencyname, "
    "CASE t.approvalstatus WHEN '2' THEN 'T' ELSE 'F' END AS approved "
    "FROM `transaction` t JOIN transactionline l ON l.`transaction` = t.id AND l.id = 0 "
    "JOIN currency m ON m.id = t.currency WHERE t.id IN ({marks})"
)


def loaded(keys: Sequence[int], context: Context) -> list[Row]:
    """Return the rows of some transactions, in their order; one that is gone is left out."""
    marks = ", ".join("?" * len(keys))
    rows = {row["id"]: row for row in context.database.rows(_LOADED.format(marks=marks), *keys)}
    for row in rows.values():
        row["statustext"] = status_text(row)
    return [rows[key] for key in keys if key in rows]


def elements(rows: Sequence[Row], known: Mapping[str, Custom], context: Context, *, lists: bool) -> list[Element]:
    """Return rows as their records; with `lists`, what was applied, instalments and the lines of journals too."""
    made = [SHAPES[row["type"]].element(row, context) for row in rows]
    if lists:
        add_lists(list(zip(rows, made, strict=True)), context)
    for row, record in zip(rows, made, strict=True):
        add_customs(record, SHAPES[row["type"]].namespace, row, known, context=context)
    return made


def status_text(row: Mapping[str, Any]) -> str:
    """Return a transaction's status as a record tells it."""
    if row["approvalstatus"] == "1":
        return "Pending Approval"
    return str(STATUS_TEXTS.get((row["type"], row["status"]), row["status"])).rpartition(" : ")[2]
