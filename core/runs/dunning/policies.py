"""Which policy each debtor of a company is dunned by, adopted into the books by content hash."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import Connection

from duehook.core.books.store.accounts import Debtor, governing_customers
from duehook.core.books.store.delivery import sending
from duehook.core.books.store.dunning import proposals
from duehook.core.books.store.dunning.rules import Rules
from duehook.core.books.store.imports import import_runs
from duehook.core.collect.codes import Code
from duehook.core.collect.facts import Terms
from duehook.core.context import Context
from duehook.core.ops import audit
from duehook.core.policy.model import Policy
from duehook.core.policy.packs import governing, named
from duehook.core.runs.days import calendar_of
from duehook.core.runs.packs import policies
from duehook.core.runs.site import Site

AT_ONCE: Final = 500


def choose(site: Site, tx: Connection, company: str, as_of: date) -> Rules:
    """Read the policies in force for a company on a day. Raises NotFound for a name that is none's."""
    settings, known = site.settings, policies(site)
    of_debtor = {}
    for named_debtor, policy in settings.policies.debtors.items():
        connection, code, debtor = named_debtor.split("/", 2)
        if code == company:
            of_debtor[connection, debtor] = policy
    own = settings.company(company).policy
    of_group = settings.policies.groups
    used: dict[str, Policy] = {name: named(known, name) for name in {own, *of_group.values(), *of_debtor.values()}}
    gate = gate_of(site, tx, company, as_of)
    calendar = calendar_of(settings, company)
    terms = {name: Terms(policy, as_of, calendar, gate) for name, policy in used.items()}
    return Rules(company, terms, own, of_group, of_debtor)


def terms_of(tx: Connection, rules: Rules, debtors: Collection[Debtor]) -> dict[Debtor, Terms]:
    """Return the terms that hold for each debtor: its own policy's, else its group's, else the company's."""
    found: dict[Debtor, Terms] = {}
    wanted = sorted(set(debtors))
    for start in range(0, len(wanted), AT_ONCE):
        batch = wanted[start : start + AT_ONCE]
        known = governing_customers(tx, rules.company, batch) if rules.of_group else {}
        for debtor in batch:
            group = known[debtor].group if debtor in known else None
            by_group = rules.of_group.get(group) if group else None
            found[debtor] = rules.terms[governing(rules.of_debtor.get(debtor), by_group, rules.policy)]
    return found


def gate_of(site: Site, tx: Connection, company: str, as_of: date) -> str | None:
    """Return what keeps all of the company's notices back on a day, None when nothing does."""
    if not import_runs.ready(tx, company).ready:
        return Code.NOT_READY
    if sending.lock_of(tx, company) is not None:
        return Code.TIE_OUT
    return None if calendar_of(site.settings, company).is_open(as_of) else Code.CLOSED_DAY


def adopt(tx: Connection, context: Context, rules: Rules) -> list[str]:
    """Keep the texts of the policies in force under their hashes; return the hashes."""
    for name, terms in sorted(rules.terms.items()):
        policy = terms.policy
        if proposals.adopt(
            tx, policy.hash, name, policy.canonical, at=context.now(), actor=f"{context.actor.kind}:{context.actor.id}"
        ):
            audit.record(tx, context, act="policy.adopt", subject=name, after={"hash": policy.hash})
    return sorted(terms.policy.hash for terms in rules.terms.values())
