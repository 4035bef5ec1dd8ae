"""Literal ledger rows for tests: an item with every column but those that matter filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from duehook.core.books.tables.ledger import allocation, item
from duehook.core.money import to_scaled

KNOWN = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)


def item_row(key: str, amount: str, due_on: date, **given: Any) -> dict[str, Any]:
    """Return an open EUR invoice of debtor A of company 01; `amount` is in EUR."""
    scaled = to_scaled(Decimal(amount))
    row = {
        "company": "01",
        "connection": "erp",
        "key": key,
        "customer": "A",
        "debtor": "A",
        "kind": "invoice" if scaled > 0 else "credit_note",
        "item_class": "normal",
        "state": "open",
        "currency": "EUR",
        "amount": scaled,
        "open_amount": scaled,
        "document_on": date(2026, 1, 1),
        "posted_on": date(2026, 1, 1),
        "due_on": due_on,
        "due_derived": False,
        "document_no": key,
        "document_type": "RI",
        "known_from": KNOWN,
        "run_id": 1,
    }
    return row | given


def add_items(tx: Connection, *rows: dict[str, Any]) -> None:
    """Put the rows into the books as an import would have."""
    for row in rows:
        tx.execute(item.insert(), row)


def add_allocation(tx: Connection, key: str, item_key: str, amount: str, allocated_on: date, **given: Any) -> None:
    """Put an allocation of cash to an item of company 01 into the books."""
    row = {
        "company": "01",
        "connection": "erp",
        "key": key,
        "item": item_key,
        "kind": "cash",
        "currency": "EUR",
        "amount": to_scaled(Decimal(amount)),
        "allocated_on": allocated_on,
        "known_from": KNOWN,
        "run_id": 1,
    }
    tx.execute(allocation.insert(), row | given)
