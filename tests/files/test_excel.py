"""Excel workbooks are read by their cells: numbers and days as such, formulas by what Excel kept of them."""

from __future__ import annotations

import sys
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.records import EARLIEST
from duehook.core.table_mapping.cells import Moment, Number, amounts_of, days_of
from duehook.core.table_mapping.values import Unreadable, amount_reader, date_reader

from .drop_folder import SNAPSHOT, Folder
from .test_mapping import faults
from .workbooks import computed, without_sheets, workbook

MAPPING = SNAPSHOT.replace("open*.csv", "open*.xlsx")
EXCEL = "format: {kind: excel}\n" + MAPPING
SIGNED = "{sign_of: Amount, codes: {positive: invoice, negative: on_account, zero: fee}}"
DAY, DUE = date(2026, 1, 5), date(2026, 2, 4)


def row(doc: Any = 1, amount: Any = 10.5, **cells: Any) -> list[Any]:
    return [doc, *({"Cust": "A", "Cur": "EUR", "Amount": amount, "Date": DAY, "Due": DUE} | cells).values()]


def folder_of(at: Path, content: bytes, mapping: str = EXCEL) -> Folder:
    folder = Folder(at, mapping)
    folder.put_bytes("open1.xlsx", content)
    return folder


def test_numbers_and_days_are_taken_from_their_cells(tmp_path: Path) -> None:
    form = 'format: {kind: excel, date: DD.MM.YYYY, decimal: ",", thousands: "."}\n'
    rows = [row(4711, 1234.5), row("4712", "1.234,56", Date="05.01.2026"), row(4713.0, -3, Cust=" B ")]
    folder = folder_of(tmp_path, workbook(rows), form + MAPPING.replace("{constant: invoice}", SIGNED))
    found = folder.pages()[0].rows
    assert [(each["key"], each["amount"], each["document_on"]) for each in found] == [
        ("4711", Decimal("1234.5"), date(2026, 1, 5)),
        ("4712", Decimal("1234.56"), date(2026, 1, 5)),
        ("4713", Decimal(-3), date(2026, 1, 5)),
    ]
    assert found[2]["customer"] == "B"


@pytest.mark.parametrize("sheet", ["Open items", 2])
def test_a_sheet_is_named_or_counted_and_its_header_may_stand_lower(tmp_path: Path, sheet: str | int) -> None:
    content = workbook([row(1), row(2, "x")], above=3, sheets=("Notes", "Open items"), at=1)
    folder = folder_of(tmp_path, content, f"format: {{kind: excel, sheet: {sheet}, header_row: 4}}\n" + MAPPING)
    (page, _) = folder.pages()
    assert [each["key"] for each in page.rows] == ["1"]
    assert page.bad[0].reason.startswith("open1.xlsx:6: column 'Amount' (amount): 'x' is no amount")
    found = [each.text for each in folder.source().discover() if each.kind == "file"]
    assert found == [f"2 rows for item, Excel, sheet {sheet!r}"]


@pytest.mark.parametrize("sheet", ["Opne", 3])
def test_a_sheet_that_is_not_there_is_told_beside_those_that_are(tmp_path: Path, sheet: str | int) -> None:
    folder = folder_of(tmp_path, workbook([row()]), f"format: {{kind: excel, sheet: {sheet}}}\n" + MAPPING)
    with pytest.raises(ConnectorGarbled, match=rf"open1.xlsx has no sheet {sheet!r}; it has 'Open'.*`sheet`"):
        folder.pages()


def test_columns_without_a_header_are_counted(tmp_path: Path) -> None:
    mapping = MAPPING
    for place, name in enumerate(("Doc", "Cust", "Cur", "Amount", "Date", "Due"), 1):
        mapping = mapping.replace(f": {name}\n", f": {place}\n")
    skip = "    skip: [{column: 1, equals: [Doc], reason: headings}]\n    fields:"
    form = "format: {kind: excel, header: false}\n"
    folder = folder_of(tmp_path, workbook([row(1)]), form + mapping.replace("    fields:", skip))
    assert folder.rows() == ["1"]


def test_blank_rows_and_what_stands_beside_the_table_are_passed_over(tmp_path: Path) -> None:
    rows = [row(1), [], [*row(2), "", "a note"], [None] * 7 + ["another"], [3, "A", "EUR", 7]]
    folder = folder_of(tmp_path, workbook(rows))
    assert folder.rows() == ["1", "2"]
    assert folder.bad() == ["open1.xlsx:6: column 'Date' (document_on) is empty"]


def test_a_formula_counts_by_what_excel_kept_of_it(tmp_path: Path) -> None:
    rows = [row(1, "=5+5.5"), row(2, "=5+6"), row('=""', 7), row(4)]
    content = computed(workbook(rows), {"D2": "<v>10.5</v>", "A4": "<v></v>"})
    folder = folder_of(tmp_path, content)
    (page, _) = folder.pages()
    assert [(each["key"], each["amount"]) for each in page.rows] == [("1", Decimal("10.5")), ("4", Decimal("10.5"))]
    assert [fault.reason for fault in page.bad] == [
        "open1.xlsx:3: column 'Amount': the formula here was never computed; open the workbook in Excel and save it",
        "open1.xlsx:4: column 'Doc' (key) is empty; column 'Doc' (document_no) is empty",
    ]


