"""A mapping file tells all its faults at once, by line and column, and what to write instead."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.cli.app import main
from duehook.core.errors import ConfigError
from duehook.core.table_mapping.values import Unreadable, amount_reader, date_reader, instant_reader, whole
from duehook.core.yaml_source import BadFile
from duehook.plugins.files import check_mapping, sample_mapping
from duehook.plugins.files.mapping.lint import load_mapping

DOCS = Path(__file__).parents[2] / "docs"
Out = pytest.CaptureFixture[str]
GOOD = """\
format: {delimiter: ";", date: DD.MM.YYYY, decimal: ",", thousands: "."}
streams:
  item:
    files: open*.csv
    snapshot: true
    fields:
      company: {constant: "01"}
      key: Document
      customer: Customer
      kind: {sign_of: Amount, codes: {positive: invoice, negative: credit_note}, default: invoice}
      currency: Currency
      amount: Amount
      open_amount: Amount
      document_on: Date
      due_on: Due
      document_no: Document
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "map.yaml"
    file.write_text(text)
    return file


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadFile) as caught:
        load_mapping(written(folder, text))
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_the_mappings_of_the_docs_are_well(tmp_path: Path) -> None:
    pages = [(DOCS / "how-to" / name).read_text() for name in ("import-csv.md", "import-other-files.md")]
    blocks = [block for page in pages for block in page.split("```yaml\n")[1:]]
    shown = [block for block in blocks if block.startswith("# map.yaml\n")]
    assert [check_mapping(written(tmp_path, block.split("```")[0])) for block in shown] == [
        "customer (5 fields), item (11 fields)",
        *["item (10 fields)"] * 3,
    ]
    assert {file.stem: check_mapping(file) for file in (DOCS / "examples").glob("*.yaml")} == {
        "open_book": "company (3 fields), customer (5 fields), item (15 fields)",
        "ibm": "customer (6 fields), item (14 fields)",
    }


def test_what_the_docs_say_beside_streams_is_well(tmp_path: Path) -> None:
    pages = [(DOCS / "how-to" / name).read_text() for name in ("import-csv.md", "write-files-back.md")]
    blocks = [block.split("```")[0] for page in pages for block in page.split("```yaml\n")[1:]]
    manifest, commands = [block for block in blocks if block.startswith("# map.yaml, beside")]
    (answers,) = [block for block in blocks if block.startswith("  answers:")]
    said = "item (10 fields); writes add_note, set_credit_hold, release_credit_hold"
    assert check_mapping(written(tmp_path, manifest + commands + answers + GOOD)) == said


def test_a_good_mapping_says_what_it_maps(tmp_path: Path) -> None:
    assert check_mapping(written(tmp_path, GOOD)) == "item (10 fields)"


def test_all_faults_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """\
format: {encoding: utf9, date: DDMM}
streams:
  items: {files: "*.csv", fields: {}}
  item:
    files: open.csv
    snapshot: maybe
    fields:
      company: {constant: "01"}
      ammount: Amount
      key: {column: A, columns: [B, C]}
      kind: {column: Type, codes: {RE: invoise}}
      currency: {constant: EURO}
      document_on: {column: D, round: half_up}
      due_on: {constant: 31.12.2026}
      adress.city: City
      extra: Note
""",
    )
    assert found == [
        "map.yaml:1:20: `format.encoding`: 'utf9' is no encoding; write utf-8, cp1252, iso-8859-15, utf-16 …",
        "map.yaml:1:32: `format.date`: 'DDMM' is no date format; "
        "write one like YYYY-MM-DD, DD.MM.YYYY, M/D/YYYY or YYYYMMDD",
        "map.yaml:3:3: 'items' is nothing that can be imported (did you mean item?)",
        "map.yaml:6:15: `streams.item.snapshot`: input should be 'newest' or 'together'",
        *(
            f"map.yaml:7:5: item lacks the field {name} (write {name}: a column, or {name}: {{constant: …}})"
            for name in ("customer", "amount", "open_amount", "document_no")
        ),
        "map.yaml:9:7: item has no field 'ammount' (did you mean amount?; "
        "to keep a column that has no field, write extra.ammount)",
        "map.yaml:10:12: `streams.item.fields.key`: write one of column, columns, constant and sign_of",
        "map.yaml:11:40: kind cannot be 'invoise' (did you mean invoice?)",
        "map.yaml:12:28: 'EURO' is no ISO 4217 currency (write one such as EUR)",
        "map.yaml:13:39: `round` is for amount; document_on is date",
        "map.yaml:14:26: '31.12.2026' is no date of the format YYYY-MM-DD",
        "map.yaml:15:7: item has no field 'adress.city' (did you mean address.city?; "
        "to keep a column that has no field, write extra.adress.city)",
        "map.yaml:16:7: item has no field 'extra' (write extra.NAME: … with a name of your own)",
    ]


