"""The connectors that come with Duehook: the kit runs on each, and the grade they show was earned by this very code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from duehook.core.plugins import Plugins
from duehook.core.runs.connectors import connectors

GRADED = {"jde": "platinum", "sap": "platinum", "d365": "platinum", "netsuite": "platinum", "infor_m3": "gold"}


@pytest.mark.parametrize("type", GRADED)
def test_the_kit_finds_nothing_wrong(type: str, tmp_path: Path) -> None:
    bulk_apart = ["-k", "not hundred_thousand", "-p", "no:cacheprovider"]  # `make grades` runs it too
    command = [sys.executable, "-m", "pytest", f"--duehook-connector={type}", "-q", *bulk_apart]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_each_shows_a_grade_that_this_code_has_earned() -> None:
    found = {each.connector: each for each in connectors(Plugins.load()) if each.connector in GRADED}
    assert {name: each.record.grade if each.record else None for name, each in found.items()} == GRADED
    assert [name for name, each in found.items() if each.changed_since] == [], "run `make grades`"
