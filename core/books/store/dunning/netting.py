"""What each item demands after credits and disputes, by sets (collect/netting)."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    FromClause,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from duehook.core.books.tables.ledger import in_state, item
from duehook.core.collect.codes import Code

from .facts import People, facts
from .functions import bytewise
from .rules import COMPANY, Rules

ACCOUNT = ("connection", "debtor", "currency")
OVERDUE, SOON = "d", "r"


class Credits(NamedTuple):
    """What each linked invoice takes of its own credits, and what each account's have left then."""

    used: FromClause
    pools: FromClause


def base(rules: Rules, credits: Credits, *, words: bool, people: People | None = None) -> Select[Any]:
    """Select the facts with the kind of letter each item could be in, its own credits and its share.

    `kind` is null for an item that no letter could show; `part` is what it would demand before
    free credits, `aside` its dispute, `own` what its own credits took off.
    Without words only the rows that a letter could show are there.
    """
    row = facts(rules, words=words, people=people).offset(0).subquery("fact")  # a fence: `stop` is reckoned once
    kind = _kind(rules, row)
    own, joined = _own(rules, row, credits)
    after_own = row.c.open_amount - own
    disputed = case((row.c.disputed < after_own, row.c.disputed), else_=after_own)
    aside = case((row.c.stop == Code.DISPUTED.value, after_own), else_=disputed)
    part = case((kind.is_not(None), after_own - aside), else_=0)
    added = (kind.label("kind"), own.label("own"), aside.label("aside"), part.label("part"))
    return select(*row.c, *added).select_from(joined)


def _kind(rules: Rules, row: FromClause) -> Any:
    """Return d for an overdue item, r for one near enough for a reminder, null for all others."""
    overdue = rules.choose(row.c.policy, lambda index: rules.bounds[index].overdue)
    shown = and_(row.c.open_amount > 0, or_(row.c.stop.is_(None), row.c.stop == Code.DISPUTED.value))
    kinds = [(and_(shown, row.c.due_on <= overdue), literal(OVERDUE))]
    if rules.any(lambda used: used.pre_due is not None):
        soon = rules.choose(row.c.policy, lambda index: rules.bounds[index].reminder or rules.bounds[index].overdue)
        kinds.append((and_(shown, row.c.due_on <= soon), literal(SOON)))
    return case(*kinds, else_=null())


def _own(rules: Rules, row: FromClause, credits: Credits) -> tuple[Any, FromClause]:
    """Return what its own credits take off an invoice, and the join that finds them."""
    if not nets(rules):
        return literal(0, BigInteger), row
    own = credits.used.alias("own_credit")
    joined = row.outerjoin(own, and_(own.c.connection == row.c.connection, own.c.target == row.c.key))
    return case((row.c.open_amount > 0, func.coalesce(own.c.used, 0)), else_=0), joined


def nets(rules: Rules) -> bool:
    """Say whether some policy of the company nets."""
    return rules.any(lambda policy: policy.netting)


def free_credits(rules: Rules, people: People | None = None) -> Select[Any]:
    """Select the credits that nothing stops, of debtors whose policy nets, as positive amounts."""
    row = facts(rules, words=False, credits_only=True, people=people).subquery("credit_fact")
    netting = rules.choose(row.c.policy, lambda index: true() if rules.policies[index].netting else false())
    names = (*ACCOUNT, "applies_to")
    return select(*(row.c[name] for name in names), (-row.c.open_amount).label("amount")).where(netting)


def used_credits(rules: Rules, free: FromClause) -> Select[Any]:
    """Select what each open invoice takes of the credits that belong to it."""
    invoice = item.alias("invoice")
    onto = and_(
        invoice.c.company == COMPANY,
        *(invoice.c[name] == free.c[name] for name in ACCOUNT),
        invoice.c.key == free.c.applies_to,
        in_state(invoice, "open"),
        invoice.c.open_amount > 0,
    )
    by = [*(free.c[name] for name in ACCOUNT), free.c.applies_to.label("target"), invoice.c.open_amount]
    total = cast(func.sum(free.c.amount), BigInteger)
    taken = case((total < invoice.c.open_amount, total), else_=invoice.c.open_amount).label("used")
    return select(*by[:-1], taken).select_from(free.join(invoice, onto)).group_by(*by)


def pools(free: FromClause, used: FromClause) -> Select[Any]:
    """Select what each account's credits have left when the linked invoices have taken theirs."""
    given = select(*(free.c[name] for name in ACCOUNT), free.c.amount)
    taken = select(*(used.c[name] for name in ACCOUNT), (-used.c.used).label("amount"))
    moved = union_all(given, taken).subquery("moved")
    by = [moved.c[name] for name in ACCOUNT]
    return select(*by, cast(func.sum(moved.c.amount), BigInteger).label("pool")).group_by(*by)


def covered(rows: FromClause, credits: Credits) -> Select[Any]:
    """Select the items that free credits pay in whole or in part, and what each still demands."""
    pool = credits.pools
    by = [rows.c[name] for name in ACCOUNT]
    order = (rows.c.due_on, bytewise(rows.c.key))
    through = cast(func.sum(rows.c.part).over(partition_by=by, order_by=order, rows=(None, 0)), BigInteger)
    running = (
        select(rows.c.connection, rows.c.key, rows.c.part, pool.c.pool, through.label("through"))
        .select_from(rows.join(pool, and_(*(pool.c[name] == rows.c[name] for name in ACCOUNT))))
        .where(pool.c.pool > 0, rows.c.part > 0)
        .subquery("running")
    )
    left = running.c.through - running.c.pool
    demand = case((left < 0, 0), else_=left)
    return select(running.c.connection, running.c.key, demand.label("demand")).where(left < running.c.part)


def demanding(rules: Rules, rows: FromClause, paid: FromClause) -> Select[Any]:
    """Select the base rows with what each demands, and the level its letter would give it.

    `paid` are the rows of `covered`.
    """
    demand: Any = rows.c.part
    joined: FromClause = rows
    if nets(rules):
        joined = rows.outerjoin(paid, and_(paid.c.connection == rows.c.connection, paid.c.key == rows.c.key))
        demand = func.coalesce(paid.c.demand, rows.c.part)
    return select(*rows.c, demand.label("demand"), _risen(rules, rows).label("risen")).select_from(joined)


def _risen(rules: Rules, rows: FromClause) -> Any:
    one = rules.choose(rows.c.policy, lambda index: 1 if rules.policies[index].step == "one" else 100)
    jump = rules.any(lambda used: used.step == "jump")
    next_level = rows.c.level + 1
    rise = case((one == 1, next_level), else_=rows.c.ripe) if jump else next_level
    return case((or_(rows.c.hand_set, rows.c.ripe <= rows.c.level), rows.c.level), else_=rise)
