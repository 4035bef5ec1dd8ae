"""Notices that went out as TEST: what they moved counts until their customer gets real letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, select

from duehook.core.books.tables.dunning import notice, rehearsal
from duehook.core.books.upsert import insert_new

from .sending import Notice


def note(tx: Connection, notice_id: int) -> None:
    """Write down that a notice was only rehearsed."""
    insert_new(tx, rehearsal, {"notice_id": notice_id})


def standing(tx: Connection) -> Sequence[Notice]:
    """Return the rehearsed notices whose levels still count, the newest first."""
    joined = notice.join(rehearsal, rehearsal.c.notice_id == notice.c.id)
    return tx.execute(select(notice).select_from(joined).order_by(notice.c.sent_on.desc(), notice.c.id.desc())).all()


def forget(tx: Connection, ids: Collection[int]) -> None:
    """Forget rehearsals that were taken back."""
    tx.execute(delete(rehearsal).where(rehearsal.c.notice_id.in_(sorted(ids))))
