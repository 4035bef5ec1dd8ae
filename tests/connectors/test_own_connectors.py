"""The connectors that come with Duehook: the kit runs on each, and the grade they show was earned by this very code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from duehook.core.plugins import Plugins
from duehook.core.runs.connectors import connectors

GRADED = dict.fromkeys(
    (
        "business_central", "d365", "infor_lx", "infor_m3", "infor_xa", "jde", "jde_world", "netsuite", "oracle_ebs",
        "oracle_fusion", "peoplesoft", "sap", "sap_ecc",
    ),
    "platinum",
)  # fmt: skip


ONE_IN = 3  # tests of the kit; `make grades` runs all of them, and the grade is this code's


@pytest.mark.parametrize("type", GRADED)
def test_the_kit_finds_nothing_wrong(type: str, tmp_path: Path) -> None:
    some = [f"--duehook-one-in={ONE_IN}", "-k", "not hundred_thousand", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", f"--duehook-connector={type}", "-q", *some]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_each_shows_a_grade_that_this_code_has_earned() -> None:
    found = {each.connector: each for each in connectors(Plugins.load()) if each.connector in GRADED}
    assert {name: each.record.grade if each.record else None for name, each in found.items()} == GRADED
    assert [name for name, each in found.items() if each.changed_since] == [], "run `make grades`"


def test_one_test_in_so_many_is_the_same_one_wherever_the_kit_runs(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    here, elsewhere = (kept(folder) for folder in (tmp_path, tmp_path / "elsewhere"))
    assert here == elsewhere
    assert 200 < len(here) < 400


def kept(folder: Path) -> list[str]:
    some = ["--duehook-connector=d365", f"--duehook-one-in={ONE_IN}", "--collect-only", "-q", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *some]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [line.rpartition("/")[2] for line in done.stdout.splitlines() if "::" in line]
