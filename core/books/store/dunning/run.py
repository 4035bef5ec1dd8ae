"""Select a company's letters in one statement, and write a run's decisions: only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    FromClause,
    Integer,
    Row,
    Select,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.types import TypeEngine

from duehook.core.books import kept
from duehook.core.books.store.decisions import RunDay
from duehook.core.books.tables.dunning import decision, decision_past
from duehook.core.collect.codes import SENT

from .decided import decided
from .facts import People
from .groups import GO, GROUP, groups
from .netting import ACCOUNT, Credits, base, covered, demanding, free_credits, pools, used_credits
from .people import blocks, debtors
from .rules import Rules

SORTING_MEMORY: Final = "256MB"
_TYPES: Final[Mapping[TypeEngine[Any], frozenset[str]]] = {
    Boolean(): frozenset({"hand_set", "held", "placeholder", "repeats", "was"}),
    Integer(): frozenset({"policy", "level", "ripe", "reach"}),
    BigInteger(): frozenset(
        {"amount", "used", "pool", "open_amount", "disputed", "own", "aside", "part", "demand", "demanded"}
    ),
}
_DAY, _TEXT = Date(), Text()


@dataclass(frozen=True)
class Written:
    """What a run wrote: the letters that go, the items by code, and how many decisions changed."""

    letters: Sequence[Row[Any]]
    codes: Mapping[str, int]
    changed: int


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


def letters(tx: Connection, rules: Rules) -> Sequence[Row[Any]]:
    """Select the letters, writing nothing."""
    _prepare(tx)
    return tx.execute(selection(rules)).all()


def write(tx: Connection, rules: Rules, run: RunDay) -> Written:
    """Decide about every open item of the company and write what changed as of the run.

    What a decision was before ends as an interval; what is settled ends without a follower.
    """
    _prepare(tx)
    ours: list[Table] = []

    def keep(name: str, rows: Select[Any], *by: str) -> Table:
        ours.append(kept.keep(tx, f"dun_{name}", rows, _type, by=by))
        return ours[-1]

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
    found = tx.execute(go).all()
    _end(tx, rules, changes, run)
    changed = _start(tx, rules, changes, run)
    kept.let_go(tx, *ours)
    return Written(found, _counts(tx, rules), changed)


def hold_back(tx: Connection, rules: Rules, run: RunDay, held: Mapping[tuple[str, str], tuple[str, str]]) -> None:
    """Replace what this run would have sent by what a plugin says: {(connection, item): (code, parameters)}.

    Where the same reason held before the run, that interval goes on.
    """
    names = ("company", "connection", "item")
    for (connection, key), (code, parameters) in held.items():
        this = {"company": rules.company, "connection": connection, "item": key}
        now = (*(decision.c[name] == this[name] for name in names), decision.c.code.in_(sorted(SENT)))
        if tx.execute(update(decision).where(*now).values(code=code, parameters=parameters)).rowcount:
            _go_on(tx, this, run)


def _go_on(tx: Connection, this: Mapping[str, str], run: RunDay) -> None:
    """Join the decision to the interval that this run has just ended, when both say the same."""
    now, past = ([table.c[name] == value for name, value in this.items()] for table in (decision, decision_past))
    told = ("policy_hash", "code", "parameters")
    same = and_(*past, decision_past.c.to_run == run.number, *now, *(decision_past.c[n] == decision.c[n] for n in told))
    ended = tx.execute(select(decision_past.c.from_run, decision_past.c.from_on).where(same)).one_or_none()
    if ended is not None:
        tx.execute(delete(decision_past).where(*past, decision_past.c.from_run == ended.from_run))
        tx.execute(update(decision).where(*now).values(from_run=ended.from_run, from_on=ended.from_on))


def _prepare(tx: Connection) -> None:
    """Let PostgreSQL join whole companies by hashing, whatever it believes of tables just filled."""
    if tx.dialect.name == "postgresql":
        for setting in (f"work_mem = '{SORTING_MEMORY}'", "enable_nestloop = off", "enable_sort = off", "jit = off"):
            tx.exec_driver_sql(f"SET LOCAL {setting}")


def _type(name: str) -> TypeEngine[Any]:
    """Return the type of a kept column, by its name."""
    known = next((kind for kind, names in _TYPES.items() if name in names), None)
    return known or (_DAY if name.endswith(("_on", "_since", "_until")) else _TEXT)


def _changes(rules: Rules, demands: FromClause, chosen: FromClause, *, rows: FromClause) -> Select[Any]:
    """Select what differs from the decisions in force: new, changed, or (code null) no more decided."""
    new, held = decided(rules, demands, chosen).subquery("new"), decision.alias("held")
    mine = held.c.company == rules.company
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


def _end(tx: Connection, rules: Rules, changes: Table, run: RunDay) -> None:
    """End the intervals that the run replaces or leaves without a follower."""
    was = select(changes.c.connection, changes.c.item).where(changes.c.was)
    stale = and_(decision.c.company == rules.company, tuple_(decision.c.connection, decision.c.item).in_(was))
    names = [column.name for column in decision.c]
    ended = select(*decision.c, literal(run.number, BigInteger), literal(run.on)).where(stale)
    tx.execute(insert(decision_past).from_select([*names, "to_run", "to_on"], ended))
    tx.execute(delete(decision).where(stale))


def _start(tx: Connection, rules: Rules, changes: Table, run: RunDay) -> int:
    names = ("connection", "item", "policy_hash", "code", "parameters")
    rows = select(
        literal(rules.company), *(changes.c[name] for name in names), literal(run.number, BigInteger), literal(run.on)
    ).where(changes.c.code.is_not(None))
    statement = insert(decision).from_select(["company", *names, "from_run", "from_on"], rows)
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _counts(tx: Connection, rules: Rules) -> dict[str, int]:
    counted = select(decision.c.code, func.count().label("items")).where(decision.c.company == rules.company)
    rows = tx.execute(counted.group_by(decision.c.code).order_by(decision.c.code))
    return {row.code: row.items for row in rows}