def test_a_word_that_yaml_reads_otherwise_is_asked_for_in_quotes(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, GOOD.replace('thousands: "."}', "empty: [NULL]}"))
    assert found.startswith("map.yaml:1:")
    assert 'YAML reads this as None; write it between quotes, such as "NULL"' in found


def test_aliases_name_a_field_of_the_mapping(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, GOOD.replace("    fields:", "    one_per_key: {aliases: nmae}\n    fields:"))
    assert found.startswith("map.yaml:6:28: 'nmae' is no field of this mapping")


def test_a_file_that_is_not_there_names_the_page_that_helps(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="import-csv.md"):
        check_mapping(tmp_path / "none.yaml")


def test_columns_that_the_file_lacks_are_told_at_the_mappings_own_places(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "open1.csv").write_text("Document;Customer;Currency;Amout;Date;Due;Due\n")
    with pytest.raises(BadFile) as caught:
        sample_mapping(written(tmp_path, GOOD), drop, 3)
    assert [str(each).removeprefix(f"{tmp_path}/") for each in caught.value.problems] == [
        "map.yaml:10:13: open1.csv: there is no column 'Amount'; did you mean Amout?",
        "map.yaml:12:15: open1.csv: there is no column 'Amount'; did you mean Amout?",
        "map.yaml:13:20: open1.csv: there is no column 'Amount'; did you mean Amout?",
        "map.yaml:15:15: open1.csv: the column 'Due' is there 2 times; name it by its place, such as 6",
    ]


