"""Two `duehook serve` on one site: each job's effect once, and a killed one's job is the other's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row

from duehook.core.books import Books
from duehook.core.books.store import jobs
from duehook.core.books.store.jobs import JobKey

from .served_site import ONCE, STEPS, ServedSite, Server, served_site


def test_a_slot_that_comes_while_two_serve_has_each_effect_once(
    books: Books, database_url: str, tmp_path: Path
) -> None:
    with served_site(tmp_path, books, database_url) as site:
        assert site.type("schedule", "pause", "all") == 0
        servers = site.serve(2)
        assert site.type("schedule", "resume", "all") == 0
        importing(site)
        site.erp.gate.set()
        site.until(site.is_done)
        assert [server.stop() for server in servers] == [0, 0]
        assert site.happened() == ONCE
        assert [row.attempts for step in STEPS for row in site.jobs(f"nightly {step}")] == [1] * 8
        told = "".join(server.told for server in servers)
        assert "locked" not in told
        assert "failed" not in told
        assert site.type("audit", "verify") == 0


def test_a_job_whose_server_was_killed_is_the_other_servers_when_its_lease_is_over(
    books: Books, database_url: str, tmp_path: Path
) -> None:
    with served_site(tmp_path, books, database_url) as site:
        site.serve(2)
        at_it = importing(site)
        at_it.first.kill()
        lease_ran_out(site, at_it.company)
        site.erp.gate.set()
        site.until(site.is_done)
        assert at_it.other.stop() == 0
        assert site.happened() == ONCE
        (taken,) = site.jobs("nightly import", at_it.company)
        assert (taken.attempts, at_it.other.works_at(taken)) == (2, True)
        assert "locked" not in at_it.other.told
        assert "failed" not in at_it.other.told


class Importing(NamedTuple):
    """The server whose import the ERP keeps waiting, with the company of its job, and the one that met its claim."""

    first: Server
    other: Server
    company: str


def importing(site: ServedSite) -> Importing:
    """Wait until one company's import runs and the other's was given back, for it reads the same connection.

    Which company comes first is open: the one server may claim the first job, and the other the
    second and with it the connection.
    """
    site.until(lambda: sorted(row.state for row in met(site)) == ["due", "running"])
    (row,) = (row for row in met(site) if row.state == "running")
    first, other = sorted(site.servers, key=lambda server: server.works_at(row), reverse=True)
    site.until(lambda: any(other.works_at(row) for row in site.jobs("deliver")))
    return Importing(first, other, row.company)


def met(site: ServedSite) -> list[Row[Any]]:
    """Return the imports that run, and those that wait for the connection, which count as no attempt."""
    rows = site.jobs("nightly import")
    held = [row for row in rows if row.state == "due" and row.attempts == 0]
    return [row for row in rows if row.state == "running"] + [
        row for row in held if "small is being imported by" in (row.outcome or "")
    ]


def lease_ran_out(site: ServedSite, company: str) -> None:
    """Let the time pass that a killed server leaves its job unattended."""
    (row,) = site.jobs("nightly import", company)
    with site.books.write() as tx:
        long_ago = datetime.now(UTC) - jobs.LEASE - timedelta(seconds=1)
        assert jobs.renew(tx, JobKey(row.job, row.company, row.slot), row.claimed_by, long_ago)
