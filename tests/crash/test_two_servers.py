"""Two `duehook serve` on one site: each job's effect once, and a killed one's job is the other's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

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
        first_and_other(site)
        (second,) = site.jobs("nightly import", "02")
        assert (second.state, second.attempts) == ("due", 0)
        assert "small is being imported by" in second.outcome
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
        killed, other = first_and_other(site)
        killed.kill()
        lease_ran_out(site)
        site.erp.gate.set()
        site.until(site.is_done)
        assert other.stop() == 0
        assert site.happened() == ONCE
        (taken,) = site.jobs("nightly import", "01")
        assert (taken.attempts, other.works_at(taken)) == (2, True)
        assert "locked" not in other.told
        assert "failed" not in other.told


def first_and_other(site: ServedSite) -> tuple[Server, Server]:
    """Return the server at the first job, which the ERP keeps waiting, and the one that met its claim."""
    site.until(
        lambda: any(server.works_at(row) for row in site.jobs("nightly import", "01") for server in site.servers)
    )
    (row,) = site.jobs("nightly import", "01")
    first, other = sorted(site.servers, key=lambda server: server.works_at(row), reverse=True)
    site.until(lambda: any(other.works_at(row) for row in site.jobs("deliver")))
    return first, other


def lease_ran_out(site: ServedSite) -> None:
    """Let the time pass that a killed server leaves its job unattended."""
    (row,) = site.jobs("nightly import", "01")
    with site.books.write() as tx:
        long_ago = datetime.now(UTC) - jobs.LEASE - timedelta(seconds=1)
        assert jobs.renew(tx, JobKey(row.job, row.company, row.slot), row.claimed_by, long_ago)
