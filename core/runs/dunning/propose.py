"""Turn a run's notices into proposals: what is proposed already stays, what no longer holds goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.dunning import proposals
from duehook.core.collect.facts import Terms
from duehook.core.collect.holds import asks_hold
from duehook.core.collect.notice import MANUAL, Line, Notice, needs_person
from duehook.core.context import Context

_DECIDED_AGAIN: Final = ("run_id", "as_of", "hold")  # what a new day changes in a letter that reads the same
_Lane = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Proposed:
    """What a run's proposing came to: rows of notices, new ones and kept ones; how many went."""

    new: tuple[int, ...]
    kept: tuple[int, ...]
    withdrawn: int


def propose(
    tx: Connection, context: Context, company: str, found: Iterable[tuple[Notice, Terms]], *, run_id: int
) -> Proposed:
    """Write the notices as proposals of this run.

    A proposal of an earlier run, or by a person, is kept when the debtor would read the same, and
    counts as decided now; else it is cancelled as decided anew. What a person proposed outlives a
    run that finds no letter. Doing it twice changes nothing.
    """
    waiting = defaultdict(list)
    for row in proposals.listed(tx, company=company, states=("proposed",)):
        waiting[_lane(row)].append(row)
    new, kept = [], []
    for notice, terms in found:
        held = waiting.pop((notice.connection, notice.debtor, notice.currency, notice.kind, notice.item), [])
        read = (notice.fingerprint, terms.policy.hash)
        same = next((row for row in held if (row.fingerprint, row.policy_hash) == read), None)
        for row in held:
            if row is not same:
                _withdraw(tx, context, row)
        made = row_of(notice, terms, context, run_id)
        if same is None:
            new.append(proposals.put(tx, made, [line_of(line) for line in notice.lines]))
        else:
            proposals.change(tx, same.id, {name: made[name] for name in _DECIDED_AGAIN}, of="proposed")
            kept.append(same.id)
    stale = [row for rows in waiting.values() for row in rows if row.kind != MANUAL]
    for row in stale:
        _withdraw(tx, context, row)
    return Proposed(tuple(new), tuple(kept), len(stale))


def _lane(row: Row[Any]) -> _Lane:
    """Say which letter a proposal is; one by a person is the same letter as a run's."""
    kind = "dunning" if row.kind == MANUAL else row.kind
    return row.connection, row.debtor, row.currency, kind, row.item


def _withdraw(tx: Connection, context: Context, row: Row[Any]) -> None:
    gone = {"state": "cancelled", "reason": "decided anew", "settled_at": context.now()}
    proposals.change(tx, row.id, gone, of="proposed")


def row_of(notice: Notice, terms: Terms, context: Context, run_id: int, *, kind: str | None = None) -> dict[str, Any]:
    """Return a notice as the books hold a proposal."""
    policy = terms.policy
    step: Any = policy.level(notice.level) if notice.level else policy.pre_due
    return {
        "company": notice.company,
        "connection": notice.connection,
        "debtor": notice.debtor,
        "currency": notice.currency,
        "item": notice.item,
        "kind": kind or notice.kind,
        "state": "proposed",
        "run_id": run_id,
        "as_of": terms.as_of,
        "policy_hash": policy.hash,
        "level": notice.level,
        "level_name": step.name if notice.level else "reminder",
        "channel": step.channel,
        "template": step.template,
        "hold": asks_hold(notice, terms),
        "needs_person": needs_person(policy, notice.level, notice.currency, notice.demanded),
        "fingerprint": notice.fingerprint,
        "overdue": notice.overdue,
        "credits": notice.credits,
        "disputed": notice.disputed,
        "demanded": notice.demanded,
        "made_at": context.now(),
    }


def line_of(line: Line) -> Mapping[str, Any]:
    """Return a line as the books hold it."""
    return {
        "item": line.item,
        "role": line.role,
        "old_level": line.old_level,
        "new_level": line.new_level,
        "due_on": line.due_on,
        "open_amount": line.open_amount,
        "disputed_amount": line.disputed_amount,
        "rises": line.rises,
    }
