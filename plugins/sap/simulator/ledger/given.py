"""What SAP gives of the book's money: items, payments, and what was taken off the one with the other.

The rules are in given.py. A payment's line that clears items whole is no item while it is cleared with them;
once that was reset it is money on account, open or cleared by its reversal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Item
from duehook.core.testing.book.objects import to_amount
from duehook.plugins.sap.simulator.client import Client
from duehook.plugins.sap.simulator.codes import DISPUTE_REASONS, METHODS, NETTING, PAYMENT_TYPES, REASONS

from .lines import Clearing, Line, LineKey, document_of, item_key, negated, payment_of, type_of

Row = dict[str, Any]
DocumentKey = tuple[str, str, str]
_KIND_OF_REASON: Final = {code: kind for kind, code in REASONS.items()}


def key_text(key: LineKey) -> str:
    """Return an item's key as a connector writes it."""
    return "|".join(key)


def items(client: Client) -> Iterator[Row]:
    """Yield the items: those of the book, and payments' lines that clear nothing any more."""
    for item in client.book.items.values():
        if item.posted:
            yield _item(client, item)
    for line in client.cube.whole.values():
        if not line.used_up:
            yield _money(line)


def _money(line: Line) -> Row:
    """Return a payment's line as money on account."""
    assert line.payment is not None
    item, on = line.item, line.payment.received_on
    left, company_left = (0, 0) if line.cleared else (line.minor, line.company_minor)
    return {
        "company": line.key[0], "key": key_text(line.key), "customer": item.customer, "kind": "on_account",
        "item_class": "normal", "currency": item.currency, "amount": to_amount(line.minor, item.currency),
        "open_amount": to_amount(left, item.currency), "company_currency": item.company_currency,
        "company_amount": to_amount(line.company_minor, item.company_currency),
        "company_open_amount": to_amount(company_left, item.company_currency),
        "discount_amount": to_amount(abs(line.discount_minor), item.currency) if line.discount_minor else None,
        "document_no": line.key[2], "document_type": type_of(line), "fiscal_year": int(line.key[1]),
        "document_on": on, "due_on": on, "posted_on": on, "cleared_on": line.cleared and line.cleared.on,
        "reference": line.payment.reference[:16],
    }  # fmt: skip


def _item(client: Client, item: Item) -> Row:
    def money(minor: int) -> Decimal:
        return to_amount(minor, item.currency)

    every = client.cube.lines(item)
    own, lines = every[0], [line for line in every if line.cleared is None]
    key = own.key
    left = sum(line.minor for line in lines)
    return {
        "company": key[0],
        "key": key_text(key),
        "customer": item.customer,
        "kind": item.kind,
        "item_class": item.item_class,
        "currency": item.currency,
        "amount": money(item.amount_minor),
        "open_amount": money(left),
        "company_currency": item.company_currency,
        "company_amount": to_amount(item.company_amount_minor, item.company_currency),
        "company_open_amount": to_amount(sum(line.company_minor for line in lines), item.company_currency),
        "discount_amount": money(own.discount_minor) if own.discount_minor else None,
        "document_no": key[2],
        "document_type": type_of(own),
        "fiscal_year": item.fiscal_year,
        "document_on": item.document_on,
        "due_on": item.due_on,
        "posted_on": item.posted_on,
        "discount_on": item.discount_on,
        "cleared_on": None if lines else _cleared_on(every),
        "payment_method": METHODS.get(item.payment_method),
        "terms": item.terms,
        "sales_order": str(item.sales_order) if item.sales_order else None,
        "reference": item.reference[:16],
        "text": item.text,
        "applies_to": _applies_to(client, item),
        "dunning_block": item.dunning_block,
        "dunning_level": item.dunning_level,
        "last_dunned_on": item.last_dunned_on,
        **_dispute(client, key),
    }


def _cleared_on(lines: Iterable[Line]) -> date:
    """Return when the last of it was cleared, be it the item's own line or a residual one."""
    return max(line.cleared.on for line in lines if line.cleared)


def _applies_to(client: Client, item: Item) -> str | None:
    of = client.book.items.get(item.applies_to or "") or client.book.purged_items.get(item.applies_to or "")
    return key_text(item_key(of)) if of else None


def _dispute(client: Client, key: LineKey) -> Row:
    case = client.disputes.of(key) if client.disputes else None
    if case is None:
        return {}
    reason = str(case.get("CaseReason", ""))
    return {"disputed_amount": case.get("DisputedAmount"), "dispute_reason": DISPUTE_REASONS.get(reason, reason)}


