"""The flight recorder over ODBC: statements, rows and faults are kept without people's data, and come again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duehook.core.cli import main
from duehook.core.testing.sql_ledger import SqlLedgerSimulator
from duehook.plugins.infor_lx.simulator import InforLxSimulator
from duehook.plugins.jde.simulator import JdeSimulator
from duehook.plugins.jde_world.simulator import JdeWorldSimulator
from duehook.plugins.oracle_ebs.simulator import OracleEbsSimulator
from duehook.plugins.peoplesoft.simulator import PeopleSoftSimulator

from .test_flight import BOOK, Out, site, streams

SIMULATED = {
    "infor_lx": InforLxSimulator, "jde_world": JdeWorldSimulator, "oracle_ebs": OracleEbsSimulator,
    "peoplesoft": PeopleSoftSimulator, "jde": JdeSimulator,
}  # fmt: skip
DENIED = {
    "InforLxSimulator": "RCM", "JdeWorldSimulator": "F0301", "OracleEbsSimulator": "HZ_CUST_ACCOUNTS",
    "PeopleSoftSimulator": "PS_CUSTOMER",
}  # fmt: skip


@pytest.fixture(params=list(SIMULATED))
def ledger(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give an ERP that the site in this folder reads over ODBC."""
    made: Any = SIMULATED[request.param]({"folder": str(tmp_path / "erp"), **BOOK})
    monkeypatch.chdir(tmp_path)
    site(tmp_path, request.param, {**made.start(), "page_size": 5, **made.site_settings})
    yield made
    made.stop()


def kept(folder: Path) -> str:
    return "".join(file.read_text() for file in folder.iterdir())


def test_a_reading_comes_out_the_same_without_driver_and_database(
    ledger: SqlLedgerSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    capsys.readouterr()
    assert main(["record", "prod", "--json"]) == 0
    recorded = streams(capsys)
    assert [each["error"] for each in recorded.values() if each["error"]] == []
    assert recorded["item"]["rows"] > 5
    ledger.stop()
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    assert main(["replay", "flight", "--json"]) == 0
    assert streams(capsys) == recorded


def test_neither_people_nor_the_database_stand_in_it(ledger: SqlLedgerSimulator, tmp_path: Path) -> None:
    assert main(["record", "prod"]) == 0
    text = kept(tmp_path / "flight")
    assert [each.name for each in ledger.book.customers.values() if each.name in text] == []
    told = [row for stream in ("contact", "customer") if stream not in ledger.lacks for row in ledger.given(stream)]
    secret = [row.get(name) for row in told for name in ("name", "email", "phone")]
    secret += [line for row in told for line in (row.get("address") or {}).get("lines", ())]
    assert [each for each in secret if each and str(each) in text] == []
    assert "ledger.db" not in text


def test_what_a_spoilt_row_is_parked_for_and_what_may_not_be_read_fail_again(
    ledger: SqlLedgerSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    capsys.readouterr()
    ledger.spoil(next(iter(ledger.book.items)))
    right = DENIED.get(str(type(ledger).__name__))
    if right:
        ledger.deny(right)
    assert main(["record", "prod", "--json"]) == 0
    recorded = streams(capsys)
    assert recorded["item"]["bad"] or recorded["item"]["error"]
    assert not right or recorded["customer"]["error"].startswith("ConnectorRefused: ")
    ledger.stop()
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    main(["replay", "flight", "--json"])
    assert streams(capsys) == recorded


def test_a_database_that_is_not_there_fails_again_and_is_not_named(
    ledger: SqlLedgerSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    ledger.stop()
    (tmp_path / "erp").rename(tmp_path / "away")
    capsys.readouterr()
    assert main(["record", "prod", "--json"]) == 0
    recorded = streams(capsys)
    assert "cannot be opened" in recorded["item"]["error"]
    assert "ledger.db" not in kept(tmp_path / "flight")
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    assert main(["replay", "flight", "--json"]) == 1
    assert streams(capsys) == recorded
