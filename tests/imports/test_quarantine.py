"""Quarantine: bad rows wait with reason and payload, the others load, and they leave when they load."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from duehook.core.books import Books
from duehook.core.books.store.imports import quarantine as store
from duehook.core.books.tables.imports import quarantine
from duehook.core.books.tables.ledger import item as item_table
from duehook.core.books.tables.ops import audit
from duehook.core.errors import NotFound
from duehook.core.hookspecs import BadRow
from duehook.core.runs.imports import ImportReport, ImportRules, discard, import_connection, retry
from tests.rigs.imported import Killed, kill_at
from tests.rigs.literal_source import AS_OF, Clock, LiteralSource, context, customer, item

RULES = ImportRules(bad_rows=Decimal(1), balance_drop=Decimal(1))


def load(books: Books, source: LiteralSource, **given: Any) -> ImportReport:
    return import_connection(books, "erp", [source], given.pop("context", context()), as_of=AS_OF, rules=RULES, **given)


def source_of(*items: Any, size: int = 10) -> LiteralSource:
    return LiteralSource(size, customer=[customer("A")], item=list(items))


def parked(books: Books) -> list[Any]:
    with books.read() as tx:
        return list(tx.execute(select(quarantine).order_by(quarantine.c.id)))


def loaded(books: Books) -> list[str]:
    with books.read() as tx:
        return list(tx.execute(select(item_table.c.key).order_by(item_table.c.key)).scalars())


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"amount": Decimal("1.001")}, "1.001 is too large or has more decimals than EUR; state a rounding"),
        ({"currency": "ZZZ"}, "ZZZ is no ISO 4217 currency; map the ERP's code to one"),
        ({"document_on": None}, "document_on: Input should be a valid date"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"amount": 1.5}, "amount: Input should be an instance of Decimal"),
        ({"text": "a\0b"}, "text holds a NUL character"),
        ({"text": "a\ud800b"}, "text holds half a character"),
        ({"extra": {"a": "\ud800"}}, "extra holds half a character"),
        ({"colour": "red\0", 5: "\ud800"}, "colour: Extra inputs are not permitted"),
    ],
)
def test_a_bad_row_is_parked_with_its_reason_and_the_others_load(
    books: Books, fault: dict[str, Any], reason: str
) -> None:
    report = load(books, source_of(item("1", "10"), item("2", "20") | fault, item("3", "30")))
    (row,) = parked(books)
    assert (row.state, row.stream, row.company, row.key) == ("parked", "item", "01", "2")
    assert reason in row.reason
    assert row.payload["key"].strip("'") == "2"
    assert loaded(books) == ["1", "3"]
    assert (report.parked, report.waiting_in_quarantine) == (1, 1)


def test_a_date_from_1900_is_no_date(books: Books) -> None:
    from datetime import date

    load(books, source_of(item("1", "10", due_on=date(1900, 1, 1))))
    assert parked(books)[0].reason == "due_on: Input should be greater than or equal to 1970-01-01"


def test_two_rows_with_one_key_are_both_parked(books: Books) -> None:
    source = source_of(item("1", "10"), item("3", "30"))
    twin = item("1", "11")
    pages = source.read

    def with_twin(stream: Any, *given: Any) -> Any:
        for page in pages(stream, *given):
            extra = [twin] if stream == "item" and page.rows else []
            yield type(page)([*page.rows, *extra], page.position, page.bad)

    source.read = with_twin  # type: ignore[method-assign,assignment]
    report = load(books, source)
    (row,) = parked(books)
    assert row.reason == "2 rows with one key"
    assert [each["amount"] for each in row.payload["rows"]] == ["10", "11"]
    assert report.parked == 2
    assert loaded(books) == ["3"]


def test_equal_rows_with_one_key_are_one_row(books: Books) -> None:
    source = source_of(item("1", "10"))
    pages = source.read

    def doubled(*given: Any) -> Any:
        for page in pages(*given):
            yield type(page)([*page.rows, *page.rows], page.position, page.bad)

    source.read = doubled  # type: ignore[method-assign,assignment]
    assert load(books, source).parked == 0
    assert loaded(books) == ["1"]


def test_what_the_mapping_could_not_read_is_parked_too(books: Books) -> None:
    source = source_of(item("1", "10"))
    source.bad = [BadRow("DOC is not a number", {"DOC": "x7"}, company="01"), BadRow("no key", {"DOC": ""}, None)]
    load(books, source)
    assert [(row.reason, row.company, row.key) for row in parked(books)] == [
        ("DOC is not a number", "01", None),
        ("no key", "", None),
    ]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "k" * 201], ids=["NUL", "half a character", "too long"])
def test_a_key_that_no_database_holds_is_parked_without_one(books: Books, text: str) -> None:
    source = source_of(item(text, "20"), item("2", "30", company=text), item("1", "10"))
    source.bad = [BadRow(text, {text: text}, text, text)]
    report = load(books, source)
    assert (report.generation, report.parked, loaded(books)) == (1, 3, ["1"])
    assert {(row.company, row.key) for row in parked(books)} == {("01", None), ("", None), ("", "2")}
    assert load(books, source, full=True, dry_run=True).parked == 3


def test_a_row_seen_again_is_parked_once_and_told_anew(books: Books) -> None:
    source = source_of(item("1", "1.001"))
    load(books, source)
    source.put("item", item("1", "2.002"))
    load(books, source)
    (row,) = parked(books)
    assert (row.first_run, row.last_run, row.payload["amount"]) == (1, 2, "2.002")


def test_a_parked_row_that_loads_is_resolved(books: Books) -> None:
    source = source_of(item("1", "1.001"), item("2", "20"))
    load(books, source)
    source.put("item", item("1", "1.00"))
    report = load(books, source)
    assert (report.resolved, report.waiting_in_quarantine) == (1, 0)
    assert parked(books)[0].state == "resolved"
    assert loaded(books) == ["1", "2"]


def test_a_row_of_no_company_is_resolved_by_its_key_alone(books: Books) -> None:
    source = LiteralSource(payment_term=[{"key": "N30", "net_days": -1}], item=[item("1", "10")])
    assert load(books, source).waiting_in_quarantine == 1
    source.put("payment_term", {"key": "N30", "net_days": 30})
    report = load(books, source)
    assert (report.resolved, report.waiting_in_quarantine) == (1, 0)


def test_a_good_row_of_another_company_resolves_nothing(books: Books) -> None:
    source = source_of(item("1", "1.001"))
    load(books, source)
    source.put("item", item("1", "5", company="02"))
    assert load(books, source).waiting_in_quarantine == 1


def test_a_full_reading_closes_what_it_does_not_hold_any_more(books: Books) -> None:
    source = source_of(item("1", "1.001"), item("2", "2.002"), item("3", "30"))
    load(books, source)
    source.drop("item", ("01", "1"))
    assert load(books, source).waiting_in_quarantine == 2  # what changed is no proof of what is gone
    report = load(books, source, full=True)
    assert (report.superseded, report.waiting_in_quarantine) == (1, 1)
    assert [(row.key, row.state) for row in parked(books)] == [("1", "superseded"), ("2", "parked")]
    source.put("item", item("1", "1.001"))
    load(books, source)
    assert [row.state for row in parked(books)] == ["parked", "parked"]


def test_a_dry_run_and_a_reading_that_breaks_off_close_nothing(books: Books) -> None:
    source = source_of(item("1", "1.001"), item("3", "30"))
    load(books, source)
    source.drop("item", ("01", "1"))
    load(books, source, full=True, dry_run=True)
    source.before_page = kill_at("item", 0)
    with pytest.raises(Killed):
        load(books, source, full=True)
    assert [row.state for row in parked(books)] == ["parked"]


def test_retry_reads_parked_rows_again_by_key(books: Books) -> None:
    source = source_of(item("1", "1.001"), item("2", "2.002"))
    load(books, source)
    early = source.rows["item"]["01", "1"][0]
    source.put("item", item("1", "1.00"), at=early)  # corrected without a new stamp
    report = retry(books, "erp", [source], context(), as_of=AS_OF, rules=RULES)
    assert (report.resolved, report.waiting_in_quarantine) == (1, 1)
    assert loaded(books) == ["1"]


def test_retry_leaves_what_has_no_key_and_what_the_connection_serves_no_more(books: Books) -> None:
    source = source_of(item("1", "1.001"))
    source.bad = [BadRow("no key", {"DOC": ""}, None)]
    load(books, source)
    report = retry(books, "erp", [LiteralSource(customer=[customer("A")])], context(), as_of=AS_OF, rules=RULES)
    assert (report.resolved, report.waiting_in_quarantine) == (0, 2)
    report = retry(books, "erp", [source], context(), as_of=AS_OF, rules=RULES)
    assert (source.lookups, report.waiting_in_quarantine) == ([("01", "1")], 2)


def test_discard_needs_a_parked_row_and_is_audited(books: Books) -> None:
    load(books, source_of(item("1", "1.001")))
    discard(books, parked(books)[0].id, context(), why="a test row")
    assert parked(books)[0].state == "discarded"
    with books.read() as tx:
        row = tx.execute(select(audit).where(audit.c.act == "quarantine.discard")).one()
    assert (row.company, row.subject, row.why) == ("01", "erp:item:1", "a test row")
    with pytest.raises(NotFound, match="Nothing is parked under 1"):
        discard(books, 1, context(), why="again")


def test_a_discarded_row_that_is_bad_again_is_parked_again(books: Books) -> None:
    source = source_of(item("1", "1.001"))
    load(books, source)
    discard(books, parked(books)[0].id, context(), why="wait")
    load(books, source, full=True)
    assert parked(books)[0].state == "parked"


def test_payloads_are_forgotten_when_their_time_is_over(books: Books) -> None:
    clock = Clock()
    load(books, source_of(item("1", "1.001")), context=context(clock))
    clock.at += timedelta(days=91)
    load(books, LiteralSource(customer=[customer("A")]), context=context(clock))
    (row,) = parked(books)
    assert row.payload is None
    assert row.reason


def test_the_rows_are_listed_newest_first(books: Books) -> None:
    source = source_of(item("1", "1.001"))
    calls = context()
    load(books, source, context=calls)
    source.put("item", item("2", "2.002"))
    load(books, source, context=calls)
    with books.read() as tx:
        assert [row.key for row in store.rows(tx, "erp")] == ["2", "1"]
        assert store.rows(tx, "other") == []
        assert tx.execute(select(func.count()).select_from(quarantine)).scalar_one() == 2
