"""What an ERP imports: one file a command, shown once, and done when the ERP says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from duehook.core.books import Books
from duehook.core.books.store.delivery import outbox, tasks
from duehook.core.books.store.delivery.outbox import Effect, Worker
from duehook.core.errors import ConnectorDown, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, CommandKind, ConnectionConfig, Target
from duehook.core.runs.deliver.outside import Outside
from duehook.core.runs.deliver.round import DeliveryReport, Round
from duehook.core.runs.site import Site
from duehook.core.runs.write_back import write_back
from duehook.core.table_mapping.values import date_reader
from duehook.plugins.files import check_mapping, write_back_target
from duehook.plugins.files.mapping.form import Format
from duehook.plugins.files.settings import FilesSettings
from duehook.plugins.files.writing.outbox import Outbox
from duehook.plugins.files.writing.shelves import Here
from duehook.plugins.files.writing.wording import content_of, written_day
from tests.rigs.literal_source import Clock, context

from .drop_folder import SNAPSHOT
from .test_mapping import faults

COMMANDS = """\
write_back:
  folder: outbox
  format: {encoding: cp1252, delimiter: ";", date: DD.MM.YYYY, decimal: ","}
  commands:
    add_note:
      columns: {Key: "{key}", Customer: "{company}/{customer}", Note: {text: "{subject}: {text}", most: 40}}
    set_credit_hold:
      columns: {Key: "{key}", Customer: "{customer}", Code: {text: "{value}", codes: {D: "07"}}, Was: "{expect}"}
    release_credit_hold:
      columns: {Key: "{key}", Customer: "{customer}", Code: "", Back: "{restore}"}
    set_dunning_level:
      columns: {Key: "{mark}", Item: "{item}", Level: "L{level}", On: "{on}"}
    set_dunning_block:
      columns: {Key: "{key}", Customer: "{customer}", Block: "{value}", Until: "{until}", Why: "{reason}"}
    set_promise:
      columns: {Key: "{key}", Item: "{item}", Amount: "{amount}", On: "{on}", Note: {text: "{text}", most: 12}}
    set_dispute:
      columns: {Key: "{key}", Item: "{item}", Amount: "{amount}", Code: {text: "{reason}", codes: {price: "P1"}}}
"""
ANSWERS = """\
  answers:
    files: answer*.csv
    key: Key
    result: {column: Result, codes: {OK: done, ERR: refused}}
    reason: Why
    within_hours: 48
