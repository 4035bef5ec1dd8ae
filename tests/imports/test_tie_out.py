"""Tie-out: to the cent by document; explained, unexplained, and what locks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.tables.imports import dunning_lock, import_run, source_total
from duehook.core.books.tables.imports import tie_out as tie_out_table
from duehook.core.books.tables.ledger import item as item_table
from duehook.core.errors import ConnectorGarbled, NotFound
from duehook.core.hookspecs import Total
from duehook.core.runs.imports import ImportRules, import_connection
from duehook.core.runs.imports.report import ImportReport
from duehook.core.runs.imports.session import Session
from duehook.core.runs.tie_out import Explanation, TieOut, tie_out_connection
from tests.rigs.literal_source import AS_OF, LiteralSource, context, customer, item

RULES = ImportRules(bad_rows=Decimal(1), balance_drop=Decimal(1))


def source_of(*items: Any) -> LiteralSource:
    return LiteralSource(3, customer=[customer("A")], item=list(items))


def load(books: Books, source: LiteralSource, connection: str = "erp") -> None:
    import_connection(books, connection, [source], context(), as_of=AS_OF, rules=RULES)


def tie(books: Books, source: LiteralSource, *, connection: str = "erp", left_out: tuple[str, ...] = ()) -> TieOut:
    session = Session(books, connection, context(), AS_OF, RULES, ImportReport(connection, "tie_out", AS_OF))
    (found,) = tie_out_connection(session, source, companies=["01"], left_out=left_out)
    return found


def totals(source: LiteralSource) -> list[Total]:
    (page,) = source.totals(source.upper_bound())
    return list(page)


def lock(books: Books) -> str | None:
    with books.read() as tx:
        return tx.execute(select(dunning_lock.c.reason)).scalar()


def test_equal_books_are_balanced_under_headings_by_class_and_currency(books: Books) -> None:
    company: dict[str, Any] = {
        "company_currency": "EUR",
        "company_amount": Decimal("9"),
        "company_open_amount": Decimal("9"),
    }
    source = source_of(
        item("1", "100.10"),
        item("2", "50", "0"),
        item("3", "-20", kind="credit_note"),
        item("4", "30", item_class="draft"),
        item("5", "1000", currency="JPY", **company),
    )
    load(books, source)
    found = tie(books, source)
    assert (found.state, found.balanced, found.differences) == ("balanced", True, ())
    sums = [(one.item_class, one.currency, str(one.ours), str(one.theirs)) for one in found.headings]
    assert sums == [
        ("draft", "EUR", "30.00", "30.00"),
        ("normal", "EUR", "80.10", "80.10"),
        ("normal", "JPY", "1000", "1000"),
    ]
    assert (found.headings[2].company_currency, found.headings[2].ours_company) == ("EUR", Decimal("9.00"))
    assert lock(books) is None


def test_a_document_that_moved_is_read_again_once_and_then_equal(books: Books) -> None:
    source = source_of(item("1", "100"), item("2", "50"), item("3", "10"))
    load(books, source)
    source.put("item", item("1", "100", "60"), at=source.rows["item"]["01", "1"][0])
    source.put("item", item("9", "5"), at=source.rows["item"]["01", "1"][0])
    source.drop("item", ("01", "2"), trace=source.deleted)
    found = tie(books, source)
    assert (found.state, found.differences) == ("balanced", ())
    assert sorted(source.lookups) == [("01", "1"), ("01", "2"), ("01", "9")]
    with books.read() as tx:
        rows = tx.execute(select(item_table.c.key, item_table.c.state, item_table.c.open_amount).order_by("key")).all()
    assert [tuple(row) for row in rows] == [
        ("1", "open", 600_000),
        ("2", "deleted", 500_000),
        ("3", "open", 100_000),
        ("9", "open", 50_000),
    ]


def test_an_unexplained_difference_locks_dunning_until_a_clean_tie_out(books: Books) -> None:
    source = source_of(item("1", "100"), item("2", "50"))
    load(books, source)
    source.total_rows = [total._replace(open_amount=total.open_amount + Decimal("0.01")) for total in totals(source)]
    source.total_rows[1] = source.total_rows[1]._replace(open_amount=Decimal("50"))
    found = tie(books, source)
    assert (found.state, found.balanced) == ("differs", False)
    (line,) = found.unexplained
    assert (line.document, line.ours, line.theirs) == ("1", Decimal("100.00"), Decimal("100.01"))
    assert lock(books) == "the tie-out with erp differs: 1 documents unexplained"
    source.total_rows = None
    assert tie(books, source).state == "balanced"
    assert lock(books) is None


def test_what_changed_past_the_bound_is_explained(books: Books) -> None:
    source = source_of(item("1", "100"), item("2", "50"))
    load(books, source)
    source.put("item", item("1", "100", "60"))
    found = tie(books, source)
    (line,) = found.differences
    assert (found.state, line.explained_by) == ("explained", "changed after the import's bound")
    assert source.lookups == []
    assert lock(books) is None


def test_a_document_whose_row_read_again_is_past_the_bound_is_explained(books: Books) -> None:
    source = source_of(item("1", "100"))
    load(books, source)
    source.total_rows = totals(source)
    later = source.upper_bound().at + timedelta(hours=1)
    source.total_rows[0] = source.total_rows[0]._replace(open_amount=Decimal("90"))
    source.put("item", item("1", "100", "80", changed_at=later))
    (line,) = tie(books, source).differences
    assert (line.ours, line.theirs, line.explained_by) == (
        Decimal("80.00"),
        Decimal("90.00"),
        "changed after the import's bound",
    )


def test_quarantine_explains_what_is_missing_here(books: Books) -> None:
    source = source_of(item("1", "100"), item("2", "50.001"))
    load(books, source)
    source.total_rows = [
        total._replace(open_amount=total.open_amount.quantize(Decimal("0.01"))) for total in totals(source)
    ]
    (line,) = tie(books, source).differences
    assert (line.document, line.ours, line.theirs, line.explained_by) == (
        "2",
        Decimal("0.00"),
        Decimal("50.00"),
        "in quarantine",
    )


def test_a_document_that_cannot_be_read_any_more_waits_in_quarantine_and_stays_as_it_was(books: Books) -> None:
    source = source_of(item("1", "100"))
    load(books, source)
    source.put("item", item("1", "100", "40"), at=source.rows["item"]["01", "1"][0])
    source.unreadable = {("01", "1")}
    (line,) = tie(books, source).differences
    assert (line.document, line.ours, line.theirs, line.explained_by) == (
        "1",
        Decimal("100.00"),
        Decimal("40.00"),
        "in quarantine",
    )


def test_a_class_that_is_left_out_explains_its_differences(books: Books) -> None:
    source = source_of(item("1", "100", item_class="unposted"))
    load(books, source)
    source.total_rows = [total._replace(open_amount=Decimal("90")) for total in totals(source)]
    found = tie(books, source, left_out=("unposted",))
    assert [line.explained_by for line in found.differences] == ["class left out by the settings"]


def test_a_class_or_a_company_amount_told_differently_is_a_difference(books: Books) -> None:
    source = source_of(
        item("1", "100"),
        item("2", "10", company_currency="USD", company_amount=Decimal("11"), company_open_amount=Decimal("11")),
    )
    load(books, source)
    first, second = totals(source)
    source.total_rows = [
        first._replace(item_class="draft"),
        second._replace(company_open_amount=Decimal("12")),
    ]
    assert [line.document for line in tie(books, source).unexplained] == ["1", "2"]


def residue(key: str, left: str, **given: Any) -> Any:
    """Return an item in yen that is settled in yen; `left` is still open in the company's euro."""
    money = {"company_currency": "EUR", "company_amount": Decimal("9"), "company_open_amount": Decimal(left)}
    return item(key, "1000", "0", currency="JPY", **money, **given)


