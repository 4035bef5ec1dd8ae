"""Items, payments and allocations as a connector shall read them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from duehook.plugins.d365.simulator.tables.codes import COLLECTION_LETTER, MODES
from duehook.plugins.d365.simulator.tables.ledger_rows import Row
from duehook.plugins.d365.simulator.tables.settlements import settlement_rows
from duehook.plugins.d365.simulator.tables.site import Site
from duehook.plugins.d365.simulator.tables.values import day_of

from .masters import NO_LETTERS

_ITEMS: Final = ("Sales", "Cust", "Interest", "CollectionLetter")
_FEES: Final = ("Interest", "CollectionLetter")
_KINDS: Final = {"Payment": "cash", "CashDisc": "discount", "WriteOff": "write_off", "Settlement": "deduction"}


def items(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for row in site.ledger.rows():
        opened = site.ledger.open_of(row["SysRecId"])
        if row["TransType"] in _ITEMS or (row["TransType"] == "Payment" and _stood_on_account(row)):
            yield from _of_transaction(site, row, _by_due_date(site, row, opened))


def _stood_on_account(row: Row) -> bool:
    if row["AmountCur"] != row["SettleAmountCur"]:
        return True
    return bool(row["LastSettleDate"] > row["TransDate"] and row["CancelledPayment"] == "No")


def _by_due_date(site: Site, row: Row, opened: list[Row]) -> dict[str, Row]:
    """Return what is open at each due date, the transaction's own among them."""
    own = _written(row["DueDate"])
    nothing = {"DueDate": row["DueDate"], "AmountCur": Decimal(0), "AmountMST": Decimal(0)}
    if not site.open_rows:
        nothing["AmountCur"] = row["AmountCur"] - row["SettleAmountCur"]
        nothing["AmountMST"] = row["AmountMST"] - row["SettleAmountMST"]
        return {own: nothing | {"CollectionLetterCode": row["CollectionLetterCode"]}}
    found = {own: nothing}
    for each in sorted(opened, key=lambda each: (each["DueDate"], each["SysRecId"])):
        day = _written(each["DueDate"])
        before = found.get(day, {})
        sums = {name: each[name] + before.get(name, 0) for name in ("AmountCur", "AmountMST")}
        found[day] = each | sums
    return found


def _of_transaction(site: Site, row: Row, opened: dict[str, Row]) -> Iterator[Row]:
    own = _written(row["DueDate"])
    disputed = site.disputes.of(row["SysRecId"])
    standing = min((day for day, each in opened.items() if each["AmountCur"]), default=own)
    for day, each in opened.items():
        amounts = {"amount": each["AmountCur"], "company_amount": each["AmountMST"]}
        if day == own:
            others = [other for name, other in opened.items() if name != own]
            amounts["amount"] = row["AmountCur"] - sum(other["AmountCur"] for other in others)
            amounts["company_amount"] = row["AmountMST"] - sum(other["AmountMST"] for other in others)
        yield {
            **_common(site, row),
            **amounts,
            **_when_open(each),
            **(_in_dispute(disputed, row) if disputed and day == standing else {}),
            "key": f"{row['SysRecId']}|{day}",
            "open_amount": each["AmountCur"],
            "company_open_amount": each["AmountMST"],
            "due_on": day_of(each["DueDate"]),
            "cleared_on": None if each["AmountCur"] else day_of(row["LastSettleDate"]),
        }


def _common(site: Site, row: Row) -> Row:
    classes = {mode: item_class for item_class, mode in MODES.items()}
    item_class = "down_payment" if row["Prepayment"] == "Yes" else classes.get(row["PaymMode"], "normal")
    return {
        "company": row["dataAreaId"],
        "customer": row["OrderAccount"],
        "payer": row["AccountNum"] if row["AccountNum"] != row["OrderAccount"] else None,
        "kind": _kind(row),
        "item_class": item_class,
        "currency": row["CurrencyCode"],
        "company_currency": site.currency(row["dataAreaId"]),
        "document_no": row["Invoice"] or row["DocumentNum"] or row["Voucher"],
        "document_type": row["TransType"],
        "document_on": day_of(row["DocumentDate"]) or day_of(row["TransDate"]),
        "posted_on": day_of(row["TransDate"]),
        "payment_method": row["PaymMode"],
        "terms": row["PaymTermId"],
        "reference": row["PaymReference"],
        "text": row["Txt"],
    }


def _kind(row: Row) -> str:
    if row["TransType"] == "Payment":
        return "on_account"
    if row["TransType"] in _FEES:
        return "fee"
    if row["PaymMode"] == MODES["chargeback"]:
        return "chargeback"
    return "invoice" if row["AmountCur"] >= 0 else "credit_note"


def _when_open(opened: Row) -> Row:
    level = COLLECTION_LETTER.index(opened.get("CollectionLetterCode", "None"))
    discounted = bool(opened.get("PossibleCashDisc"))
    return {
        "dunning_level": level or None,
        "dunning_block": NO_LETTERS if opened.get("CollectionLetter") == "No" else None,
        "discount_amount": opened["PossibleCashDisc"] if discounted else None,
        "discount_on": day_of(opened["CashDiscDate"]) if discounted else None,
    }


def _in_dispute(dispute: Row, row: Row) -> Row:
    if dispute["Status"] != "Disputed":
        return {}
    amount = dispute["AmountCur"] or row["AmountCur"] - row["SettleAmountCur"]
    return {"disputed_amount": amount, "dispute_reason": dispute["ReasonCode"]}


def payments(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    paid = [row for row in site.ledger.rows() if row["TransType"] == "Payment"]
    vouchers = {(row["dataAreaId"], row["Voucher"]): row["SysRecId"] for row in paid}
    for row in paid:
        cancelled = row["CancelledPayment"] == "Yes"
        back = cancelled and row["AmountCur"] > 0
        yield {
            "company": row["dataAreaId"],
            "key": str(row["SysRecId"]),
            "customer": row["AccountNum"],
            "currency": row["CurrencyCode"],
            "amount": -row["AmountCur"],
            "unapplied_amount": row["SettleAmountCur"] - row["AmountCur"],
            "company_currency": site.currency(row["dataAreaId"]),
            "company_amount": -row["AmountMST"],
            "received_on": day_of(row["DocumentDate"]) or day_of(row["TransDate"]),
            "posted_on": day_of(row["TransDate"]),
            "method": row["PaymMode"],
            "reference": row["PaymReference"],
            "reversal_of": str(vouchers[row["dataAreaId"], row["LastSettleVoucher"]]) if back else None,
            "reversed_on": day_of(row["LastSettleDate"]) if cancelled and not back else None,
        }


def allocations(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for row in settlement_rows(site.ledger):
        item, other = site.ledger.transaction(row["TransRecId"]), site.ledger.transaction(row["OffsetRecid"])
        if item is None or (item["TransType"] == "Payment" and not _stood_on_account(item)):
            continue
        sort = other["TransType"] if other else ""
        yield {
            "company": row["dataAreaId"],
            "key": str(row["SysRecId"]),
            "item": f"{item['SysRecId']}|{_written(item['DueDate'])}",
            "payment": str(row["OffsetRecid"]) if sort == "Payment" else None,
            "kind": _KINDS.get(sort, "credit"),
            "currency": item["CurrencyCode"],
            "amount": row["SettleAmountCur"],
            "company_amount": row["SettleAmountMST"],
            "allocated_on": day_of(row["TransDate"]),
        }


def _written(at: Any) -> str:
    return str(at.date())
