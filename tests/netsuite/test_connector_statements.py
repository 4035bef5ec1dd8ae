"""Statements: each is one that Oracle can read, takes every column from a table that has it, and types no date."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.settings import InstalmentColumns
from duehook.plugins.netsuite.suiteql import Column, Query, behind, ids, literal, since, since_day, windows

SEEDS = Path(__file__).parents[2].parent / "shared" / "data" / "netsuite" / "fivetran_seeds"
DOSSIER = SEEDS.parents[2] / "erp" / "netsuite.md"
QUERIES = {
    "documents": tables.documents("1").under(tables.LEFT),
    "journals": tables.journals("1").under(tables.LEFT),
    "header": tables.HEADER,
    "open keys": tables.OPEN_KEY,
    "subsidiaries": tables.SUBSIDIARY,
    "currencies": tables.CURRENCY,
    "terms": tables.TERM,
    "customers": tables.customers("entityaddress"),
    "holds": tables.HOLD,
    "own contacts": tables.OWN_CONTACT,
    "contacts": tables.CONTACT,
    "links": tables.LINK,
    "applied": tables.APPLIED,
    "instalments": tables.instalments("transactioninstallment", InstalmentColumns()),
}
SEED_OF = {
    "transaction": "transaction", "transactionline": "transaction_line", "account": "account", "currency": "currency",
    "transactionaccountingline": "tran_acct_line", "customer": "customer", "subsidiary": "subsidiary",
    "customersubsidiaryrelationship": "customer_subsidiary_relationship", "entityaddress": "entity_address",
}  # fmt: skip


@pytest.fixture(params=QUERIES, ids=str)
def query(request: pytest.FixtureRequest) -> Query:
    return QUERIES[request.param]


def columns(query: Query) -> Iterator[str]:
    """Yield `table.column` of whatever a statement names."""
    parsed = sqlglot.parse_one(query.page((1,) * len(query.key), 10), read="oracle")
    for column in parsed.find_all(exp.Column):
        yield f"{query.tables[column.table]}.{column.name}".lower()


def test_every_statement_is_oracles(query: Query) -> None:
    parsed = sqlglot.parse_one(query.page((1,) * len(query.key), 1000), read="oracle")
    assert parsed.args["order"] is not None
    assert parsed.find(exp.Fetch) is not None
    assert parsed.find(exp.Limit) is None
    assert sqlglot.parse_one(query.count(), read="oracle").find(exp.Count) is not None


def test_every_column_of_an_answer_has_a_name_of_its_own(query: Query) -> None:
    parsed = sqlglot.parse_one(query.page(None, 1), read="oracle")
    names = [each.alias for each in parsed.args["expressions"]]
    assert "" not in names
    assert len(set(names)) == len(names)


def test_dates_are_always_written_by_a_format(query: Query) -> None:
    dated = [each for each in query.columns if each.source.lower().endswith(("date", "datecreated"))]
    assert [each.name for each in dated if not each.sql.startswith("TO_CHAR(")] == []


def test_every_column_is_one_of_a_real_account_or_of_the_dossier(query: Query) -> None:
    if not SEEDS.exists():
        pytest.skip("the column lists of real accounts are not on this machine")
    told = DOSSIER.read_text().lower()
    unknown = []
    for place in columns(query):
        table, _, column = place.partition(".")
        seed = SEEDS / f"netsuite2_{SEED_OF.get(table, '')}_data.csv"
        known = next(csv.reader(seed.read_text(encoding="utf-8").splitlines())) if seed.exists() else []
        if column not in known and column not in told:
            unknown.append(place)
    # the columns of instalments are of the search columns that SOAP has of them, and are settings; the VAT number is a
    # field and a search column of NetSuite's record descriptions, and customers are read without it where it is refused
    unknown = [place for place in unknown if place != "customer.vatregnumber"]
    assert [place for place in unknown if not place.startswith("transactioninstallment.")] == []


class TestKeys:
    def test_what_stands_behind_a_key_of_one_part(self) -> None:
        assert list(behind(["t.id"], (5,))) == ["t.id > 5"]

    def test_what_stands_behind_a_key_of_parts_begins_at_its_first(self) -> None:
        assert list(behind(["a", "b", "c"], (1, 2, 3))) == [
            "a >= 1", "(a > 1 OR (a = 1 AND (b > 2 OR (b = 2 AND c > 3))))",
        ]  # fmt: skip

    def test_nothing_stands_before_the_beginning(self) -> None:
        assert list(behind(["t.id"], None)) == []

    def test_a_key_is_compared_as_numbers(self) -> None:
        assert QUERIES["journals"].key_of({"id": "10", "line": "9"}) == (10, 9)

    def test_ids_come_in_windows_that_a_list_takes_each_once(self) -> None:
        assert [len(part) for part in windows([*range(2500), 7])] == [1000, 1000, 500]
        assert list(windows([3, 1, 3], size=1)) == [[1], [3]]


class TestWords:
    def test_an_id_is_a_number_and_nothing_else(self) -> None:
        assert ids("t.id", ["7", 8]) == "t.id IN (7, 8)"
        with pytest.raises(ValueError):
            ids("t.id", ["7) OR (1=1"])

    def test_an_apostrophe_is_doubled(self) -> None:
        assert literal("O'Neil") == "'O''Neil'"

    def test_days_and_stamps_are_told_by_their_format(self) -> None:
        assert since_day("t.trandate", date(2026, 3, 2)) == "t.trandate >= TO_DATE('2026-03-02','YYYY-MM-DD')"
        assert since("t.lastmodifieddate", datetime.fromisoformat("2026-03-02T09:05:01")) == (
            "t.lastmodifieddate >= TO_TIMESTAMP('2026-03-02 09:05:01','YYYY-MM-DD HH24:MI:SS')"
        )

    def test_a_column_that_is_missing_is_left_out_wherever_it_is_taken_from(self) -> None:
        query = tables.documents("1").without({"transactionline.foreignpaymentamountunused", "transaction.memo"})
        assert {"unused", "memo"}.isdisjoint(each.name for each in query.columns)

    def test_a_column_says_its_place(self) -> None:
        column = Column("unpaid", "NVL(tl.foreignamountunpaid,0)", "amount")
        assert tables.OPEN_KEY.place_of(column) == "transactionline.foreignamountunpaid"
