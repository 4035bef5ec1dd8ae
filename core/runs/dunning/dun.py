"""Dun a company: decide about every open item, write the decisions, and propose the notices.

A scheduled run ends in a proposal (rule 21). Running it again on the same day changes nothing; a
day that was missed is caught up by the next run, because ripe means "at least so long past due".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
from duehook.core.books.store.dunning.run import Written
from duehook.core.collect.codes import GATES, Code
from duehook.core.collect.decision import Decision
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Terms
from duehook.core.collect.notice import Notice
from duehook.core.context import Context
from duehook.core.money import from_scaled
from duehook.core.ops import audit
from duehook.core.ops.heap import settled
from duehook.core.plugins import HoldReason
from duehook.core.runs.days import refuse_day_to_come
from duehook.core.runs.deliver.rehearsal import end_rehearsals
from duehook.core.runs.site import Site

from .plugin_holds import held_by_plugins
from .policies import adopt, choose
from .proposals import approve_row
from .propose import propose

AT_ONCE: Final = 500
Found = tuple[Notice, Terms]


@dataclass(frozen=True)
class KeptBack:
    """The notices that a plugin kept back; `failure` is what happened when it broke instead of answering."""

    plugin: str
    notices: int
    reasons: tuple[str, ...]
    failure: str | None = None

    def __str__(self) -> str:
        """Say it as a part of the report's line."""
        return f"{self.notices} more kept back by the plugin {self.plugin}{', which failed' if self.failure else ''}"


@dataclass(frozen=True)
class DunReport:
    """What a run decided and proposed."""

    company: str
    as_of: date
    gate: Code | str | None
    notices: tuple[Notice, ...]
    codes: dict[str, int]
    changed: int
    new: int = 0
    kept: int = 0
    withdrawn: int = 0
    approved: int = 0
    tasks: int = 0
    kept_back: tuple[KeptBack, ...] = ()
    dry_run: bool = False

    def __str__(self) -> str:
        gate = f", all kept back: {GATES[Code(self.gate)]}" if self.gate else ""
        return (
            f"{self.company} as of {self.as_of}: {len(self.notices)} notices ({self.new} new, {self.kept} waiting, "
            f"{self.approved} approved){''.join(f', {each}' for each in self.kept_back)}, "
            f"{sum(self.codes.values())} items decided, {self.changed} changed{gate}"
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


@settled()
def dun(site: Site, context: Context, company: str, *, as_of: date, dry_run: bool = False) -> DunReport:
    """Decide and propose for one company as of a day.

    Two runs of a company wait for each other, so the second one finds nothing to change. Not ready,
    locked by the tie-out or closed: everything is decided all the same and no notice
    is proposed. Raises NotFound for a policy that does not exist, RunStopped for a day that has not
    come yet, which only a dry run may look at.
    """
    if not dry_run:
        refuse_day_to_come(site.settings, company, as_of, context.now())
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
    selected = list(_notices(tx, rules, written.letters))
    reasons = held_by_plugins(site, ((number, notice) for number, (notice, _) in enumerate(selected)), rules.as_of)
    if reasons:
        written = _hold_back(
            tx, rules, run, written=written, held=[(selected[at][0], why) for at, why in reasons.items()]
        )
    found = [pair for number, pair in enumerate(selected) if number not in reasons]
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
    decided = (notices, dict(written.codes), written.changed)
    return DunReport(rules.company, run.on, rules.gate, *decided, *counts, _kept_back(reasons.values()))


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


def _hold_back(
    tx: Connection, rules: Rules, run: RunDay, *, written: Written, held: Iterable[tuple[Notice, HoldReason]]
) -> Written:
    """Put the plugins' reasons into the decisions; return what is written then."""
    decided = {}
    for notice, reason in held:
        for line in notice.lines:
            decision = Decision(line.item, Code.PLUGIN_HOLD, notice.level, detail=reason.words)
            decided[notice.connection, line.item] = (decision.code.value, decision.parameters)
    gone_on = dunning.hold_back(tx, rules, run, decided)
    return replace(written, codes=dunning.codes(tx, rules), changed=written.changed - gone_on)


def _kept_back(reasons: Iterable[HoldReason]) -> tuple[KeptBack, ...]:
    """Sum up by plugin what was kept back, in the order of the first notice of each."""
    by_plugin: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for reason in reasons:
        by_plugin[reason.plugin, reason.failure].append(reason.words)
    return tuple(
        KeptBack(plugin, len(words), tuple(dict.fromkeys(words)), failure)
        for (plugin, failure), words in by_plugin.items()
    )


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
