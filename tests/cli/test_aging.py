"""`duehook aging`, as it is typed: by debtor, company and bucket, as a table, CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core.books import Books
from duehook.core.cli import main
from duehook.core.policy.model import AgingScheme
from duehook.core.runs.age import age
from tests.rigs.imported import allocation, load, payment
from tests.rigs.literal_source import LiteralSource, context, customer, item, write_site

Out = pytest.CaptureFixture[str]
Typed = Callable[..., tuple[int, str, str]]
STANDARD = AgingScheme("standard", "By month", (0, 30, 60, 90))


@pytest.fixture
def typed(tmp_path: Path, books: Books, database_url: str, capsys: Out) -> Typed:
    config = write_site(tmp_path, database_url)
    source = LiteralSource(
        customer=[customer("A"), customer("=B")],
        item=[
            item("1", "100", "30", posted_on=date(2026, 1, 5)),
            item("2", "-20", kind="credit_note"),
            item("3", "50", customer="=B", currency="USD"),
        ],
        payment=[payment("p", "70")],
        allocation=[allocation("a", "1", "70") | {"payment": "p", "allocated_on": date(2026, 2, 1)}],
    )
    load(books, source)
    age(books, context(), "01", STANDARD, as_of=date(2026, 3, 2))

    def type_(*words: str) -> tuple[int, str, str]:
        code = main(["--config", str(config), "aging", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_


@pytest.mark.parametrize("words", [(), ("--as-of", "2026-03-01")])
def test_csv_has_the_same_columns_where_nothing_is_open(typed: Typed, tmp_path: Path, words: tuple[str, ...]) -> None:
    config = tmp_path / "duehook.yaml"
    config.write_text(
        config.read_text().replace("connections:", "  '02': {erp: {connection: erp, code: '02'}}\nconnections:")
    )
    head = typed("--csv", *words)[1].splitlines()[0]
    assert head.startswith("company,debtor,currency,current,")
    assert typed("--csv", "--company", "02", *words)[1] == f"{head}\n"


def rows(typed: Typed, *words: str) -> list[dict[str, Any]]:
    code, out, err = typed(*words, "--json")
    assert (code, err) == (0, "")
    found: list[dict[str, Any]] = json.loads(out)["rows"]
    return found


def test_each_debtor_has_its_balance_and_how_it_pays(typed: Typed) -> None:
    other, first = rows(typed)
    assert (first["debtor"], first["balance"], first["unapplied"]) == ("A", "10.00", "-20.00")
    # of the document of 5 January, due on 4 February, 70 were paid on 1 February
    assert (first["days to pay"], first["days late"]) == ("27", "-3")
    assert (first["last paid"], first["last payment"]) == ("2026-02-01", "70.00")
    assert (other["debtor"], other["days to pay"], other["last paid"]) == ("=B", None, None)


def test_a_past_day_is_told_without_todays_habits(typed: Typed) -> None:
    (first,) = [row for row in rows(typed, "--as-of", "2026-01-31") if row["debtor"] == "A"]
    assert (first["current"], first["balance"]) == ("100.00", "80.00")  # the 70 came a day later
    assert "days to pay" not in first


def test_companies_are_summed_by_currency(typed: Typed) -> None:
    found = [(row["company"], row["currency"], row["balance"]) for row in rows(typed, "--by", "company")]
    assert found == [("01", "EUR", "10.00"), ("01", "USD", "50.00")]


def test_buckets_are_lines_of_their_own(typed: Typed) -> None:
    found = {row["bucket"]: row["amount"] for row in rows(typed, "--by", "bucket") if row["currency"] == "EUR"}
    assert (found["unapplied"], found["balance"]) == ("-20.00", "10.00")


def test_csv_is_no_formula_to_a_spreadsheet(typed: Typed) -> None:
    code, out, _ = typed("--csv")
    head, other, first = out.splitlines()
    assert code == 0
    assert head.startswith("company,debtor,currency,current,")
    assert other.startswith("01,'=B,USD,")
    assert first.endswith("2026-02-04,27,-3,2026-02-01,70.00")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--by", "week"), "use --by debtor, company or bucket"),
        (("--scheme", "lunar"), "there is no aging scheme 'lunar'. Fix: name one of "),
        (("--company", "1"), "there is no company '1'"),
        (("--company", "1", "--as-of", "2026-03-01"), "there is no company '1'"),
        (("--as-of", "2020-01-01"), "an aging of 2020-01-01 would be incomplete"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_fix(typed: Typed, words: tuple[str, ...], told: str) -> None:
    code, _, err = typed(*words)
    assert code != 0
    assert told in err
