"""`duehook status`: one screen says how the collections stand and what to do next."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.books import Books
from duehook.core.books.store import jobs
from duehook.core.books.store.delivery import outbox
from duehook.core.books.store.delivery.outbox import Effect
from duehook.core.books.store.jobs import JobKey
from duehook.core.books.tables.imports import dunning_lock, quarantine, tie_out, tie_out_line
from duehook.core.books.tables.ops import fact
from duehook.core.cli import main
from duehook.core.cli.desk import Desk
from duehook.core.cli.screen import Screen
from duehook.core.cli.site.health import ago, draw
from duehook.core.runs.health.status import CompanyStatus, OpenBalance, Status, status
from duehook.core.settings.model import Schedule
from tests.rigs.delivery_site import LETTERS_ONLY, NOW, Rig, due, rigged

Out = pytest.CaptureFixture[str]
SCHEDULE = 'schedule: {nightly: "05:30"}'


@pytest.fixture
def rig(tmp_path: Path, books: Books, database_url: str) -> Iterator[Rig]:
    with rigged(tmp_path, database_url, more=SCHEDULE) as made:
        yield made


def look(rig: Rig) -> Status:
    return status(rig.site, rig.context)


def only(found: Status) -> CompanyStatus:
    (company,) = found.companies
    return company


def advised(found: Status, words: str) -> bool:
    return any(words in line for line in found.advice)


def test_an_empty_site_says_to_import(rig: Rig) -> None:
    found = look(rig)
    assert only(found).not_ready == ("nothing was ever imported for 01",)
    assert only(found).open == ()
    assert found.advice == ("Nothing was imported for 01: run `duehook import`.",)


def test_a_site_without_companies_says_to_discover_them(rig: Rig) -> None:
    rig.set(companies={})
    assert look(rig).companies == ()
    assert advised(look(rig), "duehook discover")


def test_open_balances_are_net_and_overdue_counts_debts_only(rig: Rig) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(30))
    rig.erp.invoice("I2", "C1", "40.50", due(0))
    rig.erp.invoice("I3", "C1", "-20.00", due(60), kind="credit_note")
    rig.load()
    assert only(look(rig)).open == (OpenBalance("EUR", 3, Decimal("120.50"), Decimal("100.00"), due(30)),)


def test_the_age_of_the_data_is_the_instant_the_erp_was_read_up_to(rig: Rig) -> None:
    rig.load()
    rig.clock.later(minutes=6)
    found = look(rig)
    (feed,) = only(found).feeds
    assert (feed.connection, found.at - (feed.read_up_to or NOW)) == ("small", timedelta(minutes=6))
    assert only(found).not_ready == ()


def test_proposals_and_letters_sent_are_counted_by_level_today_and_in_seven_days(rig: Rig) -> None:
    for key, days in (("C1", 10), ("C2", 25)):
        rig.erp.customer(key)
        rig.erp.invoice(f"I-{key}", key, "100.00", due(days))
    rig.load()
    rig.propose()
    assert only(look(rig)).proposals == 2
    assert advised(look(rig), "2 notices wait for approval")


def test_letters_that_went_out_leave_the_seven_days_after_a_week(rig: Rig) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    rig.run()
    (sent,) = only(look(rig)).sent
    assert (sent.level, sent.name, sent.today, sent.week) == (1, "friendly", 1, 1)
    rig.clock.later(days=6)
    assert [(each.today, each.week) for each in only(look(rig)).sent] == [(0, 1)]
    rig.clock.later(days=1)
    assert only(look(rig)).sent == ()


def test_what_is_in_doubt_and_failed_stands_first_and_says_what_to_do(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        for number, state in enumerate(("sent", "new", "failed", "in_doubt")):
            effect = Effect("note", "erp", "01", "C1", "note", {"number": number})
            key = outbox.put(tx, effect, at=NOW, correlation_id="c")
            if state != "new":
                outbox.finish(tx, outbox.by_key(tx, key)[0], state, at=NOW, outcome="")
    found = look(rig)
    assert list(found.outbox.items()) == [("in_doubt", 1), ("failed", 1), ("new", 1), ("sent", 1)]
    assert found.advice[0].startswith("1 in doubt: see `duehook outbox list --state in_doubt`")


def test_a_lock_and_its_tie_out_are_told(rig: Rig) -> None:
    rig.load()
    with rig.site.books.write() as tx:
        row = {"company": "01", "connection": "small", "run_id": 1, "made_at": NOW, "state": "differs"}
        (number,) = tx.execute(
            tie_out.insert(), {**row, "documents": 7, "totals": {}, "actor": "a"}
        ).inserted_primary_key or (0,)
        for document, why in (("D1", None), ("D2", "quarantined")):
            line = {"tie_out_id": number, "document": document, "item_class": "normal", "currency": "EUR"}
            tx.execute(tie_out_line.insert(), {**line, "ours": 0, "theirs": 1, "explained_by": why})
        tx.execute(dunning_lock.insert(), {"company": "01", "reason": "D1 differs", "tie_out_id": number, "since": NOW})
    company = only(look(rig))
    assert company.lock == "D1 differs"
    assert company.tie_out is not None
    assert (company.tie_out.state, company.tie_out.documents, company.tie_out.unexplained) == ("differs", 7, 1)
    assert advised(look(rig), "01 is locked (D1 differs)")


def test_rows_in_quarantine_are_counted_by_connection(rig: Rig) -> None:
    row = {"connection": "small", "stream": "item", "company": "01", "reason": "no date", "payload": {}}
    seen = {"first_run": 1, "last_run": 1, "first_seen_at": NOW, "last_seen_at": NOW, "expires_at": NOW}
    with rig.site.books.write() as tx:
        for number, state in enumerate(("parked", "parked", "resolved")):
            tx.execute(quarantine.insert(), {**row, **seen, "fingerprint": str(number), "state": state})
    assert look(rig).quarantine == {"small": 2}


def test_jobs_show_their_newest_run_their_next_slot_and_pauses(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        for day in ("2026-03-01", "2026-03-02"):
            key = JobKey("nightly import", "01", f"{day}T05:30")
            jobs.claim(tx, key, "w", NOW, correlation_id="c")
            jobs.end(tx, key, "w", NOW, state="done", outcome=f"read {day}")
        jobs.pause(tx, "nightly", since=NOW, actor="ann", reason="closing")
    nightly, run = look(rig).jobs
    assert (nightly.last_at, nightly.state, nightly.outcome) == (NOW, "done", "import")
    assert (nightly.job, nightly.next_at, nightly.paused) == ("nightly", datetime(2026, 3, 3, 5, 30, tzinfo=UTC), True)
    assert (run.last_slot, run.state, run.outcome) == ("2026-03-02T05:30", "done", "read 2026-03-02")


def test_a_job_that_runs_by_the_schedule_is_shown_once(rig: Rig) -> None:
    rig.set(schedule=Schedule.model_validate({"deliver": "14:00"}))
    with rig.site.books.write() as tx:
        key = JobKey("deliver", "01", "2026-03-01T14:00")
        jobs.claim(tx, key, "w", NOW, correlation_id="c")
        jobs.end(tx, key, "w", NOW, state="done", outcome="1 sent")
    (shown,) = look(rig).jobs
    assert (shown.job, shown.outcome, shown.next_at) == ("deliver", "1 sent", datetime(2026, 3, 2, 14, tzinfo=UTC))


def test_letters_of_a_shadow_site_are_told_to_be_a_rehearsal(rig: Rig) -> None:
    rig.set(mode="shadow")
    rig.erp.customer("A")
    rig.erp.invoice("1", "A", "100.00", due(10))
    rig.load()
    rig.approve()
    assert not advised(look(rig), "rehearsal")
    rig.deliver()
    assert advised(look(rig), "These letters were a rehearsal: docs/how-to/go-live.md says how real ones go out.")


def test_the_night_is_its_steps_together_and_one_that_was_missed_stands_at_its_slot(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        for step, state in (("import", "done"), ("tie_out", "failed"), ("aging", "done")):
            key = JobKey(f"nightly {step}", "01", "2026-03-02T05:30")
            jobs.claim(tx, key, "w", NOW, correlation_id="c")
            jobs.end(tx, key, "w", NOW, state=state, outcome="so")
        jobs.claim(tx, JobKey("nightly dun", "01", "2026-02-27T05:30"), "w", NOW, correlation_id="c")
        jobs.miss(tx, JobKey("aging", "01", "2026-03-01T12:00"), NOW)
    found = {row.job: row for row in look(rig).jobs}
    nightly = found["nightly"]
    assert (nightly.last_slot, nightly.state, nightly.outcome) == ("2026-03-02T05:30", "failed", "tie_out")
    assert (found["aging"].last_at, found["aging"].state) == (datetime(2026, 3, 1, 12, tzinfo=UTC), "missed")


def test_a_step_that_is_paused_inside_the_night_is_shown_so(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        for step in ("import", "dun"):
            jobs.claim(tx, JobKey(f"nightly {step}", "01", "2026-03-02T05:30"), "w", NOW, correlation_id="c")
        jobs.pause(tx, "dun", since=NOW, actor="ann", reason="closing")
    paused = {row.job: row.paused for row in look(rig).jobs}
    assert (paused["nightly import"], paused["nightly dun"]) == (False, True)


@pytest.mark.parametrize(("mode", "told"), [("live", True), ("pilot", True), ("shadow", False)])
def test_a_site_that_has_not_gone_live_says_so_first(rig: Rig, mode: str, told: bool) -> None:
    with rig.site.books.write() as tx:
        tx.execute(fact.delete())
    rig.set(mode=mode)
    assert look(rig).advice[0].startswith("Not gone live yet: `duehook go-live`") is told


def test_letters_that_wait_to_be_posted_are_told_apart_from_what_is_in_doubt(rig: Rig) -> None:
    rig.policy = LETTERS_ONLY
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    rig.run()
    found = look(rig)
    assert advised(found, "1 letters wait to be posted: see `duehook task list`.")
    assert not advised(found, "in doubt")


def test_a_live_site_is_live_since_its_go_live(rig: Rig) -> None:
    rig.clock.later(days=3)
    assert look(rig).since == NOW


def test_a_shadow_site_is_in_shadow_since_it_was_first_used(rig: Rig) -> None:
    rig.set(mode="shadow")
    assert look(rig).since is None
    rig.load()
    rig.clock.later(days=3)
    assert look(rig).since == NOW


TOY = """\
from pydantic import BaseModel

