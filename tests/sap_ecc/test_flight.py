"""The flight recorder by RFC: functions, their tables and exceptions are kept, and come again without the library."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from duehook.core.cli import main

from . import answering
from .answering import Ecc
from .test_connector_masters import KNA1, KNB1, KNKK

YAML = """\
version: 1
companies: {{}}
connections:
  ecc:
    type: sap_ecc
    transport: rfc
    host: ecc
    rfc_library: {library}
    client: "100"
    user: u
    password: {{env: ECC_PASSWORD}}
    companies: {{"1000": {{}}}}
"""
Out = pytest.CaptureFixture[str]
SAID = "Anna Berg"


@pytest.fixture
def ecc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ecc:
    """Give a system with one customer and one line, which the site in this folder reads."""
    made = Ecc(KNA1=[KNA1], KNB1=[KNB1], KNKK=[KNKK], BSID=[answering.LINE])
    answering.held.append(made)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECC_PASSWORD", "s3cret-pass")
    (tmp_path / "duehook.yaml").write_text(YAML.format(library=answering.__name__))
    assert main(["migrate"]) == 0
    return made


def streams(capsys: Out) -> dict[str, dict[str, Any]]:
    return {each["stream"]: each for each in json.loads(capsys.readouterr().out)["streams"]}


def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library be gone."""
    monkeypatch.setitem(sys.modules, answering.__name__, None)


def test_a_reading_comes_out_the_same_without_the_library_and_tells_nobodys_name(
    ecc: Ecc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    capsys.readouterr()
    assert main(["record", "ecc", "--json"]) == 0
    recorded = streams(capsys)
    assert (recorded["customer"]["rows"], recorded["item"]["rows"]) == (1, 1)
    kept = "".join(file.read_text() for file in (tmp_path / "flight").iterdir())
    assert [KNA1["NAME1"] in kept, "s3cret-pass" in kept] == [False, False]
    assert "0000000017" in kept
    gone(monkeypatch)
    assert main(["replay", "flight", "--json"]) == 0
    assert streams(capsys) == recorded


def test_an_exception_of_a_function_and_a_line_that_broke_fail_again(
    ecc: Ecc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    whole = ecc.call

    def call(function: str, **parameters: Any) -> dict[str, Any]:
        table = parameters.get("QUERY_TABLE")
        if table == "KNA1":
            raise answering.ABAPApplicationError("NOT_AUTHORIZED")
        if table == "BSID":
            raise answering.CommunicationError(f"the gateway broke off over '{SAID}'")
        return whole(function, **parameters)

    monkeypatch.setattr(ecc, "call", call)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    capsys.readouterr()
    assert main(["record", "ecc", "--json"]) == 0
    recorded = streams(capsys)
    assert recorded["customer"]["error"].startswith("FunctionFault: RFC_READ_TABLE answered NOT_AUTHORIZED")
    assert recorded["item"]["error"] == (
        "ConnectorDown: recorded broke off at RFC_READ_TABLE: the gateway broke off over 'Axxx Bxxx'."
    )
    assert SAID not in "".join(file.read_text() for file in (tmp_path / "flight").iterdir())
    gone(monkeypatch)
    assert main(["replay", "flight", "--json"]) == 1
    assert streams(capsys) == recorded
