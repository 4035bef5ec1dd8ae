"""The decision on every item, by sets: the code of collect/dunning and its parameters."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, String, and_, case, cast, func, literal, or_, select

from duehook.core.collect.codes import Code

from .facts import ITEM_UNBLOCKED
from .functions import iso_day
from .groups import GO, IDLE, could_repeat, member, only
from .netting import ACCOUNT, OVERDUE, SOON
from .rules import Rules


def decided(rules: Rules, demands: FromClause, letters: FromClause) -> Select[Any]:
    """Select (connection, item, policy, code, parameters) of every open item.

    `demands` are the rows of `demanding` with words, `letters` those of `groups`.
    """
    fact = _coded(rules, demands, letters).offset(0).subquery("coded")  # a fence: the code is reckoned once
    code = case((fact.c.code == ITEM_UNBLOCKED, Code.UNBLOCK_GRACE.value), else_=fact.c.code)
    return select(
        fact.c.connection,
        fact.c.key.label("item"),
        fact.c.policy,
        code.label("code"),
        _parameters(fact).label("parameters"),
    )


def _coded(rules: Rules, demands: FromClause, letters: FromClause) -> Select[Any]:
    names = (*ACCOUNT, "kind")
    same = [letters.c[name] == demands.c[name] for name in names]
    if rules.any(lambda used: used.per == "invoice"):
        same.append(letters.c.only == only(rules, demands))
    joined = demands.outerjoin(letters, and_(member(rules, demands), *same))
    rising = _rising(rules, demands, letters)
    return select(
        *demands.c,
        letters.c.level.label("letter_level"),
        letters.c.demanded,
        letters.c.last_on,
        _code(rules, demands, letters, rising).label("code"),
    ).select_from(joined)


def _rising(rules: Rules, demands: FromClause, letters: FromClause) -> ColumnElement[bool]:
    """Say whether the item is one for whose sake the letter is written."""
    rises = demands.c.risen > demands.c.level
    if not rules.any(lambda used: used.repeat_every is not None):
        return rises
    return or_(rises, and_(could_repeat(rules, demands), letters.c.repeats))


def _code(rules: Rules, demands: FromClause, letters: FromClause, rising: ColumnElement[bool]) -> Any:
    netted = rules.choose(
        demands.c.policy,
        lambda index: (Code.CREDIT_NETTED if rules.policies[index].netting else Code.CREDIT_SHOWN).value,
    )
    last = rules.choose(demands.c.policy, lambda index: len(rules.policies[index].levels))
    all_disputed = and_(demands.c.aside > 0, demands.c.open_amount == demands.c.own + demands.c.aside)
    risen = case((demands.c.risen > demands.c.level, Code.RISES.value), else_=Code.REPEATS.value)
    sent = case((demands.c.kind == SOON, Code.REMINDED.value), (rising, risen), else_=Code.LISTED.value)
    in_grace = and_(demands.c.reach > demands.c.level, demands.c.ripe <= demands.c.level)
    cases: list[tuple[ColumnElement[bool], Any]] = [
        (demands.c.stop.is_not(None), demands.c.stop),
        (demands.c.open_amount < 0, netted),
        (demands.c.kind.is_(None), Code.NOT_DUE.value),
        (and_(demands.c.demand <= 0, all_disputed), Code.DISPUTED.value),
        (demands.c.demand <= 0, Code.COVERED.value),
        (letters.c.code == GO, sent),
        (and_(letters.c.code != IDLE, or_(rising, demands.c.kind == SOON)), letters.c.code),
        (demands.c.kind != OVERDUE, Code.NOT_DUE.value),
        (demands.c.level >= last, Code.LAST_LEVEL.value),
        (and_(demands.c.hand_set, demands.c.ripe > demands.c.level), Code.HAND_SET.value),
        (in_grace, Code.WITHIN_GRACE.value),
        (demands.c.level > 0, Code.LEVEL_REACHED.value),
    ]
    return case(*cases, else_=literal(Code.NOT_RIPE.value))


def _parameters(fact: FromClause) -> ColumnElement[str]:
    """Return the parameters as collect/decision writes them: level;day;amount;detail."""
    column = fact.c
    due, level = column.due_on, column.level
    by_code: list[tuple[tuple[str, ...], ColumnElement[str]]] = [
        ((Code.NOT_DUE,), _text(on=due)),
        ((Code.NOT_RIPE, Code.LEVEL_REACHED, Code.WITHIN_GRACE), _text(level + 1, on=due)),
        ((Code.RISES, Code.REPEATS, Code.LISTED), _text(column.risen, amount=column.demand)),
        ((Code.LAST_LEVEL, Code.HAND_SET), _text(level)),
        ((Code.CREDIT_NETTED, Code.CREDIT_SHOWN, Code.PLACEHOLDER, Code.GONE, Code.SETTLED), literal(";;;")),
        ((Code.COVERED,), _text(amount=column.open_amount)),
        ((Code.INTERVAL,), _text(column.letter_level, on=column.last_on)),
        ((Code.BELOW_MINIMUM,), _text(column.letter_level, amount=column.demanded)),
        ((Code.NO_MINIMUM,), _text(column.letter_level, detail=column.currency)),
        ((Code.PENDING, Code.NOT_READY, Code.TIE_OUT, Code.CLOSED_DAY), _text(column.letter_level)),
        ((Code.REMINDED,), _text(literal(0), on=due, amount=column.demand)),
        ((Code.CLASS,), _text(detail=column.item_class)),
        ((Code.CUSTOMER_STATE,), _text(on=column.state_since, detail=column.state)),
        ((Code.INSOLVENT,), _text(on=column.state_since)),
        ((Code.DISPUTED,), _text(amount=column.disputed)),
        ((Code.ERP_BLOCK,), _text(detail=column.erp_block)),
        ((Code.BLOCKED_DEBTOR,), _text(on=column.held_until, detail=column.held_reason)),
        ((Code.UNBLOCK_GRACE,), _text(on=column.held_until)),
        ((Code.BLOCKED_ITEM,), _text(on=column.item_until, detail=column.item_reason)),
        ((ITEM_UNBLOCKED,), _text(on=column.item_until)),
        ((Code.REOPEN_GRACE,), _text(on=column.reopened_on)),
    ]
    return case(
        *((column.code.in_([str(code) for code in codes]), text) for codes, text in by_code), else_=literal(";;;")
    )


def _text(level: Any = None, *, on: Any = None, amount: Any = None, detail: Any = None) -> ColumnElement[str]:
    """Join the parts that a code has with semicolons; a part that is null is empty."""
    parts = (
        None if level is None else cast(level, String),
        None if on is None else func.coalesce(iso_day(on), ""),
        None if amount is None else cast(amount, String),
        None if detail is None else func.coalesce(detail, ""),
    )
    pieces: list[Any] = []
    separators = ""
    for number, part in enumerate(parts):
        separators += ";" if number else ""
        if part is not None:
            pieces += [literal(separators), part] if separators else [part]
            separators = ""
    pieces += [literal(separators)] if separators else []
    text: Any = pieces[0]
    for piece in pieces[1:]:
        text = text + piece
    return text  # type: ignore[no-any-return]
