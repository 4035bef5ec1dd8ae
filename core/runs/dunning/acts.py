"""What people do to a debtor or an item: block, unblock, set a level by hand."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from duehook.core.books import Books
from duehook.core.books.store import find, standing
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.ops import audit
from duehook.core.runs.days import day_at
from duehook.core.runs.site import Site


def block(
    site: Site,
    context: Context,
    named: str,
    *,
    reason: str,
    from_on: date | None = None,
    until_on: date | None = None,
) -> int:
    """Stop dunning a debtor until a day, or until it is lifted; return the block's number.

    `from_on` is the company's day unless it is given, `until_on` the first day on which the block no
    longer holds. Raises NotFound for a debtor that is not there, or an end that is not after the start.
    """
    with site.books.write() as tx:
        debtor = find.debtor(tx, named)
        first = from_on or day_at(site.settings, debtor.company, context.now())
        return _block(tx, context, debtor, None, reason=reason, from_on=first, until_on=until_on)


def block_item(
    site: Site,
    context: Context,
    named: str,
    *,
    reason: str,
    from_on: date | None = None,
    until_on: date | None = None,
) -> int:
    """Stop dunning one item, as `block` does a debtor."""
    with site.books.write() as tx:
        item = find.open_or_past_item(tx, named)
        debtor = find.Debtor(item.company, item.connection, item.debtor)
        first = from_on or day_at(site.settings, item.company, context.now())
        return _block(tx, context, debtor, item.key, reason=reason, from_on=first, until_on=until_on)


def _block(
    tx: Connection,
    context: Context,
    debtor: find.Debtor,
    item: str | None,
    *,
    reason: str,
    from_on: date,
    until_on: date | None,
) -> int:
    if until_on is not None and until_on <= from_on:
        raise NotFound(f"a block until {until_on} would hold on no day.", fix="give a later --until.")
    row = {"company": debtor.company, "connection": debtor.connection, "debtor": debtor.key, "item": item}
    made = {"made_at": context.now(), "made_by": context.actor.id}
    number = standing.add_block(tx, {**row, "reason": reason, "from_on": from_on, "until_on": until_on, **made})
    after = {"block": number, "item": item, "from_on": from_on, "until_on": until_on}
    audit.record(tx, context, act="block.add", company=debtor.company, subject=debtor.key, after=after, why=reason)
    return number


def unblock(books: Books, context: Context, named: str, *, item: bool, why: str | None = None) -> int:
    """Lift all blocks of a debtor, or of an item; return how many. NotFound when there are none."""
    with books.write() as tx:
        if item:
            row = find.open_or_past_item(tx, named)
            debtor, key = find.Debtor(row.company, row.connection, row.debtor), row.key
        else:
            debtor, key = find.debtor(tx, named), None
        blocks = standing.open_blocks(tx, debtor, key)
        if not blocks:
            raise NotFound(f"{named} is not blocked.", fix="see `duehook explain`, the block may be the ERP's own.")
        for held in blocks:
            standing.lift(tx, held.id, by=context.actor.id, at=context.now())
            before = {"block": held.id, "item": held.item, "reason": held.reason, "until_on": held.until_on}
            audit.record(
                tx, context, act="block.lift", company=debtor.company, subject=debtor.key, before=before, why=why
            )
        return len(blocks)


def set_level(site: Site, context: Context, named: str, level: int, *, why: str, on: date | None = None) -> None:
    """Set an item's level by hand, as of `on` or the company's day; it stays there until `free_level`."""
    if level < 0:
        raise NotFound(f"there is no level {level}.", fix="give 0 or the number of a level of its policy.")
    with site.books.write() as tx:
        item = find.open_or_past_item(tx, named)
        held = standing.level_of(tx, item)
        standing.set_level(tx, item, level, on or day_at(site.settings, item.company, context.now()))
        before = {"level": held.level, "hand_set": held.hand_set} if held else None
        after = {"level": level, "hand_set": True}
        audit.record(
            tx, context, act="level.set", company=item.company, subject=item.key, before=before, after=after, why=why
        )


def free_level(books: Books, context: Context, named: str, *, why: str | None = None) -> None:
    """Let runs raise a hand-set item again. NotFound when its level was not set by hand."""
    with books.write() as tx:
        item = find.open_or_past_item(tx, named)
        held = standing.level_of(tx, item)
        if held is None or not held.hand_set:
            raise NotFound(f"the level of {named} was not set by hand.", fix="nothing needs to be done.")
        standing.free_level(tx, item)
        audit.record(
            tx, context, act="level.free", company=item.company, subject=item.key, before={"level": held.level}, why=why
        )