def test_map_check_shows_masked_rows_and_ends_with_3_for_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "open1.csv").write_text(
        "Document;Customer;Currency;Amount;Date;Due\nR-17;Meyer KG;EUR;-1.234,50;05.01.2026;04.02.2026\n"
    )
    written(tmp_path, GOOD)
    assert main(["map", "check", "map.yaml", "--sample", "drop"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("map.yaml is well: item (10 fields)\n")
    assert "Meyer" not in shown
    fields = dict(line.split(None, 1) for line in shown.splitlines()[3:])
    assert fields["customer"] == "Mxxxx Kx"
    assert (fields["amount"], fields["kind"], fields["due_on"]) == ("-1234.50", "credit_note", "2026-02-04")
    (tmp_path / "bad.yaml").write_text("streams: {item: {files: x.csv, fields: {key: 0}}}\n")
    assert main(["map", "check", "map.yaml", "bad.yaml"]) == 3
    told = capsys.readouterr()
    assert told.out == "map.yaml is well: item (10 fields)\n"
    assert "bad.yaml:1:46: " in told.err


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "amount"),
    [
        (".", "", "12", "12"),
        (".", "", "-12.50", "-12.50"),
        (".", ",", "1,234,567.8", "1234567.8"),
        (",", ".", "1.234,50", "1234.50"),
        (",", "", "0,5", "0.5"),
        (",", " ", "(1 234,50)", "-1234.50"),
        (".", "", "99.10-", "-99.10"),
        (".", "", "2309.7899999999995", "2309.7899999999995"),
    ],
)
def test_amounts_are_read_by_the_stated_format(decimal: str, thousands: str, text: str, amount: str) -> None:
    assert amount_reader(decimal, thousands)(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("decimal", "thousands", "text"),
    [
        (",", ".", "12.50"),  # a point that is no thousands' point: the wrong format is stated
        (".", "", "1,234.50"),
        (",", "", "1.5"),
        (".", "", "1E+05"),
        (".", "", "EUR 5"),
        (".", "", "NaN"),
        (".", "", "--5"),
    ],
)
def test_an_amount_of_another_format_is_refused(decimal: str, thousands: str, text: str) -> None:
    with pytest.raises(Unreadable, match="is no amount; write digits with"):
        amount_reader(decimal, thousands)(text)


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("YYYY-MM-DD", "2020-03-30", date(2020, 3, 30)),
        ("M/D/YYYY", "4/6/2013", date(2013, 4, 6)),
        ("D.M.YY", "6.4.13", date(2013, 4, 6)),
        ("DD-MMM-YYYY", "06-Apr-2013", date(2013, 4, 6)),
        ("YYYYMMDD", "20130406", date(2013, 4, 6)),
        ("YYYY-MM-DD HH:mm:ss", "2013-04-06 00:00:00", date(2013, 4, 6)),
    ],
)
def test_dates_are_read_by_the_stated_format(form: str, text: str, day: date) -> None:
    assert date_reader([form])(text) == day


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("YYYY-MM-DD", "30.03.2020", "is no date of the format YYYY-MM-DD"),
        ("M/D/YYYY", "30/3/2020", "is the order of day and month right?"),
        ("YYYY-MM-DD", "1900-01-01", "list it under `empty`"),
        ("YYYY-MM-DD", "2020-03-30x", "is no date of the format"),
    ],
)
def test_a_date_of_another_format_is_refused(form: str, text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        date_reader([form])(text)


def test_instants_are_read_in_their_zone() -> None:
    read = instant_reader(["YYYY-MM-DD HH:mm:ss"], "Europe/Berlin")
    assert read("2026-07-01 12:30:00").astimezone(UTC) == datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    with pytest.raises(Unreadable, match="is no time"):
        read("2026-07-01 25:00:00")


def test_whole_numbers_of_a_spreadsheet_lose_their_point() -> None:
    assert whole("2960623488.0") == 2960623488
    with pytest.raises(Unreadable, match=r"'1\.5' is no whole number"):
        whole("1.5")


SIGNED = GOOD.replace(
    "amount: Amount", "amount: {column: Amount, negate: {column: DC, values: [H], others: [S]}}"
).replace("    snapshot: true\n", "")


def test_a_sign_by_column_turns_the_rows_it_names_and_refuses_unknown_words(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    rows = ("R1;A;EUR;7,50;05.01.2026;04.02.2026;S", "R2;A;EUR;2,50;05.01.2026;;H", "R3;A;EUR;2,50;05.01.2026;;X")
    (drop / "open1.csv").write_text("\n".join(["Document;Customer;Currency;Amount;Date;Due;DC", *rows, ""]))
    bad, first, second = sample_mapping(written(tmp_path, SIGNED), drop, 3)["item"]
    assert (first["amount"], first["open_amount"]) == (Decimal("7.50"), Decimal("7.50"))
    assert (second["amount"], second["open_amount"]) == (Decimal("-2.50"), Decimal("-2.50"))
    told = "column 'Amount' ({}): 'X' in column 'DC' is neither in `values` nor in `others` of `negate`"
    assert bad["bad row"] == f"open1.csv:4: {told.format('amount')}; {told.format('open_amount')}"


def test_a_sign_by_column_without_others_leaves_all_other_words_alone(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    rows = ("R1;A;EUR;7,50;05.01.2026;04.02.2026;", "R2;A;EUR;2,50;05.01.2026;;2", "R3;A;EUR;;05.01.2026;;2")
    (drop / "open1.csv").write_text("\n".join(["Document;Customer;Currency;Amount;Date;Due;DC", *rows, ""]))
    mapping = SIGNED.replace("values: [H], others: [S]", "values: [2]")
    bad, first, second = sample_mapping(written(tmp_path, mapping), drop, 3)["item"]
    assert (first["amount"], second["amount"]) == (Decimal("7.50"), Decimal("-2.50"))
    assert "column 'Amount' (amount) is empty" in bad["bad row"]


def test_faults_of_a_sign_by_column_are_told_at_their_places(tmp_path: Path) -> None:
    text = GOOD.replace("      amount: Amount\n", "      amount: {column: Amount, negate: {colum: DC, values: [H]}}\n")
    text = text.replace("open_amount: Amount", "open_amount: {column: Amount, negate: {column: DC, values: []}}")
    text = text.replace("due_on: Due", "due_on: {column: Due, negate: {column: DC, values: [H]}}")
    text += "      tax_amount: {column: Tax, negate: {column: DC, values: [H, S], others: [S]}}\n"
    text += "      discount_amount: {column: Discount, negate: maybe}\n"
    assert faults(tmp_path, text) == [
        "map.yaml:12:32: `streams.item.fields.amount.negate.column` is missing (write column: …)",
        "map.yaml:12:41: unknown key 'colum' (did you mean column?)",
        "map.yaml:13:66: `streams.item.fields.open_amount.negate.values`: name at least one text that turns the sign",
        "map.yaml:15:37: `negate` is for amount and whole; due_on is date",
        "map.yaml:17:41: `streams.item.fields.tax_amount.negate`: 'S' is in values and in others",
        "map.yaml:18:51: `streams.item.fields.discount_amount.negate`: write true, or {column: …, values: […]}",
    ]


def test_a_column_for_the_sign_that_the_file_lacks_is_told(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "open1.csv").write_text("Document;Customer;Currency;Amount;Date;Due;D/C\n")
    with pytest.raises(BadFile) as caught:
        sample_mapping(written(tmp_path, SIGNED), drop, 3)
    assert [str(each).removeprefix(f"{tmp_path}/") for each in caught.value.problems] == [
        f"map.yaml:{at}: open1.csv: there is no column 'DC'; did you mean D/C?" for at in ("11:15", "12:20")
    ]


def test_a_credit_note_with_a_plus_names_the_sign_by_column(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "open1.csv").write_text("Document;Customer;Currency;Amount;Date;Due\nG1;A;EUR;7,50;05.01.2026;04.02.2026\n")
    mapping = GOOD.replace(
        "{sign_of: Amount, codes: {positive: invoice, negative: credit_note}, default: invoice}",
        "{constant: credit_note}",
    )
    (row,) = sample_mapping(written(tmp_path, mapping), drop, 3)["item"]
    assert row["bad row"] == (
        "open1.csv:2: column 'Amount' (amount): 7.50 of a credit note is not negative, as what we owe is; "
        "turn its sign: `negate: true`, or by another column `negate: {column: …, values: […]}`"
    )


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("CYYMMDD", "991231", date(1999, 12, 31)),
        ("CYYMMDD", "0991231", date(1999, 12, 31)),
        ("CYYMMDD", "1260331", date(2026, 3, 31)),
        ("CYYDDD", "99365", date(1999, 12, 31)),
        ("CYYDDD", "100001", date(2000, 1, 1)),
        ("CYYDDD", "124060", date(2024, 2, 29)),
        ("CYYDDD", "126365", date(2026, 12, 31)),
    ],
)
def test_days_as_ibm_i_writes_them_are_read(form: str, text: str, day: date) -> None:
    assert date_reader((form,))(text) == day


@pytest.mark.parametrize(("form", "text"), [("CYYDDD", "126366"), ("CYYDDD", "126999"), ("CYYMMDD", "1261332")])
def test_a_day_that_its_year_does_not_have_is_refused(form: str, text: str) -> None:
    with pytest.raises(Unreadable):
        date_reader((form,))(text)
