"""Several files and the manifest that names them: nothing is read before all are there and agree with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.yaml_source import BadFile

from .drop_folder import CUSTOMERS, HEADER, NEWS, SNAPSHOT, Folder, line
from .test_mapping import faults

MANIFEST = """\
manifest:
  files: manifest*.csv
  name: File
  rows: Rows
  sha256: Hash
  sum: {column: Total, of: Amount}
"""
TOGETHER = SNAPSHOT.replace("snapshot: true", "snapshot: together")
HEAD = "File,Rows,Hash,Total\n"


def folder_of(at: Path, mapping: str = MANIFEST + TOGETHER) -> Folder:
    folder = Folder(at, mapping)
    folder.put("open_a.csv", line("1"), line("2", "20.00"))
    folder.put("open_b.csv", line("3"))
    return folder


def sha(folder: Folder, name: str) -> str:
    return hashlib.sha256((folder.at / name).read_bytes()).hexdigest()


def test_the_files_that_the_newest_manifest_names_are_the_state(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest1.csv", "open_a.csv,2,,30.00\n", "open_b.csv,1,,\n", header=HEAD)
    assert folder.rows() == ["1", "2", "3"]
    last = folder.pages()[-1].position
    folder.put("open_c.csv", line("2"), line("4"))
    assert folder.rows(last) == []  # no manifest names it
    assert folder.source().upper_bound().at.minute == 2  # and so it makes the books no fresher
    folder.put("manifest2.csv", f"C:\\out\\OPEN_C.CSV,2,{sha(folder, 'open_c.csv').upper()},20\n", header=HEAD)
    assert folder.rows(last) == ["2", "4"]
    assert folder.keys() == ([("01", "2"), ("01", "4")], True)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("open_a.csv,3,,\n", "manifest.csv:3: open_a.csv has 2 rows instead of 3"),
        ("open_a.csv,2,,30.01\n", "manifest.csv:3: open_a.csv has a sum of 30.00 instead of 30.01"),
        (
            "open_a.csv,3,,1\n",
            "open_a.csv has 2 rows .*; manifest.csv:3: open_a.csv has a sum of 30.00 instead of 1",
        ),
        ("open_a.csv,2,00ff,\n", "manifest.csv:3: open_a.csv has another SHA-256"),
        ("notes.txt,,00ff,\n", "manifest.csv:3: notes.txt has another SHA-256"),
    ],
)
def test_what_does_not_agree_is_told_with_its_place_and_nothing_is_read(tmp_path: Path, row: str, words: str) -> None:
    folder = folder_of(tmp_path)
    folder.put("notes.txt", "", header="")
    folder.put("manifest.csv", "open_b.csv,1,,\n", row, header=HEAD)
    for asked in (folder.source().upper_bound, folder.pages, folder.keys):
        with pytest.raises(ConnectorGarbled, match=rf"not what their manifest says: .*{words}. Nothing was read"):
            asked()
    folder.put("manifest.csv", "open_b.csv,2,,\n", row, header=HEAD)
    with pytest.raises(ConnectorGarbled, match=rf"manifest.csv:2: open_b.csv has 1 rows instead of 2; .*{words}"):
        folder.pages()


def test_a_file_that_is_missing_or_still_written_is_waited_for(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest.csv", "open_a.csv,2,,\n", "open_b.csv,1,,\n", "open_c.csv,1,,\n", header=HEAD)
    (folder.at / "open_b.csv.part").touch()
    told = r"not there, or still being written: open_b.csv \(manifest.csv:3\), open_c.csv \(manifest.csv:4\)"
    with pytest.raises(ConnectorDown, match=told):
        folder.pages()
    (found,) = [finding for finding in folder.source().check() if not finding.ok]
    assert "open_c.csv (manifest.csv:4)" in found.message
    (folder.at / "open_b.csv.part").unlink()
    folder.put("open_c.csv", line("4"))
    assert folder.rows() == ["1", "2", "3", "4"]


def test_without_a_manifest_nothing_is_read(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest.csv.part", "open_a.csv,2,,\n", header=HEAD)
    with pytest.raises(ConnectorRefused, match=r"no complete manifest is in .*: looked for manifest\*.csv"):
        folder.pages()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "manifest.csv names no file"),
        (",2,,\n", "manifest.csv:2: the row names no file"),
        ("open_a.csv,two,,\n", "manifest.csv:2: 'two' is no whole number"),
        ("open_a.csv,,,x\n", "manifest.csv:2: 'x' is no amount"),
        ("open_a.csv,2,,\nOPEN_A.csv,2,,\n", "manifest.csv:3: OPEN_A.csv stands in the manifest twice"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused_by_its_line(tmp_path: Path, rows: str, words: str) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest.csv", rows, header=HEAD)
    with pytest.raises(ConnectorGarbled, match=f"{words}.*Nothing was read"):
        folder.pages()


def test_a_manifest_may_be_written_otherwise_than_its_files(tmp_path: Path) -> None:
    form = "format: {kind: fixed, columns: {Kind: [1, 1], Name: [2, 11]}, rows: F, others: [H]}"
    mapping = f"manifest:\n  files: list.txt\n  name: Name\n  order: time\n  {form}\n"
    folder = folder_of(tmp_path, mapping + TOGETHER)
    folder.put("list.txt", "H two files\n", "Fopen_a.csv\n", header="")
    assert folder.rows() == ["1", "2"]


def test_columns_that_the_manifest_does_not_have_are_told_by_the_place_in_the_mapping(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest.csv", "open_a.csv,2,,\n", header=HEAD.replace("Rows", "Row"))
    with pytest.raises(BadFile, match=r"map.yaml:1:1: manifest.csv: there is no column 'Rows'; did you mean Row\?"):
        folder.pages()
    folder.mapping.write_text((MANIFEST + TOGETHER).replace("of: Amount", "of: Amuont"))
    folder.put("manifest.csv", "open_a.csv,2,,1\n", header=HEAD)
    with pytest.raises(ConnectorError, match=r"open_a.csv: .*there is no column 'Amuont'; did you mean Amount\?"):
        folder.pages()


def test_a_snapshot_of_the_newest_file_is_one_file(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, MANIFEST + SNAPSHOT)
    folder.put("manifest.csv", "open_a.csv,2,,\n", header=HEAD)
    assert folder.rows() == ["1", "2"]  # although open_b.csv is newer
    folder.put("manifest.csv", "open_a.csv,2,,\n", "open_b.csv,1,,\n", header=HEAD)
    with pytest.raises(ConnectorGarbled, match=r"names 2 files that match open\*.csv.*write `snapshot: together`"):
        folder.pages()


def test_files_of_all_streams_have_to_agree_and_news_are_read_as_ever(tmp_path: Path) -> None:
    customers = CUSTOMERS.removeprefix("streams:\n").replace("open", "customers")
    folder = folder_of(tmp_path, MANIFEST + NEWS + customers)
    with pytest.raises(ConnectorRefused, match="no complete manifest"):
        folder.pages()
    folder.put("customers.csv", "9,A,Acme,2026-01-05\n", "8,A,Acme,2026-01-05\n", header="Doc,Cust,Name,Date\n")
    folder.put("manifest.csv", "customers.csv,2,,\n", "open_a.csv,7,,\n", header=HEAD)
    with pytest.raises(ConnectorGarbled, match="manifest.csv:3: open_a.csv has 2 rows instead of 7"):
        folder.pages()
    folder.put("manifest.csv", "customers.csv,2,,\n", "open_a.csv,2,,\n", header=HEAD)
    assert folder.rows() == ["1", "2", "3"]  # items are news: open_b.csv counts too
    (page, end) = folder.source().keys("customer")
    assert (page.keys, end.complete) == ([("01", "A")], True)


def test_a_file_that_comes_while_the_others_are_read_stops_the_reading(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest.csv", "open_a.csv,2,,\n", "open_b.csv,1,,\n", header=HEAD)
    source = folder.source()
    bound = source.upper_bound()
    folder.put("open_b.csv", line("4"))
    with pytest.raises(ConnectorDown, match="open_b.csv came while the files of its manifest were read"):
        list(source.read("item", None, bound))


def test_the_files_are_compared_once_as_long_as_they_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest.csv", "open_a.csv,2,,\n", header=HEAD)
    source = folder.source()
    bound = source.upper_bound()
    monkeypatch.setattr("duehook.plugins.files.drop.folder.agreed", None)
    assert [len(page.rows) for page in source.read("item", None, bound)] == [2, 0]


def test_faults_of_the_manifest_are_told_with_the_mapping(tmp_path: Path) -> None:
    assert faults(tmp_path, MANIFEST.replace("Rows", "Rows\n  hash: Hash") + TOGETHER) == [
        "map.yaml:5:3: unknown key 'hash' (known here: files, format, name, order, rows, sha256, sum)"
    ]
    xml = MANIFEST + "  format: {kind: xml, delimiter: ','}\n"
    assert faults(tmp_path, xml.replace("Rows", "3") + NEWS) == [
        "map.yaml:1:1: XML files need `row`: the elements from the root to a row, such as Ledger/Items/Item",
        "map.yaml:1:1: 3 is no path: write Amount, Head/Number, Amount/@currency or ../@company",
        "map.yaml:1:1: a manifest is for streams with a `snapshot`, and none has one",
        "map.yaml:7:23: `delimiter` is for csv; these files are xml",
    ]


def test_a_header_of_other_files_is_no_manifest(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.put("manifest.csv", line("1"), header=HEADER)
    with pytest.raises(BadFile, match="there is no column 'File'"):
        folder.pages()
