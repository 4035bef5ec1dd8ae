"""Select a company's letters in one statement, and write a run's decisions: only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, select, update

from duehook.core.books.kept import fill, let_go
from duehook.core.books.tables.dunning import decision, decision_past
from duehook.core.collect.codes import SENT

from .decisions import RunDay
from .rules import Rules
from .statements import selection, statements

SORTING_MEMORY: Final = "256MB"


@dataclass(frozen=True)
class Written:
    """What a run wrote: the letters that go, the items by code, and how many decisions changed."""

    letters: Sequence[Row[Any]]
    codes: Mapping[str, int]
    changed: int


def letters(tx: Connection, rules: Rules) -> Sequence[Row[Any]]:
    """Select the letters, writing nothing."""
    _prepare(tx)
    return tx.execute(selection(rules), {"of_company": rules.company}).all()


def write(tx: Connection, rules: Rules, run: RunDay) -> Written:
    """Decide about every open item of the company and write what changed as of the run.

    What a decision was before ends as an interval; what is settled ends without a follower.
    """
    _prepare(tx)
    these = statements(rules)
    values = {"of_company": rules.company, "run_number": run.number, "run_on": run.on}
    filled = [fill(tx, each, values) for each in these.kept]
    found = tx.execute(these.letters).all()
    tx.execute(these.past, values)
    tx.execute(these.end, values)
    changed = tx.execute(these.start, values, execution_options={"preserve_rowcount": True}).rowcount
    let_go(tx, *filled)
    return Written(found, codes(tx, rules), changed)


def codes(tx: Connection, rules: Rules) -> dict[str, int]:
    """Count the company's decided items by code, as they stand now."""
    counts = statements(rules).counts
    return {row.code: row.items for row in tx.execute(counts, {"of_company": rules.company})}


def hold_back(tx: Connection, rules: Rules, run: RunDay, held: Mapping[tuple[str, str], tuple[str, str]]) -> int:
    """Replace what this run would have sent by what a plugin says: {(connection, item): (code, parameters)}.

    Where the same reason held before the run, that interval goes on; return how many of them did.
    """
    gone_on = 0
    names = ("company", "connection", "item")
    for (connection, key), (code, parameters) in held.items():
        this = {"company": rules.company, "connection": connection, "item": key}
        now = (*(decision.c[name] == this[name] for name in names), decision.c.code.in_(sorted(SENT)))
        if tx.execute(update(decision).where(*now).values(code=code, parameters=parameters)).rowcount:
            gone_on += _go_on(tx, this, run)
    return gone_on


def _go_on(tx: Connection, this: Mapping[str, str], run: RunDay) -> bool:
    """Join the decision to the interval that this run has just ended; False when they do not say the same."""
    now, past = ([table.c[name] == value for name, value in this.items()] for table in (decision, decision_past))
    told = ("policy_hash", "code", "parameters")
    same = and_(*past, decision_past.c.to_run == run.number, *now, *(decision_past.c[n] == decision.c[n] for n in told))
    ended = tx.execute(select(decision_past.c.from_run, decision_past.c.from_on).where(same)).one_or_none()
    if ended is not None:
        tx.execute(delete(decision_past).where(*past, decision_past.c.from_run == ended.from_run))
        tx.execute(update(decision).where(*now).values(from_run=ended.from_run, from_on=ended.from_on))
    return ended is not None


def _prepare(tx: Connection) -> None:
    """Let PostgreSQL join whole companies by hashing, whatever it believes of tables just filled."""
    if tx.dialect.name == "postgresql":
        for setting in (f"work_mem = '{SORTING_MEMORY}'", "enable_nestloop = off", "enable_sort = off", "jit = off"):
            tx.exec_driver_sql(f"SET LOCAL {setting}")
