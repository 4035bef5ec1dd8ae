"""Which currencies a company's customers owe in."""

from __future__ import annotations

from sqlalchemy import Connection, select

from duehook.core.books.tables.ledger import in_state, item


def open_currencies(tx: Connection) -> dict[str, set[str]]:
    """Return the currencies of each company's open items."""
    found: dict[str, set[str]] = {}
    wanted = select(item.c.company, item.c.currency).where(in_state(item, "open")).distinct()
    for company, currency in tx.execute(wanted):
        found.setdefault(company, set()).add(currency)
    return found
