"""Dun a company: decide about every open item, write the decisions, and propose the notices.

A scheduled run ends in a proposal (rule 21). Running it again on the same day changes nothing; a
day that was missed is caught up by the next run, because ripe means "at least so long past due".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.claim import in_turn
from duehook.core.books.store.accounts import load_accounts
from duehook.core.books.store.delivery import tasks
from duehook.core.books.store.dunning import decisions, proposals
from duehook.core.books.store.dunning import run as dunning
from duehook.core.books.store.dunning.decisions import RunDay
from duehook.core.books.store.dunning.rules import Rules
from duehook.core.collect.codes import Code
from duehook.core.collect.decision import Decision
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Terms
from duehook.core.collect.notice import Notice
from duehook.core.context import Context
from duehook.core.money import Money, from_scaled
from duehook.core.ops import audit
from duehook.core.runs.deliver.rehearsal import end_rehearsals
from duehook.core.runs.site import Site

from .policies import adopt, choose
from .proposals import approve_row
from .propose import propose

AT_ONCE: Final = 500
Found = tuple[Notice, Terms]


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


def dun(site: Site, context: Context, company: str, *, as_of: date, dry_run: bool = False) -> DunReport:
    """Decide and propose for one company as of a day.

    Two runs of a company wait for each other, so the second one finds nothing to change. Not ready,
    locked by the tie-out or closed: everything is decided all the same and no notice
    is proposed. Raises NotFound for a policy that does not exist.
    """
    with site.books.write() as tx:
        in_turn(tx, f"dun {company}")
        end_rehearsals(tx, context, site.settings)
        rules = choose(site, tx, company, as_of)
        hashes = adopt(tx, context, rules)
        started = {"company": company, "as_of": as_of, "kind": "dry" if dry_run else "scheduled", "state": "running"}
        by = {"actor": context.actor.id, "correlation_id": context.correlation_id, "started_at": context.now()}
        run = RunDay(proposals.start_run(tx, {**started, **by, "policies": hashes}), as_of)
        report = replace(_run(site, tx, context, rules=rules, run=run), dry_run=dry_run)
        if dry_run:
            tx.rollback()
            return report
        proposals.end_run(tx, run.number, {"state": "done", "ended_at": context.now(), "counts": report.codes})
        after = {"run": run.number, "notices": len(report.notices), "new": report.new, "approved": report.approved}
        audit.record(tx, context, act="dun.run", company=company, subject=company, after=after)
    return report


def _run(site: Site, tx: Connection, context: Context, *, rules: Rules, run: RunDay) -> DunReport:
    written = dunning.write(tx, rules, run)
    found = _ask_plugins(site, tx, rules, run=run, found=list(_notices(tx, rules, written.letters)))
    proposed = propose(tx, context, rules.company, found, run_id=run.number)
    opened = sum(
        _open_task(tx, context, rules.company, account=account, items=items)
        for account, items in _newly_last(tx, rules.company, run)
    )
    approved = 0
    for row in proposals.by_number(tx, proposed.new):
        if row.needs_person is None:
            approve_row(tx, context, row, site.settings)
            approved += 1
    notices = tuple(notice for notice, _ in found)
    counts = (len(proposed.new), len(proposed.kept), proposed.withdrawn, approved, opened)
    return DunReport(rules.company, run.on, rules.gate, notices, dict(written.codes), written.changed, *counts)


def _notices(tx: Connection, rules: Rules, letters: Sequence[Row[Any]]) -> Iterator[Found]:
    """Yield the selected letters with their lines, which the pure twin writes out."""
    chosen = {(row.connection, row.debtor, row.currency, row.kind, row.only): row.policy for row in letters}
    debtors = sorted({(row.connection, row.debtor) for row in letters})
    policies = {(connection, debtor): policy for (connection, debtor, *_), policy in chosen.items()}
    for start in range(0, len(debtors), AT_ONCE):
        for account in load_accounts(tx, rules.company, debtors[start : start + AT_ONCE], rules.as_of):
            terms = rules.terms[rules.names[policies[account.connection, account.debtor]]]
            for notice in decide(account, terms).notices:
                lane = (notice.connection, notice.debtor, notice.currency, notice.kind[0], notice.item)
                if lane in chosen:
                    yield notice, terms


def _ask_plugins(site: Site, tx: Connection, rules: Rules, *, run: RunDay, found: list[Found]) -> list[Found]:
    """Take out what a plugin holds back, with its reason in the decisions."""
    candidates = {f"{number}": notice for number, (notice, _) in enumerate(found)}
    reasons = site.plugins.hold_reasons((_candidate(key, notice) for key, notice in candidates.items()), rules.as_of)
    held = {}
    for key, reason in reasons.items():
        for line in candidates[key].lines:
            decision = Decision(line.item, Code.PLUGIN_HOLD, candidates[key].level, detail=reason)
            held[candidates[key].connection, line.item] = (decision.code.value, decision.parameters)
    dunning.hold_back(tx, rules, run, held)
    return [pair for number, pair in enumerate(found) if f"{number}" not in reasons]


def _candidate(key: str, notice: Notice) -> dict[str, Any]:
    total = Money.from_scaled(notice.demanded, notice.currency).amount
    named = {"company": notice.company, "customer": notice.debtor, "currency": notice.currency}
    return {"key": key, **named, "level": notice.level, "total": total, "items": [line.item for line in notice.lines]}


def _newly_last(tx: Connection, company: str, run: RunDay) -> list[tuple[tuple[str, str, str], list[str]]]:
    """Return the accounts with items that this run found past the last level."""
    accounts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in decisions.newly(tx, company, run, Code.LAST_LEVEL.value):
        accounts[row.connection, row.debtor, row.currency].append(row.key)
    return [(account, sorted(items)) for account, items in sorted(accounts.items())]


def _open_task(
    tx: Connection, context: Context, company: str, *, account: tuple[str, str, str], items: list[str]
) -> bool:
    connection, debtor, currency = account
    named = ", ".join(items[:5])
    words = f"{debtor} has {len(items)} items in {currency} past the last level: decide how to go on ({named})."
    task = tasks.NewTask("last_level", company, words, {"items": items}, connection=connection, debtor=debtor)
    return tasks.open_task(tx, task, context.now())
