"""Files of fixed width: columns by place, lines by how they begin, and a trailer that has to agree."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from duehook.core.errors import ConnectorGarbled
from duehook.core.records import EARLIEST
from duehook.core.table_mapping.values import Unreadable, amount_reader, date_reader

from .drop_folder import SNAPSHOT, Folder
from .test_mapping import faults

FORM = """\
format:
  kind: fixed
  encoding: cp1252
  date: YYYYMMDD
  columns:
    Doc: [2, 6]
    Cust: [8, 8]
    Cur: [16, 3]
    Amount: {start: 19, length: 12}
    Date: [31, 8]
    Due: [39, 8]
"""
KINDS = FORM + "  rows: D\n  others: [H, C]\n  trailer: {prefix: T, count: [2, 6]}\n"
FIXED = SNAPSHOT.replace("open*.csv", "open*.txt")


def line(doc: str, amount: str = "10.00", *, cust: str = "A", cur: str = "EUR", due: str = "20260204") -> str:
    return f"D{doc:6}{cust:8}{cur:3}{amount:>12}20260105{due:8}\n"


def folder_of(at: Path, *lines: str, mapping: str = KINDS + FIXED, encoding: str = "cp1252") -> Folder:
    folder = Folder(at, mapping)
    folder.put("open1.txt", *lines, header="", encoding=encoding)
    return folder


def test_rows_are_cut_at_their_places_and_headers_passed_over(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "HOPEN 20260301\n", line("7", cust="Müller"), "C a comment\n", line("8"), "T000002\n")
    first, second = folder.pages()[0].rows
    assert (first["key"], first["customer"], first["amount"], first["due_on"]) == (
        "7",
        "Müller",
        Decimal("10.00"),
        date(2026, 2, 4),
    )
    assert second["key"] == "8"
    assert [each.text for each in folder.source().discover() if each.kind == "file"] == [
        "2 rows for item, cp1252, fixed width"
    ]


def test_a_bad_row_is_told_by_its_line_and_column(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "H\n", "\n", line("7", "12x"), line("8", due=""), "T2\n", "\x1a")
    assert folder.bad() == [
        "open1.txt:3: column 'Amount' (amount): '12x' is no amount; write digits with '.' before the decimals; "
        "column 'Amount' (open_amount): '12x' is no amount; write digits with '.' before the decimals"
    ]
    assert folder.rows() == ["8"]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("T000003\n", "open1.txt:4: the file has 2 rows, its trailer says 3"),
        ("T    \n", "open1.txt:4: the trailer's count cannot be read: '' is no whole number"),
        ("", "open1.txt: the file is cut off: it has no trailer, a line that begins with 'T'"),
        ("T2\nD1\n", "open1.txt:5: a line stands behind the trailer: 'D1'"),
        (
            "X4711\nT2\n",
            r"open1.txt:4: the line begins with 'X4711' and is of no kind that .* knows .*`others`",
        ),
    ],
)
def test_a_file_that_is_not_what_its_trailer_says_is_refused_whole(tmp_path: Path, end: str, words: str) -> None:
    folder = folder_of(tmp_path, "H\n", line("7"), line("8"), end)
    with pytest.raises(ConnectorGarbled, match=f"{words}.*"):
        folder.pages()


def test_a_trailer_may_count_all_lines_and_be_told_from_rows_by_more_signs(tmp_path: Path) -> None:
    form = FORM + "  rows: D\n  others: [H]\n  trailer: {prefix: DD, count: [3, 4], counts: lines}\n"
    folder = folder_of(tmp_path, "H\n", line("7"), line("8"), "DD0004\n", mapping=form + FIXED)
    assert folder.rows() == ["7", "8"]


def test_a_trailer_without_a_count_still_proves_the_end(tmp_path: Path) -> None:
    form = FORM + "  trailer: {prefix: END}\n  skip_lines: 1\n"
    assert folder_of(tmp_path, "Open items\n", line("7"), "END", mapping=form + FIXED).rows() == ["7"]


@pytest.mark.parametrize(
    ("last", "is_whole"), [(line("8")[:-1], True), (line("8")[:-3], False), (line("8", due=""), True)]
)
def test_without_a_trailer_a_last_line_that_is_cut_off_is_found(tmp_path: Path, last: str, is_whole: bool) -> None:
    folder = folder_of(tmp_path, line("7"), last.rstrip(" "), mapping=FORM + FIXED)
    if is_whole:
        assert folder.rows() == ["7", "8"]
        return
    with pytest.raises(ConnectorGarbled, match="open1.txt:2: the file is cut off: its last line has 44 of 46"):
        folder.pages()


def test_another_encoding_is_told_as_for_csv(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, line("7", cust="Müller"), "T1\n", mapping=KINDS.replace("cp1252", "utf-8") + FIXED)
    with pytest.raises(ConnectorGarbled, match=r"open1.txt:1: this is not utf-8.*write encoding: cp1252"):
        folder.pages()


def test_digits_may_hold_decimals_that_no_sign_stands_before(tmp_path: Path) -> None:
    amount = "{column: Amount, implied_decimals: 2}"
    mapping = KINDS + FIXED.replace("amount: Amount", f"amount: {amount}")
    folder = folder_of(tmp_path, line("7", "000000001050"), line("8", "7"), line("9", "10.50"), "T3\n", mapping=mapping)
    assert [row["amount"] for row in folder.pages()[0].rows] == [Decimal("10.50"), Decimal("0.07")]
    assert "'10.50' has a decimal sign, and `implied_decimals` says that none is written" in folder.bad()[0]


def test_faults_of_the_format_are_told_by_their_places(tmp_path: Path) -> None:
    text = (
        KINDS.replace("Doc: [2, 6]", "Doc: [2]").replace("Cust: [8, 8]", "Cust: {start: 0, length: 8, end: 9}") + FIXED
    )
    assert faults(tmp_path, text) == [
        "map.yaml:6:10: `format.columns.Doc`: write [start, length], the first character being 1",
        "map.yaml:7:19: `format.columns.Cust.start`: input should be greater than or equal to 1",
        "map.yaml:7:33: unknown key 'end' (known here: length, start)",
    ]
    assert faults(tmp_path, "format: {kind: fixed, header: true}\n" + FIXED) == [
        "map.yaml:1:1: files of fixed width need `columns`: {NAME: [start, length], …}",
        "map.yaml:1:23: `header` is for csv and excel; these files are fixed",
    ]


def test_a_column_that_no_place_is_given_for_is_told_without_a_file(tmp_path: Path) -> None:
    skip = "    skip: [{column: Curr, equals: [X], reason: drafts}]\n"
    skip += "    one_per_key: {latest_by: [Date, Duo]}\n    fields:"
    text = KINDS + FIXED.replace("key: Doc", "key: Dok").replace("    fields:", skip)
    control = "    control: {sum: 1, column: Amont}\n    fields:"
    assert faults(tmp_path, text.replace("    fields:", control)) == [
        "map.yaml:19:21: there is no column 'Curr' in `columns`; did you mean Cur?",
        "map.yaml:20:37: there is no column 'Duo' in `columns`; did you mean Due?",
        "map.yaml:21:31: there is no column 'Amont' in `columns`; did you mean Amount?",
        "map.yaml:24:12: there is no column 'Dok' in `columns`; did you mean Doc?",
    ]


@given(some.decimals(min_value=0, max_value=10**12, places=2), some.booleans())
def test_an_amount_with_implied_decimals_is_its_digits(amount: Decimal, behind: bool) -> None:
    digits = str(int(amount * 100)).zfill(3)
    read = amount_reader(",", "", 2)
    assert read(digits) == amount
    assert read(f"{digits}-" if behind else f"-{digits}") == -amount


@given(some.text(alphabet="0123456789.,-+() ", min_size=1, max_size=12))
def test_what_is_read_with_implied_decimals_is_never_more_than_its_digits(text: str) -> None:
    try:
        amount = amount_reader(".", ",", 2)(text)
    except Unreadable:
        return
    assert abs(amount) * 100 == int("".join(sign for sign in text if sign.isdecimal()))


@given(some.dates(min_value=EARLIEST, max_value=date(2199, 12, 31)))
def test_a_day_of_eight_digits_is_that_day(day: date) -> None:
    assert date_reader(["YYYYMMDD"])(day.strftime("%Y%m%d")) == day
