"""Several at once: each notice, note and event once, no lock error, no deadlock."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from duehook.core.books import Books
from duehook.core.books.store import facts
from tests.rigs.delivery_site import due, rigged

from .erp_server import serving
from .nursery import ROOT

NOTICES = 200
WORKERS = 4
PATIENCE = 300.0


def test_four_deliverers_send_each_of_two_hundred_notices_once(books: Books, database_url: str, tmp_path: Path) -> None:
    with serving() as served, rigged(tmp_path, database_url, erp=served.erp) as rig:
        for number in range(NOTICES):
            rig.erp.customer(f"C{number:03}")
            rig.erp.invoice(f"C{number:03}-1", f"C{number:03}", "100.00", due(10))
        rig.load()
        assert len(rig.approve()) == NOTICES
        with rig.site.books.write() as tx:
            facts.put(tx, "go_live", {"first_run_notices": NOTICES}, rig.clock.at)
        told = race(tmp_path, served.port)
        assert sum(told) == NOTICES
        assert sum(sent > 0 for sent in told) > 1  # it was a race
        caught = Counter(recipients[0] for _, recipients, _ in rig.catcher.mails)
        assert (len(caught), set(caught.values())) == (NOTICES, {1})
        rig.deliver()  # what the last of them left for the next round
        assert Counter(customer for _, customer, _ in rig.erp.notes) == Counter(list(rig.erp.customers))
        assert Counter(rig.effects()) == Counter(
            {("notice", "sent"): NOTICES, ("add_note", "sent"): NOTICES, ("notice_issued", "sent"): NOTICES}
        )
        assert {row.state for row in rig.notices()} == {"sent"}
        assert len({row.number for row in rig.notices()}) == NOTICES


def race(folder: Path, erp_port: int) -> list[int]:
    """Start the deliverers, let them go at once, and return how many each sent."""
    command = [sys.executable, "-m", "tests.crash.deliverer", str(folder), str(erp_port)]
    runners = [
        subprocess.Popen([*command, f"w{number}"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for number in range(WORKERS)
    ]
    try:
        ready_by = time.monotonic() + PATIENCE
        while len(list(folder.glob("*.ready"))) < WORKERS:
            assert time.monotonic() < ready_by
            assert all(runner.poll() is None for runner in runners)
            time.sleep(0.05)
        (folder / "start").touch()
        told = [runner.communicate(timeout=PATIENCE)[0] for runner in runners]
    finally:
        for runner in runners:
            runner.kill()
    assert [runner.returncode for runner in runners] == [0] * WORKERS
    return [int(line) for line in told]
