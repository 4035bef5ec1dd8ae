"""The debtors of a company as one relation: policy, state, blocks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from duehook.core.books.tables.dunning import block, notice
from duehook.core.books.tables.ledger import customer

from .functions import smaller, utc_day
from .rules import COMPANY, Rules

ON_ITS_WAY = ("approved", "in_doubt")
_FACTS = ("connection", "key", "placeholder", "state", "state_since", "dunning_block", "last_dunned_on")


def governing(rules: Rules, *, by_group: bool) -> Select[Any]:
    """Return each customer's row that governs in the company: its own there, else the common one.

    The group is the own row's, else the common row's; it is read only where a policy asks for it.
    """
    own, common, any_own = customer.alias("own"), customer.alias("common"), customer.alias("any_own")
    same = and_(common.c.connection == own.c.connection, common.c.key == own.c.key, common.c.company == "")
    group = func.coalesce(own.c.group, common.c.group) if by_group else literal("")
    first = select(*(own.c[name] for name in _FACTS), group.label("group"))
    first = first.select_from(own.outerjoin(common, same) if by_group else own).where(own.c.company == COMPANY)
    has_own = and_(
        any_own.c.company == COMPANY,
        any_own.c.connection == common.c.connection,
        any_own.c.key == common.c.key,
    )
    second = select(*(common.c[name] for name in _FACTS), common.c.group if by_group else literal("").label("group"))
    second = second.where(common.c.company == "", ~select(literal(1)).where(has_own).exists())
    return select(union_all(first, second).subquery("governing"))


def debtors(rules: Rules) -> Select[Any]:
    """Return the customers with the number of their policy and the block that counts."""
    person = governing(rules, by_group=bool(rules.of_group)).subquery("person")
    held = blocks(rules, of_items=False).subquery("held")
    same = and_(held.c.connection == person.c.connection, held.c.debtor == person.c.key)
    policy = rules.number(person.c.connection, person.c.key, person.c.group)
    facts = [person.c[name] for name in _FACTS]
    block_facts = (held.c.reason.label("held_reason"), held.c.ends_on.label("held_until"))
    holds = held.c.connection.is_not(None).label("held")
    joined = person.outerjoin(held, same)
    return select(*facts, policy.label("policy"), holds, *block_facts).select_from(joined)


def blocks(rules: Rules, *, of_items: bool) -> Select[Any]:
    """Return the block that counts of each debtor or item: the one that holds longest."""
    no_item = or_(block.c.item.is_(None), block.c.item == "")
    ends_on = smaller(block.c.until_on, utc_day(block.c.lifted_at))
    order = (ends_on.is_not(None), ends_on.desc(), block.c.id)
    whose = block.c.item if of_items else block.c.debtor
    place = func.row_number().over(partition_by=(block.c.connection, whose), order_by=order).label("place")
    ranked = (
        select(block.c.connection, block.c.debtor, block.c.item, block.c.reason, ends_on.label("ends_on"), place)
        .where(block.c.company == COMPANY, block.c.from_on <= rules.as_of, ~no_item if of_items else no_item)
        .subquery("ranked")
    )
    return select(*(ranked.c[name] for name in ("connection", "debtor", "item", "reason", "ends_on"))).where(
        ranked.c.place == 1
    )


def on_its_way(rules: Rules, *, by_item: bool) -> Select[Any]:
    """Return the accounts, or the items, that have a notice approved and not settled."""
    names = ("connection", "debtor", "currency", "item") if by_item else ("connection", "debtor", "currency")
    columns = [notice.c[name] for name in names]
    whose = notice.c.item != "" if by_item else notice.c.item == ""
    return select(*columns).where(notice.c.company == COMPANY, notice.c.state.in_(ON_ITS_WAY), whose).distinct()
