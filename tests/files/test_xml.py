"""XML files: rows by an element's path, columns by paths from there; nothing that a DTD could bring in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from duehook.core.errors import ConnectorGarbled
from duehook.core.records import EARLIEST

from .drop_folder import Folder, most_held
from .test_mapping import faults

MAPPING = """\
format: {kind: xml, row: Ledger/Customer/Item}
streams:
  item:
    files: open*.xml
    snapshot: true
    fields:
      company: ../../@company
      key: "@no"
      customer: ../@no
      kind: {sign_of: Amount, codes: {positive: invoice, negative: credit_note, zero: fee}}
      currency: Amount/@currency
      amount: Amount
      open_amount: Amount
      document_on: Head/Date
      due_on: Head/Due
      document_no: "@no"
"""


def item(no: str, amount: str = "10.00", *, more: str = "", day: str = "2026-01-05", due: str = "2026-02-04") -> str:
    head = f"<Head><Date>{day}</Date><Due>{due}</Due></Head>"
    return f'<Item no="{no}">{head}<Amount currency="EUR"> {amount}\n</Amount>{more}</Item>\n'


def ledger(*items: str, begin: str = "", space: str = "") -> str:
    return f'{begin}<Ledger{space} company="01"><Customer no="A">\n{"".join(items)}</Customer></Ledger>\n'


def folder_of(at: Path, text: str, mapping: str = MAPPING, encoding: str = "utf-8") -> Folder:
    folder = Folder(at, mapping)
    folder.put("open1.xml", text, header="", encoding=encoding)
    return folder


def test_columns_are_elements_and_attributes_of_the_row_and_around_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ledger(item("7", "-10.50"), item("8", due="")))
    first, second = folder.pages()[0].rows
    assert first == {
        "company": "01",
        "key": "7",
        "customer": "A",
        "kind": "credit_note",
        "currency": "EUR",
        "amount": Decimal("-10.50"),
        "open_amount": Decimal("-10.50"),
        "document_on": date(2026, 1, 5),
        "due_on": date(2026, 2, 4),
        "document_no": "7",
    }
    assert "due_on" not in second
    assert folder.keys() == ([("01", "7"), ("01", "8")], True)


@pytest.mark.parametrize("space", [' xmlns="urn:erp"', ' xmlns:e="urn:erp" e:company="02"'])
def test_prefixes_and_namespaces_do_not_count(tmp_path: Path, space: str) -> None:
    text = ledger(item("7", more="<!-- a note --><?do it?><Text><![CDATA[A & B]]></Text>"), space=space)
    if "xmlns:e" in space:
        text = text.replace(' company="01"', "").replace("<Item", "<e:Item").replace("</Item", "</e:Item")
    (row,) = folder_of(tmp_path, text, MAPPING + "      text: Text\n").pages()[0].rows
    assert (row["key"], row["text"], row["company"]) == ("7", "A & B", "02" if "xmlns:e" in space else "01")


@pytest.mark.parametrize(
    ("stated", "encoding"), [("utf-8", "utf-8"), ("windows-1252", "cp1252"), ("utf-16", "utf-16"), ("", "utf-8")]
)
def test_the_document_says_its_encoding_itself(tmp_path: Path, stated: str, encoding: str) -> None:
    begin = f'<?xml version="1.0" encoding="{stated}"?>\n' if stated else ""
    text = ledger(item("Müller"), begin=begin)
    assert folder_of(tmp_path, text, encoding=encoding).rows() == ["Müller"]


def test_a_bad_row_is_told_by_the_line_of_its_element_and_by_its_path(tmp_path: Path) -> None:
    twice = "<Amount currency='USD'>20.00</Amount>"
    folder = folder_of(tmp_path, ledger(item("7", "x"), item("8"), item("9", more=twice), '<Item no="10"/>\n'))
    (page, _) = folder.pages()
    assert [row["key"] for row in page.rows] == ["8"]
    assert [(fault.key, fault.reason.split(";")[0]) for fault in page.bad] == [
        ("7", "open1.xml:2: column 'Amount' (kind): 'x' is no amount"),
        ("9", "open1.xml:6: column 'Amount': Amount stands in the row more than once"),
        ("10", "open1.xml:8: column 'Amount' (kind) is empty"),
    ]


def test_the_text_of_a_row_itself_is_a_column(tmp_path: Path) -> None:
    mapping = "format: {kind: xml, row: Names/Name}\nstreams:\n  customer:\n    files: open*.xml\n"
    mapping += "    fields: {company: {constant: '01'}, key: '@no', name: .}\n"
    text = '<Names><Other>x</Other><Name no="A">Acme <b>no</b>Ltd</Name><Name no="B"> </Name></Names>'
    folder = folder_of(tmp_path, text, mapping)
    (page, _) = folder.pages()
    assert [row["name"] for row in page.rows] == ["Acme Ltd"]
    assert page.bad[0].reason == "open1.xml:1: column '.' (name) is empty"


BOMB = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lols "&lol;&lol;&lol;">]>\n'
OUTSIDE = '<!DOCTYPE Ledger [<!ENTITY file SYSTEM "file:///etc/hostname">]>\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ledger(item("&lols;"), begin=BOMB), "open1.xml:1: .* it has a DTD, which could make it anything"),
        (ledger(item("&file;"), begin=OUTSIDE), "open1.xml:1: .* it has a DTD"),
        (ledger(item("1"), begin='<!DOCTYPE Ledger SYSTEM "http://127.0.0.1:9/a.dtd">\n'), "open1.xml:1: .* a DTD"),
        (ledger(item("&lols;")), "open1.xml:2: .* undefined entity"),
        (ledger(item("1"), item("2"))[:-25], "open1.xml:5: .* unclosed token .is it cut off"),
        (ledger(item("1"))[:20], "open1.xml:1: .* unclosed token .is it cut off"),
        ("", "open1.xml:1: .* no element found"),
        ("<Books><Item/></Books>", "open1.xml:1: .* no element Ledger/Customer that rows could .* its root is Books"),
        ("<a>" * 101, "open1.xml:1: .* more than 100 deep"),
    ],
)
def test_what_is_no_ledger_or_more_than_one_is_refused_whole(tmp_path: Path, text: str, words: str) -> None:
    folder = folder_of(tmp_path, text)
    with pytest.raises(ConnectorGarbled, match=f"{words}.*refused"):
        folder.pages()


def test_a_cell_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duehook.plugins.files.forms.elements.LONGEST", 100)
    folder = folder_of(tmp_path, ledger(item("1", more=f"<Other>{'x' * 500}</Other>"), item("2", "1" * 101)))
    with pytest.raises(ConnectorGarbled, match=r"open1.xml:5: .* the text of Amount is longer than 100 characters"):
        folder.pages()


def test_a_ledger_without_rows_is_an_empty_one(tmp_path: Path) -> None:
    assert folder_of(tmp_path, ledger()).keys() == ([], True)


def test_check_tells_of_a_path_that_no_row_has(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ledger(item("1")), MAPPING + "      text: Head/Txet\n")
    told = [finding.message for finding in folder.source().check() if finding.ok]
    assert told == ["1 rows are well", "no row has Head/Txet"]
    assert [each.text for each in folder.source().discover() if each.kind == "file"] == [
        "1 rows for item, XML, rows Ledger/Customer/Item"
    ]


def test_paths_are_checked_with_the_mapping(tmp_path: Path) -> None:
    text = MAPPING.replace("Head/Due", "Head//Due").replace("amount: Amount", "amount: 3", 1).replace("Ledger/", "/")
    assert faults(tmp_path, text) == [
        "map.yaml:1:26: `format.row`: write the names of the elements from the root to a row, "
        "such as Ledger/Items/Item",
    ]
    assert faults(tmp_path, text.replace("row: /", "row: ")) == [
        "map.yaml:12:15: 3 is no path: write Amount, Head/Number, Amount/@currency or ../@company",
        "map.yaml:15:15: 'Head//Due' is no path: write Amount, Head/Number, Amount/@currency or ../@company",
    ]
    assert faults(tmp_path, MAPPING.replace(", row: Ledger/Customer/Item", "")) == [
        "map.yaml:1:1: XML files need `row`: the elements from the root to a row, such as Ledger/Items/Item"
    ]


def test_memory_stays_flat_however_long_the_file_is(tmp_path: Path) -> None:
    folder = Folder(tmp_path, MAPPING, page_size=200)

    def peak(rows: int) -> int:
        folder.put("open1.xml", ledger(*(item(str(number)) for number in range(rows))), header="")
        return most_held(folder, rows)

    peak(500)  # what is cached once
    assert peak(16_000) < 1.5 * peak(1_000)  # the sieve of the keys takes a bit for each byte


@settings(deadline=None, max_examples=40)
@given(
    amount=some.decimals(min_value=-(10**12), max_value=10**12, places=2),
    day=some.dates(min_value=EARLIEST, max_value=date(2199, 12, 31)),
    key=some.text(alphabet=some.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20),
)
def test_money_days_and_keys_come_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, amount: Decimal, day: date, key: str
) -> None:
    text = ledger(item(escape(key, {'"': "&quot;"}), str(amount), day=str(day), due=""))
    (row,) = folder_of(tmp_path_factory.mktemp("xml"), text).pages()[0].rows
    assert (row["amount"], row["document_on"], row["key"]) == (amount, day, key)
