"""Items, payments and allocations as a connector shall read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.money import exponent
from duehook.plugins.netsuite.simulator.tables.account import Account
from duehook.plugins.netsuite.simulator.tables.codes import (
    CLASS_FIELD,
    CLASSES,
    CREDIT,
    DEPOSIT,
    DUNNED_FIELD,
    INVOICE,
    LEVEL_FIELD,
    PAYMENT,
    REFUND,
)
from duehook.plugins.netsuite.simulator.tables.schema import INSTALMENTS
from duehook.plugins.netsuite.simulator.tables.values import as_date

Row = dict[str, Any]
LINES: Final = """
    SELECT t.*, l.id AS line, l.mainline, l.subsidiary, l.foreignamount, l.entity AS customer, m.symbol,
        o.symbol AS own, COALESCE(l.foreignamountunpaid, 0) AS unpaid, COALESCE(b.amountunpaid, 0) AS own_unpaid,
        COALESCE(l.foreignpaymentamountunused, 0) AS unused, COALESCE(b.paymentamountunused, 0) AS own_unused,
        b.amount AS own_amount
    FROM `transaction` t JOIN transactionline l ON l.`transaction` = t.id AND l.id = 0
    JOIN transactionaccountingline b ON b.`transaction` = t.id AND b.transactionline = l.id
    JOIN accountingbook k ON k.id = b.accountingbook AND k.isprimary = 'T'
    JOIN account a ON a.id = b.account JOIN currency m ON m.id = t.currency
    JOIN subsidiary s ON s.id = l.subsidiary JOIN currency o ON o.id = s.currency
    WHERE t.posting = 'T' AND t.type IN ('CustInvc', 'CustCred', 'CustPymt', 'CustDep', 'CustRfnd', 'Journal')
        AND (l.mainline = 'T' OR (a.accttype = 'AcctRec' AND l.entity IS NOT NULL))
"""
_CLASS_OF: Final = {code: name for name, code in CLASSES.items()}
_MONEY: Final = (PAYMENT, DEPOSIT, REFUND)


def exact(held: float, currency: str) -> Decimal:
    """Return an amount with the decimals of its currency."""
    return Decimal(str(held)).quantize(Decimal(1).scaleb(-exponent(currency)))


def items(account: Account) -> Iterator[Row]:
    """Yield the rows."""
    parts: dict[int, list[Row]] = {}
    if INSTALMENTS in account.database.schema.tables:
        for part in account.rows(f"SELECT * FROM {INSTALMENTS} ORDER BY `transaction`, seqnum"):
            parts.setdefault(part["transaction"], []).append(part)
    for row in account.rows(f"{LINES} ORDER BY t.id"):
        if row["type"] in _MONEY and not row["unused"]:
            continue
        if row["id"] in parts:
            yield from (_instalment(row, part, _item(account, row)) for part in parts[row["id"]])
        else:
            yield _item(account, row)


def _item(account: Account, row: Row) -> Row:
    left, left_own = row["unpaid"] - row["unused"], row["own_unpaid"] - row["own_unused"]
    return {
        "company": str(row["subsidiary"]),
        "key": str(row["id"]),
        "customer": str(row["customer"]),
        "kind": _kind(row),
        "item_class": _CLASS_OF.get(row[CLASS_FIELD], "normal"),
        "currency": row["symbol"],
        "amount": exact(row["foreignamount"], row["symbol"]),
        "open_amount": exact(left, row["symbol"]),
        "company_currency": row["own"],
        "company_amount": exact(row["own_amount"], row["own"]),
        "company_open_amount": exact(left_own, row["own"]),
        "document_no": row["tranid"],
        "document_type": row["type"],
        "document_on": as_date(row["trandate"]),
        "posted_on": as_date(row["trandate"]),
        "due_on": as_date(row["duedate"]),
        "cleared_on": None if left else as_date(row["closedate"]),
        "terms": None if row["terms"] is None else str(row["terms"]),
        "purchase_order": row["otherrefnum"] if row["type"] == INVOICE else None,
        "text": row["memo"],
        "dunning_level": row[LEVEL_FIELD],
        "last_dunned_on": as_date(row[DUNNED_FIELD]),
        "changed_at": account.instant(row["lastmodifieddate"]),
    }


def _instalment(row: Row, part: Row, whole: Row) -> Row:
    left = exact(part["amountdue"], row["symbol"])
    own = {name: held for name, held in whole.items() if not name.startswith("company_")}
    return own | {
        "key": f"{row['id']}|{part['seqnum']}",
        "instalment": str(part["seqnum"]),
        "amount": exact(part["amount"], row["symbol"]),
        "open_amount": left,
        "due_on": as_date(part["duedate"]),
        "cleared_on": None if left else whole["cleared_on"],
    }


def _kind(row: Row) -> str:
    if row["type"] in _MONEY:
        return "on_account"
    if row["type"] == CREDIT:
        return "credit_note"
    return "invoice" if row["type"] == INVOICE or row["foreignamount"] >= 0 else "credit_note"


def payments(account: Account) -> Iterator[Row]:
    """Yield the rows."""
    for row in account.rows(f"{LINES} AND t.type IN ('CustPymt', 'CustDep', 'CustRfnd') ORDER BY t.id"):
        voided = row["status"] == "V"
        made: Row = {
            "company": str(row["subsidiary"]),
            "key": str(row["id"]),
            "customer": str(row["customer"]),
            "currency": row["symbol"],
            "amount": -exact(row["foreignamount"], row["symbol"]),
            "unapplied_amount": exact(row["unused"], row["symbol"]),
            "company_currency": row["own"],
            "company_amount": -exact(row["own_amount"], row["own"]),
            "received_on": as_date(row["trandate"]),
            "posted_on": as_date(row["trandate"]),
            "reversed_on": as_date(row["closedate"]) if voided else None,
            "changed_at": account.instant(row["lastmodifieddate"]),
        }
        yield made
        if voided:
            yield made | _voided(made)


def _voided(made: Mapping[str, Any]) -> Row:
    turned = {name: -made[name] for name in ("amount", "company_amount")}
    on = made["reversed_on"]
    return {"key": f"{made['key']}|void", "reversal_of": made["key"], "received_on": on, "posted_on": on,
            "reversed_on": None, **turned}  # fmt: skip


def allocations(account: Account) -> Iterator[Row]:
    """Yield the rows."""
    found = account.rows(
        "SELECT k.*, n.trandate, l.subsidiary, m.symbol FROM nexttransactionlinelink k "
        "JOIN `transaction` n ON n.id = k.nextdoc JOIN currency m ON m.id = n.currency "
        "JOIN transactionline l ON l.`transaction` = k.previousdoc AND l.id = k.previousline "
        "WHERE k.linktype = 'Payment' ORDER BY k.nextdoc, k.previousdoc"
    )
    for row in found:
        paid = row["nexttype"] in _MONEY
        yield {
            "company": str(row["subsidiary"]),
            "key": f"{row['nextdoc']}|{row['nextline']}|{row['previousdoc']}|{row['previousline']}",
            "item": str(row["previousdoc"]),
            "payment": str(row["nextdoc"]) if paid else None,
            "kind": "cash" if paid else "credit",
            "currency": row["symbol"],
            "amount": exact(row["foreignamount"], row["symbol"]),
            "allocated_on": as_date(row["trandate"]),
        }
