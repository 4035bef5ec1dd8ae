"""One row an open item: what stops it, its level, and what it is ripe for (collect/standing, ripeness)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from duehook.core.books.tables.dunning import debtor_dunning, item_dunning
from duehook.core.books.tables.ledger import ALIVE, in_state, item
from duehook.core.collect.codes import Code

from .people import blocks, debtors, governing
from .rules import COMPANY, Rules

ITEM_UNBLOCKED: Final = "item_unblock_grace"  # `unblock_grace` by the item's own block
Case = tuple[ColumnElement[bool], Any]


class People(NamedTuple):
    """The debtors with what governs each, and the blocks of items, kept in tables of their own."""

    debtors: FromClause
    item_blocks: FromClause


def facts(rules: Rules, *, words: bool, credits_only: bool = False, people: People | None = None) -> Select[Any]:
    """Select the company's items with what stops each; `words` adds what the reasons' words need.

    Without words only what nothing stops is there, of accounts that may get a letter: invoices that one
    could show, or with `credits_only` the credits. Without `people` their selections stand in the statement itself.
    """
    person: FromClause = people.debtors if people else debtors(rules).subquery("debtor")
    owner: FromClause = (people.debtors if people else governing(rules, by_group=False).subquery("known")).alias(
        "owner"
    )
    held: FromClause = people.item_blocks if people else blocks(rules, of_items=True).subquery("item_block")
    ours = item_dunning
    joined = (
        item.outerjoin(person, and_(person.c.connection == item.c.connection, person.c.key == item.c.debtor))
        .outerjoin(owner, _owns(owner))
        .outerjoin(ours, _ours(rules))
        .outerjoin(held, and_(held.c.connection == item.c.connection, held.c.item == item.c.key))
    )
    policy = func.coalesce(person.c.policy, rules.names.index(rules.policy)) if len(rules.names) > 1 else literal(0)
    stops = _stops(rules, person, owner, held=held, policy=policy)
    wanted = [item.c.company == COMPANY, in_state(item, *ALIVE)]
    stop: Any = cast(null(), String)
    if words:
        stop = case(*((condition, literal(str(code))) for condition, code in stops), else_=null())
    else:
        shown = item.c.open_amount < 0 if credits_only else and_(item.c.open_amount > 0, item.c.due_on <= _last(rules))
        wanted += [shown, *_may_get_one(rules), *(condition.is_not(true()) for condition, _ in stops)]
    columns = [
        item.c.connection,
        item.c.key,
        item.c.debtor,
        item.c.currency,
        item.c.due_on,
        item.c.open_amount,
        item.c.applies_to,
        policy.label("policy"),
        stop.label("stop"),
        _disputed().label("disputed"),
        func.coalesce(ours.c.level, item.c.dunning_level, 0).label("level"),
        func.coalesce(ours.c.hand_set, false()).label("hand_set"),
        _ripe(rules, policy).label("ripe"),
        _reach(rules, policy).label("reach"),
        ours.c.level_on,
        ours.c.reminded_on,
        item.c.last_dunned_on.label("dunned_on"),
        person.c.last_dunned_on.label("debtor_dunned_on"),
    ]
    columns += _words(person, owner, held) if words else []
    return select(*columns).select_from(joined).where(*wanted)


def dunned_by_the_erp(rules: Rules) -> Select[Any]:
    """Select each account's last day of the ERP's own dunning of its items."""
    by = (item.c.connection, item.c.debtor, item.c.currency)
    wanted = (item.c.company == COMPANY, in_state(item, *ALIVE), item.c.last_dunned_on.is_not(None))
    return select(*by, func.max(item.c.last_dunned_on).label("dunned_on")).where(*wanted).group_by(*by)


def _last(rules: Rules) -> Any:
    """Return the last due date that a letter of any policy could show."""
    return max(day for bound in rules.bounds for day in (bound.overdue, bound.reminder) if day)


def _may_get_one(rules: Rules) -> list[ColumnElement[bool]]:
    """Leave out accounts to which a letter went so lately that the interval runs for every level of every policy.

    Where an item has a clock of its own, or a reminder knows none, nothing is left out.
    """
    if rules.any(lambda used: used.per == "invoice" or used.pre_due is not None):
        return []
    latest = max(day for bound in rules.bounds for day in bound.interval)
    clock = debtor_dunning
    account = and_(clock.c.connection == item.c.connection, clock.c.debtor == item.c.debtor)
    same = and_(clock.c.company == COMPANY, account, clock.c.currency == item.c.currency)
    return [~exists().where(same, clock.c.last_sent_on > latest)]


def _ours(rules: Rules) -> ColumnElement[bool]:
    ours = item_dunning
    return and_(ours.c.company == COMPANY, ours.c.connection == item.c.connection, ours.c.item == item.c.key)


def _owns(owner: FromClause) -> ColumnElement[bool]:
    """Join the item's own customer where another one pays; null joins nothing, at no cost."""
    return and_(owner.c.connection == item.c.connection, owner.c.key == func.nullif(item.c.customer, item.c.debtor))


