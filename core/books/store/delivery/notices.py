"""The notices as persons look them up: the newest first, of one debtor or of all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from duehook.core.books.store.find import Debtor
from duehook.core.books.tables.dunning import notice


def listed(
    tx: Connection, *, company: str | None = None, debtor: Debtor | None = None, states: Collection[str] = (), most: int
) -> Sequence[Row[Any]]:
    """Return notices, the newest first."""
    wanted = [] if company is None else [notice.c.company == company]
    wanted += [notice.c.state.in_(sorted(states))] if states else []
    if debtor is not None:
        same = (("company", debtor.company), ("connection", debtor.connection), ("debtor", debtor.key))
        wanted += [notice.c[name] == value for name, value in same]
    return tx.execute(select(notice).where(*wanted).order_by(notice.c.id.desc()).limit(most)).all()


def archived(tx: Connection, most: int | None) -> Sequence[str]:
    """Return the digests of the files that notices were written as, newest first; `most` None is all."""
    wanted = select(notice.c.archive_sha).where(notice.c.archive_sha.is_not(None))
    return tx.execute(wanted.order_by(notice.c.id.desc()).limit(most)).scalars().all()
