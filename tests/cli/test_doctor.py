"""`duehook doctor`: each thing that can be wrong is found, with a code, a severity and what to do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from duehook.core import hookimpl
from duehook.core.books import Books
from duehook.core.books.store import jobs
from duehook.core.books.store.delivery import outbox
from duehook.core.books.store.delivery.outbox import Effect
from duehook.core.books.store.jobs import JobKey
from duehook.core.books.tables.imports import dunning_lock
from duehook.core.books.tables.ops import audit
from duehook.core.cli import main
from duehook.core.deliver import letter_file, mail
from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import ConnectionConfig
from duehook.core.plugins import Plugins
from duehook.core.runs.health import letters, machine, records, work
from duehook.core.runs.health.doctor import doctor
from duehook.core.runs.health.sign import Sign
from duehook.core.runs.imports import ImportRules, import_connection
from duehook.core.runs.tie_out import tie_out
from tests.rigs.delivery_site import LETTERS_ONLY, NOW, Rig, due, policy, rigged
from tests.rigs.small_erp import SmallPlugin, SmallSource

Out = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture
def rig(tmp_path: Path, books: Books, database_url: str) -> Iterator[Rig]:
    with rigged(tmp_path, database_url, more='schedule: {nightly: "05:30"}') as made:
        yield made


def severities(signs: Iterator[Sign] | list[Sign]) -> dict[str, str]:
    """Return the worst severity by code."""
    order = ("ok", "note", "warning", "error")
    found: dict[str, str] = {}
    for sign in signs:
        found[sign.code] = max(found.get(sign.code, "ok"), sign.severity, key=order.index)
    return found


def of_rig(rig: Rig) -> list[Sign]:
    config = rig.site.settings.base / "duehook.yaml"
    return doctor(config, rig.site.plugins, rig.context)


def test_a_site_that_works_has_no_error(rig: Rig) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    rig.run()
    with rig.site.books.write() as tx:
        jobs.claim(tx, JobKey("nightly import", "01", "2026-03-02T05:30"), "w", NOW, correlation_id="c")
        jobs.end(tx, JobKey("nightly import", "01", "2026-03-02T05:30"), "w", NOW, state="done", outcome="")
    for file in rig.site.settings.base.glob("*.url"):  # the fixture keeps the database's address in a file
        file.chmod(0o600)
    apart = {"clock", "tie_out", "books.fsync"}  # our clock stands in March; the tests' server does not flush
    found = severities([sign for sign in of_rig(rig) if sign.code not in apart])
    assert [code for code, severity in found.items() if severity != "ok"] == []
    assert {"python", "packages", "plugins", "config", "fonts", "disk", "archive", "archive.files"} <= found.keys()
    assert {"books", "audit", "import", "outbox", "jobs", "live"} <= found.keys()


def test_data_that_was_never_tied_out_is_a_warning_and_a_lock_an_error(rig: Rig) -> None:
    rig.load()
    assert severities(work.data(rig.site, NOW))["tie_out"] == "warning"
    with rig.site.books.write() as tx:
        tx.execute(dunning_lock.insert(), {"company": "01", "reason": "D1 differs", "since": NOW})
    assert severities(work.data(rig.site, NOW))["tie_out"] == "error"


def test_an_import_grows_old_by_the_schedule_then_is_an_error(rig: Rig) -> None:
    assert severities(work.data(rig.site, NOW))["import"] == "warning"
    rig.load()
    at = NOW + timedelta(hours=20)
    assert severities(work.data(rig.site, at))["import"] == "ok"
    assert severities(work.data(rig.site, at + timedelta(hours=8)))["import"] == "warning"
    assert severities(work.data(rig.site, at + timedelta(days=4)))["import"] == "error"


def test_data_that_stopped_half_way_is_a_warning_with_the_reason(rig: Rig) -> None:
    rig.load()
    rig.erp.down = True
    with pytest.raises(ConnectorDown):
        rig.load()
    (sign,) = [each for each in work.data(rig.site, NOW) if each.code == "import"]
    assert (sign.severity, sign.text) == ("warning", "01: the import of small (run 2) is failed")


def test_rows_in_quarantine_are_a_warning_by_connection(rig: Rig) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    rig.load()
    rig.erp.items["I1"] |= {"colour": "red", "changed_at": NOW}
    source, half = SmallSource(rig.erp), ImportRules(bad_rows=Decimal("0.5"))
    import_connection(rig.site.books, "small", [source], rig.context, as_of=rig.today, rules=half)
    (sign,) = [each for each in work.data(rig.site, NOW) if each.code == "quarantine"]
    assert (sign.severity, sign.text) == ("warning", "small: 1 rows could not be read")


def test_a_tie_out_that_was_made_is_told_with_its_outcome(rig: Rig) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    rig.load()
    tie_out(rig.site, rig.context, "01")
    (sign,) = [each for each in work.data(rig.site, NOW) if each.code == "tie_out"]
    assert (sign.severity, sign.text) == ("ok", "01: balanced on 2026-03-02, 1 documents")


def test_a_mistake_in_a_policy_of_the_sites_own_is_an_error(rig: Rig) -> None:
    rig.govern(policy())
    assert severities(work.policies(rig.site)) == {"policy": "ok"}
    file = rig.site.settings.path(rig.site.settings.rules) / "test.yaml"
    file.write_text(file.read_text().replace("friendly", "frendly"))
    (sign,) = work.policies(rig.site)
    assert (sign.severity, sign.fix) == ("error", "did you mean `friendly`?")
    assert "There is no template `frendly`" in sign.text


def put(rig: Rig, state: str) -> None:
    with rig.site.books.write() as tx:
        key = outbox.put(tx, Effect("note", "erp", "01", "C1", "n", {"state": state}), at=NOW, correlation_id="c")
        if state != "new":
            outbox.finish(tx, outbox.by_key(tx, key)[0], state, at=NOW, outcome="")


@pytest.mark.parametrize(
    ("state", "code", "severity"),
    [
        ("in_doubt", "outbox.in_doubt", "error"),
        ("failed", "outbox.failed", "warning"),
        ("new", "outbox.late", "warning"),
        ("sent", "outbox", "ok"),
    ],
)
def test_the_outbox_is_told_by_state(rig: Rig, state: str, code: str, severity: str) -> None:
    put(rig, state)
    assert severities(work.outbox(rig.site, NOW + timedelta(hours=1, seconds=1))) == {code: severity}


def test_letters_that_wait_to_be_posted_are_one_thing_to_look_at(rig: Rig) -> None:
    rig.policy = LETTERS_ONLY
    for number in range(7):
        rig.erp.customer(f"C{number}")
        rig.erp.invoice(f"I{number}", f"C{number}", "100.00", due(10))
    rig.run()
    (sign,) = work.outbox(rig.site, NOW)
    assert (sign.code, sign.severity, sign.text) == ("outbox.to_post", "warning", "7 letters wait to be posted")
    assert sign.fix == "post them, then duehook task done ID --outcome posted; duehook task list"
    put(rig, "in_doubt")
    told = {sign.code: sign.text for sign in work.outbox(rig.site, NOW)}
    assert told["outbox.in_doubt"].startswith("1 in doubt")


def test_what_failed_long_ago_and_what_waits_for_its_hour_is_no_fault(rig: Rig) -> None:
    put(rig, "failed")
    put(rig, "new")
    assert severities(work.outbox(rig.site, NOW + timedelta(minutes=59)))["outbox.failed"] == "warning"
    with rig.site.books.write() as tx:
        jobs.pause(tx, "deliver", since=NOW, actor="ann", reason=None)
    assert severities(work.outbox(rig.site, NOW + timedelta(days=8))) == {"outbox.late": "note"}


def test_jobs_that_stalled_failed_were_missed_or_are_paused_are_told(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        jobs.claim(tx, JobKey("dun", "01", "2026-03-02T06:00"), "w", NOW, correlation_id="c")
        jobs.claim(tx, JobKey("aging", "01", "2026-03-02T06:00"), "w", NOW, correlation_id="c")
        jobs.end(tx, JobKey("aging", "01", "2026-03-02T06:00"), "w", NOW, state="failed", outcome="no scheme")
        jobs.miss(tx, JobKey("import", "01", "2026-03-01T06:00"), NOW)
        jobs.pause(tx, "tie_out", since=NOW, actor="ann", reason="closing")
    at_once, later = severities(work.loop(rig.site, NOW)), severities(work.loop(rig.site, NOW + jobs.LEASE * 2))
    assert at_once == {"jobs.failed": "error", "jobs.missed": "warning", "jobs.paused": "note"}
    assert later == {"jobs.stalled": "error", **at_once}


def test_a_schedule_that_nobody_runs_is_told_once_a_slot_passed_in_use(rig: Rig) -> None:
    rig.load()
    assert severities(work.loop(rig.site, NOW)) == {"jobs": "ok"}
    assert severities(work.loop(rig.site, NOW + timedelta(days=1))) == {"jobs.idle": "warning"}


def test_a_damaged_letter_in_the_archive_is_an_error(rig: Rig) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    rig.run()
    assert severities(records.archive(rig.site)) == {"archive.files": "ok"}
    (file,) = (path for path in rig.site.archive.glob("??/??/*") if path.is_file())
    file.write_bytes(b"cut off")
    assert severities(records.archive(rig.site)) == {"archive.files": "error"}
    file.unlink()
    (sign,) = records.archive(rig.site)
    assert sign.severity == "error"
    assert "missing" in sign.text


def test_an_edited_audit_row_is_an_error(rig: Rig) -> None:
    rig.run()
    assert severities(records.audit(rig.site, NOW)) == {"audit": "ok"}
    with rig.site.books.write() as tx:
        tx.execute(update(audit).values(actor_id="nobody"))
    assert severities(records.audit(rig.site, NOW)) == {"audit": "error"}


def test_rows_that_stay_unsealed_for_days_are_noted(rig: Rig) -> None:
    rig.load()
    found = severities(records.audit(rig.site, NOW + timedelta(days=3)))
    assert found == {"audit": "ok", "audit.seal": "note"}


def test_a_live_company_without_a_mailbox_is_an_error_before_live_a_warning(rig: Rig) -> None:
    assert severities(work.live(rig.site)) == {"live": "ok"}
    bare = rig.site.settings.companies["01"].model_copy(update={"mailbox": None})
    rig.set(companies={"01": bare})
    assert severities(work.live(rig.site)) == {"live": "error"}
    rig.set(mode="shadow")
    assert severities(work.live(rig.site)) == {"live": "warning"}


def test_the_database_server_far_ahead_of_this_machine_is_an_error(rig: Rig) -> None:
    found = severities(records.books(rig.site, NOW))
    expected = "ok" if rig.site.books.is_sqlite else "error"  # the server's clock is today's, ours stands in March
    assert found.get("clock", "ok") == expected
    assert found["books"] == "ok"


def test_a_million_open_items_on_sqlite_are_too_many(rig: Rig, monkeypatch: Patch) -> None:
    rig.erp.customer("C1")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    rig.load()
    assert "books.size" not in severities(records.books(rig.site, NOW))
    monkeypatch.setattr(records, "SQLITE_ITEMS", 1)
    assert ("books.size" in severities(records.books(rig.site, NOW))) == rig.site.books.is_sqlite


def test_a_server_a_little_apart_is_a_warning_and_one_far_apart_an_error() -> None:
    said = {seconds: records._clock(timedelta(seconds=seconds)) for seconds in (5, 6, 121)}
    assert [sign.severity for sign in said.values()] == ["ok", "warning", "error"]
    assert said[121].text == "this machine and the database server are 121 s apart"


def test_books_in_a_folder_that_cannot_keep_a_write_ahead_log_are_an_error(rig: Rig) -> None:
    (sign,) = [each for each in records._sqlite(rig.site.books, "delete", 0) if each.code == "books.wal"]
    assert (sign.severity, sign.fix) == ("error", "put the file on a local disk; network folders cannot do it")


def test_a_write_ahead_log_that_grew_and_grew_is_a_warning(sqlite_url: str, monkeypatch: Patch) -> None:
    books = Books.open(sqlite_url)
    books.migrate()
    assert "warning" not in severities(records._sqlite(books, "wal", 0)).values()
    monkeypatch.setattr(records, "LARGE_WAL", 1)
    (sign,) = [each for each in records._sqlite(books, "wal", 0) if each.severity == "warning"]
    books.close()
    assert sign.text.endswith("a reader was open for very long")


@pytest.mark.parametrize(
    ("kind", "fsync", "told"),
    [
        ("PostgreSQL 14.11", "on", {"books.version": "error"}),
        ("PostgreSQL 15.0", "on", {}),
        ("PostgreSQL 17.2 (Debian)", "off", {"books.fsync": "error"}),
    ],
)
def test_a_server_that_is_too_old_or_does_not_flush_is_an_error(kind: str, fsync: str, told: dict[str, str]) -> None:
    assert severities(records._postgresql(kind, fsync)) == told


def test_books_that_cannot_be_looked_at_in_one_place_are_looked_at_in_all_others(rig: Rig) -> None:
    with rig.site.books.write() as tx:
        tx.exec_driver_sql("ALTER TABLE quarantine RENAME TO elsewhere")
    found = {sign.code: sign for sign in of_rig(rig)}
    assert (found["import"].severity, "quarantine" in found["import"].text) == ("error", True)
    assert found["import"].fix == "duehook migrate; then look at the database's own log"
    assert found["outbox"].severity == "ok"


def test_a_full_disk_is_an_error_and_a_nearly_full_one_a_warning(rig: Rig, monkeypatch: Patch) -> None:
    usage = type(shutil.disk_usage("/"))
    for free, severity in ((2**30, "ok"), (2**30 - 1, "warning"), (200 * 2**20 - 1, "error")):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: usage(2**40, 0, free))
        assert severities(machine.disk(rig.site.settings, {"books": rig.site.archive}))["disk"] == severity


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_archive_that_cannot_be_written_is_an_error(rig: Rig) -> None:
    rig.site.archive.mkdir()
    rig.site.archive.chmod(0o500)
    assert severities(machine.disk(rig.site.settings, {}))["archive"] == "error"


def test_an_archive_that_is_a_file_is_an_error(rig: Rig) -> None:
    rig.site.archive.write_text("not a folder")
    assert severities(machine.disk(rig.site.settings, {}))["archive"] == "error"


def test_a_broken_plugin_is_an_error_and_the_others_are_named() -> None:
    class Misspelt:
        duehook_api = 99

    loaded = Plugins.of(late=Misspelt(), fine=object())
    (note, _) = machine.plugins(loaded, without={"late"})
    assert (note.severity, "nothing is kept back for it" in note.text) == ("note", True)
    found = list(machine.plugins(loaded))
    assert [(sign.severity, "late" in sign.text, "fine" in sign.text) for sign in found] == [
        ("error", True, False),
        ("ok", False, True),
    ]


def test_a_letter_font_that_typst_lacks_is_an_error(rig: Rig, monkeypatch: Patch) -> None:
    assert severities(machine.fonts(rig.site.settings)) == {"fonts": "ok"}
    monkeypatch.setattr(machine, "FONTS", ("Comic Sans",))
    assert severities(machine.fonts(rig.site.settings)) == {"fonts": "error"}


def test_names_that_the_fonts_cannot_print_are_told_with_how_many_debtors_have_one(rig: Rig) -> None:
    assert severities(letters.names(rig.site)) == {"fonts.names": "ok"}
    for key, name in (("J", "株式会社"), ("K", "山本株"), ("L", "Łódź"), ("N", "无债")):
        rig.erp.customer(key, name=name)
        if key != "N":
            rig.erp.invoice(f"{key}1", key, "10.00", due(3))
    rig.load()
    (sign,) = letters.names(rig.site)
    assert (sign.severity, "templates/fonts" in str(sign.fix)) == ("warning", True)
    assert sign.text.endswith("letters wait, of debtors: 2")
    assert "株 (U+682A)" in sign.text
    assert "无" not in sign.text


def test_the_fonts_looked_for_are_those_of_the_layout() -> None:
    layout = (Path(__file__).parents[2] / "templates" / "layout" / "letter.typ").read_text()
    assert all(f'"{name}"' in layout for name in machine.FONTS)


def test_without_a_configuration_the_doctor_still_looks_and_ends_with_1(
    tmp_path: Path, monkeypatch: Patch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (config,) = (sign for sign in found["signs"] if sign["code"] == "config")
    assert (found["ok"], config["severity"], "duehook init" in config["fix"]) == (False, "error", True)


def test_books_that_are_not_made_are_an_error_that_names_the_command(
    tmp_path: Path, monkeypatch: Patch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "duehook.yaml").write_text("version: 1\n")
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "FAILED  books" in told
    assert "duehook migrate" in told


def test_a_database_that_is_down_is_an_error_not_a_crash(tmp_path: Path, monkeypatch: Patch, capsys: Out) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "duehook.yaml").write_text('database: "postgresql://nobody@127.0.0.1:1/none"\n')
    assert main(["doctor", "--json"]) == 1
    signs = json.loads(capsys.readouterr().out)["signs"]
    assert [sign["code"] for sign in signs if sign["severity"] == "error"] == ["books"]


def test_fresh_books_end_with_0(tmp_path: Path, migrated_file: Path, monkeypatch: Patch, capsys: Out) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "duehook.yaml").write_text("version: 1\n")
    shutil.copyfile(migrated_file, tmp_path / "duehook.db")
    assert main(["doctor"]) == 0
    assert "no company is configured" in capsys.readouterr().out


def test_books_that_others_may_read_are_noted(tmp_path: Path) -> None:
    books = Books.open("sqlite:///duehook.db", tmp_path)
    books.migrate()
    (tmp_path / "duehook.db").chmod(0o644)
    (sign,) = [each for each in records._sqlite(books, "wal", 0) if each.code == "books.mode"]
    books.close()
    assert (sign.severity, sign.fix) == ("note", f"chmod 600 {tmp_path}/duehook.db*")
    assert sign.text == f"others may read {tmp_path}/duehook.db (644), which holds personal data"


def test_the_plugin_of_a_connection_that_gives_no_source_is_an_error_and_the_others_are_looked_at(rig: Rig) -> None:
    assert severities(machine.connections(rig.site)) == {"connections": "ok"}

    class Odd(SmallPlugin):
        @hookimpl
        def invoice_source(self, connection: ConnectionConfig) -> Any:
            raise SystemExit(2)

    rig.site.plugins = Plugins.of(small=Odd(rig.erp), mail=mail, letter=letter_file)
    (sign,) = machine.connections(rig.site)
    assert (sign.severity, sign.text) == ("error", "small: plugin small failed in invoice_source: SystemExit: 2.")
    assert {"books", "audit"} <= {each.code for each in of_rig(rig)}