def _stops(rules: Rules, person: FromClause, owner: FromClause, *, held: FromClause, policy: Any) -> list[Case]:
    """Return what stops an item, with its code, in the order of collect/standing: the first that holds counts."""
    whole = rules.choose(policy, lambda index: true() if rules.policies[index].disputed == "item" else false())
    classes = rules.choose(policy, lambda index: item.c.item_class.not_in(rules.policies[index].classes))
    reopened = rules.choose(policy, lambda index: rules.bounds[index].reopened)
    blocked_debtor, debtor_grace = _blocked(rules, person.c.held, person.c.held_until, policy)
    blocked_item, item_grace = _blocked(rules, held.c.item.is_not(None), held.c.ends_on, policy)
    cases: list[Case] = [
        (_placeholder(person, owner), Code.PLACEHOLDER),
        (item.c.state == "gone", Code.GONE),
        (item.c.open_amount == 0, Code.SETTLED),
        *((condition, code) for whose in (person, owner) for condition, code in _by_state(whose)),
        (classes, Code.CLASS),
        (blocked_debtor, Code.BLOCKED_DEBTOR),
        (debtor_grace, Code.UNBLOCK_GRACE),
        (blocked_item, Code.BLOCKED_ITEM),
        (item_grace, ITEM_UNBLOCKED),
        (_erp_block(person, owner).is_not(None), Code.ERP_BLOCK),
        (and_(item.c.open_amount > 0, item.c.reopened_on > reopened), Code.REOPEN_GRACE),
    ]
    if rules.any(lambda used: used.disputed == "item"):
        cases.append((and_(whole, item.c.open_amount > 0, _disputed() > 0), Code.DISPUTED))
    return cases


def _placeholder(person: FromClause, owner: FromClause) -> ColumnElement[bool]:
    """Say whether the debtor or the item's own customer is missing (rule 9)."""
    lost = or_(owner.c.key.is_(None), owner.c.placeholder)
    return or_(person.c.key.is_(None), person.c.placeholder, and_(item.c.customer != item.c.debtor, lost))


def _by_state(whose: FromClause) -> tuple[Case, Case]:
    """Return how a customer's state stops an item; insolvency parts items before and after its date (rule 5)."""
    before = or_(whose.c.state_since.is_(None), item.c.document_on < whose.c.state_since)
    return (
        (and_(whose.c.state == "insolvent", before), Code.INSOLVENT),
        (whose.c.state.not_in(("active", "insolvent")), Code.CUSTOMER_STATE),
    )


def _disputed() -> ColumnElement[Any]:
    """Return what of an item is in dispute (collect/facts.in_dispute)."""
    whole = and_(item.c.disputed_amount.is_(None), item.c.dispute_reason != "", item.c.open_amount > 0)
    return case((whole, item.c.open_amount), else_=func.coalesce(item.c.disputed_amount, 0))


def _erp_block(person: FromClause, owner: FromClause) -> ColumnElement[Any]:
    return func.coalesce(person.c.dunning_block, owner.c.dunning_block, item.c.dunning_block)


def _blocked(
    rules: Rules, held: ColumnElement[bool], ends_on: ColumnElement[Any], policy: Any
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return when a block holds, and when it has ended but nothing is sent yet."""
    unblocked = rules.choose(policy, lambda index: rules.bounds[index].unblocked)
    holds = and_(held, or_(ends_on.is_(None), ends_on > rules.as_of))
    return holds, and_(held, ends_on > unblocked)


def _ripe(rules: Rules, policy: Any) -> Any:
    """Return the highest level the due date is ripe for."""
    return rules.choose(policy, lambda index: _highest(rules.bounds[index].ripe))


def _reach(rules: Rules, policy: Any) -> Any:
    """Return the highest level whose days are over, be it in grace or not."""
    if not rules.any(lambda used: used.grace.days > 0):
        return _ripe(rules, policy)
    return rules.choose(policy, lambda index: _highest(rules.bounds[index].reached))


def _highest(last_due: tuple[Any, ...]) -> Any:
    numbered = reversed(list(enumerate(last_due, start=1)))
    return case(*((item.c.due_on <= day, number) for number, day in numbered), else_=0)


def _words(person: FromClause, owner: FromClause, held: FromClause) -> list[ColumnElement[Any]]:
    """Return what the words of the stopping reasons need."""
    by_debtor = or_(*(condition for condition, _ in _by_state(person)))
    return [
        item.c.item_class,
        item.c.reopened_on,
        case((by_debtor, person.c.state), else_=owner.c.state).label("state"),
        case((by_debtor, person.c.state_since), else_=owner.c.state_since).label("state_since"),
        _erp_block(person, owner).label("erp_block"),
        person.c.held_reason,
        person.c.held_until,
        held.c.reason.label("item_reason"),
        held.c.ends_on.label("item_until"),
    ]
