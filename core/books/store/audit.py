"""The audit rows and the seals over them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from duehook.core.books.books import AUDITED
from duehook.core.books.tables.dunning import notice
from duehook.core.books.tables.ledger import item
from duehook.core.books.tables.ops import audit, audit_count, audit_seal
from duehook.core.books.upsert import insert_new

from .find import Debtor

FACTS: Final = tuple(column for column in audit.c if column.name not in {"seal", "place", "digest"})
_MOST: Final = 500  # ids in one question


def add(tx: Connection, row: Mapping[str, Any]) -> None:
    """Write one audit row, unsealed; `Books.write` counts it as it commits."""
    made = tx.execute(_added(), row).inserted_primary_key
    assert made is not None
    tx.info.setdefault(AUDITED, set()).add(made[0])


def count(tx: Connection, numbers: Collection[int]) -> None:
    """Add to the count of rows ever written those of these that were not taken back.

    The last statement of a transaction: whoever counts lets nobody else commit an act.
    """
    added, ids = 0, sorted(numbers)
    for start in range(0, len(ids), _MOST):
        kept = select(func.count()).where(audit.c.id.in_(ids[start : start + _MOST]))
        added += int(tx.execute(kept).scalar_one())
    if added:
        tx.execute(update(audit_count).values(written=audit_count.c.written + added))


def written(tx: Connection) -> int:
    """Return how many rows were ever written."""
    return int(tx.execute(select(func.coalesce(func.max(audit_count.c.written), 0))).scalar_one())


def id_gaps(tx: Connection, most: int) -> list[tuple[int, int]]:
    """Return the first runs of ids that no row has, each as (first, last)."""
    previous = func.coalesce(func.lag(audit.c.id).over(order_by=audit.c.id), 0).label("previous")
    rows = select(audit.c.id, previous).subquery()
    jumps = select(rows).where(rows.c.id > rows.c.previous + 1).order_by(rows.c.id).limit(most)
    return [(row.previous + 1, row.id - 1) for row in tx.execute(jumps)]


def has_unsealed(tx: Connection, correlation_id: str) -> bool:
    """Say whether this call wrote rows that no seal covers yet."""
    mine = exists().where(audit.c.seal.is_(None), audit.c.correlation_id == correlation_id)
    return bool(tx.execute(select(mine)).scalar_one())


@cache
def _added() -> Insert:
    return insert(audit)


def unsealed(tx: Connection, most: int) -> Sequence[Row[Any]]:
    """Return committed rows that no seal covers yet, oldest first, by their facts."""
    return tx.execute(select(*FACTS).where(audit.c.seal.is_(None)).order_by(audit.c.id).limit(most)).all()


def count_unsealed(tx: Connection) -> int:
    """Count the rows that no seal covers yet."""
    return tx.execute(select(func.count()).where(audit.c.seal.is_(None))).scalar_one()


def last_seal(tx: Connection) -> Row[Any] | None:
    """Return the newest seal."""
    return tx.execute(select(audit_seal).order_by(audit_seal.c.id.desc()).limit(1)).first()


def seals(tx: Connection) -> Sequence[Row[Any]]:
    """Return every seal in order."""
    return tx.execute(select(audit_seal).order_by(audit_seal.c.id)).all()


def open_seal(tx: Connection, number: int, *, previous: str, sealed_at: datetime) -> bool:
    """Take the number of the next seal; False when somebody else is making it."""
    row = {"id": number, "rows": 0, "last_place": 0, "digest": previous, "previous": previous, "sealed_at": sealed_at}
    return insert_new(tx, audit_seal, row)


def close_seal(tx: Connection, number: int, chained: Sequence[tuple[int, int, str]]) -> None:
    """Write the chain of one seal: (row id, place, digest) in order of place."""
    statement = (
        audit.update()
        .where(audit.c.id == bindparam("row"))
        .values(seal=number, place=bindparam("at_place"), digest=bindparam("chained"))
    )
    tx.execute(statement, [{"row": row, "at_place": place, "chained": digest} for row, place, digest in chained])
    last = chained[-1]
    tx.execute(
        audit_seal.update()
        .where(audit_seal.c.id == number)
        .values(rows=len(chained), last_place=last[1], digest=last[2])
    )


def chain(tx: Connection) -> Iterator[tuple[Row[Any], int, int, str]]:
    """Yield the sealed rows in order of place, as (facts, seal, place, digest)."""
    statement = (
        select(*FACTS, audit.c.seal, audit.c.place, audit.c.digest)
        .where(audit.c.seal.is_not(None))
        .order_by(audit.c.place)
        .execution_options(yield_per=2_000)
    )
    many = len(FACTS)
    for row in tx.execute(statement):
        yield row[:many], row[many], row[many + 1], row[many + 2]  # type: ignore[misc]


def entries(
    tx: Connection,
    *,
    company: str | None = None,
    subject: str | None = None,
    debtor: Debtor | None = None,
    act: str | None = None,
    actor: str | None = None,
    most: int = 200,
) -> Sequence[Row[Any]]:
    """Return the newest audit rows, of what is named: a debtor's own, its items' and its notices'.

    `act` is a whole act, or what stands before its point (`hold` for `hold.release`).
    """
    wanted = [
        column == value
        for column, value in ((audit.c.company, company), (audit.c.subject, subject), (audit.c.actor_id, actor))
        if value is not None
    ]
    if act is not None:
        wanted.append(or_(audit.c.act == act, audit.c.act.startswith(f"{act}.", autoescape=True)))
    if debtor is not None:
        wanted.append(_about(debtor))
    return tx.execute(select(*FACTS).where(*wanted).order_by(audit.c.id.desc()).limit(most)).all()


def _about(debtor: Debtor) -> ColumnElement[bool]:
    """Say whether a row is about this debtor, an item of it, or a notice to it."""
    its_item = (item.c.company == debtor.company, item.c.debtor == debtor.key)
    its_notice = (notice.c.company == debtor.company, notice.c.debtor == debtor.key)
    items = select(item.c.key).where(*its_item)
    letters = select(literal("notice ") + notice.c.number).where(*its_notice)
    return and_(
        audit.c.company == debtor.company,
        or_(audit.c.subject == debtor.key, audit.c.subject.in_(items), audit.c.subject.in_(letters)),
    )