def test_a_formula_without_a_value_in_a_column_that_nobody_reads_harms_nothing(tmp_path: Path) -> None:
    mapping = EXCEL.replace("due_on: Due", "due_on: Date")
    assert folder_of(tmp_path, workbook([row(1, Due="=1+1")]), mapping).rows() == ["1"]


def test_excels_errors_are_bad_rows_also_where_only_a_condition_looks(tmp_path: Path) -> None:
    skip = "    skip: [{column: Cur, equals: [X], reason: drafts}]\n    fields:"
    mapping = EXCEL.replace("    fields:", skip).replace("currency: Cur", "currency: {constant: EUR}")
    folder = folder_of(tmp_path, workbook([row(1), row("#REF!"), row(3, Cur="#N/A"), row(4, Cur="X")]), mapping)
    assert folder.rows() == ["1"]
    assert folder.bad() == [
        "open1.xlsx:3: column 'Doc': the cell holds Excel's error #REF!",
        "open1.xlsx:4: column 'Cur': the cell holds Excel's error #N/A",
    ]
    with pytest.raises(ConnectorGarbled, match=r"open1.xlsx:3: the row has no readable key"):
        folder.keys()


def test_what_a_float_has_too_much_needs_a_rounding(tmp_path: Path) -> None:
    content = computed(workbook([row(1, "=0.1+0.2")]), {"D2": "<v>0.30000000000000004</v>"})  # as Excel keeps it
    folder = folder_of(tmp_path, content)
    assert folder.bad() == [
        "open1.xlsx:2: column 'Amount' (amount): 0.30000000000000004 is too large or has more decimals than EUR; "
        "state a rounding"
    ]
    rounded = "{column: Amount, round: half_up}"
    folder.mapping.write_text(EXCEL.replace("amount: Amount", f"amount: {rounded}"))
    (found,) = folder.pages()[0].rows
    assert found["open_amount"] == Decimal("0.30")
    assert found["extra"]["raw_amount"] == "0.30000000000000004"


def test_a_day_is_no_amount_and_a_plain_number_no_day(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, workbook([row(1, DAY), row(2, Due=46027), row(3, Due=date(1900, 1, 1)), row(4)]))
    told = folder.bad()
    assert "'2026-01-05' is a day and no amount; correct the cell's number format" in told[0]
    assert "'46027' is no date of the format YYYY-MM-DD" in told[1]
    assert "'1900-01-01' is no real date but an ERP's way to write none" in told[2]
    assert folder.rows() == ["4"]


def test_codes_conditions_truths_and_times_see_the_text_of_a_cell(tmp_path: Path) -> None:
    mapping = EXCEL.replace("{constant: invoice}", '{column: Cust, codes: {"7": invoice, "TRUE": fee}}')
    mapping = mapping.replace("customer: Cust", "customer: Doc") + "      text: Due\n"
    moment, noon = datetime.combine(DUE, time(9, 30)), time(12, 30)
    rows = [row(1, Cust=7), row(2, Cust=True, Due=moment), row(3, Cust=7, Due=noon), row(4, Cust=7, Due="soon")]
    form = 'date: ["YYYY-MM-DD", "HH:mm:ss DD.MM.YYYY"], empty: ["12:30:00"]'
    folder = folder_of(tmp_path, workbook(rows), mapping.replace("kind: excel", f"kind: excel, {form}"))
    (page, _) = folder.pages()
    found = [(each["kind"], each.get("text"), each.get("due_on")) for each in page.rows]
    assert found == [
        ("invoice", "2026-02-04", date(2026, 2, 4)),
        ("fee", "2026-02-04 09:30:00", date(2026, 2, 4)),
        ("invoice", None, None),
    ]
    assert [fault.reason[:26] for fault in page.bad] == ["open1.xlsx:5: column 'Due'"]


def test_an_instant_is_one_of_the_files_time_zone(tmp_path: Path) -> None:
    form = "format: {kind: excel, timezone: Europe/Berlin, date: [YYYY-MM-DD, DD.MM.YYYY HH:mm]}\n"
    at = datetime.combine(DUE, time(9, 30))
    content = workbook([row(1, Due=at), row(2, Due="04.02.2026 09:30"), row(3, Due=date(1900, 1, 1))])
    folder = folder_of(tmp_path, content, form + MAPPING + "      extra.at: {column: Due, as: instant}\n")
    (page, _) = folder.pages()
    assert [each["extra"]["at"] for each in page.rows] == ["2026-02-04 09:30:00+01:00"] * 2
    assert "(extra.at): '1900-01-01' is no real date" in page.bad[0].reason