"""
WITH_ANSWERS = COMMANDS + ANSWERS + SNAPSHOT
NOTE = {"text": "Dunning level 2 (firm): notice N-1 by mail, 10,00 €", "subject": "Notice N-1"}
NOTE_FILE = "add_note-k1.csv"


def command(kind: CommandKind = "add_note", key: str = "k1", item: str | None = None, **body: Any) -> Command:
    return Command(kind, key, "1000", "4711", item, body or NOTE)


class Files:
    """A drop folder and an outbox."""

    def __init__(self, at: Path, mapping: str = COMMANDS + SNAPSHOT) -> None:
        self.at, self.outbox = at, at / "outbox"
        (at / "map.yaml").write_text(mapping)
        self.outbox.mkdir()
        (at / "drop").mkdir()

    def target(self) -> Target:
        settings = FilesSettings(folder="drop", mapping="map.yaml", settle_seconds=0)
        found = write_back_target(ConnectionConfig("sheets", "files", settings, str(self.at)))
        assert found is not None
        return found

    def answer(self, *rows: str, name: str = "answer1.csv") -> None:
        (self.at / "drop" / name).write_text("Key,Result,Why\n" + "".join(f"{row}\n" for row in rows))

    def shown(self) -> dict[str, str]:
        return {path.name: path.read_bytes().decode("cp1252") for path in self.outbox.iterdir() if path.is_file()}


def told(applied: Applied) -> tuple[str, str]:
    return applied.outcome, applied.message


def test_a_command_is_one_line_in_a_file_that_has_its_key(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert files.target().apply(command()) == Applied("done", "written as add_note-k1.csv", reference=NOTE_FILE)
    text = "Key;Customer;Note\r\nk1;1000/4711;Notice N-1: Dunning level 2 (firm): noti\r\n"
    assert files.shown() == {NOTE_FILE: text}
    assert told(files.target().apply(command())) == ("already", "written as add_note-k1.csv")
    assert told(files.target().verify(command())) == ("done", "written as add_note-k1.csv")


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (command("set_credit_hold", value="D", expect=None), "k1;4711;07;"),
        (command("release_credit_hold", value="D", restore="B"), "k1;4711;;B"),
        (command("set_dunning_level", item="I;1", level=2, on="2026-03-02"), '6ab9f1eb8f7d;"I;1";L2;02.03.2026'),
        (command("set_dunning_block", value="X", reason='"two\nlines" ☃', until=None), 'k1;4711;X;;"""two lines"" ?"'),
        (
            command("set_promise", item="I1", amount="1250.50", on="2026-03-02", text="pays on Monday"),
            "k1;I1;1250,50;02.03.2026;pays on Mond",
        ),
        (command("set_dispute", item="I1", amount="-80", reason="price", text="too dear"), "k1;I1;-80;P1"),
    ],
)
def test_each_kind_has_its_line(tmp_path: Path, wanted: Command, line: str) -> None:
    files = Files(tmp_path)
    assert files.target().apply(wanted).outcome == "done"
    (text,) = files.shown().values()
    assert text.splitlines()[1:] == [line]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (command("set_credit_hold", value="E", expect=None), "'E' is not in `codes` of the mapping's `write_back`"),
        (command("set_dunning_level", level=1, on="soon"), "'soon' is no day"),
        (Command("add_note", "k1", "1000", "☃", None, NOTE), "'1000/☃' cannot be written in cp1252"),
        (command("set_promise", amount="much", on="2026-03-02"), "'much' is no amount"),
        (command("set_dispute", amount="1", reason="mood"), "'mood' is not in `codes` of the mapping's `write_back`"),
        (command("post_fee", amount="1"), "unsupported: this files connection cannot post fee."),
    ],
)
def test_what_the_erp_could_not_be_told_is_refused(tmp_path: Path, wanted: Command, why: str) -> None:
    files = Files(tmp_path)
    assert told(files.target().apply(wanted)) == ("refused", why)
    assert files.shown() == {}