def test_what_is_left_in_company_currency_of_settled_items_is_explained_and_summed(books: Books) -> None:
    source = source_of(item("1", "100"), residue("2", "0.02"), residue("3", "-0.05"), residue("4", "0"))
    load(books, source)
    found = tie(books, source)
    assert (found.state, found.balanced) == ("explained", True)
    assert source.lookups == []  # what is held of them is the same: nothing is to be asked
    told = [(one.document, one.theirs_company, one.company_currency, one.explained_by) for one in found.differences]
    why = "settled in its own currency, a rest in company currency is left"
    assert told == [("2", Decimal("0.02"), "EUR", why), ("3", Decimal("-0.05"), "EUR", why)]
    assert lock(books) is None
    (line,) = found.explanations
    assert line == Explanation(why, 2, "JPY", Decimal(0), "EUR", Decimal("0.03"))


def test_a_rest_in_company_currency_that_is_held_otherwise_is_read_again_and_then_a_difference(books: Books) -> None:
    source = source_of(residue("2", "0.02"), residue("3", "0.05"))
    load(books, source)
    source.total_rows = [total._replace(company_open_amount=Decimal("0.05")) for total in totals(source)]
    found = tie(books, source)
    assert source.lookups == [("01", "2")]
    assert [one.document for one in found.unexplained] == ["2"]
    source.total_rows = None
    source.put("item", residue("2", "0.07"), at=source.clock.at)  # late, behind the last reading
    assert tie(books, source).state == "explained"


