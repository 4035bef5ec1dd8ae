"""Which policy each debtor of a company is dunned by, adopted into the books by content hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from duehook.core.books.store import imports, proposals, sending
from duehook.core.collect.codes import Code
from duehook.core.collect.facts import Terms
from duehook.core.context import Context
from duehook.core.ops import audit
from duehook.core.policy.model import Policy
from duehook.core.policy.packs import governing, named
from duehook.core.runs.days import calendar_of
from duehook.core.runs.packs import policies
from duehook.core.runs.site import Site


@dataclass(frozen=True)
class Choice:
    """The terms by policy name, and whose policy is which: debtor, else group, else company."""

    terms: Mapping[str, Terms]
    company: str
    groups: Mapping[tuple[str, str], str]
    of_group: Mapping[str, str]
    of_debtor: Mapping[tuple[str, str], str]

    def of(self, connection: str, debtor: str) -> Terms:
        """Return the terms that hold for a debtor."""
        group = self.groups.get((connection, debtor))
        by_group = self.of_group.get(group) if group else None
        return self.terms[governing(self.of_debtor.get((connection, debtor)), by_group, self.company)]


def choose(site: Site, tx: Connection, company: str, as_of: date) -> Choice:
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
    return Choice(terms, own, proposals.groups(tx, company), of_group, of_debtor)


def gate_of(site: Site, tx: Connection, company: str, as_of: date) -> str | None:
    """Return what keeps all of the company's notices back on a day, None when nothing does."""
    if not imports.ready(tx, company).ready:
        return Code.NOT_READY
    if sending.lock_of(tx, company) is not None:
        return Code.TIE_OUT
    return None if calendar_of(site.settings, company).is_open(as_of) else Code.CLOSED_DAY


def adopt(tx: Connection, context: Context, choice: Choice) -> list[str]:
    """Keep the texts of the policies in force under their hashes; return the hashes."""
    for name, terms in sorted(choice.terms.items()):
        policy = terms.policy
        if proposals.adopt(
            tx, policy.hash, name, policy.canonical, at=context.now(), actor=f"{context.actor.kind}:{context.actor.id}"
        ):
            audit.record(tx, context, act="policy.adopt", subject=name, after={"hash": policy.hash})
    return sorted(terms.policy.hash for terms in choice.terms.values())