def _documents(client: Client) -> dict[DocumentKey, list[Line]]:
    """Return the lines of payments' documents, by company, year and number, in the order of their lines."""
    found: dict[DocumentKey, list[Line]] = {}
    lines = (line for item in client.book.items.values() for line in client.cube.lines(item))
    for line in (*lines, *client.cube.whole.values()):
        if type_of(line) in PAYMENT_TYPES:
            found.setdefault(_document(line.key), []).append(line)
    return {key: sorted(lines, key=lambda line: line.key) for key, lines in found.items()}


def _document(key: LineKey) -> DocumentKey:
    return key[:3]


def payments(client: Client) -> Iterator[Row]:
    """Yield every document of a payment's type."""
    for key, lines in _documents(client).items():
        first = lines[0]
        money = [line for line in lines if not line.reason]
        payment, currency = first.payment, first.item.currency
        back = payment_of(client.book, payment.reversal_of) if payment and payment.reversal_of else None
        on = payment.received_on if payment else first.item.document_on
        yield {
            "company": key[0],
            "key": "|".join(key),
            "customer": first.item.customer,
            "currency": currency,
            "amount": to_amount(sum(line.discount_minor - line.minor for line in money), currency),
            "unapplied_amount": to_amount(-_unapplied(client, lines), currency),
            "company_currency": first.item.company_currency,
            "company_amount": to_amount(
                sum(line.company_discount_minor - line.company_minor for line in money), first.item.company_currency
            ),
            "received_on": on,
            "posted_on": on,
            "reference": (payment or first.item).reference[:16],
            "reversal_of": "|".join((key[0], *document_of(back))) if back else None,
        }


def _unapplied(client: Client, lines: Iterable[Line]) -> int:
    """Return what is open of a payment's own items (minor units, with their sign)."""
    own = (each for line in lines if line.payment is None for each in client.cube.lines(line.item))
    whole = (line for line in lines if line.share_of)
    return sum(line.minor for line in (*own, *whole) if line.cleared is None)


def allocations(client: Client) -> Iterator[Row]:
    """Yield what lines that refer to items take off them, and what clearings do."""
    documents = _documents(client)
    for item in client.book.items.values():
        for line in client.cube.lines(item):
            if line.payment is not None:
                yield from _taken(item_key(item), line, "|".join(_document(line.key)), _kind(line))
        for share in client.cube.shares(item):
            if share.used_up and share.payment is not None and not share.payment.reversal_of:
                yield from _cleared(item_key(item), share, _document(share.key), documents)
    for line in client.cube.whole.values():
        if line.cleared and not line.used_up:
            yield from _cleared(line.key, negated(line), _by(line, line.cleared), documents)


def _cleared(
    item: LineKey, line: Line, document: DocumentKey, documents: Mapping[DocumentKey, Sequence[Line]]
) -> Iterator[Row]:
    """Yield what a clearing took off an item: by a payment, unless its document has no line."""
    there = document in documents
    kind = "cash" if there and type_of(line) != NETTING else "credit"
    return _taken(item, line, "|".join(document) if there else None, kind)


def _by(line: Line, clearing: Clearing) -> DocumentKey:
    return line.key[0], clearing.year, clearing.document


def _taken(item: LineKey, line: Line, payment: str | None, kind: str) -> Iterator[Row]:
    """Yield what a line takes off an item: money or a reduction, and the discount beside it."""
    currency, own = line.item.currency, line.item.company_currency
    row = {
        "company": item[0], "key": key_text(line.key), "item": key_text(item), "payment": payment, "kind": kind,
        "currency": currency, "amount": to_amount(line.discount_minor - line.minor, currency),
        "company_amount": to_amount(line.company_discount_minor - line.company_minor, own),
        "allocated_on": line.cleared.on if line.share_of and line.cleared else _received_on(line),
    }  # fmt: skip
    yield row
    if line.discount_minor:
        yield row | {
            "key": f"{key_text(line.key)}|discount", "kind": "discount",
            "amount": to_amount(-line.discount_minor, currency),
            "company_amount": to_amount(-line.company_discount_minor, own),
        }  # fmt: skip


def _received_on(line: Line) -> date:
    assert line.payment is not None
    return line.payment.received_on


def _kind(line: Line) -> str:
    if line.reason:
        return _KIND_OF_REASON[line.reason]
    return "credit" if type_of(line) == NETTING else "cash"
