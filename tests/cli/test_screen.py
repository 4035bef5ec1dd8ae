"""What a command prints: tables and progress on a terminal and elsewhere, JSON, and what --quiet leaves."""

from __future__ import annotations

import io
import json
import os
import pty
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, TextIO

import pytest

from duehook.core.cli.screen import Screen
from duehook.core.hookspecs import Finding

Out = pytest.CaptureFixture[str]
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Terminal:
    """A terminal of 40 columns that a screen may be shown on."""

    leader: BinaryIO
    follower: TextIO
    monkeypatch: pytest.MonkeyPatch

    def screen(self, **asked: bool) -> Screen:
        self.monkeypatch.setattr("sys.stdout", self.follower)
        self.monkeypatch.setattr("sys.stderr", self.follower)
        return Screen(**asked)

    def shown(self) -> str:
        """Return what was shown, without what moves and colours it."""
        os.set_blocking(self.leader.fileno(), False)
        return _CODES.sub("", (self.leader.read() or b"").decode()).replace("\r\n", "\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    one, other = pty.openpty()
    with open(one, "rb", buffering=0) as leader, open(other, "w", encoding="utf-8", buffering=1) as follower:
        yield Terminal(leader, follower, monkeypatch)


def test_a_table_on_a_terminal_fits_its_width_and_loses_no_letter(terminal: Terminal) -> None:
    rows = [("y" * 60, Decimal("1.50")), ("[bold]x", Decimal("20.00"))]
    terminal.screen().table(["name", "open"], rows, title="Open", right=[1])
    lines = terminal.shown().splitlines()
    assert lines[0] == "Open"
    assert max(map(len, lines)) <= 40
    assert sum(line.count("y") for line in lines) == 60
    assert [line.split() for line in lines if "x" in line] == [["[bold]x", "20.00"]]
    assert {line.rstrip()[-5:] for line in lines if "0" in line} == {" 1.50", "20.00"}  # figures are flush right


def test_progress_on_a_terminal_says_how_far_it_is_and_makes_room_again(terminal: Terminal) -> None:
    with terminal.screen().progress("import erp") as told:
        told(2_500)
        told(3_000, 4_000)
    shown = terminal.shown()
    assert "import erp" in shown
    assert "3000/4000" in shown


@pytest.mark.parametrize("asked", [{"quiet": True}, {"as_json": True}])
def test_who_asks_for_quiet_or_json_sees_no_progress(terminal: Terminal, asked: dict[str, bool]) -> None:
    with terminal.screen(**asked).progress("import erp") as told:
        told(1, 2)
    assert terminal.shown() == ""


def test_json_has_amounts_days_and_paths_as_text_and_records_by_their_fields(capsys: Out) -> None:
    shown = {
        "amount": Decimal("1.50"),
        "day": date(2026, 3, 2),
        "at": datetime(2026, 3, 2, 6, 30, tzinfo=UTC),
        "file": Path("drop/open.csv"),
        "found": [Finding("clock", True, "is right", severity="info")],
    }
    Screen(as_json=True).show(shown, lambda: None)
    assert json.loads(capsys.readouterr().out) == {
        "amount": "1.50",
        "day": "2026-03-02",
        "at": "2026-03-02T06:30:00+00:00",
        "file": "drop/open.csv",
        "found": [
            {
                "subject": "clock", "ok": True, "message": "is right", "advice": None, "severity": "info",
                "counted": None,
            }
        ],
    }  # fmt: skip


def test_cells_that_hold_several_things_read_as_words(capsys: Out) -> None:
    Screen().table(["address", "phones"], [[{"city": "Kxxx", "lines": ["Axx 1", "Bx"]}, ("1", "2")]])
    assert capsys.readouterr().out.splitlines()[1] == "city: Kxxx, lines: Axx 1, Bx  1, 2"


def test_tables_elsewhere_than_on_a_terminal_are_whole_and_plain(capsys: Out) -> None:
    Screen().table(["name", "open"], [("[bold]x\x1b[2J", Decimal("1.50")), ("y" * 200, None)], right=[1])
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.split() == ["name", "open"]
    assert second.startswith("[bold]x\\x1b[2J ")
    assert second.endswith(" 1.50")
    assert third == "y" * 200


def test_a_code_page_without_the_letter_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    screen = Screen()
    screen.table(["name"], [("Łódź → €",)], title="zażółć")
    screen.flush()
    assert raw.getvalue().decode("cp1252").splitlines()[1:] == ["name", "?ód? ? €"]


def test_progress_is_silent_elsewhere_than_on_a_terminal(capsys: Out) -> None:
    with Screen().progress("reading") as told:
        told(1, 2)
    assert capsys.readouterr() == ("", "")


def test_quiet_leaves_the_result_only(capsys: Out) -> None:
    screen = Screen(quiet=True)
    screen.note("beside")
    screen.say("result")
    assert capsys.readouterr() == ("result\n", "")


def test_csv_has_its_banner_on_stderr(capsys: Out) -> None:
    screen = Screen()
    screen.mode = "shadow"
    screen.raw("a,b\n")
    screen.raw("1,2\n")
    out, err = capsys.readouterr()
    assert out == "a,b\n1,2\n"
    assert err.count("SHADOW MODE") == 1
