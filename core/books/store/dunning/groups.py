"""The letters that may come about, by sets: what each would demand, and what holds it back."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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
)

from duehook.core.books.tables.dunning import debtor_dunning
from duehook.core.collect.codes import Code

from .facts import dunned_by_the_erp
from .functions import larger
from .netting import ACCOUNT, OVERDUE, SOON
from .people import on_its_way
from .rules import COMPANY, Rules

GO: Final = "go"
IDLE: Final = "idle"
GROUP: Final = (*ACCOUNT, "kind", "only")


def groups(rules: Rules, demands: FromClause) -> Select[Any]:
    """Select the letters: their group, level, sum, the day the interval counts from, and the code.

    `demands` are the rows of `demanding`. The code is `go`, `idle` (nothing rises) or the reason
    that holds it. `only` is the item of a policy that writes one an invoice.
    """
    letter = _letters(rules, demands).subquery("letter")
    pending, joined = _pending(rules, letter)
    last_on, joined = _last_notice(rules, letter, joined)
    level = case((letter.c.kind == SOON, 0), else_=_capped(rules, letter))
    facts = select(
        *(letter.c[name] for name in (*GROUP, "policy", "demanded", "rises", "could_repeat")),
        level.label("level"),
        last_on.label("last_on"),
        pending.label("pending"),
    ).select_from(joined)
    fact = facts.offset(0).subquery("letter_fact")  # a fence: the CASEs above are reckoned once
    names = (*GROUP, "policy", "level", "demanded", "last_on")
    return select(*(fact.c[name] for name in names), repeats(rules, fact).label("repeats"), _code(rules, fact))


def member(rules: Rules, demands: FromClause) -> ColumnElement[bool]:
    """Say whether an item counts in a letter: nothing stops it, it demands, it was not reminded yet."""
    unreminded = or_(demands.c.kind == OVERDUE, demands.c.reminded_on.is_(None))
    return and_(demands.c.stop.is_(None), demands.c.kind.is_not(None), demands.c.demand > 0, unreminded)


def only(rules: Rules, demands: FromClause) -> Any:
    """Return the item's key where its policy writes one letter an invoice, else ''."""
    if not rules.any(lambda used: used.per == "invoice"):
        return literal("")
    each = rules.choose(demands.c.policy, lambda index: true() if rules.policies[index].per == "invoice" else false())
    return case((each, demands.c.key), else_="")


def could_repeat(rules: Rules, demands: FromClause) -> Any:
    """Say whether the item stands at a last level that its policy repeats."""
    if not rules.any(lambda used: used.repeat_every is not None):
        return false()
    last = rules.choose(demands.c.policy, lambda index: len(rules.policies[index].levels))
    every = rules.choose(demands.c.policy, lambda index: true() if rules.policies[index].repeat_every else false())
    return and_(every, demands.c.level >= last, demands.c.ripe == last, ~demands.c.hand_set)


def repeats(rules: Rules, letter: FromClause) -> Any:
    """Say whether the time to repeat the last level has come."""
    if not rules.any(lambda used: used.repeat_every is not None):
        return false()
    bound = rules.choose(letter.c.policy, lambda index: rules.bounds[index].repeat)
    return and_(letter.c.could_repeat == 1, or_(letter.c.last_on.is_(None), letter.c.last_on <= bound))


def _letters(rules: Rules, demands: FromClause) -> Select[Any]:
    by = [*(demands.c[name] for name in ACCOUNT), demands.c.kind, only(rules, demands), demands.c.policy]
    labelled = [*by[:-2], by[-2].label("only"), by[-1]]
    return (
        select(
            *labelled,
            func.max(demands.c.risen).label("risen"),
            cast(func.sum(demands.c.demand), BigInteger).label("demanded"),
            _any(demands.c.risen > demands.c.level).label("rises"),
            _any(could_repeat(rules, demands)).label("could_repeat"),
            func.max(case((~demands.c.hand_set, demands.c.level_on))).label("level_on"),
            func.max(demands.c.dunned_on).label("dunned_on"),
            func.max(demands.c.debtor_dunned_on).label("debtor_dunned_on"),
        )
        .where(member(rules, demands))
        .group_by(*(by if rules.any(lambda used: used.per == "invoice") else [*by[:-2], by[-1]]))
    )


def _any(condition: Any) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))


def _capped(rules: Rules, letter: FromClause) -> Any:
    """Return the letter's level: the highest of its lines, at most the policy's last."""
    last = rules.choose(letter.c.policy, lambda index: len(rules.policies[index].levels))
    return case((letter.c.risen < last, letter.c.risen), else_=last)


def _pending(rules: Rules, letter: FromClause) -> tuple[Any, FromClause]:
    account = on_its_way(rules, by_item=False).subquery("on_its_way")
    joined = letter.outerjoin(account, and_(*(account.c[name] == letter.c[name] for name in ACCOUNT)))
    pending = account.c.debtor.is_not(None)
    if not rules.any(lambda used: used.per == "invoice"):
        return pending, joined
    own = on_its_way(rules, by_item=True).subquery("item_on_its_way")
    same = and_(own.c.connection == letter.c.connection, own.c.debtor == letter.c.debtor, own.c.item == letter.c.only)
    return or_(pending, own.c.item.is_not(None)), joined.outerjoin(own, same)


def _last_notice(rules: Rules, letter: FromClause, joined: FromClause) -> tuple[Any, FromClause]:
    """Return the day of the last notice that the interval counts from (collect/facts)."""
    ours, theirs = debtor_dunning, dunned_by_the_erp(rules).subquery("theirs")
    same = and_(ours.c.company == COMPANY, *(ours.c[name] == letter.c[name] for name in ACCOUNT))
    joined = joined.outerjoin(ours, same)
    joined = joined.outerjoin(theirs, and_(*(theirs.c[name] == letter.c[name] for name in ACCOUNT)))
    account = larger(larger(ours.c.last_sent_on, theirs.c.dunned_on), letter.c.debtor_dunned_on)
    account = larger(account, letter.c.level_on)
    if not rules.any(lambda used: used.per == "invoice"):
        return account, joined
    own = larger(larger(letter.c.level_on, letter.c.dunned_on), letter.c.debtor_dunned_on)
    return case((letter.c.only != "", own), else_=account), joined


def _code(rules: Rules, letter: FromClause) -> Any:
    """Return what holds the letter back, in the order of collect/dunning, or `go`."""
    minimum = rules.minimum(letter.c.policy, letter.c.level, letter.c.currency)
    interval = rules.choose(letter.c.policy, lambda index: _by_level(letter.c.level, rules.bounds[index].interval))
    idle = and_(letter.c.kind == OVERDUE, letter.c.rises == 0, ~repeats(rules, letter))
    running = and_(letter.c.kind == OVERDUE, letter.c.last_on > interval)
    cases = [
        (idle, IDLE),
        (letter.c.pending, Code.PENDING.value),
        (running, Code.INTERVAL.value),
        (minimum.is_(None), Code.NO_MINIMUM.value),
        (letter.c.demanded < minimum, Code.BELOW_MINIMUM.value),
    ]
    return case(*((when, literal(code)) for when, code in cases), else_=literal(rules.gate or GO)).label("code")


def _by_level(level: ColumnElement[Any], days: tuple[Any, ...]) -> Any:
    if len(set(days)) == 1:
        return days[0]
    return case(*((level == number, day) for number, day in enumerate(days, start=1)), else_=null())
