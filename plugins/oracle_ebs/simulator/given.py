"""How E-Business Suite gives a book's rows: under its ids, without what its tables have no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import (
    applied_cash,
    chosen,
    in_company_currency,
    is_netting,
    is_read,
    item_of,
    money_on_account,
    other_side,
)

from .lines import accounted, applications, class_of, disputed_amount, on_account_receipt, org, receipt_id, schedule_id
from .party_tables import contact_point, term_id

Row = dict[str, Any]
KINDS: Final = {"INV": "invoice", "DM": "invoice", "CB": "chargeback", "CM": "credit_note", "PMT": "on_account",
                "BR": "invoice"}  # fmt: skip
CLASSES: Final = {"BR": "draft", "CB": "chargeback"}


def _unit(code: str) -> str:
    return str(org(code))


def _company(site: Any, row: Row) -> Row:
    return {"company": _unit(row["company"]), **chosen(row, "name currency")}


def _term(site: Any, row: Row) -> Row:
    return {"key": str(term_id(row["key"])), **chosen(row, "text net_days")}


def _customer(site: Any, row: Row) -> Row | None:
    if row.get("company") or not is_read(site, row["key"]):
        return None
    hold = {"hold": site.hold_code(row["hold"])} if "hold" in row else {}
    made = chosen(row, "key name collector credit_limit limit_currency country address changed_at")
    made |= {"dunning_block": "N"} if row.get("dunning_block") else {}
    return made | hold | {"terms": str(term_id(row["terms"]))}


def _contact(site: Any, row: Row) -> Row | None:
    """An e-mail address each; whose it is stands in no column."""
    contact = site.book.contacts[row["key"]]
    if not contact.email or not is_read(site, contact.customer):
        return None
    main = {"purposes": ("main",)} if contact.line == 0 else {}
    key = f"{contact.customer}|{contact_point(contact)}"  # a party may have several accounts
    return {"key": key, **chosen(row, "customer email changed_at"), **main}


def _item(site: Any, row: Row) -> Row | None:
    """What is not complete has no schedule; money on account is one while it is open."""
    item = site.book.items[row["key"]]
    if not item.posted or (item.kind == "on_account" and not item.open_minor):
        return None
    made = chosen(row, "customer currency amount open_amount company_currency document_no document_on due_on posted_on "
                       "changed_at")  # fmt: skip
    if item.kind != "on_account":
        made |= chosen(row, "instalment purchase_order sales_order")
        made["instalment"] = str(int(made["instalment"]))
    if not item.open_minor and item.cleared_on:
        made["cleared_on"] = item.cleared_on
    disputed = disputed_amount(site, item)
    made |= {"disputed_amount": disputed} if disputed else {}
    return made | {
        "company": _unit(row["company"]), "key": str(schedule_id(item)), "kind": KINDS[class_of(item)],
        "item_class": CLASSES.get(class_of(item), "normal"),
        "company_amount": in_company_currency(row["amount"], item.rate_scaled, item.company_currency),
        "company_open_amount": accounted(item),
    }  # fmt: skip


def _payment(site: Any, row: Row) -> Row | None:
    payment = site.book.payments[row["key"]]
    if is_netting(payment) or not applied_cash(site.book, payment):
        return None
    made = chosen(row, "customer currency received_on reversed_on")
    made |= {"company": _unit(row["company"]), "amount": applied_cash(site.book, payment)}
    key = str(receipt_id(payment))
    if payment.reversal_of:
        return made | {"key": f"{key}|rev", "reversal_of": key} | chosen(row, "changed_at")
    return made | {"key": key} | chosen(row, "reference changed_at")


def on_account(site: Any) -> Iterator[Row]:
    """Yield the receipts that are money on account."""
    for item in money_on_account(site.book):
        yield {
            "company": _unit(item.company), "key": str(on_account_receipt(item)), "customer": item.customer,
            "currency": item.currency, "amount": -to_amount(item.amount_minor, item.currency),
            "received_on": item.document_on, "reference": str(item.document_no), "changed_at": item.changed_at,
        }  # fmt: skip


def _allocation(site: Any, row: Row) -> Row | None:
    book, made = site.book, site.book.allocations[row["key"]]
    payment = book.payments[made.payment]
    if made.kind not in ("cash", "credit") or (is_netting(payment) and made.amount_minor < 0):
        return None
    given = chosen(row, "currency amount allocated_on") | {
        "company": _unit(row["company"]), "item": str(schedule_id(item_of(book, made.item))),
        "key": str(_application(site, payment, made.key)), "kind": "cash",
    }  # fmt: skip
    if not is_netting(payment):
        return given | {"payment": str(receipt_id(payment))}
    paper = other_side(book, payment, made)
    if paper.kind == "on_account":
        return given | {"payment": str(on_account_receipt(paper))}
    return given | {"kind": "credit"}


def _application(site: Any, payment: Any, key: str) -> int:
    place = payment.allocations.index(key) + 1
    ids = {line.id // 10 % 1000: line.id for line in applications(site, payment)}
    return ids[place]


def _rate(site: Any, row: Row) -> Row:
    return row | {"rate": Decimal(row["rate"])}


GIVES: Final[Mapping[Stream, Callable[[Any, Row], Row | None]]] = {
    "company": _company, "payment_term": _term, "exchange_rate": _rate, "customer": _customer, "contact": _contact,
    "item": _item, "payment": _payment, "allocation": _allocation,
}  # fmt: skip
