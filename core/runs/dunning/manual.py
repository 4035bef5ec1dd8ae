"""Propose a notice to one debtor because a person wants it now; it counts like any other (rule 17)."""

from __future__ import annotations

from datetime import date

from duehook.core.books.store import find
from duehook.core.books.store.accounts import load_accounts
from duehook.core.books.store.dunning import proposals
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Account, Terms
from duehook.core.collect.notice import MANUAL, Notice
from duehook.core.context import Context
from duehook.core.errors import Busy, NotFound, RunStopped
from duehook.core.ops import audit
from duehook.core.runs.days import day_at, refuse_day_to_come
from duehook.core.runs.site import Site

from .plugin_holds import held_by_plugins, told
from .policies import adopt, choose, terms_of
from .propose import line_of, row_of


def propose_manual(site: Site, context: Context, named: str, *, as_of: date | None = None) -> int:
    """Propose the notice that the debtor would get if no interval ran; return its number.

    `as_of` is the company's day unless it is given. Blocks, disputes, minimums, plugins and the
    company's gate hold all the same. A debtor with debts in several currencies gets the one with the
    highest level. Raises NotFound when nothing is ripe, RunStopped when a plugin keeps it back and
    for a day that has not come yet.
    """
    with site.books.write() as tx:
        debtor = find.debtor(tx, named)
        as_of = as_of or day_at(site.settings, debtor.company, context.now())
        refuse_day_to_come(site.settings, debtor.company, as_of, context.now())
        rules = choose(site, tx, debtor.company, as_of)
        whom = (debtor.connection, debtor.key)
        terms = terms_of(tx, rules, [whom])[whom]
        accounts = load_accounts(tx, debtor.company, [whom], as_of)
        notice = _notice(named, [account.at_any_time() for account in accounts], terms)
        _refuse_held(site, named, notice, as_of)
        waiting = proposals.listed(tx, company=debtor.company, states=("proposed",))
        lane = (notice.connection, notice.debtor, notice.currency)
        if any((row.connection, row.debtor, row.currency) == lane and row.kind != "reminder" for row in waiting):
            raise Busy(f"a notice to {named} is proposed already.", fix="approve it: `duehook proposal list`.")
        hashes = adopt(tx, context, rules)
        started = {"company": debtor.company, "as_of": as_of, "kind": "manual", "state": "done", "policies": hashes}
        by = {"actor": context.actor.id, "correlation_id": context.correlation_id, "started_at": context.now()}
        run_id = proposals.start_run(tx, started | by)
        row = row_of(notice, terms, context, run_id, kind=MANUAL) | {"needs_person": MANUAL}
        number = proposals.put(tx, row, [line_of(line) for line in notice.lines])
        after = {"notice": number, "level": notice.level, "demanded": notice.demanded}
        audit.record(tx, context, act="notice.manual", company=debtor.company, subject=debtor.key, after=after)
        return number


def _refuse_held(site: Site, named: str, notice: Notice, as_of: date) -> None:
    reason = held_by_plugins(site, [(0, notice)], as_of).get(0)
    if reason is not None:
        raise RunStopped(
            f"there is nothing to send to {named}: {told(reason)}.",
            fix="see `duehook plugins`." if reason.failure else None,
        )


def _notice(named: str, accounts: list[Account], terms: Terms) -> Notice:
    outcomes = [decide(account, terms) for account in accounts]
    notices = [notice for outcome in outcomes for notice in outcome.notices if notice.kind == "dunning"]
    if not notices:
        codes = sorted(
            {decision.code.value.replace("_", " ") for outcome in outcomes for decision in outcome.decisions}
        )
        raise NotFound(
            f"there is nothing to send to {named}: {', '.join(codes) or 'nothing is open'}.",
            fix="see `duehook explain`, which says it for each item.",
        )
    return max(notices, key=lambda notice: (notice.level, notice.demanded))
