"""How World gives a book's rows: under its own keys, without what its files have no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import chosen, is_netting, part_of

from .lines import allocation_key, is_payment, item_key, item_parts, payment_key

Row = dict[str, Any]
_CLASSES: Final = {"DP": "down_payment", "IC": "intercompany", "RB": "chargeback", "R5": "chargeback"}


def _company(site: Any, row: Row) -> Row:
    return chosen(row, "company name currency")


def _term(site: Any, row: Row) -> Row:
    return chosen(row, "key text net_days")


def _rate(site: Any, row: Row) -> Row:
    return row


def _customer(site: Any, row: Row) -> Row | None:
    if row.get("company"):
        return None
    made = chosen(row, "key name tax_id terms currency collector credit_manager country address")
    limit = chosen(row, "credit_limit") if row.get("credit_limit") else {}
    hold = {"hold": site.hold_code(row["hold"])} if "hold" in row else {}
    return made | limit | hold


def _contact(site: Any, row: Row) -> Row | None:
    """What is told is an address; whose it is stands in another line."""
    contact = site.book.contacts[row["key"]]
    if not contact.email:
        return None
    return {"key": f"{contact.customer}|{contact.line * 2 + 1}", **chosen(row, "customer email")}


def class_of(item: Item) -> str:
    """Return what the pay status, the posted code and the type say of an item."""
    if not item.posted:
        return "unposted"
    if item.open_minor and item.item_class in ("retainage", "draft"):
        return item.item_class
    return _CLASSES.get(item_parts(item)[1], "normal")


def _item(site: Any, row: Row) -> Row:
    item = site.book.items[row["key"]]
    made = chosen(row, "company customer payer kind currency amount open_amount company_currency company_amount "
                       "company_open_amount document_no document_on due_on instalment discount_amount discount_on "
                       "terms purchase_order text dunning_level last_dunned_on changed_at")  # fmt: skip
    if item.posted:
        made |= chosen(row, "posted_on")
    if item.dispute_reason:
        made |= {"dispute_reason": item.dispute_reason, "disputed_amount": row["open_amount"]}
    return made | {"key": item_key(item), "document_type": item_parts(item)[1], "item_class": class_of(item)}


def _payment(site: Any, row: Row) -> Row | None:
    """What of a payment was applied; the rest is a document of its own."""
    payment = site.book.payments[row["key"]]
    parts = [part_of(site.book, key) for key in payment.allocations]
    there = [part for part in parts if part.key in site.book.allocations]
    if not is_payment(payment, [part.kind for part in there]):
        return None
    cash = sum(part.amount_minor for part in there if part.kind == "cash")
    made = chosen(row, "company customer currency received_on")
    return made | {"key": payment_key(payment), "amount": to_amount(int(cash), payment.currency)}


def _allocation(site: Any, row: Row) -> Row:
    made = site.book.allocations[row["key"]]
    payment = site.book.payments[made.payment]
    item = site.book.items[made.item]
    given = chosen(row, "company kind currency amount company_amount") | {
        "key": allocation_key(item, payment, made.kind), "item": item_key(item), "allocated_on": payment.received_on,
    }  # fmt: skip
    return given if is_netting(payment) else given | {"payment": payment_key(payment)}


def summed(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield allocations, those of one line as one."""
    found: dict[str, Row] = {}
    for row in rows:
        known = found.setdefault(row["key"], {**row, "amount": Decimal(0), "company_amount": Decimal(0)})
        known["amount"] += row["amount"]
        known["company_amount"] += row["company_amount"]
    yield from found.values()


GIVES: Final[Mapping[Stream, Callable[[Any, Row], Row | None]]] = {
    "company": _company, "payment_term": _term, "exchange_rate": _rate, "customer": _customer, "contact": _contact,
    "item": _item, "payment": _payment, "allocation": _allocation,
}  # fmt: skip
