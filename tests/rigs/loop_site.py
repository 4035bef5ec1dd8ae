"""A site of two companies, each on a small ERP of its own, whose schedule a test turns by a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from duehook.core.books.store import jobs
from duehook.core.books.store.jobs import JobKey
from duehook.core.books.tables.ops import job
from duehook.core.context import Actor, Context
from duehook.core.runs.loop.tick import Ran, tick
from duehook.core.runs.site import Site

from .delivery_site import Clock, policy
from .small_erp import SmallErp

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NIGHTLY = 'nightly: "05:30 Mon-Fri"'
YAML = """\
mode: shadow
database: {{file: database.url}}
timezone: {zone}
companies:
  "01": {{erp: {{connection: north, code: "01"}}, policy: test, calendar: {{closed: [{closed}]}}}}
  "02": {{erp: {{connection: south, code: "01"}}, policy: test}}
connections:
  north: {{type: small}}
  south: {{type: small}}
letters: {{folder: letters}}
schedule: {{{schedule}}}
"""
PLUGIN = """\
from duehook.core import hookimpl
from tests.rigs.loop_site import SHARED
from tests.rigs.small_erp import SmallSettings, SmallSource


@hookimpl
def connection_settings(type):
    return SmallSettings if type == "small" else None


@hookimpl
def customer_source(connection):
    return SmallSource(SHARED[connection.name])


@hookimpl
def invoice_source(connection):
    return SmallSource(SHARED[connection.name])
"""


class LoopErp(SmallErp):
    """One overdue customer; it tells the time of the test's clock, and does `first` when an import begins."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.clock = clock
        self.first: Callable[[], object] = lambda: None
        self.customer("A")
        self.invoice("A1", "A", "100.00", date(2026, 2, 1))

    def now(self) -> datetime:
        self.first()
        super().now()
        return self.clock()


SHARED: dict[str, LoopErp] = {}


@dataclass
class LoopSite:
    """The open site with its ERPs and its clock."""

    site: Site
    clock: Clock
    config: Path
    erps: dict[str, LoopErp] = field(default_factory=lambda: SHARED)

    @property
    def context(self) -> Context:
        return Context(Actor("engine", "loop", "schedule"), self.clock, "c-1")

    def tick(self, worker: str = "one") -> list[Ran]:
        """Look once and return what was run."""
        return list(tick(self.site, self.context, worker))

    def ran(self, worker: str = "one") -> list[tuple[str, str, str]]:
        """Look once and return (job, company, state) of what was run, delivery apart."""
        return [(ran.key.job, ran.key.company, ran.state) for ran in self.tick(worker) if ran.key.job != "deliver"]

    def rows(self, name: str, company: str = "01") -> list[Row[Any]]:
        """Return a job's rows, oldest slot first."""
        with self.site.books.read() as tx:
            wanted = select(job).where(job.c.job == name, job.c.company == company)
            return list(tx.execute(wanted.order_by(job.c.slot)))

    def slots(self, name: str, company: str = "01") -> dict[str, str]:
        """Return a job's states by slot."""
        return {row.slot: row.state for row in self.rows(name, company)}

    def claim(self, key: JobKey, worker: str, at: datetime) -> bool:
        with self.site.books.write() as tx:
            return jobs.claim(tx, key, worker, at, correlation_id="other")

    def pause(self, name: str) -> None:
        with self.site.books.write() as tx:
            jobs.pause(tx, name, since=self.clock.at, actor="ann", reason="year-end")

    def resume(self, name: str) -> None:
        with self.site.books.write() as tx:
            assert jobs.resume(tx, name)

    def plan(self, schedule: str) -> None:
        """Change the schedule, as editing duehook.yaml and starting anew would."""
        _write(self.config, schedule)
        self.site.close()
        self.site = Site.open(self.config)


@contextmanager
def loop_site(
    folder: Path, database: str, schedule: str = NIGHTLY, *, zone: str = "UTC", closed: str = ""
) -> Iterator[LoopSite]:
    """Write a site and open it; the books have to be migrated already."""
    clock = Clock(MONDAY)
    SHARED.update(north=LoopErp(clock), south=LoopErp(clock))
    (folder / "plugins").mkdir()
    (folder / "plugins" / "small.py").write_text(PLUGIN)
    (folder / "rules").mkdir()
    (folder / "rules" / "test.yaml").write_text(policy().canonical)
    (folder / "database.url").write_text(database)
    config = folder / "duehook.yaml"
    _write(config, schedule, zone=zone, closed=closed)
    opened = LoopSite(Site.open(config), clock, config)
    try:
        yield opened
    finally:
        opened.site.close()


def _write(config: Path, schedule: str, *, zone: str = "UTC", closed: str = "") -> None:
    config.write_text(YAML.format(schedule=schedule, zone=zone, closed=closed))
