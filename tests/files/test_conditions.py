"""What a mapping says beyond plain columns: conditions, formats of its own, control figures, several rows a record."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import ConnectionConfig
from duehook.core.yaml_source import BadFile
from duehook.plugins.files import customer_source, sample_mapping
from duehook.plugins.files.forms.opening import open_table
from duehook.plugins.files.forms.table import Stamp
from duehook.plugins.files.mapping.lint import load_mapping

from .drop_folder import CUSTOMERS, HEADER, NEWS, SNAPSHOT, Folder, line

CONTACTS = """\
streams:
  contact:
    files: open*.csv
    fields:
      company: {constant: "01"}
      key: {columns: [Cust, Mail]}
      customer: Cust
      email: Mail
      purposes: {column: For, split: /}
"""


def with_control(control: str) -> str:
    return SNAPSHOT.replace("    fields:", f"    control: {control}\n    fields:")


def faults(folder: Path, text: str) -> list[str]:
    (file := folder / "map.yaml").write_text(text)
    with pytest.raises(BadFile) as caught:
        load_mapping(file)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("{column: Cur, equals: [USD, CHF]}", ["10.00", "0", "10.00"]),
        ("{column: Due, filled: true}", ["0", "0", "10.00"]),
        ("{column: Cust, matches: '^X'}", ["10.00", "10.00", "0"]),
    ],
)
def test_an_amount_is_zero_where_its_condition_holds(tmp_path: Path, condition: str, left: list[str]) -> None:
    mapping = SNAPSHOT.replace("open_amount: Amount", f"open_amount: {{column: Amount, zero_when: {condition}}}")
    folder = Folder(tmp_path, mapping)
    folder.put("open1.csv", line("1"), line("2", Cur="USD"), line("3", Cust="X7", Due=""))
    assert [row["open_amount"] for row in folder.pages()[0].rows] == [Decimal(amount) for amount in left]


def test_every_fault_of_a_format_a_condition_and_a_control_is_told_at_its_place(tmp_path: Path) -> None:
    text = """\
format: {delimiter: ";;", timezone: Berlin, thousands: "."}
streams:
  item:
    files: open.csv
    format: {decimal: ".", thousands: "."}
    control: {column: Amount}
    skip: [{column: A, reason: r}, {column: A, matches: "(", reason: r}]
    fields:
      company: {constant: "01"}
      key: No
      customer: No
      kind: {constant: invoice}
      currency: {constant: EUR}
      amount: {constant: ten}
      open_amount: {constant: 1}
      fiscal_year: {constant: this}
      document_on: {column: D, date: DD}
      document_no: No
      address: Street
  payment: {files: p.csv, fields: 7}
  customer: {files: c.csv, control: {count: 7, sum: 1}, fields: {company: A, key: B, name: C}}
