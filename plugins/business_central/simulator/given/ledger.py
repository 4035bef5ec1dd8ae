"""Items, payments and allocations as a connector shall read them from pages 25 and 573."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from duehook.plugins.business_central.simulator.tables.codes import (
    BLANK,
    CREDIT_MEMO,
    METHODS,
    PAYMENT,
    day_of,
    decoded,
)
from duehook.plugins.business_central.simulator.tables.details import APPLICATION, DISCOUNT, TOLERANCE
from duehook.plugins.business_central.simulator.tables.site import Site

Row = dict[str, Any]
_KINDS: Final = {"Invoice": "invoice", BLANK: "invoice", CREDIT_MEMO: "credit_note", PAYMENT: "on_account"}
_CLASSES: Final = {method: item_class for item_class, method in METHODS.items()}
_REDUCTIONS: Final = {DISCOUNT: "discount", TOLERANCE: "write_off"}


def items(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for company in site.ledger.entries:
        for row in site.ledger.rows(company):
            if row["Document_Type"] != PAYMENT or stood_on_account(row):
                yield _item(site, company, row)


def stood_on_account(row: Row) -> bool:
    """Say whether money stands on account, or has stood there until a later day."""
    if row["Remaining_Amount"]:
        return True
    return bool(row["Closed_at_Date"] > row["Posting_Date"] and not row["Reversed"])


def _item(site: Site, company: str, row: Row) -> Row:
    discounted = bool(row["Remaining_Pmt_Disc_Possible"])
    return {
        "company": company,
        "key": str(row["Entry_No"]),
        "customer": row["Customer_No"],
        "item_class": _CLASSES.get(row["Payment_Method_Code"], "normal"),
        "kind": _KINDS.get(row["Document_Type"], "fee"),
        "currency": row["Currency_Code"] or site.currency(company),
        "amount": row["Original_Amount"],
        "open_amount": row["Remaining_Amount"],
        "company_currency": site.currency(company),
        "company_amount": row["Amount_LCY"],
        "company_open_amount": row["Remaining_Amt_LCY"],
        "document_no": row["Document_No"],
        "document_type": decoded(row["Document_Type"]).strip(),
        "document_on": day_of(row["Document_Date"]),
        "due_on": day_of(row["Due_Date"]),
        "posted_on": day_of(row["Posting_Date"]),
        "discount_on": day_of(row["Pmt_Discount_Date"]) if discounted else None,
        "discount_amount": row["Remaining_Pmt_Disc_Possible"] if discounted else None,
        "cleared_on": day_of(row["Closed_at_Date"]) if not row["Open"] else None,
        "terms": row["Payment_Terms_Code"],
        "payment_method": row["Payment_Method_Code"],
        "reference": row["External_Document_No"],
        "purchase_order": row["Your_Reference"],
        "text": row["Description"],
        "dunning_block": row["On_Hold"],
        "dispute_reason": row["Dispute_Status"],
        "disputed_amount": row["Remaining_Amount"] if row["Dispute_Status"] else None,
    }


def payments(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for company in site.ledger.entries:
        rows = {row["Entry_No"]: row for row in site.ledger.rows(company) if row["Document_Type"] == PAYMENT}
        for row in rows.values():
            back = rows.get(row["Reversed_by_Entry_No"])
            yield {
                "company": company,
                "key": str(row["Entry_No"]),
                "customer": row["Customer_No"],
                "currency": row["Currency_Code"] or site.currency(company),
                "amount": -row["Original_Amount"],
                "unapplied_amount": -row["Remaining_Amount"],
                "company_currency": site.currency(company),
                "company_amount": -row["Amount_LCY"],
                "received_on": day_of(row["Posting_Date"]),
                "posted_on": day_of(row["Posting_Date"]),
                "method": row["Payment_Method_Code"],
                "reference": row["External_Document_No"],
                "reversal_of": str(row["Reversed_Entry_No"]) if row["Reversed_Entry_No"] else None,
                "reversed_on": day_of(back["Posting_Date"]) if back else None,
            }


def allocations(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for company in site.ledger.entries:
        money = {row["Entry_No"]: row for row in site.ledger.rows(company) if row["Document_Type"] == PAYMENT}
        for row in site.ledger.detail_rows(company):
            kind = _REDUCTIONS.get(row["Entry_Type"], "")
            number, applied = row["Cust_Ledger_Entry_No"], row["Applied_Cust_Ledger_Entry_No"]
            payment = applied if applied in money and applied != number else None
            if row["Entry_Type"] == APPLICATION:
                kind = "cash" if payment else "credit"
            if not kind or (number in money and not stood_on_account(money[number])):
                continue
            yield {
                "company": company,
                "key": str(row["Entry_No"]),
                "item": str(number),
                "payment": str(payment) if payment else None,
                "kind": kind,
                "currency": row["Currency_Code"] or site.currency(company),
                "amount": -row["Amount"],
                "company_amount": -row["Amount_LCY"],
                "allocated_on": day_of(row["Posting_Date"]),
            }
