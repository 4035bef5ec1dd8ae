"""What waits for a person, by debtor, and what these debtors owe."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, and_, cast, func, literal, select, tuple_, union_all

from duehook.core.books.tables.dunning import hold, notice, task
from duehook.core.books.tables.ledger import in_state, item
from duehook.core.books.tables.ops import outbox

Name = tuple[str, str]


def waiting(tx: Connection) -> Sequence[Row[Any]]:
    """Return connection, debtor, kind and count of what waits: proposals, tasks, effects in doubt, holds to release."""
    # A letter's target is its channel: its notice says whose it is.
    of_notice = outbox.outerjoin(notice, and_(notice.c.id == outbox.c.subject_id, outbox.c.aspect != "hold"))
    kinds: tuple[tuple[str, Any, Any, Any, Any], ...] = (
        ("proposal", notice, notice.c.connection, notice.c.debtor, notice.c.state == "proposed"),
        ("task", task, task.c.connection, task.c.debtor, task.c.state == "open"),
        (
            "in doubt",
            of_notice,
            func.coalesce(notice.c.connection, outbox.c.target),
            outbox.c.customer,
            outbox.c.state == "in_doubt",
        ),
        ("release", hold, hold.c.connection, hold.c.customer, hold.c.state == "release_proposed"),
    )
    each = [
        select(
            connection.label("connection"),
            debtor.label("debtor"),
            literal(kind).label("kind"),
            func.count().label("many"),
        )
        .select_from(table)
        .where(wanted, debtor.is_not(None))
        .group_by(connection, debtor)
        for kind, table, connection, debtor, wanted in kinds
    ]
    return tx.execute(union_all(*each)).all()


def overdue(tx: Connection, names: Collection[Name], today: date) -> Sequence[Row[Any]]:
    """Return what these debtors owe past its due date in all companies, by connection, debtor and currency."""
    if not names:
        return []
    by = (item.c.connection, item.c.debtor, item.c.currency)
    late = (in_state(item, "open"), item.c.due_on < today, item.c.open_amount > 0)
    named = tuple_(item.c.connection, item.c.debtor).in_(sorted(names))
    sums = cast(func.sum(item.c.open_amount), BigInteger).label("amount")
    return tx.execute(select(*by, sums).where(named, *late).group_by(*by).order_by(*by)).all()
