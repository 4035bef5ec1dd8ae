"""The flight recorder: a reading that fails is kept without secrets and fails again without the ERP, until mended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core.cli import main
from duehook.core.scaffold.connector.simulator import AcmeSimulator
from tests.files.drop_folder import HEADER, SNAPSHOT, line

BOOK = {"customers": 6, "items": 12, "start_on": date(2026, 3, 2)}
PLUGIN = "from duehook.core.scaffold.connector import *  # noqa: F403\n"
Out = pytest.CaptureFixture[str]


def site(folder: Path, type: str, settings: dict[str, Any]) -> None:
    """Write a site with one connection, named prod, and fresh books."""
    lines = [f"    {json.dumps(name)}: {_written(folder, name, value)}" for name, value in settings.items()]
    told = ["version: 1", "companies: {}", "connections:", "  prod:", f"    type: {type}", *lines]
    (folder / "duehook.yaml").write_text("\n".join(told) + "\n")
    assert main(["migrate"]) == 0


def _written(folder: Path, name: str, value: Any) -> str:
    """Write a setting as YAML, a secret as the file that it stands in."""
    if name not in {"api_key", "odbc", "ais_password", "password"}:
        return json.dumps(value)
    (folder / name).write_text(str(value))
    (folder / name).chmod(0o600)
    return json.dumps({"file": name})


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AcmeSimulator]:
    """Give an Acme that the site in this folder reads."""
    made = AcmeSimulator({"folder": str(tmp_path / "erp"), **BOOK})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "acme.py").write_text(PLUGIN)
    site(tmp_path, "acme", {**made.start(), "page_size": 5, **made.site_settings})
    yield made
    made.stop()


def streams(capsys: Out) -> dict[str, dict[str, Any]]:
    return {each["stream"]: each for each in json.loads(capsys.readouterr().out)["streams"]}


def test_a_reading_comes_out_the_same_without_the_erp(acme: AcmeSimulator, capsys: Out) -> None:
    capsys.readouterr()
    assert main(["record", "prod", "--json"]) == 0
    recorded = streams(capsys)
    assert recorded["item"]["rows"] == len(list(acme.given("item")))
    assert recorded["item"]["keys"] > 0
    acme.stop()
    assert main(["replay", "flight", "--json"]) == 0
    assert streams(capsys) == recorded
    assert main(["replay", "flight"]) == 0
    assert "otherwise than when it was recorded" not in capsys.readouterr().out


def test_what_broke_breaks_again_and_other_streams_are_kept(acme: AcmeSimulator, capsys: Out) -> None:
    capsys.readouterr()
    acme.faults.set("html", path="/invoices", after=2, count=99)
    assert main(["record", "prod", "--json"]) == 0
    recorded = streams(capsys)
    assert recorded["item"]["error"].startswith("ConnectorGarbled: ")
    assert recorded["item"]["rows"] == 5
    assert recorded["customer"]["error"] is None
    acme.stop()
    assert main(["replay", "flight", "--json"]) == 1
    assert streams(capsys) == recorded


def test_the_recorded_reading_is_a_test_that_fails_until_it_is_mended(acme: AcmeSimulator, tmp_path: Path) -> None:
    def tested(folder: str) -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / folder)]
        plugins = "import duehook.core.scaffold.connector as acme\nfrom duehook.core.plugins import Plugins\n"
        (tmp_path / folder / "conftest.py").write_text(f"{plugins}Plugins.load = lambda: Plugins.of(acme=acme)\n")
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout

    acme.faults.set("html", path="/invoices", after=1, count=99)
    assert main(["record", "prod", "--to", "broken"]) == 0
    assert "1 failed" in tested("broken")
    acme.faults.clear()
    assert main(["record", "prod", "--to", "well"]) == 0
    assert "1 passed" in tested("well")


def test_neither_secrets_nor_addresses_nor_people_stand_in_it(acme: AcmeSimulator, tmp_path: Path) -> None:
    assert main(["record", "prod"]) == 0
    kept = "".join(file.read_text() for file in (tmp_path / "flight").iterdir())
    settings = json.loads((tmp_path / "flight" / "flight.json").read_text())["settings"]
    assert settings["api_key"] == "recorded"
    assert settings["base_url"] == "https://base-url.example/api"
    assert "key-1" not in kept
    assert "127.0.0.1" not in kept
    customers = list(acme.book.customers.values())
    assert [each.name for each in customers if each.name in kept] == []
    assert [row["email"] for row in acme.given("contact") if row.get("email") and row["email"] in kept] == []


def test_the_books_are_not_touched_and_reading_goes_on_from_where_they_stand(
    acme: AcmeSimulator, tmp_path: Path, capsys: Out
) -> None:
    assert main(["import"]) == 0
    before = (tmp_path / "duehook.db").read_bytes()
    capsys.readouterr()
    assert main(["record", "prod", "--json"]) == 0
    since = streams(capsys)
    assert main(["record", "prod", "--to", "whole", "--full", "--json"]) == 0
    whole = streams(capsys)
    assert since["customer"]["rows"] <= whole["customer"]["rows"]
    assert json.loads((tmp_path / "flight" / "flight.json").read_text())["positions"]["item"]["done"] is True
    assert json.loads((tmp_path / "whole" / "flight.json").read_text())["positions"] == {}
    assert (tmp_path / "duehook.db").read_bytes() == before


def test_a_folder_that_is_there_is_not_written_over(acme: AcmeSimulator, tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "flight").mkdir()
    assert main(["record", "prod"]) == 2
    assert "flight is there already. Fix: name another folder with --to." in capsys.readouterr().err


def test_a_folder_without_a_recorded_reading_is_told(acme: AcmeSimulator, tmp_path: Path, capsys: Out) -> None:
    assert main(["replay", str(tmp_path)]) == 1
    assert "record one with `duehook record`" in capsys.readouterr().err


def test_a_connection_that_nothing_is_asked_of_is_said_not_to_be_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drop").mkdir()
    (tmp_path / "map.yaml").write_text(SNAPSHOT)
    (tmp_path / "drop" / "open1.csv").write_text(HEADER + line("1"))
    site(tmp_path, "files", {"folder": "drop", "mapping": "map.yaml", "settle_seconds": 0})
    assert main(["record", "prod"]) == 1
    assert "nothing that files asked goes over HTTP, ODBC or RFC" in capsys.readouterr().err
