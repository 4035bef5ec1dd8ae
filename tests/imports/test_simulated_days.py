"""A simulated book may have lived until today, and goes on when it is started again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from duehook.plugins.jde.simulator import JdeSimulator


def test_a_book_that_began_days_ago_has_come_to_the_day_and_goes_on_from_there(tmp_path: Path) -> None:
    for until in (date(2026, 3, 6), date(2026, 3, 10)):
        given = {"folder": str(tmp_path), "customers": 5, "items": 10, "days": 7, "until": until}
        simulator = JdeSimulator(given)
        simulator.start()
        assert (simulator.book.day, simulator.options["start_on"]) == (until, date(2026, 2, 27))
        simulator.stop()
