"""Items as a connector shall read them where the ledger is not published: sales invoices and credit memos."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from duehook.core.testing.odata import Table
from duehook.plugins.business_central.simulator.tables.codes import day_of
from duehook.plugins.business_central.simulator.tables.site import Site

Row = dict[str, Any]
Line = tuple[tuple[str, str, str], Decimal]


def documents(site: Site) -> Iterator[Row]:
    """Yield the rows."""
    for company, table in site.documents.invoices.items():
        for row in rows_of(table):
            if row["status"] != "Draft":
                yield _common(site, company, row) | {
                    "key": f"I|{row['number']}",
                    "kind": "invoice",
                    "amount": row["totalAmountIncludingTax"],
                    "open_amount": row["remainingAmount"],
                    "tax_amount": row["totalTaxAmount"],
                    "document_type": "Invoice",
                    "document_on": day_of(row["invoiceDate"]),
                    "purchase_order": row["customerPurchaseOrderReference"],
                    "sales_order": row["orderNumber"],
                }
    for company, table in site.documents.credit_memos.items():
        for row in rows_of(table):
            yield _common(site, company, row) | {
                "key": f"C|{row['number']}",
                "kind": "credit_note",
                "amount": -row["totalAmountIncludingTax"],
                "open_amount": -open_credit(row),
                "tax_amount": -row["totalTaxAmount"],
                "document_type": "Credit Memo",
                "document_on": day_of(row["creditMemoDate"]),
            }


def open_lines(site: Site) -> Iterator[Line]:
    """Yield what is open of each document by company, customer and currency, as API v2.0 tells it."""
    for company, table in site.documents.invoices.items():
        for row in rows_of(table):
            if row["status"] != "Draft":
                yield (company, row["customerNumber"], row["currencyCode"]), row["remainingAmount"]
    for company, table in site.documents.credit_memos.items():
        for row in rows_of(table):
            yield (company, row["customerNumber"], row["currencyCode"]), -open_credit(row)


def open_credit(row: Row) -> Decimal:
    """Return what is open of a credit memo: its page tells no remainder, so it is all or nothing."""
    amount: Decimal = row["totalAmountIncludingTax"]
    return amount if row["status"] == "Open" else Decimal(0)


def rows_of(table: Table) -> Iterator[Row]:
    """Yield the rows of a table in the order of their keys."""
    keys = table.keys()
    for key in keys:
        row = table.get(key)
        if isinstance(row, dict):
            yield row


def _common(site: Site, company: str, row: Row) -> Row:
    payer = row["billToCustomerNumber"]
    return {
        "company": company,
        "customer": row["customerNumber"],
        "payer": payer if payer != row["customerNumber"] else None,
        "currency": row["currencyCode"],
        "company_currency": site.currency(company),
        "document_no": row["number"],
        "due_on": day_of(row["dueDate"]),
        "posted_on": day_of(row["postingDate"]),
        "reference": row["externalDocumentNumber"],
    }
