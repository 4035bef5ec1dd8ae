"""Play business days through the whole job: ERP → import → tie-out → aging → dunning → delivery."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final

from duehook.core.context import Actor, Context
from duehook.core.runs import holds
from duehook.core.runs.age import age
from duehook.core.runs.deliver.run import deliver
from duehook.core.runs.dunning import proposals
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.imports.site import import_by_name
from duehook.core.runs.packs import scheme_of
from duehook.core.runs.tie_out import tie_out_all

from .stage import Stage

ENGINE: Final = Actor("engine", "loop", "demo")
SUPERVISOR: Final = Actor("person", "demo supervisor", "demo")
STAGES: Final = ("ERP moves", "import", "tie-out", "aging", "dunning", "approval", "delivery")


@dataclass
class Record:
    """What was seen while playing: CPU seconds by stage, and what each day came to."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    days: list[date] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)
    approved: int = 0
    releases: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what the block takes to its stage."""
        start = time.process_time()
        try:
            yield
        finally:
            self.seconds[stage] += time.process_time() - start


class Play:
    """One run of the demonstration."""

    def __init__(self, stage: Stage) -> None:
        """Begin on the stage's first day."""
        self.stage = stage
        self.record = Record()
        self.at = datetime.combine(stage.simulator.book.day, time_of_day(18, 30), UTC)

    def context(self, actor: Actor = ENGINE) -> Context:
        """Return a context at the present instant of the play."""
        return Context(actor, self._clock, uuid.uuid4().hex)

    def _clock(self) -> datetime:
        return self.at

    @property
    def today(self) -> date:
        """The day that is played."""
        return self.at.date()

    def next_day(self) -> None:
        """Let the ERP move to the end of the next business day."""
        day = self.today + timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
        with self.record.timed("ERP moves"):
            self.stage.simulator.advance_to(day)
        self.at = datetime.combine(day, time_of_day(18, 30), UTC)

    def read(self) -> None:
        """Import, tie out and age."""
        site = self.stage.site
        with self.record.timed("import"):
            import_by_name(site, self.context(), "jde", as_of=self.today)
        with self.record.timed("tie-out"):
            for result in tie_out_all(site, self.context()):
                if not result.balanced:
                    self.record.unbalanced.append(f"{result.company} on {self.today}")
        with self.record.timed("aging"):
            for company in site.settings.companies:
                age(site.books, self.context(), company, scheme_of(site, company), as_of=self.today)

    def collect(self) -> None:
        """Dun, let the supervisor approve, and deliver."""
        site = self.stage.site
        with self.record.timed("dunning"):
            for company in site.settings.companies:
                report = dun(site, self.context(), company, as_of=self.today)
                self.record.codes.update(report.codes)
        with self.record.timed("approval"):
            found = [row.id for row in proposals.proposed(site.books)]
            self.record.approved += proposals.approve(site, self.context(SUPERVISOR), found)
            self.record.releases += holds.approve_releases(site, self.context(SUPERVISOR), None, why="paid")
        with self.record.timed("delivery"):
            deliver(site, self.context())

    def day(self) -> None:
        """Play one business day."""
        self.next_day()
        self.read()
        self.collect()
        self.record.days.append(self.today)