def test_a_file_that_the_erp_took_is_not_written_again(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.target().apply(command())
    (files.outbox / NOTE_FILE).unlink()
    assert files.target().verify(command()).outcome == "done"
    assert files.target().apply(command()).outcome == "already"
    assert files.shown() == {}


def test_a_key_that_no_file_can_be_named_by_is_told_by_its_mark(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.target().apply(strange := command(key="../k 1"))
    assert list(files.shown()) == [f"add_note-{strange.mark}.csv"]


def test_where_the_erp_answers_nobody_knows_before_it_does(tmp_path: Path) -> None:
    files = Files(tmp_path, WITH_ANSWERS)
    open_ = Applied(
        "unknown",
        "written as add_note-k1.csv, which the ERP has not answered yet",
        reference=None,
        wait=timedelta(hours=48),
    )
    assert files.target().apply(command()) == open_
    assert files.target().apply(command()) == open_
    (files.outbox / NOTE_FILE).unlink()
    assert files.target().verify(command()) == open_
    files.answer("k0,ERR,no", "k1,OK,")
    assert files.target().verify(command()) == Applied("done", "answer1.csv:3: OK", reference=NOTE_FILE)
    assert told(files.target().apply(command())) == ("already", "answer1.csv:3: OK")


@pytest.mark.parametrize("key", ["k1", "6ab9f1eb8f7d", "add_note-k1.csv", "add_note-k1"])
def test_an_answer_names_the_key_the_mark_or_the_file_and_the_last_one_tells(tmp_path: Path, key: str) -> None:
    files = Files(tmp_path, WITH_ANSWERS)
    files.target().apply(command())
    files.answer(f"{key},OK,")
    target = files.target()
    assert target.verify(command()).outcome == "done"
    files.answer(f"{key},ERR,customer 4711 is closed", name="answer2.csv")
    for ask in (target.verify, target.apply):
        assert told(ask(command())) == ("refused", "answer2.csv:2: ERR, customer 4711 is closed")


def test_a_file_that_was_never_shown_certainly_did_nothing(tmp_path: Path) -> None:
    for mapping, name in ((COMMANDS + SNAPSHOT, "one"), (WITH_ANSWERS, "two")):
        (tmp_path / name).mkdir()
        assert told(Files(tmp_path / name, mapping).target().verify(command())) == (
            "refused",
            "add_note-k1.csv was not written",
        )


def test_a_word_that_the_mapping_does_not_know_is_no_answer(tmp_path: Path) -> None:
    files = Files(tmp_path, WITH_ANSWERS)
    files.target().apply(command())
    files.answer("k1,MAYBE,later", ",OK,")
    why = "written as add_note-k1.csv; the answer answer1.csv:2: MAYBE, later is no word of the mapping"
    assert files.target().verify(command()) == Applied("unknown", why)
    found = [(finding.subject, finding.ok, finding.message) for finding in files.target().check()]
    assert found == [
        ("outbox", True, f"1 files wait for the ERP in {files.outbox}"),
        ("answers", False, "answer1.csv:2: MAYBE, later is no word of the mapping"),
    ]


def test_answers_that_cannot_be_read_are_no_word_against_the_command(tmp_path: Path) -> None:
    files = Files(tmp_path, WITH_ANSWERS)
    answers = files.at / "drop" / "answer1.csv"
    answers.write_text("Key,Outcome,Why\nk1,OK,\n")
    with pytest.raises(ConnectorDown, match=r"answer1.csv: there is no column 'Result'.*`write_back.answers`"):
        files.target().apply(command())
    assert files.target().verify(command()).outcome == "unknown"
    (found,) = [finding.message for finding in files.target().check() if not finding.ok]
    assert found.startswith("answer1.csv: there is no column")
    answers.write_text("Key,Result,Why\nk1,OK\n")
    with pytest.raises(ConnectorDown, match=r"answer1.csv:2: the row has 2 of 3 columns. Nothing was written"):
        files.target().apply(command())
    assert files.shown() == {}


def test_a_folder_that_is_not_there_keeps_the_command_waiting(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.outbox.rmdir()
    with pytest.raises(ConnectorDown, match=r"outbox cannot be written to: No such file .*`write_back.folder`"):
        files.target().apply(command())
    (found,) = files.target().check()
    assert not found.ok
    assert found.message.endswith("outbox cannot be listed: No such file or directory. Nothing was written.")


@pytest.mark.parametrize("dies_at", range(8))
def test_wherever_it_dies_the_file_is_shown_once(tmp_path: Path, dies_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each flush and the rename are where the power may go; what was shown is taken at once by the ERP."""
    (tmp_path / "out").mkdir()
    taken, left = list[str](), [dies_at]

    def step(done: Any, *given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return done(*given)

    def take() -> None:
        for path in (tmp_path / "out").glob("*.csv"):
            taken.append(path.read_text())
            path.unlink()

    rename = Path.rename
    with monkeypatch.context() as patched:
        sync = os.fsync
        patched.setattr(os, "fsync", lambda handle: step(sync, handle))
        patched.setattr(Path, "rename", lambda self, target: step(rename, self, target))
        try:
            Outbox(Here(tmp_path / "out")).put("a.csv", b"one")
        except KeyboardInterrupt:
            take()
    shown = Outbox(Here(tmp_path / "out")).has_had("a.csv")
    Outbox(Here(tmp_path / "out")).put("a.csv", b"one")
    take()
    assert taken == ["one"]
    assert shown == (dies_at >= 5)
    assert Outbox(Here(tmp_path / "out")).waiting() == []


def test_the_hold_of_a_customer_is_that_of_the_last_export(tmp_path: Path) -> None:
    with pytest.raises(ConnectorRefused, match="the files do not say which hold a customer has"):
        Files(tmp_path).target().current_hold("1000", "4711")
    customers = "streams:\n  customer:\n    files: customers.csv\n    snapshot: true\n"
    customers += "    fields: {company: Company, key: No, name: Name, hold: Hold}\n"
    (tmp_path / "two").mkdir()
    files = Files(tmp_path / "two", COMMANDS + customers)
    (files.at / "drop" / "customers.csv").write_text("Company,No,Name,Hold\n1000,4711,Acme,B\n1000,4712,Beta,\n")
    assert [files.target().current_hold("1000", key) for key in ("4711", "4712", "4713")] == ["B", None, None]


def test_the_preview_says_the_line_and_writes_nothing(tmp_path: Path) -> None:
    files = Files(tmp_path)
    preview = files.target().preview(command("set_credit_hold", value="D", expect=None))
    assert preview == "write set_credit_hold-k1.csv: Key=k1; Customer=4711; Code=07; Was="
    assert files.shown() == {}
    files.target().close()


def test_a_mapping_that_writes_says_so_and_one_that_does_not_takes_no_commands(tmp_path: Path) -> None:
    files = Files(tmp_path)
    kinds = "add_note, set_credit_hold, release_credit_hold, set_dunning_level, set_dunning_block"
    kinds += ", set_promise, set_dispute"
    assert check_mapping(tmp_path / "map.yaml") == f"item (10 fields); writes {kinds}"
    assert files.target().capabilities == {*kinds.split(", ")}
    (tmp_path / "map.yaml").write_text(SNAPSHOT)
    settings = FilesSettings(folder="drop", mapping="map.yaml")
    assert write_back_target(ConnectionConfig("sheets", "files", settings, str(tmp_path))) is None


def test_faults_of_what_is_written_are_told_by_their_places(tmp_path: Path) -> None:
    text = (COMMANDS + ANSWERS).replace("{subject}", "{subjekt}").replace("L{level}", "{level:>3}")
    text = text.replace("key: Key\n", "key: Key\n    keys: No\n").replace("ERR: refused", "ERR: failed")
    assert faults(tmp_path, text + SNAPSHOT) == [
        "map.yaml:12:55: `write_back.commands.set_dunning_level.columns.Level`: '{level:>3}' is more than text "
        "and names in braces, such as {customer}",
        "map.yaml:22:5: unknown key 'keys' (did you mean key?)",
        "map.yaml:23:53: `write_back.answers.result.codes.ERR`: input should be 'done' or 'refused'",
    ]
    text = (
        (COMMANDS + ANSWERS)
        .replace("{subject}", "{subjekt}")
        .replace("    key: Key", "    format: {kind: xml}\n    key: Key")
    )
    text = text.replace("cp1252", "cp1252, sheet: 1")
    assert faults(tmp_path, text + SNAPSHOT) == [
        "map.yaml:3:30: `sheet` is for excel; these files are csv",
        "map.yaml:6:71: add_note has no {subjekt}; did you mean subject?",
        "map.yaml:19:3: XML files need `row`: the elements from the root to a row, such as Ledger/Items/Item",
    ]
    lone = "write_back:\n  folder: out\n  commands:\n    set_credit_hold: {columns: {A: '{value', B: x}}\n"
    assert faults(tmp_path, lone + SNAPSHOT) == [
        "map.yaml:4:36: `write_back.commands.set_credit_hold.columns.A`: '{value' cannot be read: "
        "expected '}' before end of string; write {{ for a brace"
    ]
    assert faults(tmp_path, lone.replace("{value", "{value}") + SNAPSHOT) == [
        "map.yaml:2:3: `write_back`: a hold that is set has to be released: write release_credit_hold too"
    ]
    assert faults(tmp_path, COMMANDS.replace("cp1252", "cp1252, kind: xml") + SNAPSHOT) == [
        "map.yaml:3:36: what is written back is CSV, not xml"
    ]


def test_what_is_written_is_csv_whatever_form_the_exports_have(tmp_path: Path) -> None:
    excel = 'format: {kind: excel, date: DD.MM.YYYY, empty: ["-"]}\n'
    own = COMMANDS.replace('  format: {encoding: cp1252, delimiter: ";", date: DD.MM.YYYY, decimal: ","}\n', "")
    files = Files(tmp_path, excel + own + SNAPSHOT)
    files.target().apply(command("set_dunning_level", level=2, on="2026-03-02"))
    assert files.shown() == {"set_dunning_level-k1.csv": "Key,Item,Level,On\r\n6ab9f1eb8f7d,,L2,02.03.2026\r\n"}


@given(some.dates(), some.sampled_from(["YYYYMMDD", "DD.MM.YYYY", "M/D/YYYY", "D-MMM-YYYY", "YYYY-MM-DD HH:mm"]))
def test_a_day_is_written_as_it_would_be_read(day: Any, form: str) -> None:
    text = written_day(day.isoformat(), Format(date=(form,)))
    if day.year >= 1970:
        assert date_reader([form])(text) == day


def test_a_file_may_have_no_header() -> None:
    assert content_of({"A": "x,y", "B": "z"}, Format(header=False)) == b'"x,y",z\r\n'


YAML = """\
version: 1
mode: live
database: {file: database.url}
companies:
  "01": {erp: {connection: sheets, code: "1000"}}
connections:
  sheets: {type: files, folder: drop, mapping: map.yaml, settle_seconds: 0}
"""


class Wired:
    """A site that writes notes into an outbox."""

    def __init__(self, site: Site, files: Files) -> None:
        self.site, self.files, self.clock = site, files, Clock()
        effect = Effect("add_note", "sheets", "01", "4711", "note", {"notice": "N-1"}, NOTE)
        self.context = context(self.clock)
        with site.books.write() as tx:
            self.key = outbox.put(tx, effect, at=self.context.now(), correlation_id="c-1")

    def deliver(self) -> DeliveryReport:
        with Outside(self.site) as outside:
            round_ = Round(self.context, outside, Worker("w"))
            write_back(round_)
            return round_.report

    def state(self) -> str:
        with self.site.books.read() as tx:
            (row,) = outbox.listed(tx)
        return str(row.state)


@pytest.fixture
def wired(tmp_path: Path, books: Books, database_url: str) -> Iterator[Wired]:
    files = Files(tmp_path, WITH_ANSWERS)
    (tmp_path / "database.url").write_text(database_url)
    (tmp_path / "duehook.yaml").write_text(YAML)
    with Site.open(tmp_path / "duehook.yaml") as site:
        yield Wired(site, files)


def test_a_note_goes_out_once_and_waits_for_its_answer(wired: Wired) -> None:
    assert wired.deliver().unanswered == 1
    assert list(wired.files.shown()) == [f"add_note-{wired.key}.csv"]
    wired.clock.at += timedelta(hours=24)
    assert (wired.deliver().unanswered, wired.state()) == (1, "sending")
    wired.files.answer(f"{wired.key},OK,")
    wired.clock.at += timedelta(hours=1)
    assert (wired.deliver().notes, wired.state()) == (1, "sent")


def test_what_the_erp_refuses_is_a_task_with_its_reason(wired: Wired) -> None:
    wired.deliver()
    wired.files.answer(f"{wired.key},ERR,customer is closed")
    wired.clock.at += timedelta(hours=1)
    assert (wired.deliver().refused, wired.state()) == (1, "failed")
    with wired.site.books.read() as tx:
        (task,) = tasks.listed(tx)
    assert "answer1.csv:2: ERR, customer is closed" in task.text


def test_answers_that_cannot_be_read_for_a_while_bother_nobody(wired: Wired) -> None:
    for _ in range(3):
        wired.deliver()
        wired.clock.at += timedelta(hours=1)
    drop = wired.files.at / "drop"
    drop.rename(wired.files.at / "away")
    for _ in range(6):
        assert (wired.deliver().in_doubt, wired.state()) == (0, "sending")
        wired.clock.at += timedelta(hours=2)
    (wired.files.at / "away").rename(drop)
    wired.files.answer(f"{wired.key},OK,")
    assert (wired.deliver().notes, wired.state()) == (1, "sent")


def test_an_answer_that_never_comes_is_a_persons_matter_after_its_hours(wired: Wired) -> None:
    wired.deliver()
    for _ in range(3):
        wired.clock.at += timedelta(hours=15)
        assert wired.deliver().unanswered == 1
    wired.clock.at += timedelta(hours=4)
    for _ in range(8):
        report = wired.deliver()
        wired.clock.at += timedelta(hours=13)
    assert (report.in_doubt, wired.state()) in {(0, "in_doubt"), (1, "in_doubt")}
    assert len(wired.files.shown()) == 1