def test_control_figures_and_signs_see_the_numbers(tmp_path: Path) -> None:
    mapping = EXCEL.replace("{constant: invoice}", SIGNED)
    control = "    control: {count: 2, sum: 3.30, column: Amount}\n    fields:"
    folder = folder_of(tmp_path, workbook([row(1, 5.5), row(2, -2.2)]), mapping.replace("    fields:", control))
    assert [each["kind"] for each in folder.pages()[0].rows] == ["invoice", "on_account"]
    folder.put_bytes("open2.xlsx", workbook([row(1, 5.5), row(2, -2.3)]))
    with pytest.raises(ConnectorGarbled, match=r"open2.xlsx has a sum of 3.2 instead of 3.30"):
        folder.pages()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0 old", "it is an old .xls, or under a password"),
        (b"Doc,Cust\n1,A\n", "BadZipFile: File is not a zip file"),
        (without_sheets(), "OSError: File contains no valid workbook part"),
        (workbook([row(each) for each in range(50)])[:-300], "BadZipFile"),
    ],
)
def test_what_is_no_workbook_is_refused_whole(tmp_path: Path, content: bytes, words: str) -> None:
    folder = folder_of(tmp_path, content)
    with pytest.raises(ConnectorGarbled, match=rf"open1.xlsx cannot be read as an Excel workbook: {words}.*refused"):
        folder.pages()
    (found,) = [finding for finding in folder.source().check() if not finding.ok]
    assert found.message.startswith("open1.xlsx cannot be read as an Excel workbook")


def test_a_row_behind_the_last_that_excel_has_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duehook.plugins.files.client.excel.LAST_ROW", 3)
    folder = folder_of(tmp_path, workbook([row(1), row(2), row(3)]))
    with pytest.raises(ConnectorGarbled, match="it names a row behind 3"):
        folder.pages()


def test_without_openpyxl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path, workbook([row(1)]))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ConnectorRefused, match=r"openpyxl, .*, is not installed.*pip install 'duehook\[excel\]'"):
        folder.pages()


def test_a_column_that_the_sheet_does_not_have_is_told_by_the_place_in_the_mapping(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, workbook([row(1)]), EXCEL.replace("key: Doc", "key: Dok"))
    with pytest.raises(Exception, match=r"map.yaml:8:12: open1.xlsx: there is no column 'Dok'; did you mean Doc\?"):
        folder.pages()


def test_a_key_of_the_format_that_means_nothing_to_workbooks_is_refused(tmp_path: Path) -> None:
    text = EXCEL.replace("{kind: excel}", "{kind: excel, encoding: utf-8}")
    text = text.replace(
        "    snapshot", '    format: {delimiter: ";", header: false, header_row: 2, skip_lines: 1}\n    snapshot'
    )
    assert faults(tmp_path, text) == [
        "map.yaml:1:23: `encoding` is for csv and fixed; these files are excel",
        "map.yaml:5:5: `header_row` names a row, and `header: false` says that there is none",
        "map.yaml:5:14: `delimiter` is for csv; these files are excel",
        "map.yaml:5:60: `skip_lines` is for csv and fixed; these files are excel",
    ]
    csv = "format: {sheet: 1}\n" + SNAPSHOT
    assert faults(tmp_path, csv) == ["map.yaml:1:10: `sheet` is for excel; these files are csv"]


def test_a_workbook_may_stand_beside_csv_files_of_other_streams(tmp_path: Path) -> None:
    own = MAPPING.replace("    fields:", "    format: {kind: excel}\n    fields:")
    folder = folder_of(
        tmp_path, workbook([row(1, "1.234,00")]), 'format: {delimiter: ";", decimal: ",", thousands: "."}\n' + own
    )
    assert folder.pages()[0].rows[0]["amount"] == Decimal(1234)


@given(some.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_an_amount_of_two_decimals_comes_back_as_it_was_typed(amount: Decimal) -> None:
    read = amounts_of(amount_reader(",", "."))
    assert read(Number(float(amount))) == amount
    assert read(Number(int(amount))) == int(amount)


@given(some.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_no_float_loses_or_wins_anything(number: float) -> None:
    cell = Number(number)
    assert float(cell.amount) == number
    assert Decimal(cell) == cell.amount


@given(
    some.datetimes(min_value=datetime.combine(EARLIEST, time()), max_value=datetime.combine(date(2199, 12, 31), time()))
)
def test_a_day_of_a_cell_is_that_day_whatever_the_format_says(at: datetime) -> None:
    assert days_of(date_reader(["DD.MM.YYYY"]))(Moment(at)) == at.date()


@settings(max_examples=20, deadline=None)
@given(
    amount=some.decimals(min_value=-(10**9), max_value=10**9, places=2),
    day=some.dates(min_value=EARLIEST, max_value=date(2199, 12, 31)),
)
def test_money_and_days_survive_a_workbook(
    tmp_path_factory: pytest.TempPathFactory, amount: Decimal, day: date
) -> None:
    content = workbook([row(1, float(amount), Date=day)])
    mapping = EXCEL.replace("{constant: invoice}", SIGNED)
    (found,) = folder_of(tmp_path_factory.mktemp("sheet"), content, mapping).pages()[0].rows
    assert (found["amount"], found["document_on"]) == (amount, day)


def test_an_amount_in_words_is_still_refused() -> None:
    with pytest.raises(Unreadable, match="'ten' is no amount"):
        amounts_of(amount_reader(".", ""))("ten")
