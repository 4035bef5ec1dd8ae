"""A drop folder is read file by file: what is complete, what is new, and which rows are wrong where."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.errors import ConfigError, ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Lookup

from .drop_folder import CUSTOMERS, HEADER, NEWS, SNAPSHOT, Folder, line, most_held


def test_rows_come_under_their_canonical_names(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("7", " 10.50 ", Cust="Ä"))
    (row,) = folder.pages()[0].rows
    assert row == {
        "company": "01",
        "key": "7",
        "customer": "Ä",
        "kind": "invoice",
        "currency": "EUR",
        "amount": Decimal("10.50"),
        "open_amount": Decimal("10.50"),
        "document_on": date(2026, 1, 5),
        "due_on": date(2026, 2, 4),
        "document_no": "7",
    }


def test_the_upper_bound_is_the_time_of_the_newest_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"))
    bound = folder.source().upper_bound()
    assert bound.at == datetime(2026, 3, 2, 6, 1, tzinfo=UTC)
    folder.put("open2.csv", line("2"))
    read = folder.source().read("item", None, bound)  # open2 came past the bound
    assert [row["key"] for page in read for row in page.rows] == ["1"]


def test_the_data_is_as_old_as_its_items_however_new_its_customers_are(tmp_path: Path) -> None:
    folder = Folder(tmp_path, SNAPSHOT + CUSTOMERS.removeprefix("streams:\n").replace("open", "customers"))
    folder.put("open.csv", line("1"))
    folder.put("customers.csv", header="Doc,Cust,Name,Date\n")
    assert folder.source().upper_bound().at == datetime(2026, 3, 2, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("encoding", "stated", "start"),
    [
        ("utf-8-sig", "utf-8", ""),
        ("cp1252", "cp1252", ""),
        ("utf-16", "utf-16", ""),
        ("utf-8", "utf-8", "Report of\nopen items\n"),
    ],
)
def test_encodings_marks_and_lines_before_the_header_are_read(
    tmp_path: Path, encoding: str, stated: str, start: str
) -> None:
    form = f"format: {{encoding: {stated}, skip_lines: {start.count(chr(10))}}}\n"
    folder = Folder(tmp_path, form + SNAPSHOT)
    folder.put("open1.csv", line("1", Cust="Müller"), line("2", Due="soon"), header=start + HEADER, encoding=encoding)
    (page, _) = folder.pages()
    assert page.rows[0]["customer"] == "Müller"
    assert page.bad[0].reason.startswith(f"open1.csv:{3 + start.count(chr(10))}: column 'Due' (due_on): ")


def test_a_wrong_encoding_is_named_with_its_line_and_the_one_that_fits(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"), line("2", Cust="Müller"), encoding="cp1252")
    with pytest.raises(ConnectorGarbled, match=r"open1.csv:3: this is not utf-8.*write encoding: cp1252.*fits"):
        folder.pages()


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-15", "cp850", "latin-1"])
def test_utf8_that_would_be_read_one_byte_a_character_is_refused(tmp_path: Path, encoding: str) -> None:
    folder = Folder(tmp_path, f"format: {{encoding: {encoding}}}\n" + SNAPSHOT)
    folder.put("open1.csv", line("1"), line("2", Cust="Müller"))
    told = r"open1.csv:3: this is UTF-8, but `encoding: .*` of the mapping .* refused.*Fix: write encoding: utf-8"
    with pytest.raises(ConnectorGarbled, match=told):
        folder.pages()
    (found,) = [finding for finding in folder.source().check() if not finding.ok]
    assert (found.severity, found.message[:32]) == ("error", "open1.csv:3: this is UTF-8, but ")
    folder.put("open1.csv", line("1"), line("2", Cust="Muller"))
    assert folder.rows() == ["1", "2"]


def test_a_mark_of_utf8_is_told_before_columns_are_missed(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "format: {encoding: cp1252}\n" + SNAPSHOT)
    folder.put("open1.csv", line("1"), encoding="utf-8-sig")
    with pytest.raises(ConnectorGarbled, match=r"open1.csv:1: this is UTF-8"):
        folder.pages()


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Müller"), ("cp1252", "10 Â°C, MÃ¼ller, né"), ("gbk", "北京"), ("shift_jis", "東京"), ("cp1251", "её")],
)
def test_text_of_another_encoding_is_never_taken_for_utf8(tmp_path: Path, encoding: str, name: str) -> None:
    folder = Folder(tmp_path, f"format: {{encoding: {encoding}}}\n" + SNAPSHOT)
    folder.put("open1.csv", line("1", Cust=f'"{name}"'), encoding=encoding)
    assert folder.pages()[0].rows[0]["customer"] == name


def test_files_without_a_header_name_columns_by_number(tmp_path: Path) -> None:
    mapping = SNAPSHOT
    for place, name in enumerate(HEADER.strip().split(","), 1):
        mapping = mapping.replace(f": {name}\n", f": {place}\n")
    folder = Folder(tmp_path, 'format: {header: false, delimiter: tab, quote: "\'"}\n' + mapping)
    folder.put("open1.csv", line("'1'").replace(",", "\t"), header="")
    assert folder.rows() == ["1"]


def test_every_bad_row_is_told_by_line_and_column_and_the_others_go_on(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    rows = [
        line("1"),
        line("2", "12x50"),
        line("3", Due="1900-01-01"),
        line("4", Cur="XXQ"),
        line("5", "10.005"),
        line("6").replace(",EUR", ""),
        line("7", Cust=""),
        line("8", "x", Due="y"),
        '9,"B\nC",EUR,1.00,2026-01-05,2026-02-04\n',
        line("10", Date=""),
    ]
    folder.put("open1.csv", *rows)
    (page, _) = folder.pages()
    assert [row["key"] for row in page.rows] == ["1", "9"]
    told = {fault.key: fault.reason for fault in page.bad}
    assert told == {
        "2": "open1.csv:3: column 'Amount' (amount): '12x50' is no amount; write digits with '.' before the decimals; "
        "column 'Amount' (open_amount): '12x50' is no amount; write digits with '.' before the decimals",
        "3": "open1.csv:4: column 'Due' (due_on): '1900-01-01' is no real date but an ERP's way to write none; "
        "list it under `empty`",
        "4": "open1.csv:5: column 'Cur' (currency): XXQ is no ISO 4217 currency; map the ERP's code to one",
        "5": "open1.csv:6: column 'Amount' (amount): 10.005 is too large or has more decimals than EUR; "
        "state a rounding",
        "6": "open1.csv:7: the row has 5 columns, the header 6; is a separator inside a text without quotes?",
        "7": "open1.csv:8: column 'Cust' (customer) is empty",
        "8": told["8"],
        "10": "open1.csv:12: column 'Date' (document_on) is empty",
    }
    assert "(amount): 'x'" in told["8"]
    assert "(due_on): 'y'" in told["8"]
    assert page.bad[0].payload["Amount"] == "12x50"
    assert folder.keys() == ([("01", str(number)) for number in range(1, 11)], True)


def test_a_row_with_a_comma_too_much_keeps_its_fault(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1", "1,234.50"), line("2", Due="2026-02-04,,"))
    assert folder.rows() == ["2"]  # empty cells behind the last column are no fault
    assert folder.bad() == [
        "open1.csv:2: the row has 7 columns, the header 6; is a separator inside a text without quotes?"
    ]


def test_two_rows_with_one_key_are_both_parked_with_both_lines(tmp_path: Path) -> None:
    folder = Folder(tmp_path, page_size=2)
    folder.put("open1.csv", line("1"), line("2"), line("3"), line("1", "11.00"), line("2"))
    assert folder.rows() == ["2", "3"]  # equal rows are one row said twice
    assert folder.bad() == [
        f"open1.csv:{at}: 2 rows have one key, open1.csv:2 and open1.csv:5; only one may stand there" for at in (2, 5)
    ]


def test_rows_are_skipped_by_condition_and_counted(tmp_path: Path) -> None:
    skip = "    skip: [{column: Cust, filled: false, reason: sums}, {column: Doc, matches: ^X, reason: drafts}]\n"
    folder = Folder(tmp_path, SNAPSHOT.replace("    fields:", skip + "    fields:"))
    folder.put("open1.csv", line("1"), line("X2"), line("X3"), line("Total", Cust=""))
    pages = folder.pages()
    assert [row["key"] for row in pages[0].rows] == ["1"]
    assert list(pages[-1].notes) == ["open1.csv: 2 rows skipped: drafts", "open1.csv: 1 rows skipped: sums"]


def test_a_row_without_a_key_keeps_anything_from_vanishing(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"), line(""))
    assert folder.bad() == ["open1.csv:3: column 'Doc' (key) is empty; column 'Doc' (document_no) is empty"]
    with pytest.raises(ConnectorGarbled, match=r"open1.csv:3: the row has no readable key.*skip"):
        folder.keys()


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("3,A,EUR", r"open1.csv:4: the file is cut off: its last line has 3 of 6 columns"),
        ('3,"A,EUR', "a quote is opened and never closed, or the file is cut off"),
    ],
)
def test_a_file_that_is_cut_off_is_refused_whole(tmp_path: Path, end: str, words: str) -> None:
    folder = Folder(tmp_path, page_size=1)
    folder.put("open1.csv", line("1"), line("2"), end)
    with pytest.raises(ConnectorGarbled, match=words):
        folder.pages()
    with pytest.raises(ConnectorGarbled, match=words):
        folder.keys()


def test_a_last_line_that_is_whole_needs_no_end(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"), line("2").rstrip())
    assert folder.rows() == ["1", "2"]


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("{count: 2, sum: 30.00, column: Amount}", None),
        ("{count: 3}", "has 2 rows instead of 3"),
        ("{sum: 30.01, column: Amount}", r"a sum of 30.00 instead of 30.01"),
        ('{file: "{stem}.ctl", count: Rows, sum: Sum, column: Amount}', None),
        ("{file: none.ctl, count: Rows}", "no control file none.ctl beside it"),
    ],
)
def test_a_file_that_is_not_what_its_control_figures_say_is_refused(
    tmp_path: Path, control: str, words: str | None
) -> None:
    folder = Folder(tmp_path, SNAPSHOT.replace("    fields:", f"    control: {control}\n    fields:"))
    folder.put("open1.csv", line("1"), line("2", "20.00"))
    (folder.at / "open1.ctl").write_text("Rows,Sum\n2,30.00\n")
    if words is None:
        assert folder.rows() == ["1", "2"]
        return
    with pytest.raises(ConnectorGarbled, match=words):
        folder.pages()


def test_a_file_that_is_not_finished_waits(tmp_path: Path) -> None:
    folder = Folder(tmp_path, NEWS)
    for name in ("open1.csv", "open2.csv", "open3.csv.part", "open4.tmp", "~$open5.csv", ".open6.csv"):
        folder.put(name, line(name[4]))
    (folder.at / "open2.csv.part").touch()
    pages = folder.pages()
    assert [row["key"] for page in pages for row in page.rows] == ["1"]
    assert pages[-1].notes == ["open2.csv is still being written and waits"]
    (folder.at / "open2.csv.part").unlink()
    assert folder.rows(pages[-1].position) == ["2"]


def test_a_file_that_grows_while_it_is_looked_at_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path, NEWS, settle_seconds=0.01)
    folder.put("open1.csv", line("1"))
    folder.put("open2.csv", line("2"))
    source = folder.source()
    monkeypatch.setattr("time.sleep", lambda seconds: folder.put("open2.csv", line("2"), line("3")))
    bound = source.upper_bound()
    assert bound.at == datetime(2026, 3, 2, 6, 1, tzinfo=UTC)
    monkeypatch.undo()
    assert [row["key"] for page in source.read("item", None, source.upper_bound()) for row in page.rows] == [
        "1",
        "2",
        "3",
    ]


def test_a_file_that_changes_between_its_pages_stops_the_reading(tmp_path: Path) -> None:
    folder = Folder(tmp_path, page_size=1)
    folder.put("open1.csv", line("1"), line("2"))
    source = folder.source()
    pages = source.read("item", None, source.upper_bound())
    next(pages)
    folder.put("open1.csv", line("1"), line("2"), line("3"))
    with pytest.raises(ConnectorDown, match=r"open1.csv changed while it was read; nothing is lost"):
        list(pages)


def test_a_snapshot_is_the_newest_file_alone_and_what_it_lacks_vanishes(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open_2026-03-01.csv", line("1"), line("2"))
    last = folder.pages()[-1].position
    folder.put("open_2026-03-02.csv", line("2"), line("3"), line("4", "0.00"))
    assert folder.rows(last) == ["2", "3", "4"]
    assert folder.keys() == ([("01", "2"), ("01", "3")], True)  # what is settled is not open
    found = folder.source().lookup("item", [("01", "1"), ("01", "3")])
    assert [row["key"] for row in found.found] == ["3"]
    assert found.missing == [("01", "1")]


def test_a_snapshot_of_the_same_content_is_not_read_again_under_another_name(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"))
    last = folder.pages()[-1].position
    folder.put("open2.csv", line("1"))
    assert folder.rows(last) == []
    folder.put("open3.csv", line("1", "9.00"))
    assert folder.rows(last) == ["1"]


def test_files_that_are_news_are_read_once_each_in_order_and_prove_nothing_gone(tmp_path: Path) -> None:
    folder = Folder(tmp_path, NEWS)
    folder.put("open1.csv", line("1"), line("2"))
    folder.put("open2.csv", line("2", "5.00"))
    pages = folder.pages()
    assert [(row["key"], row["amount"]) for page in pages for row in page.rows] == [
        ("1", Decimal("10.00")),
        ("2", Decimal("5.00")),  # of several files the last one that has a key tells
    ]
    folder.put("open3.csv", line("3"))
    assert folder.rows(pages[-1].position) == ["3"]
    source = folder.source()
    assert not source.capabilities.sweeps
    assert not folder.keys()[1]
    pages_of_totals = source.totals(source.upper_bound())
    assert {total.document: total.open_amount for totals in pages_of_totals for total in totals} == {
        "1": Decimal("10.00"),
        "2": Decimal("5.00"),
        "3": Decimal("10.00"),
    }
    assert source.lookup("item", [("01", "2")]) == Lookup([pages[1].rows[0]], missing=[], bad=[])


def test_files_are_ordered_by_time_where_the_mapping_says_so(tmp_path: Path) -> None:
    folder = Folder(tmp_path, SNAPSHOT.replace("snapshot: true", "snapshot: true\n    order: time"))
    folder.put("open_b.csv", line("1"))
    folder.put("open_a.csv", line("2"))
    assert folder.rows() == ["2"]


def test_reading_goes_on_behind_any_page_also_with_its_counts(tmp_path: Path) -> None:
    mapping = SNAPSHOT.replace("amount: Amount", "amount: {column: Amount, round: half_up}")
    folder = Folder(tmp_path, mapping, page_size=2)
    folder.put("open1.csv", *(line(str(number), "1.005") for number in range(5)))
    pages = folder.pages()
    for done, page in enumerate(pages[:-1], 1):
        assert folder.rows(page.position) == [str(number) for number in range(5)][2 * done :]
        assert folder.pages(page.position)[-1].notes == pages[-1].notes
    assert pages[-1].position["done"]
    assert (
        pages[-1]
        .notes[0]
        .startswith(
            "open1.csv: amount in EUR (2 decimals): 5 of 5 are finer than the currency (0 finer than four decimals); "
            "raw sum 5.025, rounded half_up 5.05, difference +0.0250"
        )
    )


def test_a_mapping_that_changed_has_everything_read_anew(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1"))
    last = folder.pages()[-1].position
    folder.mapping.write_text(SNAPSHOT + "      reference: Doc\n")
    assert folder.rows(last) == ["1"]


@pytest.mark.parametrize(
    ("rounding", "raw", "made"),
    [("half_up", "0.125", "0.13"), ("half_even", "0.125", "0.12"), ("down", "0.129", "0.12")],
)
def test_rounding_is_stated_and_the_raw_value_is_kept(tmp_path: Path, rounding: str, raw: str, made: str) -> None:
    folder = Folder(
        tmp_path,
        SNAPSHOT.replace("open_amount: Amount", f"open_amount: {{column: Amount, round: {rounding}}}").replace(
            "      amount: Amount", "      amount: {constant: 1}"
        ),
    )
    folder.put("open1.csv", line("1", raw), line("2", "0.12"))
    first, second = folder.pages()[0].rows
    assert (first["open_amount"], first["extra"]) == (Decimal(made), {"raw_open_amount": raw})
    assert "extra" not in second


def test_codes_defaults_empties_joins_and_signs(tmp_path: Path) -> None:
    mapping = SNAPSHOT.replace("      key: Doc\n", "      key: {columns: [{column: Doc, as: whole}, Cust], join: /}\n")
    mapping = mapping.replace("      amount: Amount\n", "      amount: {column: Amount, negate: true}\n")
    mapping = mapping.replace("{constant: invoice}", "{column: Cust, codes: {A: invoice, B: credit_note}}")
    mapping += "      terms: {column: Cur, codes: {EUR: null}, default: T30}\n"
    mapping += "      purchase_order: {column: Due, empty: ['2026-02-04'], default: none}\n"
    mapping += "      fiscal_year: {constant: 2026.0}\n"
    folder = Folder(tmp_path, mapping)
    folder.put("open1.csv", line("7.0"), line("8", Cust="B", Cur="USD", Due="2026-02-05"), line("9", Cust="C"))
    (page, _) = folder.pages()
    first, second = page.rows
    assert (first["key"], first["amount"], first["kind"], first["purchase_order"]) == (
        "7/A",
        Decimal("-10.00"),
        "invoice",
        "none",
    )
    assert "terms" not in first
    assert (second["kind"], second["terms"], second["purchase_order"]) == ("credit_note", "T30", "2026-02-05")
    assert first["fiscal_year"] == 2026
    assert page.bad[0].reason == (
        "open1.csv:4: column 'Cust' (kind): the code 'C' is not in `codes`; add it there, or a `default`"
    )


def test_many_rows_make_one_customer_the_latest_wins_and_the_others_are_aliases(tmp_path: Path) -> None:
    folder = Folder(tmp_path, CUSTOMERS, page_size=2)
    header = "Doc,Cust,Name,Date\n"
    folder.put(
        "open1.csv",
        *("9,A,Acme,2026-01-05\n", "10,A,Acme Ltd,2026-01-05\n", "99,A,Acme Old,2025-12-31\n", "8,B,Beta,2026-01-01\n"),
        *("7,C,Gamma,\n", "6,C,Gamma,2020-01-01\n", "5,C,Delta,2020-01-01\n"),
        header=header,
    )
    rows = [row for page in folder.pages() for row in page.rows]
    assert [(row["key"], row["name"], row.get("extra")) for row in rows] == [
        ("A", "Acme Ltd", {"aliases": ["Acme", "Acme Old"]}),  # 10 is a higher document than 9
        ("B", "Beta", None),
        ("C", "Gamma", {"aliases": ["Delta"]}),
    ]
    assert folder.keys() == ([("01", "A"), ("01", "B"), ("01", "C")], True)


def test_a_folder_or_file_that_is_not_there_names_the_fix(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with pytest.raises(ConnectorRefused, match=r"no complete file of item is in .*drop.*open\*\.csv"):
        folder.pages()
    folder.at.rmdir()
    with pytest.raises(ConnectorRefused, match=r"the drop folder .* cannot be listed: No such file"):
        folder.source().upper_bound()
    folder.mapping.unlink()
    with pytest.raises(ConfigError, match="import-csv"):
        folder.source()


def test_check_counts_and_discover_masks(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("open1.csv", line("1", Cust="Meyer 7"), line("2", "x"))
    told = [(finding.ok, finding.message) for finding in folder.source().check()]
    assert (True, "1 rows are well") in told
    assert next(text for ok, text in told if not ok).startswith("open1.csv:3: column 'Amount' (amount): 'x'")
    found = {each.name: each for each in folder.source().discover()}
    assert found["open1.csv: Cust"].samples == ("Mxxxx 9", "A")
    assert found["01"].text == "2 items"


def test_memory_stays_flat_however_long_the_file_is(tmp_path: Path) -> None:
    folder = Folder(tmp_path, page_size=500)

    def peak(rows: int) -> int:
        folder.put("open1.csv", *(line(str(number)) for number in range(rows)))
        return most_held(folder, rows)

    peak(1_000)  # what is cached once
    assert peak(8_000) < 1.1 * peak(2_000)
