"""One round of delivery: who works, by which ways out, and what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from duehook.core.books import Books
from duehook.core.books.store.delivery.outbox import Worker
from duehook.core.context import Context
from duehook.core.runs.days import day_at
from duehook.core.settings import Settings

from .brake import Brake
from .outside import Outside

UNASKED: Final = "could not be asked"
UNANSWERED: Final = "waits for an answer: "


@dataclass(frozen=True)
class Waiting:
    """What waits for its hour once the round is over: how many, from when, and why the first of them does.

    `tried` of them were handed over before, and the other side did not take them, or the ERP could not
    be asked. `at` is the round's own instant; both instants are in the site's time zone.
    """

    count: int
    tried: int
    next_at: datetime
    why: str
    at: datetime

    def __str__(self) -> str:
        """Say when the next try is, without the day when that is today."""
        clock = "%H:%M" if self.next_at.date() == self.at.date() else "%Y-%m-%d %H:%M"
        why = f" ({self.why})" if self.why else ""
        return f"{self.count} {'waits' if self.count == 1 else 'wait'}, next try {self.next_at:{clock}}{why}"


@dataclass
class DeliveryReport:
    """What became of the outbox's rows in one round, and what a person has to look at.

    `unreachable` of the held ones wait because the ERP could not be asked. `stopped` says why the
    round ended before all that was due had gone out.
    """

    sent: int = 0
    to_post: int = 0
    cancelled: int = 0
    held: int = 0
    retried: int = 0
    unreachable: int = 0
    failed: int = 0
    in_doubt: int = 0
    notes: int = 0
    holds_set: int = 0
    holds_released: int = 0
    refused: int = 0
    unanswered: int = 0
    events: int = 0
    waits: Waiting | None = None
    stopped: str | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Say whether nothing is left for a person, and the other side could be reached."""
        return not (self.failed or self.in_doubt or self.refused or self.stopped or self._is_stuck)

    @property
    def _is_stuck(self) -> bool:
        """Say whether nothing went out, and what was tried waits because the other side did not take it."""
        tried = self.retried or self.unreachable or (self.waits is not None and self.waits.tried)
        return bool(tried) and not (self.sent or self.to_post or self.notes or self.holds_set or self.holds_released)

    def __str__(self) -> str:
        """Say it in a line, naming only what happened, and what waits."""
        happened = {name: count for name, count in self.plain().items() if isinstance(count, int) and count}
        told = [f"{count} {name.replace('_', ' ')}" for name, count in happened.items() if name not in self._untold]
        more = [*([str(self.waits)] if self.waits else []), *([f"stopped: {self.stopped}"] if self.stopped else [])]
        return ", ".join([*told, *more]) or "nothing to deliver"

    @property
    def _untold(self) -> tuple[str, ...]:
        """Name the counts that what waits says already."""
        return ("held", "retried", "unreachable") if self.waits else ("unreachable",)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return asdict(self)


@dataclass
class Round:
    """What every step of a delivery works with."""

    context: Context
    outside: Outside
    worker: Worker
    report: DeliveryReport = field(default_factory=DeliveryReport)

    @cached_property
    def brake(self) -> Brake:
        """What stops the round, from the first time that it is asked."""
        return Brake(self.outside.site, self.context)

    @property
    def is_stopped(self) -> bool:
        """Say whether nothing more may go out in this round, and note why."""
        self.report.stopped = self.brake.pulled
        return self.report.stopped is not None

    @property
    def books(self) -> Books:
        """The site's books."""
        return self.outside.site.books

    @property
    def settings(self) -> Settings:
        """The site's settings."""
        return self.outside.site.settings

    @property
    def now(self) -> datetime:
        """The instant by the caller's clock."""
        return self.context.now()

    def today(self, company: str) -> date:
        """Return the company's day."""
        return day_at(self.settings, company, self.now)

    def is_test(self, company: str, customer: str) -> bool:
        """Say whether nothing real may leave for this customer (rule 23)."""
        return self.settings.is_test(company, customer)