def test_only_the_company_that_differs_is_locked(books: Books) -> None:
    source = source_of(item("1", "100"), item("2", "50", company="02"))
    load(books, source)
    source.total_rows = [total._replace(open_amount=Decimal("50")) for total in totals(source)]
    session = Session(books, "erp", context(), AS_OF, RULES, ImportReport("erp", "tie_out", AS_OF))
    states = {found.company: found.state for found in tie_out_connection(session, source, companies=["01", "02"])}
    assert states == {"01": "differs", "02": "balanced"}
    with books.read() as tx:
        assert tx.execute(select(dunning_lock.c.company)).scalars().all() == ["01"]


def test_an_erp_company_that_is_not_set_up_is_in_nobodys_tie_out(books: Books) -> None:
    rules = ImportRules(companies={"1000": "01"}, bad_rows=Decimal(1), balance_drop=Decimal(1))
    source = source_of(item("1", "100", company="1000"), item("2", "70", company="01"))
    import_connection(books, "erp", [source], context(), as_of=AS_OF, rules=rules)
    session = Session(books, "erp", context(), AS_OF, rules, ImportReport("erp", "tie_out", AS_OF))
    (found,) = tie_out_connection(session, source, companies=["01"])
    assert (found.state, found.documents, found.headings[0].ours) == ("balanced", 1, Decimal("100.00"))


def test_another_connections_clean_tie_out_does_not_lift_the_lock(books: Books) -> None:
    first, second = source_of(item("1", "100")), source_of(item("7", "70"))
    load(books, first)
    load(books, second, "crm")
    first.total_rows = [total._replace(open_amount=Decimal("90")) for total in totals(first)]
    tie(books, first)
    assert tie(books, second, connection="crm").balanced
    assert lock(books) is not None


def test_the_last_tie_out_with_a_connection_that_the_company_has_no_more_locks_nothing(books: Books) -> None:
    first, second = source_of(item("1", "100")), source_of(item("7", "70"))
    load(books, first)
    load(books, second, "renamed")
    first.total_rows = [total._replace(open_amount=Decimal("90")) for total in totals(first)]
    tie(books, first)
    session = Session(books, "renamed", context(), AS_OF, RULES, ImportReport("renamed", "tie_out", AS_OF))
    tie_out_connection(session, second, companies=["01"], feeds={"01": ["renamed"]})
    assert lock(books) is None


def test_a_lock_by_a_person_is_not_lifted(books: Books) -> None:
    source = source_of(item("1", "100"))
    load(books, source)
    with books.write() as tx:
        tx.execute(dunning_lock.insert(), {"company": "01", "reason": "audit", "since": context().now()})
    tie(books, source)
    assert lock(books) == "audit"


def test_a_document_listed_twice_is_garbled(books: Books) -> None:
    source = source_of(item("1", "100"))
    load(books, source)
    source.total_rows = totals(source) * 2
    with pytest.raises(ConnectorGarbled, match="total of 1"):
        tie(books, source)
    with books.read() as tx:
        assert tx.execute(select(import_run.c.state).where(import_run.c.mode == "tie_out")).scalar_one() == "failed"


def test_before_the_first_import_there_is_nothing_to_tie_out(books: Books) -> None:
    with pytest.raises(NotFound, match="has closed no import yet"):
        tie(books, source_of(item("1", "100")))


def test_a_tie_out_leaves_its_figures_and_no_stage(books: Books) -> None:
    source = source_of(item("1", "100"))
    load(books, source)
    number = tie(books, source).number
    with books.read() as tx:
        row = tx.execute(select(tie_out_table).where(tie_out_table.c.id == number)).one()
        assert tx.execute(select(source_total)).all() == []
    assert (row.state, row.documents, row.actor) == ("balanced", 1, "person:ann")
    assert (row.totals[0]["ours"], row.totals[0]["theirs"]) == ("100.00", "100.00")
