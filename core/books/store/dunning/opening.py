"""Opening levels: where each open item stands when a site goes live."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select

from duehook.core.books.tables.dunning import debtor_dunning, item_dunning, notice
from duehook.core.books.tables.ledger import in_state, item
from duehook.core.books.upsert import upsert

AT_ONCE: Final = 1_000
UNSETTLED: Final = ("proposed", "approved", "in_doubt")


def open_items(tx: Connection, company: str) -> Iterator[Any]:
    """Yield the company's open invoices."""
    columns = (
        item.c.company,
        item.c.connection,
        item.c.key,
        item.c.debtor,
        item.c.currency,
        item.c.document_no,
        item.c.due_on,
        item.c.dunning_level,
        item.c.last_dunned_on,
    )
    wanted = (item.c.company == company, in_state(item, "open"), item.c.open_amount > 0)
    yield from tx.execute(select(*columns).where(*wanted).order_by(item.c.connection, item.c.key))


def clear(tx: Connection, companies: Collection[str]) -> None:
    """Forget the levels and clocks of a rehearsal; levels set by hand stay."""
    named = sorted(companies)
    tx.execute(delete(item_dunning).where(item_dunning.c.company.in_(named), ~item_dunning.c.hand_set))
    tx.execute(delete(debtor_dunning).where(debtor_dunning.c.company.in_(named)))


def by_hand(tx: Connection, company: str) -> set[tuple[str, str]]:
    """Return the items (connection, key) whose level a person set."""
    wanted = (item_dunning.c.company == company, item_dunning.c.hand_set)
    return {(row.connection, row.item) for row in tx.execute(select(item_dunning).where(*wanted))}


def set_levels(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write opening levels."""
    for start in range(0, len(rows), AT_ONCE):
        upsert(tx, item_dunning, rows[start : start + AT_ONCE])


def set_clocks(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write when debtors were last dunned."""
    for start in range(0, len(rows), AT_ONCE):
        upsert(tx, debtor_dunning, rows[start : start + AT_ONCE])


def unsettled(tx: Connection) -> Sequence[Row[Any]]:
    """Return the notices that are proposed, queued or in doubt."""
    return tx.execute(select(notice).where(notice.c.state.in_(UNSETTLED)).order_by(notice.c.id)).all()