from duehook.core import hookimpl


class Toy(BaseModel):
    pass


@hookimpl
def connection_settings(type):
    return Toy if type == "toy" else None
"""
SITE = """\
connections: {erp: {type: toy}}
companies: {"01": {erp: {connection: erp, code: "01"}}}
schedule: {nightly: "05:30"}
"""


@pytest.fixture
def shop(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a site folder with fresh books, and stand in it."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "toy.py").write_text(TOY)
    (tmp_path / "duehook.yaml").write_text(SITE)
    shutil.copyfile(migrated_file, tmp_path / "duehook.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_draws_a_screen_and_ends_with_0(shop: Path, capsys: Out) -> None:
    assert main(["status"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("SHADOW MODE")
    assert "no: nothing was ever imported for 01" in told
    assert "→ Nothing was imported for 01: run `duehook import`." in told


def test_the_command_gives_the_same_as_json(shop: Path, capsys: Out) -> None:
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["mode"] == "shadow"
    assert [(each["company"], each["lock"], each["proposals"]) for each in found["companies"]] == [("01", None, 0)]
    assert found["jobs"][0]["next_at"].endswith("T05:30:00+00:00")


def test_a_screen_full_of_figures_is_drawn_from_real_work(rig: Rig, capsys: Out) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "1234.56", due(10))
    rig.run()
    rig.clock.later(minutes=6)
    desk = Desk(Path("duehook.yaml"), Screen(), "ann")
    vars(desk)["site"] = rig.site
    draw(desk, look(rig))
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert told[0] == "Mode live since 2026-03-02 09:00. It is 2026-03-02 09:06 (UTC)."
    assert "01 small 09:00, 6 min ago yes never 0 0" in told
    assert "01 EUR 1 1234.56 1234.56 2026-02-20" in told
    assert "01 1 friendly 1 1" in told
    assert "Outbox: 3 sent." in told


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(minutes=120), "2 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 d"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_a_span_is_told_in_the_largest_unit_that_fits(span: timedelta, said: str) -> None:
    assert ago(span) == said
