"""Rows of the published pages, as Business Central writes them."""

from __future__ import annotations

from typing import Any

from .literal import PAGES, Row, Wire

ENTRIES = f"{PAGES}/CustomerLedgerEntries"
DETAILED = f"{PAGES}/DetailedCustLedgEntries"
IS_MONEY = "(Document_Type eq 'Payment' or Document_Type eq 'Refund')"
BOTH = {"ledger_entries": "CustomerLedgerEntries", "detailed_entries": "DetailedCustLedgEntries"}


def entry(number: int, amount: float, left: float | None = None, **more: Any) -> Row:
    """Return a customer ledger entry; what is left of it is all where it is not said."""
    open_amount = amount if left is None else left
    return {
        "@odata.etag": f'W/"e{number}"', "Entry_No": number, "Posting_Date": "2026-02-01", "Document_Type": "Invoice",
        "Document_No": f"PS-{number}", "External_Document_No": "PO 7", "Customer_No": "10000", "Currency_Code": "",
        "Original_Amount": amount, "Amount_LCY": amount, "Remaining_Amount": open_amount,
        "Remaining_Amt_LCY": open_amount, "Due_Date": "2026-03-03", "Pmt_Discount_Date": "0001-01-01", "On_Hold": "",
        "Open": open_amount != 0, "Reversed": False, "Reversed_by_Entry_No": 0,
        "SystemModifiedAt": "2026-02-01T09:00:00Z", **more,
    }  # fmt: skip


def detailed(number: int, entry_no: int, amount: float, kind: str = "Application", **more: Any) -> Row:
    """Return a detailed entry of a ledger entry."""
    return {
        "Entry_No": number, "Cust_Ledger_Entry_No": entry_no, "Applied_Cust_Ledger_Entry_No": 0, "Entry_Type": kind,
        "Posting_Date": "2026-02-20", "Document_Type": "Payment", "Document_No": "BANK-1", "Amount": amount,
        "Amount_LCY": amount, "Customer_No": "10000", "Currency_Code": "", "Unapplied": False, **more,
    }  # fmt: skip


def closed(wire: Wire, *entries: Row) -> None:
    """Let these be the closed entries of the history, and the first of them its first."""
    first = entries[0]["Entry_No"]
    wire.rows[f"{ENTRIES}?Posting_Date ge 2024-03-02"] = entries
    wire.rows[f"{ENTRIES}?(Open eq false and Entry_No ge {first})"] = entries
    money = [row for row in entries if row["Document_Type"] in {"Payment", "Refund"}]
    wire.rows[f"{ENTRIES}?((Open eq false and Entry_No ge {first}) and {IS_MONEY})"] = money


def added(wire: Wire, *rows: Row) -> None:
    """Let these be the detailed entries of the history."""
    wire.rows[f"{DETAILED}?Posting_Date ge 2024-03-02"] = rows
    wire.rows[f"{DETAILED}?Entry_No ge {rows[0]['Entry_No']}"] = rows
