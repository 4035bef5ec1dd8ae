"""The statements of a dunning run, built once for all companies that are dunned alike on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Delete,
    FromClause,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.types import TypeEngine

from duehook.core.books.kept import Kept, kept
from duehook.core.books.tables.dunning import decision, decision_past

from .decided import decided
from .facts import People
from .groups import GO, GROUP, groups
from .netting import ACCOUNT, Credits, base, covered, demanding, free_credits, pools, used_credits
from .people import blocks, debtors
from .rules import COMPANY, Rules

_TYPES: Final[Mapping[TypeEngine[Any], frozenset[str]]] = {
    Boolean(): frozenset({"hand_set", "held", "placeholder", "repeats", "was"}),
    Integer(): frozenset({"policy", "level", "ripe", "reach"}),
    BigInteger(): frozenset(
        {"amount", "used", "pool", "open_amount", "disputed", "own", "aside", "part", "demand", "demanded"}
    ),
}
_DAY, _TEXT = Date(), Text()
_RUN: Final = (bindparam("run_number", type_=BigInteger()), bindparam("run_on", type_=Date()))


@dataclass(frozen=True)
class Statements:
    """What a run executes, in this order. Parameters: of_company, run_number, run_on."""

    kept: tuple[Kept, ...]
    letters: Select[Any]
    past: Insert
    end: Delete
    start: Insert
    counts: Select[Any]


class _Alike:
    """Rules that are the same to their statements."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alike) and self.rules.alike == other.rules.alike

    def __hash__(self) -> int:
        return hash(self.rules.alike)


def statements(rules: Rules) -> Statements:
    """Return the statements that decide by these rules."""
    return _built(_Alike(rules))


@lru_cache(maxsize=32)
def _built(alike: _Alike) -> Statements:
    rules, ours = alike.rules, list[Kept]()

    def keep(name: str, rows: Select[Any], *by: str) -> Table:
        ours.append(kept(f"dun_{name}", rows, _type, *by))
        return ours[-1].table

    people = People(
        keep("debtor", debtors(rules), "connection", "key"),
        keep("block", blocks(rules, of_items=True), "connection", "item"),
    )
    free = keep("free", free_credits(rules, people), *ACCOUNT)
    used = keep("used", used_credits(rules, free), "connection", "target")
    credits = Credits(used, keep("pool", pools(free, used), *ACCOUNT))
    rows = keep("base", base(rules, credits, words=True, people=people), "connection", "key")
    paid = keep("paid", covered(rows, credits), "connection", "key")
    demands = demanding(rules, rows, paid).subquery("demand")
    chosen = keep("letter", groups(rules, demands), *GROUP)
    changes = keep("change", _changes(rules, demands, chosen, rows=rows))
    go = select(*(chosen.c[name] for name in (*GROUP, "policy", "level", "demanded"))).where(chosen.c.code == GO)
    counts = select(decision.c.code, func.count().label("items")).where(decision.c.company == COMPANY)
    counts = counts.group_by(decision.c.code).order_by(decision.c.code)
    return Statements(tuple(ours), go, *_ended(changes), _started(changes), counts)


def selection(rules: Rules) -> Select[Any]:
    """Return the statement that selects the letters of a company: one row a letter.

    Columns: connection, debtor, currency, kind (d dunning, r reminder), only (the item of a policy
    that writes one an invoice, else ''), policy (its number), level, demanded.
    """
    free = free_credits(rules).cte("free_credit")
    used = used_credits(rules, free).cte("used_credit")
    credits = Credits(used, pools(free, used).subquery("pool"))
    rows = base(rules, credits, words=False).cte("base")
    paid = covered(rows, credits).subquery("covered")
    letter = groups(rules, demanding(rules, rows, paid).subquery("demand")).subquery("chosen")
    names = (*GROUP, "policy", "level", "demanded")
    return select(*(letter.c[name] for name in names)).where(letter.c.code == GO)


def _type(name: str) -> TypeEngine[Any]:
    """Return the type of a kept column, by its name."""
    known = next((kind for kind, names in _TYPES.items() if name in names), None)
    return known or (_DAY if name.endswith(("_on", "_since", "_until")) else _TEXT)


def _changes(rules: Rules, demands: FromClause, chosen: FromClause, *, rows: FromClause) -> Select[Any]:
    """Select what differs from the decisions in force: new, changed, or (code null) no more decided."""
    new, held = decided(rules, demands, chosen).subquery("new"), decision.alias("held")
    mine = held.c.company == COMPANY
    policy_hash = rules.choose(new.c.policy, lambda index: rules.policies[index].hash)
    differs = or_(
        held.c.item.is_(None),
        new.c.code != held.c.code,
        new.c.parameters != held.c.parameters,
        policy_hash != held.c.policy_hash,
    )
    fresh = (
        select(
            new.c.connection,
            new.c.item,
            policy_hash.label("policy_hash"),
            new.c.code,
            new.c.parameters,
            held.c.item.is_not(None).label("was"),
        )
        .select_from(new.outerjoin(held, and_(mine, held.c.connection == new.c.connection, held.c.item == new.c.item)))
        .where(differs)
    )
    none = literal(None, Text)
    over = (
        select(held.c.connection, held.c.item, none, none, none, true())
        .select_from(held.outerjoin(rows, and_(rows.c.connection == held.c.connection, rows.c.key == held.c.item)))
        .where(mine, rows.c.key.is_(None))
    )
    return select(union_all(fresh, over).subquery("change"))


def _ended(changes: Table) -> tuple[Insert, Delete]:
    """Return what ends the intervals that the run replaces or leaves without a follower."""
    was = select(changes.c.connection, changes.c.item).where(changes.c.was)
    stale = and_(decision.c.company == COMPANY, tuple_(decision.c.connection, decision.c.item).in_(was))
    names = [column.name for column in decision.c]
    ended = select(*decision.c, *_RUN).where(stale)
    return insert(decision_past).from_select([*names, "to_run", "to_on"], ended), delete(decision).where(stale)


def _started(changes: Table) -> Insert:
    names = ("connection", "item", "policy_hash", "code", "parameters")
    rows = select(COMPANY, *(changes.c[name] for name in names), *_RUN).where(changes.c.code.is_not(None))
    return insert(decision).from_select(["company", *names, "from_run", "from_on"], rows)