"""
    assert faults(tmp_path, text) == [
        "map.yaml:1:21: `format.delimiter`: write one character, or tab",
        "map.yaml:1:37: `format.timezone`: 'Berlin' is no IANA time zone; write one like Europe/Berlin",
        "map.yaml:5:13: `streams.item.format`: decimal and thousands are both '.'",
        "map.yaml:6:14: `streams.item.control`: write count, sum or both",
        "map.yaml:7:12: `streams.item.skip.0`: write one of equals, filled and matches",
        "map.yaml:7:36: `streams.item.skip.1`: '(' is no regular expression: missing ), unterminated subpattern "
        "at position 0",
        "map.yaml:14:26: 'ten' is no amount; write digits with '.' before the decimals",
        "map.yaml:16:31: 'this' is no whole number",
        "map.yaml:17:38: `streams.item.fields.document_on.date`: 'DD' is no date format; "
        "write one like YYYY-MM-DD, DD.MM.YYYY, M/D/YYYY or YYYYMMDD",
        "map.yaml:19:7: item has no field 'address' (write address.lines: …)",
        "map.yaml:20:35: `streams.payment.fields`: input should be a valid dictionary",
        "map.yaml:21:37: `streams.customer.control`: sum and column (the one that is summed) belong together",
    ]


def test_a_stream_and_a_column_may_have_a_format_of_their_own(tmp_path: Path) -> None:
    own = SNAPSHOT.replace("    fields:", '    format: {delimiter: ";", date: DD.MM.YYYY}\n    fields:')
    own = own.replace("document_on: Date", "document_on: {column: Date, date: YYYYMMDD}")
    own += "      reference: {column: Due, as: date}\n      extra.at: {column: Date, as: instant, date: YYYYMMDD}\n"
    folder = Folder(tmp_path, 'format: {decimal: ",", timezone: Europe/Berlin}\n' + own)
    text = line("7", "10x50", Date="20260105", Due="04.02.2026").replace(",", ";").replace("x", ",")
    folder.put("open1.csv", text, header=HEADER.replace(",", ";"))
    (row,) = folder.pages()[0].rows
    assert (row["amount"], str(row["document_on"]), str(row["due_on"])) == (
        Decimal("10.50"),
        "2026-01-05",
        "2026-02-04",
    )
    assert row["reference"] == "2026-02-04"  # a day in a text field has its plain form
    assert row["extra"] == {"at": "2026-01-05 00:00:00+01:00"}


def test_a_format_of_a_stream_that_does_not_go_with_the_one_for_all_is_told(tmp_path: Path) -> None:
    own = SNAPSHOT.replace("    fields:", '    format: {decimal: "."}\n    fields:')
    assert faults(tmp_path, 'format: {decimal: ",", thousands: "."}\n' + own) == [
        "map.yaml:6:5: together with the `format` for all streams: decimal and thousands are both '.'"
    ]


def test_a_column_by_number_that_a_file_does_not_have_is_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path, SNAPSHOT.replace("due_on: Due", "due_on: 7"))
    folder.put("open1.csv", line("1"))
    with pytest.raises(BadFile, match=r"map.yaml:14:15: open1.csv: there is no column 7; the file has 6"):
        folder.pages()


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("{sum: 30.00, column: Sum}", "open1.csv: `control`: there is no column 'Sum'"),
        ("{count: some}", "its control figures cannot be read: 'some' is no whole number"),
        ('{file: "{stem}.ctl", sum: Total, column: Amount}', "cannot be read: 'much' is no amount"),
    ],
)
def test_control_figures_that_cannot_be_used_refuse_the_file(tmp_path: Path, control: str, words: str) -> None:
    folder = Folder(tmp_path, with_control(control))
    folder.put("open1.csv", line("1"))
    (folder.at / "open1.ctl").write_text("Total\nmuch\n")
    with pytest.raises(ConnectorGarbled, match=words):
        folder.pages()


def test_a_row_whose_amount_cannot_be_read_leaves_the_control_sum_to_the_others(tmp_path: Path) -> None:
    folder = Folder(tmp_path, with_control("{count: 3, sum: 20.00, column: Amount}"))
    folder.put("open1.csv", line("1"), line("2", "x"), line("3"))
    assert folder.rows() == ["1", "3"]


def test_rows_that_make_one_record_may_be_skipped_or_lack_a_key_or_a_day(tmp_path: Path) -> None:
    skip = "    skip: [{column: Name, equals: [Total], reason: sums}]\n    fields:"
    folder = Folder(tmp_path, CUSTOMERS.replace("    fields:", skip))
    rows = ("2,A,New,2026-01-05\n", "1,A,Old,soon\n", "3,,None,2026-01-01\n", "4,A,Total,2026-02-01\n", "x,B\n")
    folder.put("open1.csv", *rows, header="Doc,Cust,Name,Date\n")
    (page, _) = folder.pages()
    assert [(row["key"], row["name"], row["extra"]) for row in page.rows] == [("A", "New", {"aliases": ["Old"]})]
    assert [fault.reason for fault in page.bad] == [
        "open1.csv:6: the row has 2 columns, the header 4; is a separator inside a text without quotes?",
        "open1.csv:4: column 'Cust' (key) is empty",
    ]


def test_one_record_of_many_rows_needs_no_aliases(tmp_path: Path) -> None:
    folder = Folder(tmp_path, CUSTOMERS.replace(", aliases: name", ""))
    folder.put("open1.csv", "1,A,Old,2026-01-01\n", "2,A,New,2026-01-05\n", header="Doc,Cust,Name,Date\n")
    (row,) = folder.pages()[0].rows
    assert (row["name"], "extra" in row) == ("New", False)


def test_of_several_files_with_many_rows_a_record_the_last_one_tells(tmp_path: Path) -> None:
    folder = Folder(tmp_path, CUSTOMERS.replace("snapshot: true", "snapshot: together"))
    folder.put("open1.csv", "1,A,Alpha,2026-01-01\n", "2,B,Beta,2026-01-01\n", header="Doc,Cust,Name,Date\n")
    folder.put("open2.csv", "3,A,Alpha Ltd,2026-01-01\n", header="Doc,Cust,Name,Date\n")
    found = [(row["key"], row["name"]) for page in folder.pages() for row in page.rows]
    assert found == [("B", "Beta"), ("A", "Alpha Ltd")]
    assert folder.keys() == ([("01", "B"), ("01", "A")], True)


def test_a_key_that_one_file_of_a_state_tells_well_and_another_badly_waits(tmp_path: Path) -> None:
    folder = Folder(tmp_path, SNAPSHOT.replace("snapshot: true", "snapshot: together"))
    folder.put("open1.csv", line("1"), line("2"))
    folder.put("open2.csv", line("1", "x"), line("3"))
    assert folder.rows() == ["2", "3"]
    places = "2 rows have one key, open1.csv:2 and open2.csv:2; only one may stand there"
    assert folder.bad() == [f"open1.csv:2: {places}", f"open2.csv:2: {places}"]
    source = folder.source()
    answer = source.lookup("item", [("01", "1"), ("01", "3"), ("01", "9")])
    assert [(row.company, row.key) for row in answer.bad] == [("01", "1")]
    assert answer.missing == [("01", "9")]


def test_files_of_one_state_are_all_read_again_when_one_of_them_changes_or_goes(tmp_path: Path) -> None:
    folder = Folder(tmp_path, SNAPSHOT.replace("snapshot: true", "snapshot: together"))
    folder.put("open1.csv", line("1"))
    folder.put("open2.csv", line("2"))
    last = folder.pages()[-1].position
    assert folder.rows(last) == []
    folder.put("open2.csv", line("2"), line("3"))
    assert folder.rows(last) == ["1", "2", "3"]
    (folder.at / "open2.csv").unlink()
    assert folder.rows(last) == ["1"]


def test_news_go_on_in_the_middle_of_a_file_although_a_newer_one_came(tmp_path: Path) -> None:
    folder = Folder(tmp_path, NEWS, page_size=2)
    folder.put("open1.csv", *(line(str(number)) for number in range(1, 6)))
    folder.put("open2.csv", line("2"), line("4"))
    pages = folder.pages()
    assert [[row["key"] for row in page.rows] for page in pages] == [["1", "3"], ["5"], ["2", "4"], []]
    assert folder.rows(pages[0].position) == ["5", "2", "4"]
    folder.put("open3.csv", line("1"), line("5"))
    assert folder.rows(pages[0].position) == ["3", "2", "4", "1", "5"]  # what there is has changed: all anew


def test_an_amount_cannot_be_rounded_without_its_currency(tmp_path: Path) -> None:
    mapping = SNAPSHOT.replace("      amount: Amount", "      amount: {column: Amount, round: half_up}")
    mapping += "      company_amount: {column: Amount, round: half_up}\n      company_currency: Cust\n"
    folder = Folder(tmp_path, mapping)
    folder.put("open1.csv", line("1", Cur=""), line("2", "1.00", Cust="EUR"))
    assert folder.bad() == ["open1.csv:2: column 'Amount' (amount): it cannot be rounded without a currency"]
    notes = folder.pages()[-1].notes
    assert [note.split(":")[1] for note in notes] == [
        " amount in EUR (2 decimals)",
        " company_amount in EUR (2 decimals)",
    ]


def test_a_due_day_before_the_posting_is_kept_and_counted(tmp_path: Path) -> None:
    folder = Folder(tmp_path, SNAPSHOT + "      posted_on: Date\n")
    folder.put("open1.csv", line("1", Due="2026-01-02"), line("2"))
    pages = folder.pages()
    assert [row.get("extra") for row in pages[0].rows] == [{"due_before_posting": "3"}, None]
    assert pages[-1].notes == ["open1.csv: 1 due dates precede the posting date (kept)"]


def test_check_tells_of_files_that_are_not_there_not_finished_or_noteworthy(tmp_path: Path) -> None:
    folder = Folder(
        tmp_path, NEWS + "      posted_on: Date\n" + CONTACTS.removeprefix("streams:\n").replace("open", "c")
    )
    folder.put("open1.csv", line("1", Due="2026-01-02"))
    folder.put("open2.csv", line("2"))
    (folder.at / "open2.csv.part").touch()
    told = {(each.subject, each.ok, each.message, each.severity) for each in folder.source().check()}
    assert told == {
        ("item open1.csv", True, "1 rows are well", "error"),
        ("item open1.csv", True, "open1.csv: 1 due dates precede the posting date (kept)", "info"),
        ("contact files", True, "none are there now", "info"),
        ("open2.csv", True, "is still being written and waits", "info"),
    }


def test_discover_knows_which_columns_a_mapping_looks_at(tmp_path: Path) -> None:
    turned = "amount: {columns: [Amount], as: amount, negate: {column: Cur, values: [H]}}"
    left = "open_amount: {column: Amount, zero_when: {column: Due, filled: false}}"
    mapping = SNAPSHOT.replace("      amount: Amount", f"      {turned}").replace("open_amount: Amount", left)
    mapping = mapping.replace("currency: Cur", "currency: {constant: EUR}").replace("due_on: Due", "text: Text")
    folder = Folder(tmp_path, mapping)
    folder.put("open1.csv", "1,A,H,10.00,2026-01-05,,\n", header="Doc,Cust,Cur,Amount,Date,Due,More\n")
    with pytest.raises(BadFile, match="there is no column 'Text'"):
        list(folder.source().discover())
    folder.mapping.write_text(mapping.replace("text: Text", "text: Doc"))
    found = {each.name: each.text for each in folder.source().discover() if each.kind == "column"}
    assert {name for name, text in found.items() if text} == {"open1.csv: More"}
    assert [row["amount"] for row in folder.pages()[0].rows] == [Decimal("-10.00")]


def test_a_sample_masks_what_is_inside_addresses_and_lists(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "open1.csv").write_text(
        "Cust,Mail,For,Name,Street\nA,ap@x.example,dunning/statement,Ann,Way 7\n"
    )
    (tmp_path / "map.yaml").write_text(
        CONTACTS
        + "  customer:\n    files: open*.csv\n    fields:\n      {company: {constant: '01'}, key: Cust, name: Name, "
        + "address.lines: {column: Street}, address.city: Name}\n"
    )
    found = sample_mapping(tmp_path / "map.yaml", tmp_path / "drop", 5)
    assert found["contact"][0]["purposes"] == ("dunning", "statement")
    assert found["contact"][0]["email"] == "ax@x.exxxxxx"
    assert found["customer"][0]["address"] == {"lines": ["Wxx 9"], "city": "Axx"}


def test_codes_of_companies_are_looked_for_among_items_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path, CONTACTS)
    folder.put("open1.csv", "A,a@x.example,dunning\n", header="Cust,Mail,For\n")
    assert {each.kind for each in folder.source().discover()} == {"file", "column"}


def test_a_source_gives_no_stream_that_its_mapping_lacks(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with pytest.raises(ConnectorRefused, match=r"does not give payment.*ask for item"):
        folder.source().lookup("payment", [("01", "1")])
    (tmp_path / "other").mkdir()
    contacts = Folder(tmp_path / "other", CONTACTS).source()
    assert list(contacts.totals(contacts.upper_bound())) == []


def test_settings_of_another_type_of_connection_are_a_defect_of_the_caller(tmp_path: Path) -> None:
    class Other(BaseModel):
        pass

    with pytest.raises(TypeError, match="connection erp holds Other, not FilesSettings"):
        customer_source(ConnectionConfig("erp", "files", Other(), str(tmp_path)))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_file_that_may_not_be_read_names_the_right_that_is_missing(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"))
    (folder.at / "open1.csv").chmod(0)
    with pytest.raises(ConnectorDown, match=r"open1.csv cannot be read: Permission denied"):
        folder.pages()


def test_a_file_that_was_taken_away_while_it_was_read_is_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"))
    form = load_mapping(folder.mapping).mapping.format_of("item")
    table = open_table(file := folder.at / "open1.csv", form, Stamp.of(file))
    file.unlink()
    with pytest.raises(ConnectorDown, match=r"open1.csv cannot be read: No such file"):
        table.digest()


def test_rows_with_blank_lines_unreadable_keys_and_empty_amounts_keep_their_lines(tmp_path: Path) -> None:
    mapping = SNAPSHOT.replace("key: Doc", "key: {columns: [{column: Doc, as: whole}, Cust]}")
    mapping += "      tax_amount: {column: Due, round: half_up}\n"
    folder = Folder(tmp_path, mapping.replace("due_on: Due", "text: Due"))
    folder.put("open1.csv", line("1", Due=""), "\n", " , ,,,,\n", line("x", Due=""), line("3", Date="", Due="1.005"))
    (page, _) = folder.pages()
    assert [(row["key"], "tax_amount" in row) for row in page.rows] == [("1|A", False)]
    assert [(fault.key, fault.reason) for fault in page.bad] == [
        (None, "open1.csv:5: column 'Doc', column 'Cust' (key): 'x' is no whole number"),
        ("3|A", "open1.csv:6: column 'Date' (document_on) is empty"),
    ]


def test_a_total_line_that_every_file_ends_with_is_no_row_of_two_files(tmp_path: Path) -> None:
    skip = "    skip: [{column: Cust, filled: false, reason: sums}]\n"
    folder = Folder(tmp_path, NEWS.replace("    fields:", skip + "    fields:"))
    folder.put("open1.csv", line("1"), line("2"), line("Total", "20.00", Cust=""))
    folder.put("open2.csv", line("2", "5.00"), line("Total", "5.00", Cust=""))
    pages = folder.pages()
    assert [(row["key"], row["amount"]) for page in pages for row in page.rows] == [
        ("1", Decimal("10.00")),
        ("2", Decimal("5.00")),
    ]
    assert [note for note in pages[-1].notes if "sums" in note] == [
        "open1.csv: 1 rows skipped: sums",
        "open2.csv: 1 rows skipped: sums",
    ]


def test_a_part_of_an_address_that_is_empty_is_left_out_of_it(tmp_path: Path) -> None:
    fields = "fields: {company: {constant: '01'}, key: Cust, name: Cust, address.city: City, address.country: Land}\n"
    folder = Folder(tmp_path, f"streams:\n  customer:\n    files: open*.csv\n    snapshot: true\n    {fields}")
    folder.put("open1.csv", "A,Bremen,\n", "B,,\n", header="Cust,City,Land\n")
    first, second = folder.pages()[0].rows
    assert first["address"] == {"city": "Bremen"}
    assert "address" not in second
