"""Payment terms, as far as due dates are derived from them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from duehook.core.books.tables.ledger import payment_term


def net_days(tx: Connection, connection: str) -> dict[str, int]:
    """Return the net days of the connection's terms by their key."""
    wanted = select(payment_term.c.key, payment_term.c.net_days).where(payment_term.c.connection == connection)
    return {term.key: term.net_days for term in tx.execute(wanted)}
