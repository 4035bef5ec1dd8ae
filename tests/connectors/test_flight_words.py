"""What a recording keeps of statements, functions and a driver's words: codes, numbers and days, and nobody's name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.testing.contract.live.cassette import NotRecorded, Player, Recorder
from duehook.core.testing.contract.live.veil import Veil
from duehook.core.wire.tapes import Broken, Question

Answer = dict[str, Any]


def recorded(folder: Path, *told: tuple[Question, Any], row: Answer | None = None, mask: tuple[str, ...] = ()) -> Any:
    """Record answers and failures; return what the file holds."""
    recorder = Recorder(Veil({}, mask, personal=True))
    recorder.words.took(row or {})
    for question, answer in told:

        def send(answer: Any = answer) -> Any:
            if isinstance(answer, Broken):
                raise answer
            return answer

        if isinstance(answer, Broken):
            with pytest.raises(Broken):
                recorder.exchange(question, send)
        else:
            assert recorder.exchange(question, send) is answer
    recorder.write(folder / "case.json")
    return json.loads((folder / "case.json").read_text())


def rows(*names: str, rows: list[tuple[Any, ...]]) -> Answer:
    return {"columns": list(names), "rows": rows}


def never() -> Any:
    raise AssertionError("a cassette asks nobody")


def test_values_of_every_kind_come_again_as_they_were(tmp_path: Path) -> None:
    held = (1, Decimal("10.50"), 0.5, None, "RI", date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC), b"\x00\xff", True)
    answer = rows(*"ABCDEFGHI", rows=[held])
    question = Question("odbc", "SELECT * FROM T WHERE N > ?", [Decimal("1.5"), date(2026, 3, 2)])
    recorded(tmp_path, (question, answer))
    assert Player(tmp_path / "case.json").exchange(question, never) == answer


def test_a_column_is_masked_whole_where_one_cell_has_words_or_a_known_name(tmp_path: Path) -> None:
    words = rows("ABALPH", "ABAC01", "N", rows=[("Berg & Sons ", "RET", 1), ("SIEMENS", "WHO", 2)])
    name = rows("X1", "X2", rows=[("MUELLER", "RI"), ("KNUTH", "RM")])
    kept = recorded(
        tmp_path, (Question("odbc", "A"), words), (Question("odbc", "B"), name), row={"name": "MUELLER", "state": "RI"}
    )
    assert [each["answer"]["rows"] for each in kept] == [
        [["Bxxx & Sxxx ", "RET", 1], ["Sxxxxxx", "WHO", 2]],
        [["Mxxxxxx", "RI"], ["Kxxxx", "RM"]],
    ]


def test_columns_that_are_named_for_it_are_masked_and_keys_beside_them_stay(tmp_path: Path) -> None:
    answer = rows("PHONE", "PERSON_ID", "XK12", rows=[("030 1234", "P-77", 4711)])
    (kept,) = recorded(tmp_path, (Question("odbc", "A"), answer), mask=("XK12",))
    assert kept["answer"]["rows"] == [["999 9999", "P-77", 9999]]


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT A FROM T WHERE N = 'Anna Berg' AND D = 'RI'", "SELECT A FROM T WHERE N = 'Axxx Bxxx' AND D = 'RI'"),
        ("SELECT A FROM T WHERE N LIKE 'MUELLER%'", "SELECT A FROM T WHERE N LIKE 'Mxxxxxx%'"),
        ("SELECT A FROM T WHERE N = 'O''Neill'", "SELECT A FROM T WHERE N = 'O''Nxxxx'"),
        ("SELECT A FROM T WHERE M = 'anna@berg.example'", "SELECT A FROM T WHERE M = '[mail]'"),
        ("SELECT A FROM T WHERE K = '00001023'", "SELECT A FROM T WHERE K = '00001023'"),
    ],
)
def test_a_free_statement_tells_no_name_in_its_literals_and_is_found_again(
    statement: str, shown: str, tmp_path: Path
) -> None:
    answer = rows("A", rows=[(1,)])
    (kept,) = recorded(tmp_path, (Question("odbc", statement), answer))
    assert kept["name"] == shown
    assert Player(tmp_path / "case.json").exchange(Question("odbc", statement), never) == answer


def test_a_value_that_was_masked_is_masked_where_it_is_asked_for_and_found_again(tmp_path: Path) -> None:
    first, then = Question("odbc", "A"), rows("NAME", rows=[("Anna Berg",)])
    asked = Question("odbc", "B WHERE N = ?", ["Anna Berg"])
    kept = recorded(tmp_path, (first, then), (asked, rows("N", rows=[(1,)])))
    assert kept[1]["given"] == ["Axxx Bxxx"]
    player = Player(tmp_path / "case.json")
    ((name,),) = player.exchange(first, never)["rows"]
    assert player.exchange(Question("odbc", "B WHERE N = ?", [name]), never) == rows("N", rows=[(1,)])
    with pytest.raises(NotRecorded, match="no answer to ODBC C. Fix: record it again"):
        player.exchange(Question("odbc", "C"), never)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Conversion of 'Berg AG' to int failed.", "Conversion of 'Bxxx Ax' to int failed."),
        ("Invalid object name 'dbo.Customers'.", "Invalid object name 'dbo.Customers'."),
        ("[HY000] [SQLite]no such table", "[HY000] [SQLite]no such table"),
        ("no such column: NICKNAME", "no such column: NICKNAME"),
        ('Key "anna@berg.example" is there.', 'Key "[mail]" is there.'),
    ],
)  # fmt: skip
def test_what_a_driver_quotes_is_masked_but_for_what_the_statement_names(said: str, shown: str, tmp_path: Path) -> None:
    question = Question("odbc", "SELECT NICKNAME FROM dbo.Customers")
    (kept,) = recorded(tmp_path, (question, Broken("DataError", "22018", said)))
    assert kept["error"] == {"kind": "DataError", "key": "22018", "text": shown, "at": "asking"}
    with pytest.raises(Broken) as broken:
        Player(tmp_path / "case.json").exchange(question, never)
    assert (broken.value.kind, broken.value.key, broken.value.text) == ("DataError", "22018", shown)


def test_the_lines_of_a_table_read_by_rfc_are_masked_in_their_places(tmp_path: Path) -> None:
    fields = [
        {"FIELDNAME": "KUNNR", "OFFSET": "000000", "LENGTH": "000004", "TYPE": "C"},
        {"FIELDNAME": "NAME1", "OFFSET": "000005", "LENGTH": "000010", "TYPE": "C"},
        {"FIELDNAME": "LAND1", "OFFSET": "000016", "LENGTH": "000002", "TYPE": "C"},
    ]
    answer = {"FIELDS": fields, "DATA": [{"WA": "1023|Anna Berg |DE"}, {"WA": "1024|ACME"}]}
    asked = {"QUERY_TABLE": "KNA1", "OPTIONS": [{"TEXT": "NAME1 = 'Anna Berg'"}], "FIELDS": [{"FIELDNAME": "KUNNR"}]}
    question = Question("rfc", "RFC_READ_TABLE", asked)
    (kept,) = recorded(tmp_path, (question, answer))
    assert kept["answer"] == {"FIELDS": fields, "DATA": [{"WA": "1023|Axxx Bxxx |DE"}, {"WA": "1024|Axxx"}]}
    assert kept["given"]["OPTIONS"] == [{"TEXT": "NAME1 = 'Axxx Bxxx'"}]
    assert Player(tmp_path / "case.json").exchange(question, never) == kept["answer"]


def test_what_a_function_gives_is_masked_by_its_names(tmp_path: Path) -> None:
    answer = {"ADDRESS": {"CITY": "Köln", "COUNTRY": "DE"}, "RETURN": [{"TYPE": "E", "NUMBER": "017"}]}
    (kept,) = recorded(tmp_path, (Question("rfc", "BAPI_X", {"NO": "1023"}), answer))
    assert kept["answer"] == {
        "ADDRESS": {"CITY": "Kxxx", "COUNTRY": "DE"}, "RETURN": [{"TYPE": "E", "NUMBER": "017"}],
    }  # fmt: skip
