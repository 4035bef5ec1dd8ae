"""How PeopleSoft gives a book's rows: under its own keys, without what its records have no room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.sql_ledger import chosen, in_company_currency, is_netting, is_read

from .lines import CONVERTED, STOPPED, check_no, dispute, item_key, open_base, payment_key, sequence_of

Row = dict[str, Any]
_KINDS: Final = {"chargeback": "invoice"}


def _company(site: Any, row: Row) -> Row:
    return chosen(row, "company name currency")


def _term(site: Any, row: Row) -> Row:
    return chosen(row, "key text")


def _customer(site: Any, row: Row) -> Row | None:
    if row.get("company") or not is_read(site, row["key"]):
        return None
    made = chosen(row, "key name parent terms collector credit_manager country address")
    limit = chosen(row, "credit_limit limit_currency") if row.get("credit_limit") else {}
    hold = {"hold": site.hold_code(row["hold"])} if "hold" in row else {}
    block = {"dunning_block": STOPPED} if row.get("dunning_block") else {}
    return made | limit | hold | block


def _contact(site: Any, row: Row) -> Row:
    return {"key": f"{row['customer']}|{row['key']}", **chosen(row, "customer name email phone")}


def _item(site: Any, row: Row) -> Row | None:
    item = site.book.items[row["key"]]
    if not item.posted:
        return None
    made = chosen(row, "company customer currency amount open_amount company_currency document_no document_on due_on "
                       "posted_on discount_amount discount_on purchase_order sales_order reference dunning_level "
                       "last_dunned_on")  # fmt: skip
    reason, disputed = dispute(site, item)
    made |= {"dispute_reason": reason, "disputed_amount": disputed} if disputed else {}
    made |= {"dunning_block": STOPPED} if item.dunning_block else {}
    made |= chosen(row, "changed_at") if item.changed_at.year > CONVERTED else {}
    return made | {
        "item_class": "draft" if item.item_class == "draft" else "normal",
        "key": item_key(item), "kind": _KINDS.get(row["kind"], row["kind"]), "company_open_amount": open_base(item),
        "company_amount": in_company_currency(row["amount"], item.rate_scaled, item.company_currency),
    }  # fmt: skip


def _payment(site: Any, row: Row) -> Row | None:
    payment = site.book.payments[row["key"]]
    if is_netting(payment):
        return None
    made = chosen(row, "company customer currency amount received_on posted_on")
    return made | {"key": payment_key(payment), "reference": check_no(payment)}


def _allocation(site: Any, row: Row) -> Row | None:
    made = site.book.allocations[row["key"]]
    payment = site.book.payments[made.payment]
    if is_netting(payment):
        return None
    item = item_key(site.book.items[made.item])
    return chosen(row, "company kind currency amount company_amount allocated_on") | {
        "key": f"{item}|{sequence_of(site, made)}", "item": item, "payment": payment_key(payment),
    }  # fmt: skip


GIVES: Final[Mapping[Stream, Callable[[Any, Row], Row | None]]] = {
    "company": _company, "payment_term": _term, "customer": _customer, "contact": _contact, "item": _item,
    "payment": _payment, "allocation": _allocation,
}  # fmt: skip
