"""Play a few days of the group: three imports, one search for debtors that several ERPs have, one list of work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from demo.play import ENGINE, SUPERVISOR
from duehook.core.books.tables.ledger import item
from duehook.core.context import Actor, Context
from duehook.core.money import from_scaled
from duehook.core.runs import parties
from duehook.core.runs.age import age
from duehook.core.runs.deliver.run import deliver
from duehook.core.runs.dunning import proposals
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.health.status import status
from duehook.core.runs.health.worklist import Work
from duehook.core.runs.imports.site import import_by_name
from duehook.core.runs.packs import scheme_of
from duehook.core.runs.parties import Told
from duehook.core.runs.tie_out import tie_out_all

from .stage import GroupStage

Balances = Mapping[tuple[str, str], Decimal]


@dataclass
class GroupPlay:
    """One run; `unbalanced` are the tie-outs that were not even."""

    stage: GroupStage
    unbalanced: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day that is played."""
        return self.stage.day

    def context(self, actor: Actor = ENGINE) -> Context:
        """Return a context at the evening of the day."""
        at = datetime.combine(self.today, time(18, 30), UTC)
        return Context(actor, lambda: at, uuid.uuid4().hex)

    def read(self) -> None:
        """Import every ERP, tie out and age."""
        site = self.stage.site
        for connection in self.stage.erps:
            import_by_name(site, self.context(), connection, as_of=self.today)
        self.unbalanced += [
            f"{each.company} on {self.today}" for each in tie_out_all(site, self.context()) if not each.balanced
        ]
        for company in site.settings.companies:
            age(site.books, self.context(), company, scheme_of(site, company), as_of=self.today)

    def next_day(self) -> None:
        """Let each ERP move to the end of the next business day, and do the day's job."""
        self.stage.day += timedelta(days=3 if self.today.weekday() == 4 else 1)
        for simulator in self.stage.erps.values():
            simulator.advance_to(self.today)
        self.read()
        for company in self.stage.site.settings.companies:
            dun(self.stage.site, self.context(), company, as_of=self.today)

    def send(self) -> int:
        """Let the supervisor approve what was proposed, deliver it, and return how many mails were caught by now."""
        site = self.stage.site
        found = [row.id for row in proposals.proposed(site.books)]
        proposals.approve(site, self.context(SUPERVISOR), found)
        deliver(site, self.context())
        return sum(self.stage.catcher.caught.values())

    def find_parties(self) -> list[Told]:
        """Search for customers that several ERPs have, and return the matches that wait for a person."""
        parties.find(self.stage.site.books, self.context())
        return parties.told(self.stage.site.books, ["proposed"])

    def decide(self, matches: list[Told]) -> None:
        """Let the supervisor confirm what a VAT id speaks for, and leave the others waiting."""
        for match in matches:
            if "vat_id" in match.evidence:
                parties.decide(self.stage.site.books, self.context(SUPERVISOR), match.number, "confirmed")

    def undo(self, match: Told) -> None:
        """Take a decision back."""
        parties.undo(self.stage.site.books, self.context(SUPERVISOR), match.number, why="asked the customer first")

    def work(self) -> tuple[Work, ...]:
        """Return the list of work over all ERPs."""
        return status(self.stage.site, self.context()).work

    def ours(self) -> Balances:
        """Return what is open in the books, by company and currency."""
        wanted = select(item.c.company, item.c.currency, func.sum(item.c.open_amount)).where(item.c.state == "open")
        with self.stage.site.books.read() as tx:
            rows = tx.execute(wanted.group_by(item.c.company, item.c.currency)).all()
        return {(company, code): from_scaled(int(total), code) for company, code, total in rows if total}

    def theirs(self) -> Balances:
        """Return the same as each ERP adds up its own lines."""
        found: dict[tuple[str, str], Decimal] = {}
        for name, simulator in self.stage.erps.items():
            for (company, _, currency), amount in simulator.open_balances().items():
                key = (f"{name}-{company}", currency)
                found[key] = found.get(key, Decimal(0)) + amount
        return {name: amount for name, amount in found.items() if amount}
