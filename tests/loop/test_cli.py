"""`duehook serve` and `duehook schedule`, as they are typed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from duehook.core.books import Books
from duehook.core.cli import main
from duehook.core.runs.audit import anchor_of
from duehook.core.runs.loop.acts import pause
from tests.rigs.loop_site import LoopSite, loop_site

Out = pytest.CaptureFixture[str]
Typed = Callable[..., tuple[int, str, str]]
STEPS = ("import", "tie_out", "aging", "dun")


@pytest.fixture
def site(books: Books, database_url: str, tmp_path: Path) -> Iterator[LoopSite]:
    with loop_site(tmp_path, database_url, 'nightly: "05:30 Mon-Fri", aging: "12:00", deliver_every: 90 s') as opened:
        yield opened


@pytest.fixture
def typed(site: LoopSite, capsys: Out) -> Typed:
    def type_(*words: str) -> tuple[int, str, str]:
        code = main(["--config", str(site.config), "--actor", "ann", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_


def as_json(typed: Typed, *words: str) -> Any:
    code, out, err = typed(*words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_list_tells_each_job_its_next_slot_and_what_is_paused(typed: Typed) -> None:
    typed("schedule", "pause", "aging")
    rows = as_json(typed, "schedule", "list")["next"]
    assert [(row["job"], row["company"], row["slot"], row["paused"]) for row in rows] == [
        ("nightly", "01", "05:30 Mon,Tue,Wed,Thu,Fri", False),
        ("nightly", "02", "05:30 Mon,Tue,Wed,Thu,Fri", False),
        ("aging", "01", "12:00", True),
        ("aging", "02", "12:00", True),
        ("deliver", "", "every 90 s", False),
    ]
    assert [(row["next"] or "")[-5:] for row in rows] == ["05:30", "05:30", "12:00", "12:00", ""]


def test_list_tells_the_pauses_with_who_and_why(typed: Typed) -> None:
    assert "Paused" not in typed("schedule", "list")[1]
    assert typed("schedule", "pause", "dun", "--why", "year-end closing")[:2] == (
        0,
        "SHADOW MODE: no ERP is written to, all mail goes to the catch-all, letters are marked TEST.\ndun is paused.\n",
    )
    out = typed("schedule", "list")[1]
    table = out[out.index("Paused\n") :].splitlines()
    assert table[1].split() == ["job", "since", "actor", "reason"]
    assert table[2].startswith("dun ")
    assert table[2].endswith("ann    year-end closing")


def test_list_says_so_when_nothing_was_run_and_tells_one_time_zone(typed: Typed) -> None:
    out = typed("schedule", "list")[1]
    assert "next (" in out
    assert "T05:30" not in out
    assert out.endswith("Nothing was run by the schedule yet: `duehook serve` keeps it.\n")
    assert "Newest runs" not in out


def test_list_tells_the_newest_runs(typed: Typed, site: LoopSite) -> None:
    site.tick()
    runs = as_json(typed, "schedule", "list")["runs"]
    assert len(runs) == 11
    assert {row["state"] for row in runs} == {"done"}
    assert "Newest runs" in typed("schedule", "list")[1]


def test_a_resumed_job_goes_on_and_is_resumed_once(typed: Typed) -> None:
    typed("schedule", "pause", "all")
    code, out, _ = typed("schedule", "resume", "all")
    assert (code, out.splitlines()[-1]) == (0, "all goes on.")
    code, _, err = typed("schedule", "resume", "all")
    assert (code, err) == (2, "Error: all is not paused. Fix: see `duehook schedule list`.\n")


@pytest.mark.parametrize("act", ["run", "pause", "resume"])
def test_a_job_that_is_none_is_refused_with_those_there_are(typed: Typed, act: str) -> None:
    code, _, err = typed("schedule", act, "dunning")
    names = "nightly, import, tie_out, aging, dun, deliver, all"
    assert (code, err) == (2, f"Error: there is no job 'dunning'. Fix: name one of {names}.\n")


def test_run_nightly_runs_the_steps_of_each_company(typed: Typed, site: LoopSite) -> None:
    ran = as_json(typed, "schedule", "run", "nightly")["ran"]
    assert [row[:2] for row in ran] == [[step, company] for company in ("01", "02") for step in STEPS]
    assert ran[0][2] == "north run 1: 4 rows written, 0 parked"
    assert site.rows("nightly import") == []  # the schedule's own slot still comes


def test_run_all_delivers_last_and_for_all(typed: Typed) -> None:
    ran = as_json(typed, "schedule", "run", "all")["ran"]
    assert len(ran) == 9
    assert ran[-1] == ["deliver", "", "nothing to deliver"]


def test_run_prints_a_table(typed: Typed) -> None:
    code, out, _ = typed("schedule", "run", "import", "--company", "02")
    assert code == 0
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["job", "company", "outcome"],
        "import 02 south run 1: 4 rows written, 0 parked".split(),
    ]


def test_a_failed_step_stops_its_company_only_and_the_code_says_partly(typed: Typed, site: LoopSite) -> None:
    site.erps["north"].down = True
    code, out, err = typed("schedule", "run", "nightly", "--json")
    assert (code, err) == (5, "")
    ran = json.loads(out)["ran"]
    assert ran[0] == ["import", "01", "failed: the ERP does not answer"]
    assert [row[1] for row in ran[1:]] == ["02"] * 4


def test_where_nothing_could_be_run_the_code_is_the_errors_own(typed: Typed, site: LoopSite) -> None:
    site.erps["north"].down = site.erps["south"].down = True
    code, out, _ = typed("schedule", "run", "import")
    assert code == 4
    assert out.count("failed: the ERP does not answer") == 2
    code, _, err = typed("schedule", "run", "import", "--company", "01")
    assert (code, err) == (4, "Error: the ERP does not answer\n")


def test_run_refuses_a_company_that_is_not_there(typed: Typed) -> None:
    code, _, err = typed("schedule", "run", "import", "--company", "1")
    assert (code, err) == (2, "Error: there is no company '1' in duehook.yaml; it has 01, 02.\n")


@pytest.mark.parametrize("name", ["deliver", "all"])
def test_delivery_for_one_company_is_refused(typed: Typed, name: str) -> None:
    code, _, err = typed("schedule", "run", name, "--company", "01")
    assert code == 2
    assert err == "Error: delivery is for all companies at once. Fix: leave --company out, or run nightly.\n"


def test_serve_tells_each_job_and_ends_well_on_a_signal(typed: Typed, site: LoopSite) -> None:
    site.erps["north"].first = lambda: os.kill(os.getpid(), signal.SIGTERM)
    code, out, err = typed("serve")
    assert code == 0
    assert out.splitlines()[-1] == "Serving 2 companies; stop with Ctrl-C."
    (row,) = site.rows("nightly import")
    assert err == f"nightly import 01 {row.slot}: done: north run 1: 4 rows written, 0 parked\n"


def test_a_command_that_wrote_acts_seals_them_as_it_ends_and_one_that_reads_seals_nothing(
    typed: Typed, site: LoopSite
) -> None:
    typed("schedule", "pause", "aging")
    told = as_json(typed, "audit", "verify")
    assert (told["holds"], told["rows"], told["unsealed"]) == (True, 1, 0)
    pause(site.site, site.context, "dun", why="another process")
    typed("schedule", "list")
    assert as_json(typed, "audit", "verify")["unsealed"] == 1
    typed("schedule", "resume", "aging")
    told = as_json(typed, "audit", "verify")
    assert (told["holds"], told["rows"], told["unsealed"]) == (True, 3, 0)


def test_an_act_whose_seal_cannot_be_anchored_is_done_and_that_is_said(typed: Typed, site: LoopSite) -> None:
    anchor_of(site.site).mkdir()
    code, out, err = typed("schedule", "pause", "aging")
    assert (code, out.splitlines()[-1]) == (0, "aging is paused.")
    assert "the audit was not sealed" in err
