"""`duehook map check` shows what a field mapping makes of an ERP's first rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from duehook.core.cli.app import main
from tests.jde.ledger import Ledger

Out = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a duehook.yaml that names a ledger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JDE_CONNECTION", f"DRIVER=SQLite3;DATABASE={tmp_path / 'jde.db'}")
    ledger = Ledger(tmp_path / "jde.db")
    ledger.item(VR01="Order of Mia Moor")
    ledger.database.execute('ALTER TABLE "F03B11" ADD COLUMN "RPAC10" CHAR(30)')
    ledger.database.execute('UPDATE "F03B11" SET "RPAC10" = \'Kit Bell\'')
    ledger.close()
    (tmp_path / "duehook.yaml").write_text(
        "timezone: Europe/Berlin\n"
        "companies:\n  '01': {erp: {connection: erp, code: '00001'}}\n"
        "connections:\n  erp:\n    type: jde\n    data_schema: main\n    dialect: sqlite\n"
        "    connection_string: {env: JDE_CONNECTION}\n"
        "  sheets: {type: files, folder: drop, mapping: map.yaml}\n"
    )
    return tmp_path


def test_the_first_rows_of_a_connection_are_shown_mapped_and_masked(folder: Path, capsys: Out) -> None:
    (folder / "erp-fields.yaml").write_text("extra: {item: {salesman: RPAC10}}")
    assert main(["map", "check", "erp-fields.yaml", "--plugin", "jde", "--sample", "erp"]) == 0
    out = capsys.readouterr().out
    assert "erp-fields.yaml is well: item (1 extra)" in out
    assert "Kxx Bxxx" in out
    assert "2026-03-03" in out
    assert "Kit" not in out
    assert "Mia" not in out


def test_a_field_that_the_erp_does_not_have_is_told_with_its_place(folder: Path, capsys: Out) -> None:
    (folder / "erp-fields.yaml").write_text("extra: {item: {salesman: RPAC11}}")
    assert main(["map", "check", "erp-fields.yaml", "--plugin", "jde"]) == 0
    assert main(["map", "check", "erp-fields.yaml", "--plugin", "jde", "--sample", "erp"]) == 4
    told = capsys.readouterr().err
    assert "erp-fields.yaml:1:26: F03B11 of this ERP has no field 'RPAC11' (did you mean RPAC10?)" in told


def test_a_connection_of_another_plugin_or_none_is_refused(folder: Path, capsys: Out) -> None:
    (folder / "erp-fields.yaml").write_text("extra: {item: {salesman: RPAC10}}")
    (folder / "map.yaml").write_text("streams: {}")
    line = ["map", "check", "erp-fields.yaml", "--plugin", "jde", "--sample"]
    assert main([*line, "sheets"]) == 2
    assert "connection sheets is of the type files" in capsys.readouterr().err
    assert main([*line, "nope"]) == 2
    assert "there is no connection 'nope' in duehook.yaml" in capsys.readouterr().err
