"""One round of delivery: who works, by which ways out, and what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from duehook.core.books import Books
from duehook.core.books.store.delivery.outbox import Worker
from duehook.core.context import Context
from duehook.core.runs.days import day_at
from duehook.core.settings import Settings

from .outside import Outside


@dataclass
class DeliveryReport:
    """What became of the outbox's rows in one round, and what a person has to look at."""

    sent: int = 0
    to_post: int = 0
    cancelled: int = 0
    held: int = 0
    retried: int = 0
    failed: int = 0
    in_doubt: int = 0
    notes: int = 0
    holds_set: int = 0
    holds_released: int = 0
    refused: int = 0
    events: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Say whether nothing is left for a person."""
        return not (self.failed or self.in_doubt or self.refused)

    def __str__(self) -> str:
        """Say it in a line, naming only what happened."""
        told = [f"{count} {name.replace('_', ' ')}" for name, count in self.plain().items() if isinstance(count, int)]
        return ", ".join(part for part in told if not part.startswith("0 ")) or "nothing to deliver"

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
