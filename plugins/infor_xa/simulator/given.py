"""How the synthetic schema gives a book's rows: under its own keys, without what its files have no room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.sql_ledger import applied_cash, chosen, is_netting

from .tables import BACK, company, item_key, open_base, receipt_number

Row = dict[str, Any]
_KINDS: Final = {"chargeback": "invoice"}


def _company(site: Any, row: Row) -> Row:
    return {"company": company(row["company"]), **chosen(row, "name currency")}


def _customer(site: Any, row: Row) -> Row | None:
    if row.get("company"):
        return None
    made = chosen(row, "key name terms country")
    limit = chosen(row, "credit_limit") if row.get("credit_limit") else {}
    hold = {"hold": site.hold_code(row["hold"])} if "hold" in row else {}
    return made | limit | hold | {"address": chosen(row["address"], "lines postal_code city")}


def _item(site: Any, row: Row) -> Row | None:
    item = site.book.items[row["key"]]
    if not item.posted:
        return None
    made = chosen(
        row, "customer currency amount open_amount company_currency document_no document_on due_on changed_at"
    )
    return made | {
        "company": company(row["company"]), "key": item_key(item), "kind": _KINDS.get(row["kind"], row["kind"]),
        "company_open_amount": open_base(item),
    }  # fmt: skip


def _payment(site: Any, row: Row) -> Row | None:
    """What of a payment was applied; the rest is a document of its own."""
    payment = site.book.payments[row["key"]]
    cash = applied_cash(site.book, payment)
    if not cash:
        return None
    unit = company(row["company"])
    made = {"company": unit, "key": f"{unit}|{receipt_number(payment)}", "amount": cash}
    back = {"reversal_of": f"{unit}|{receipt_number(payment) - BACK}"} if payment.reversal_of else {}
    return chosen(row, "customer currency received_on") | made | back


def _allocation(site: Any, row: Row) -> Row:
    made = site.book.allocations[row["key"]]
    payment = site.book.payments[made.payment]
    number, unit = receipt_number(payment), company(row["company"])
    paid = {} if is_netting(payment) else {"payment": f"{unit}|{number}"}
    return chosen(row, "kind currency amount") | paid | {
        "company": unit, "key": f"{number}|{payment.allocations.index(made.key) + 1}",
        "item": item_key(site.book.items[made.item]), "allocated_on": payment.received_on,
    }  # fmt: skip


GIVES: Final[Mapping[Stream, Callable[[Any, Row], Row | None]]] = {
    "company": _company, "customer": _customer, "item": _item, "payment": _payment, "allocation": _allocation,
}  # fmt: skip
