"""What commands say of a site that has nothing yet: no company, no schedule."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .typed import Out, run


@pytest.fixture
def config(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the duehook.yaml of a site with empty books, and stand beside it."""
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(migrated_file, tmp_path / "duehook.db")
    (tmp_path / "duehook.yaml").write_text("mode: live\n")
    return tmp_path / "duehook.yaml"


def test_without_a_company_the_schedule_says_to_write_some(config: Path, capsys: Out) -> None:
    run("schedule", "list")
    told = "No company is configured, so only delivery is run: write companies: in duehook.yaml."
    assert told in capsys.readouterr().out.splitlines()


def test_without_a_schedule_that_is_said_with_one_to_write(config: Path, capsys: Out) -> None:
    config.write_text(
        "mode: live\ncompanies: {'01': {erp: {connection: erp, code: '01'}}}\n"
        "connections: {erp: {type: files, folder: drop, mapping: map.yaml}}\n"
    )
    run("schedule", "list")
    told = 'Nothing but delivery is scheduled: write schedule: {nightly: "05:30 Mon-Fri"} in duehook.yaml.'
    assert told in capsys.readouterr().out.splitlines()


def test_without_a_company_the_status_shows_no_empty_table(config: Path, capsys: Out) -> None:
    run("status")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Mode live. It is ")
    assert not any(line.startswith("company ") for line in lines)
    assert lines[-1].startswith("→ No company is configured: `duehook discover` lists what the ERP has; ")


def test_without_a_company_a_tie_out_says_to_write_some(config: Path, capsys: Out) -> None:
    config.write_text("mode: live\nconnections: {erp: {type: files, folder: drop, mapping: map.yaml}}\n")
    run("tie-out", ends=3)
    told = "Error: no company is configured, so there is nothing to tie out. Fix: write companies: in duehook.yaml;"
    assert capsys.readouterr().err.startswith(told)


def test_without_a_company_a_dunning_run_says_so(config: Path, capsys: Out) -> None:
    run("dun", "--dry-run")
    told = "No company is configured, so nobody is dunned: write companies: in duehook.yaml."
    assert told in capsys.readouterr().out.splitlines()
