"""How Infor LX gives a book's rows: under its own keys, without what its files have no room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import applied_cash, chosen, in_company_currency, is_read, money_on_account

from .lines import item_name, payment_name

Row = dict[str, Any]
_KINDS: Final = {"fee": "invoice", "chargeback": "invoice"}


def company(code: str) -> str:
    """Return a company's code: RCOMP is a number."""
    return str(int(code))


def _company(site: Any, row: Row) -> Row:
    return {"company": company(row["company"]), "name": row["name"], "currency": row["currency"]}


def _customer(site: Any, row: Row) -> Row | None:
    """One row a customer: RCM knows no company."""
    if row.get("company") or not is_read(site, row["key"]):
        return None
    made = chosen(row, "key name parent terms currency country")
    limit = {"credit_limit": row["credit_limit"]} if row.get("credit_limit") else {}
    hold = {"hold": site.hold_code(row["hold"])} if "hold" in row else {}
    return made | limit | hold | {"address": {"postal_code": row["address"]["postal_code"]}}


def _contact(site: Any, row: Row) -> Row | None:
    if not is_read(site, row["customer"]):
        return None
    return {"key": row["key"].replace("-", "|"), **chosen(row, "customer name phone")}


def _item(site: Any, row: Row) -> Row | None:
    """What is not posted is not issued; reductions of the company's amount are those of the rate alone."""
    item = site.book.items[row["key"]]
    if not item.posted:
        return None
    made = chosen(row, "customer currency amount open_amount document_no document_on due_on reference company_currency")
    rate, mine = item.rate_scaled, item.company_currency
    stamp = {"changed_at": row["changed_at"]} if site.options["changed_column"] else {}
    return made | stamp | {
        "company": company(row["company"]),
        "key": item_name(item).key,
        "kind": _KINDS.get(row["kind"], row["kind"]),
        "company_amount": in_company_currency(row["amount"], rate, mine),
        "company_open_amount": in_company_currency(row["open_amount"], rate, mine),
    }  # fmt: skip


def _payment(site: Any, row: Row) -> Row | None:
    payment = site.book.payments[row["key"]]
    cash = applied_cash(site.book, payment)
    if not cash and not payment.allocations:
        return None
    return chosen(row, "customer currency received_on reference") | {
        "company": company(row["company"]), "key": payment_name(payment).key, "amount": cash,
        "unapplied_amount": Decimal(0),
    }  # fmt: skip


def unapplied(site: Any) -> list[Row]:
    """Return the payments that are money on account: each a document of its own, whatever it came with."""
    return [
        {
            "company": company(item.company), "key": item_name(item).key, "customer": item.customer,
            "currency": item.currency, "amount": -to_amount(item.amount_minor, item.currency),
            "unapplied_amount": -item.open_amount, "received_on": item.document_on,
        }
        for item in money_on_account(site.book)
    ]  # fmt: skip


def _allocation(site: Any, row: Row) -> Row:
    made = site.book.allocations[row["key"]]
    payment = site.book.payments[made.payment]
    name, sequence = payment_name(payment).key, payment.allocations.index(made.key) + 1
    return chosen(row, "kind currency amount allocated_on") | {
        "company": company(row["company"]), "key": f"{name}|{sequence}", "payment": name,
        "item": item_name(site.book.items[made.item]).key,
    }  # fmt: skip


def _as_it_is(site: Any, row: Row) -> Row:
    return row


GIVES: Final[Mapping[Stream, Callable[[Any, Row], Row | None]]] = {
    "company": _company, "payment_term": _as_it_is, "customer": _customer, "contact": _contact, "item": _item,
    "payment": _payment, "allocation": _allocation,
}  # fmt: skip
