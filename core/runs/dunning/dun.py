"""Dun a company: decide about every open item, write the decisions, and propose the notices.

A scheduled run ends in a proposal (rule 21). Running it again on the same day changes nothing; a
day that was missed is caught up by the next run, because ripe means "at least so long past due".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from duehook.core.books.store import decisions, proposals, tasks
from duehook.core.books.store.accounts import load_accounts
from duehook.core.books.store.decisions import Decided, RunDay
from duehook.core.collect.codes import SENT, Code
from duehook.core.collect.decision import Decision
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Account, Terms
from duehook.core.collect.notice import Notice
from duehook.core.context import Context
from duehook.core.money import Money, from_scaled
from duehook.core.ops import audit
from duehook.core.runs.site import Site

from .policies import Choice, adopt, choose
from .proposals import approve_row
from .propose import propose

AT_ONCE: Final = 500


@dataclass(frozen=True)
class DunReport:
    """What a run decided and proposed."""

    company: str
    as_of: date
    gate: str | None
    notices: tuple[Notice, ...]
    codes: dict[str, int]
    changed: int
    new: int = 0
    kept: int = 0
    withdrawn: int = 0
    approved: int = 0
    tasks: int = 0
    dry_run: bool = False

    def __str__(self) -> str:
        kept_back = f", all kept back: {self.gate}" if self.gate else ""
        return (
            f"{self.company} as of {self.as_of}: {len(self.notices)} notices ({self.new} new, {self.kept} waiting, "
            f"{self.approved} approved), {sum(self.codes.values())} items decided, {self.changed} changed{kept_back}"
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the notices as plain rows."""
        return [
            {
                "company": notice.company,
                "debtor": notice.debtor,
                "currency": notice.currency,
                "kind": notice.kind,
                "level": notice.level,
                "demanded": from_scaled(notice.demanded, notice.currency),
                "items": len(notice.lines),
            }
            for notice in self.notices
        ]


@dataclass
class _Found:
    decided: list[Decided] = field(default_factory=list)
    notices: list[tuple[Notice, Terms]] = field(default_factory=list)
    last: dict[tuple[str, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))


def dun(site: Site, context: Context, company: str, *, as_of: date, dry_run: bool = False) -> DunReport:
    """Decide and propose for one company as of a day.

    Not ready, locked by the tie-out or closed: everything is decided all the same and no notice
    is proposed. Raises NotFound for a policy that does not exist.
    """
    with site.books.write() as tx:
        choice = choose(site, tx, company, as_of)
        hashes = adopt(tx, context, choice)
        started = {"company": company, "as_of": as_of, "kind": "dry" if dry_run else "scheduled", "state": "running"}
        by = {"actor": context.actor.id, "correlation_id": context.correlation_id, "started_at": context.now()}
        run_id = proposals.start_run(tx, {**started, **by, "policies": hashes})
        found = _ask_plugins(site, _decide_all(tx, company, choice, as_of), as_of)
        report = _write(site, tx, context, company, RunDay(run_id, as_of), found)
        report = replace(report, gate=choice.terms[choice.company].gate, dry_run=dry_run)
        if dry_run:
            tx.rollback()
            return report
        proposals.end_run(tx, run_id, {"state": "done", "ended_at": context.now(), "counts": report.codes})
        after = {"run": run_id, "notices": len(report.notices), "new": report.new, "approved": report.approved}
        audit.record(tx, context, act="dun.run", company=company, subject=company, after=after)
    return report


def _decide_all(tx: Connection, company: str, choice: Choice, as_of: date) -> _Found:
    found = _Found()
    debtors = proposals.debtors(tx, company)
    for start in range(0, len(debtors), AT_ONCE):
        for account in load_accounts(tx, company, debtors[start : start + AT_ONCE], as_of):
            terms = choice.of(account.connection, account.debtor)
            outcome = decide(account, terms)
            found.notices += [(notice, terms) for notice in outcome.notices]
            found.decided += [_decided(account, decision, terms) for decision in outcome.decisions]
            last = [decision.item for decision in outcome.decisions if decision.code is Code.LAST_LEVEL]
            if last:
                found.last[account.connection, account.debtor, account.currency] += last
    return found


def _decided(account: Account, decision: Decision, terms: Terms) -> Decided:
    return Decided(account.connection, decision.item, terms.policy.hash, decision.code.value, decision.parameters)


def _ask_plugins(site: Site, found: _Found, as_of: date) -> _Found:
    """Take out what a plugin holds back, with its reason in the decisions."""
    candidates = {f"{number}": notice for number, (notice, _) in enumerate(found.notices)}
    reasons = site.plugins.hold_reasons((_candidate(key, notice) for key, notice in candidates.items()), as_of)
    if not reasons:
        return found
    held = {
        (notice.connection, line.item): (notice.level, reasons[key])
        for key, notice in candidates.items()
        if key in reasons
        for line in notice.lines
    }
    notices = [pair for number, pair in enumerate(found.notices) if f"{number}" not in reasons]
    return _Found([_held(row, held) for row in found.decided], notices, found.last)


def _candidate(key: str, notice: Notice) -> dict[str, Any]:
    total = Money.from_scaled(notice.demanded, notice.currency).amount
    named = {"company": notice.company, "customer": notice.debtor, "currency": notice.currency}
    return {"key": key, **named, "level": notice.level, "total": total, "items": [line.item for line in notice.lines]}


def _held(row: Decided, held: dict[tuple[str, str], tuple[int, str]]) -> Decided:
    found = held.get((row.connection, row.item))
    if found is None or Code(row.code) not in SENT:
        return row
    decision = Decision(row.item, Code.PLUGIN_HOLD, found[0], detail=found[1])
    return row._replace(code=decision.code.value, parameters=decision.parameters)


def _write(site: Site, tx: Connection, context: Context, company: str, run: RunDay, found: _Found) -> DunReport:
    changed = decisions.merge(tx, company, run, found.decided)
    proposed = propose(tx, context, company, found.notices, run_id=run.number)
    opened = sum(_open_task(tx, context, company, *each) for each in _newly_last(tx, company, run, found))
    approved = 0
    for row in proposals.by_number(tx, proposed.new):
        if row.needs_person is None:
            approve_row(tx, context, row, site.settings)
            approved += 1
    codes = dict(sorted(Counter(row.code for row in found.decided).items()))
    notices = tuple(notice for notice, _ in found.notices)
    counts = (len(proposed.new), len(proposed.kept), proposed.withdrawn, approved, opened)
    return DunReport(company, run.on, None, notices, codes, changed, *counts)


def _newly_last(tx: Connection, company: str, run: RunDay, found: _Found) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield the accounts with items that this run found past the last level."""
    fresh = decisions.newly(tx, company, run, Code.LAST_LEVEL.value)
    for (connection, debtor, currency), items in found.last.items():
        new = [key for key in items if (connection, key) in fresh]
        if new:
            yield connection, debtor, currency, sorted(new)


def _open_task(
    tx: Connection, context: Context, company: str, connection: str, debtor: str, currency: str, items: list[str]
) -> bool:
    named = ", ".join(items[:5])
    words = f"{debtor} has {len(items)} items in {currency} past the last level: decide how to go on ({named})."
    task = tasks.NewTask("last_level", company, words, {"items": items}, connection=connection, debtor=debtor)
    return tasks.open_task(tx, task, context.now())
