"""What a connector shall read of the pod, under the canonical names, added up from the pod's own rows.

- company: a business unit by its name; what stands in the setting `business_units`.
- customer: each account that a complete invoice, a credit memo or a receipt names; company None.
- item: each instalment by its id; a credit memo's are negative; what is unapplied of a receipt is `R|<its id>`.
- allocation: each application of a receipt or of a credit memo, by its id; what was undone has two.
- payment: each receipt of a customer; one that was taken back has a negative one beside it, `<its id>|rev`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.book.postings import converted

from .site.accounts import Accounts
from .site.codes import CLASS_BY_TYPE, CURRENCIES, KIND_BY_TYPE, party_id, units
from .site.documents import INSTALLMENTS, MEMO_INSTALLMENTS
from .site.ledger import Ledger
from .site.receipts import accounted
from .site.table import Row
from .site.values import as_day, exact


def given(
    ledger: Ledger,
    accounts: Accounts,
    stream: Stream,
    *,
    extracted: bool,
    memos_close: bool = True,
    applied: bool = True,
) -> Iterator[Row]:
    """Yield a stream's rows; items that are `extracted` by BICC have no terms, no purchase order and no type.

    Nor does an extract tell what money came to in the unit's currency, but by a rate that rounds otherwise. Where
    credit memos have no instalments nothing tells on which day they were used up (not `memos_close`).
    """
    if stream not in _STREAMS or (stream == "allocation" and not applied):
        return
    for row in _STREAMS[stream](ledger, accounts):
        untold = _untold(row, extracted, memos_close) if stream == "item" else ()
        yield {name: held for name, held in row.items() if held not in (None, "") and name not in untold}


def _untold(row: Row, extracted: bool, memos_close: bool) -> list[str]:
    """Name the fields of an item that this site does not tell."""
    found = ["terms", "purchase_order", "kind", "item_class"] if extracted else []
    if extracted and row["kind"] == "on_account":
        found.append("company_amount")
    return found if memos_close or row["kind"] != "credit_note" else [*found, "cleared_on"]


def _companies(ledger: Ledger, accounts: Accounts) -> Iterator[Row]:
    for name, currency in CURRENCIES.items():
        yield {"company": name, "name": name, "currency": currency}


def _customers(ledger: Ledger, accounts: Accounts) -> Iterator[Row]:
    for number, name in sorted(_named(ledger).items()):
        profile, party = accounts.profile(number), accounts.parties.rows[party_id(number)]
        limit = profile["CreditLimit"]
        yield {
            "key": number,
            "name": name,
            "collector": profile["CollectorName"],
            "terms": profile["PaymentTerms"],
            "credit_manager": profile["CreditAnalystName"],
            "hold": "Y" if profile["CreditHold"] == "Y" else None,
            "credit_limit": None if limit is None else Decimal(str(limit)),
            "limit_currency": profile["CreditCurrencyCode"],
            "country": next((each["Country"] for each in party["Address"]), None),
            "address": next(map(_address, party["Address"]), None),
        }


def _contacts(ledger: Ledger, accounts: Accounts) -> Iterator[Row]:
    for number in sorted(_named(ledger)):
        party = accounts.parties.rows[party_id(number)]
        if party["EmailAddress"]:
            yield {
                "key": f"{number}|email", "customer": number, "name": party["OrganizationName"],
                "purposes": ("main",), "email": party["EmailAddress"], "phone": party["RawPhoneNumber"],
            }  # fmt: skip


def _items(ledger: Ledger, accounts: Accounts) -> Iterator[Row]:
    for table, child, kind in (
        (ledger.invoices, INSTALLMENTS, "invoice"), (ledger.memos, MEMO_INSTALLMENTS, "credit_note")
    ):  # fmt: skip
        for row in table.rows.values():
            for part in row[child]:
                yield _item(row, part, kind)
    for row in ledger.receipts.rows.values():
        if row["CustomerAccountNumber"] and row["UnappliedAmount"]:
            yield _on_account(row)


def _item(row: Row, part: Row, kind: str) -> Row:
    currency = row.get("InvoiceCurrencyCode") or row["CreditMemoCurrency"]
    own = CURRENCIES[row["BusinessUnit"]]
    disputed = part["DisputeAmount"]
    return {
        "company": row["BusinessUnit"],
        "key": str(part["InstallmentId"]),
        "customer": row["BillToCustomerNumber"],
        "kind": KIND_BY_TYPE.get(row["TransactionType"], kind) if kind == "invoice" else kind,
        "item_class": CLASS_BY_TYPE.get(row["TransactionType"], "normal"),
        "currency": currency,
        "amount": exact(part["OriginalAmount"], currency),
        "open_amount": exact(part["InstallmentBalanceDue"], currency),
        "company_currency": own,
        "company_amount": _converted(part["OriginalAmount"], currency, own, row["ConversionRate"]),
        "company_open_amount": exact(part["AccountedBalanceDue"], own),
        "document_no": row["TransactionNumber"],
        "instalment": str(part["InstallmentSequenceNumber"]),
        "document_on": as_day(row["TransactionDate"]),
        "posted_on": as_day(row["AccountingDate"]),
        "due_on": as_day(part["InstallmentDueDate"]),
        "cleared_on": as_day(part["InstallmentClosedDate"]),
        "terms": row.get("PaymentTerms"),
        "purchase_order": row.get("PurchaseOrder"),
        "disputed_amount": None if disputed is None else exact(disputed, currency),
        "changed_at": datetime.fromisoformat(row["LastUpdateDate"]),
    }


def _on_account(row: Row) -> Row:
    own = CURRENCIES[row["BusinessUnit"]]
    whole, left = accounted(row, own)
    return {
        "company": row["BusinessUnit"],
        "key": f"R|{row['StandardReceiptId']}",
        "customer": row["CustomerAccountNumber"],
        "kind": "on_account",
        "currency": row["Currency"],
        "amount": -exact(row["Amount"], row["Currency"]),
        "open_amount": -exact(row["UnappliedAmount"], row["Currency"]),
        "company_currency": own,
        "company_amount": -to_amount(whole, own),
        "company_open_amount": -to_amount(left, own),
        "document_no": row["ReceiptNumber"],
        "document_on": as_day(row["ReceiptDate"]),
        "posted_on": as_day(row["AccountingDate"]),
        "due_on": as_day(row["ReceiptDate"]),
        "changed_at": datetime.fromisoformat(row["LastUpdateDate"]),
    }


def _payments(ledger: Ledger, accounts: Accounts) -> Iterator[Row]:
    for row in ledger.receipts.rows.values():
        if not row["CustomerAccountNumber"]:
            continue
        made = {
            "company": row["BusinessUnit"],
            "key": str(row["StandardReceiptId"]),
            "customer": row["CustomerAccountNumber"],
            "currency": row["Currency"],
            "amount": exact(row["Amount"], row["Currency"]),
            "unapplied_amount": exact(row["UnappliedAmount"], row["Currency"]),
            "received_on": as_day(row["ReceiptDate"]),
            "posted_on": as_day(row["AccountingDate"]),
            "method": row["ReceiptMethod"],
            "company_currency": CURRENCIES[row["BusinessUnit"]],
            "company_amount": exact(row["AccountedAmount"], CURRENCIES[row["BusinessUnit"]]),
            "changed_at": datetime.fromisoformat(row["LastUpdateDate"]),
        }
        back = as_day(row["ReversalDate"])
        yield made | {"reversed_on": back}
        if back:
            yield made | {
                "key": f"{made['key']}|rev", "amount": -made["amount"], "reversal_of": made["key"],
                "company_amount": -made["company_amount"],
                "received_on": back, "posted_on": back,
            }  # fmt: skip


def _allocations(ledger: Ledger, accounts: Accounts) -> Iterator[Row]:
    for row in ledger.applications.every():
        of_money = "StandardReceiptId" in row
        paper = (ledger.receipts if of_money else ledger.memos).rows.get(
            row["StandardReceiptId" if of_money else "CreditMemoId"]
        )
        if paper is not None and (paper["CustomerAccountNumber"] if of_money else True):
            yield {
                "company": paper["BusinessUnit"],
                "key": str(row["ApplicationId"]),
                "item": str(row["ReferenceInstallmentId"]),
                "payment": str(row["StandardReceiptId"]) if of_money else None,
                "kind": "cash" if of_money else "credit",
                "currency": row["EnteredCurrency"],
                "amount": exact(row["ApplicationAmount"], row["EnteredCurrency"]),
                "allocated_on": as_day(row["ApplicationDate"]),
                "posted_on": as_day(row["AccountingDate"]),
                "changed_at": datetime.fromisoformat(row["LastUpdateDate"]),
            }


_STREAMS: Final[Mapping[Stream, Callable[[Ledger, Accounts], Iterator[Row]]]] = {
    "company": _companies,
    "customer": _customers,
    "contact": _contacts,
    "item": _items,
    "payment": _payments,
    "allocation": _allocations,
}


def _named(ledger: Ledger) -> dict[str, str]:
    """Return the accounts that something complete names, with the names that are told there."""
    found: dict[str, str] = {}
    for row in ledger.invoices.rows.values():
        if row[INSTALLMENTS]:
            found[row["BillToCustomerNumber"]] = row["BillToCustomerName"]
    for row in ledger.memos.rows.values():
        found[row["BillToCustomerNumber"]] = row["BillToCustomerName"]
    for row in ledger.receipts.rows.values():
        if row["CustomerAccountNumber"]:
            found[row["CustomerAccountNumber"]] = row["CustomerName"]
    return found


def _address(row: Row) -> dict[str, Any]:
    return {
        "lines": (row["AddressLine1"],), "postal_code": row["PostalCode"], "city": row["City"],
        "country": row["Country"],
    }  # fmt: skip


def _converted(held: float, currency: str, own: str, rate: float | None) -> Decimal:
    minor = round(held * units(currency))
    return to_amount(converted(minor, currency, own, round((rate or 1) * 10_000_000)), own)
