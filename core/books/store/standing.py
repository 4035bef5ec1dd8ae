"""Blocks and levels that people set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, select, update

from duehook.core.books.tables.dunning import block, block_version, item_dunning, notice, notice_line
from duehook.core.books.upsert import upsert

from .find import Debtor


def add_block(tx: Connection, row: Mapping[str, Any]) -> int:
    """Write a block; return its number."""
    return int(tx.execute(insert(block).returning(block.c.id), dict(row)).scalar_one())


def open_blocks(tx: Connection, of: Debtor, item: str | None) -> list[Row[Any]]:
    """Return the blocks of the debtor (item None) or of its item that nobody has lifted."""
    same = (block.c.company == of.company, block.c.connection == of.connection, block.c.debtor == of.key)
    this = block.c.item.is_(None) if item is None else block.c.item == item
    return list(tx.execute(select(block).where(*same, this, block.c.lifted_at.is_(None)).order_by(block.c.id)))


def lift(tx: Connection, number: int, *, by: str, at: datetime) -> None:
    """Lift a block, keeping what it was as a version."""
    kept = [column.name for column in block.c]
    old = select(*block.c, literal(at, block_version.c.known_to.type), literal(0)).where(block.c.id == number)
    tx.execute(insert(block_version).from_select([*kept, "known_to", "ended_by_run"], old))
    tx.execute(update(block).where(block.c.id == number).values(lifted_at=at, lifted_by=by))


def level_of(tx: Connection, item: Row[Any]) -> Row[Any] | None:
    """Return our own level of an item, None where Duehook never set one."""
    same = (
        item_dunning.c.company == item.company,
        item_dunning.c.connection == item.connection,
        item_dunning.c.item == item.key,
    )
    return tx.execute(select(item_dunning).where(*same)).one_or_none()


def set_level(tx: Connection, item: Row[Any], level: int, on: date) -> None:
    """Set an item's level by hand; runs leave it alone from then on (rule 18)."""
    key = {"company": item.company, "connection": item.connection, "item": item.key}
    upsert(tx, item_dunning, [{**key, "level": level, "level_on": on, "hand_set": True, "notice_id": None}])


def free_level(tx: Connection, item: Row[Any]) -> None:
    """Let runs raise the item again from the level it stands at, since its last letter.

    The day a person set the level was no letter's, so the interval runs from the one before it.
    """
    names = ("company", "connection")
    sent = select(func.max(notice.c.sent_on)).join(notice_line, notice_line.c.notice_id == notice.c.id)
    sent = sent.where(*(notice.c[name] == getattr(item, name) for name in names), notice_line.c.item == item.key)
    last = tx.execute(sent.where(notice.c.state == "sent", notice.c.kind != "reminder", notice_line.c.rises)).scalar()
    same = [item_dunning.c[name] == getattr(item, name) for name in names]
    freed = {"hand_set": False, "level_on": last}
    tx.execute(update(item_dunning).where(*same, item_dunning.c.item == item.key).values(**freed))
