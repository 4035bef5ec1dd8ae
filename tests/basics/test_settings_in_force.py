"""A process that serves for weeks follows duehook.yaml as it is now, and sends nothing by one that does not load."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.tables.ops import job
from duehook.core.deliver.mail import MailChannel
from duehook.core.errors import RunStopped
from duehook.core.runs.deliver.run import deliver
from duehook.core.runs.loop.serve import looking
from tests.rigs.delivery_site import Rig, due, rigged


class Served:
    """A rig whose loop has begun, and its duehook.yaml."""

    def __init__(self, rig: Rig, config: Path) -> None:
        self.rig, self.config = rig, config
        self.over = threading.Event()
        self.look = looking(rig.site, rig.clock, self.over)

    def write(self, old: str, new: str) -> None:
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))

    def sent(self) -> list[list[str]]:
        return [list(recipients) for _, recipients, _ in self.rig.catcher.mails]

    def outcomes(self) -> list[tuple[str, str]]:
        """Return (state, outcome) of the deliveries, oldest first."""
        with self.rig.site.books.read() as tx:
            rows = tx.execute(select(job).where(job.c.job == "deliver").order_by(job.c.slot)).all()
        return [(row.state, row.outcome) for row in rows]


@pytest.fixture
def served(books: Books, database_url: str, tmp_path: Path) -> Iterator[Served]:
    with rigged(tmp_path, database_url) as rig:
        for key in "ABC":
            rig.erp.customer(key)
            rig.erp.invoice(f"{key}1", key, "100.00", due(10))
        rig.load()
        made = Served(rig, tmp_path / "duehook.yaml")
        rig.approve()
        yield made


def test_mode_shadow_written_while_it_serves_lets_no_real_letter_go(served: Served) -> None:
    served.write("mode: live", "mode: shadow")
    served.look()
    assert served.sent() == [["caught@site.example"]] * 3


def test_what_was_not_changed_is_not_read_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duehook.core.runs.site.load", lambda *_: pytest.fail("read again"))
    served.look()
    assert len(served.sent()) == 3


def test_a_file_that_does_not_load_any_more_stops_sending_until_it_is_mended(served: Served) -> None:
    served.write("mode: live", "mode: lvie")
    with structlog.testing.capture_logs() as lines:
        served.look()
        served.look()
    said = [line for line in lines if line["event"].startswith("duehook.yaml does not load")]
    assert [line["log_level"] for line in said] == ["error"]
    ((state, outcome),) = served.outcomes()
    assert state == "failed"
    assert "does not load any more" in outcome
    assert "mode" in outcome
    assert served.sent() == []
    served.write("mode: lvie", "mode: live")
    served.rig.clock.later(minutes=10)
    served.look()
    assert len(served.sent()) == 3


def test_a_secret_that_was_taken_away_stops_sending_too(served: Served, tmp_path: Path) -> None:
    (tmp_path / "database.url").unlink()
    served.look()
    assert served.sent() == []
    assert "database.url" in served.outcomes()[0][1]


def test_another_database_needs_a_new_start(served: Served, tmp_path: Path) -> None:
    (tmp_path / "database.url").write_text("sqlite:///another.db")
    served.look()
    assert served.sent() == []
    assert "the database is another one now" in served.outcomes()[0][1]


def test_a_delivery_by_hand_that_begins_later_follows_the_file_as_well(served: Served) -> None:
    served.write("mode: live", "mode: lvie")
    with pytest.raises(RunStopped, match="does not load any more"):
        deliver(served.rig.site, served.rig.context)
    served.write("mode: lvie", "mode: shadow")
    deliver(served.rig.site, served.rig.context)
    assert served.sent() == [["caught@site.example"]] * 3


def test_a_change_in_the_middle_of_a_delivery_counts_for_the_next_letter(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = MailChannel.send

    def sent(self: MailChannel, message: object) -> object:
        if not served.sent():
            served.write("mode: live", "mode: shadow")
        return send(self, message)  # type: ignore[arg-type]

    monkeypatch.setattr(MailChannel, "send", sent)
    served.look()
    assert len(served.sent()) == 1
    assert "stopped: duehook.yaml was changed" in served.outcomes()[0][1]
    served.rig.clock.later(minutes=5)
    served.look()
    assert served.sent()[1:] == [["caught@site.example"]] * 2
