"""Import: what vanishes from the source, and the guards that stop a run before harm."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.store.imports import quarantine
from duehook.core.books.tables import metadata
from duehook.core.books.tables.ledger import customer as customer_table
from duehook.core.books.tables.ledger import item as item_table
from duehook.core.errors import ConnectorDown, ConnectorGarbled, RunStopped
from duehook.core.hookspecs import BadRow, Lookup
from duehook.core.runs.imports import ImportRules
from tests.rigs.imported import allocation, count, items, load, payment, source_of, state_of
from tests.rigs.literal_source import AS_OF, LiteralSource, customer, item


def test_what_is_listed_no_more_is_looked_up_and_told_apart(books: Books) -> None:
    source = source_of(*(item(str(n), "10") for n in range(6)))
    load(books, source)
    source.drop("item", ("01", "1"), trace=source.deleted)
    source.drop("item", ("01", "2"), trace=source.purged)
    source.drop("item", ("01", "3"))
    early = source.rows["item"]["01", "4"][0]
    source.put("item", item("4", "10", "0"), at=early)  # paid without a new stamp
    report = load(books, source)
    states = dict(items(books, "key", "state"))
    assert states == {
        "0": "open",
        "1": "deleted",
        "2": "purged",
        "3": "deleted_or_purged",
        "4": "cleared",
        "5": "open",
    }
    sweep = report.sweep
    assert sweep is not None
    assert (sweep.vanished, sweep.cleared, sweep.deleted, sweep.purged, sweep.deleted_or_purged) == (4, 1, 1, 1, 1)


def test_an_item_missed_by_the_listing_alone_stays_open_and_is_not_reopened(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    load(books, source)
    source.listed = lambda keys: keys[1:]
    report = load(books, source)
    assert report.sweep is not None
    assert (report.sweep.vanished, report.sweep.still_open) == (1, 1)
    assert items(books, "state", "reopened_on") == [("open", None), ("open", None)]


def test_a_listing_that_breaks_off_makes_nothing_vanish(books: Books) -> None:
    source = source_of(*(item(str(n), "10") for n in range(4)))
    load(books, source)
    source.listed, source.complete = (lambda keys: keys[:1]), False
    with pytest.raises(ConnectorGarbled, match="broke off after 1; nothing was taken as gone"):
        load(books, source)
    assert {state for (state,) in items(books, "state")} == {"open"}
    with books.read() as tx:
        assert store.ready(tx, "01").reasons == ("the import of erp (run 2) is failed",)


def test_why_a_run_failed_is_kept_without_the_password_that_a_driver_told(books: Books) -> None:
    source = source_of(item("1", "10"))

    def down(stream: str, page: int) -> None:
        raise ConnectorDown("no way to http://ann:geheim123@jde:99999 (UID=ann;PWD=geheim456)")

    source.before_page = down
    with pytest.raises(ConnectorDown):
        load(books, source)
    with books.read() as tx:
        told = store.run(tx, 1).report["error"]
    assert told == "no way to http://ann:[hidden]@jde:99999 (UID=ann;PWD=[hidden])"


def test_gone_items_are_asked_for_again_when_the_erp_was_down(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    load(books, source)
    source.drop("item", ("01", "1"), trace=source.deleted)
    answer = source.lookup

    def down(*given: Any) -> Any:
        raise ConnectorDown("the ERP does not answer")

    source.lookup = down  # type: ignore[method-assign,assignment]
    with pytest.raises(ConnectorDown):
        load(books, source)
    assert state_of(books, "1") == "gone"
    source.lookup = answer  # type: ignore[method-assign]
    load(books, source)
    assert state_of(books, "1") == "deleted"


def test_an_item_that_comes_back_after_a_run_is_reopened(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    load(books, source)
    source.drop("item", ("01", "1"), trace=source.deleted)
    load(books, source)
    source.put("item", item("1", "10"))
    load(books, source)
    assert items(books, "state", "reopened_on") == [("open", AS_OF), ("open", None)]


def test_a_lookup_that_leaves_a_key_out_is_garbled(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    load(books, source)
    source.drop("item", ("01", "1"))
    empty = type(source.lookup("item", []))()
    source.lookup = lambda stream, keys: empty  # type: ignore[method-assign]
    with pytest.raises(ConnectorGarbled, match="said nothing of 1"):
        load(books, source)
    assert state_of(books, "1") == "gone"


def test_a_vanished_item_that_is_there_and_cannot_be_read_is_parked_and_not_called_deleted(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    load(books, source)
    source.drop("item", ("01", "1"))
    bad = BadRow("DocumentDate is empty.", {"company": "01"}, "1")
    source.lookup = lambda stream, keys: Lookup(bad=[bad])  # type: ignore[method-assign]
    load(books, source)
    assert state_of(books, "1") == "gone"
    with books.read() as tx:
        assert [(row.key, row.reason) for row in quarantine.rows(tx, "erp")] == [("1", "DocumentDate is empty.")]


def test_a_full_run_takes_out_what_other_streams_list_no_more(books: Books) -> None:
    contact = {"company": "01", "key": "c1", "customer": "A", "email": "ap@example.com"}
    source = LiteralSource(
        customer=[customer("A"), customer("B")],
        contact=[contact],
        item=[item("1", "10", "6", customer="B")],
        allocation=[allocation("a", "1", "4")],
    )
    load(books, source)
    source.drop("customer", ("01", "B"))
    source.drop("contact", ("01", "c1"))
    source.drop("allocation", ("01", "a"))
    load(books, source)
    assert count(books, metadata.tables["contact"]) == 1
    report = load(books, source, full=True)
    assert report.sweep is not None
    assert report.sweep.removed == {"customer": 1, "contact": 1, "allocation": 1}
    assert count(books, metadata.tables["contact"]) == 0
    assert count(books, metadata.tables["allocation_version"]) == 1
    with books.read() as tx:
        left = select(customer_table.c.key).where(customer_table.c.placeholder)
        assert tx.execute(left).scalars().all() == ["B"]


def test_a_sudden_drop_of_the_balance_stops_before_anything_is_gone(books: Books) -> None:
    source = source_of(item("1", "70"), item("2", "20"), item("3", "10"))
    rules = ImportRules()
    load(books, source, rules=rules)
    source.drop("item", ("01", "1"))
    with pytest.raises(RunStopped, match=r"more than 20%: 01 from 100\.00 EUR to 30\.00 EUR"):
        load(books, source, rules=rules)
    assert state_of(books, "1") == "open"
    with books.read() as tx:
        assert store.ready(tx, "01").reasons == ("the import of erp (run 2) is stopped",)
    assert load(books, source, rules=rules, accept_drop=True).generation == 2
    assert state_of(books, "1") == "deleted_or_purged"


def test_a_drop_within_the_share_is_none(books: Books) -> None:
    source = source_of(item("1", "80"), item("2", "20"))
    load(books, source, rules=ImportRules())
    source.drop("item", ("01", "2"), trace=source.deleted)
    assert load(books, source, rules=ImportRules()).generation == 2


def test_too_many_bad_rows_stop_the_run(books: Books) -> None:
    source = source_of(*(item(str(n), "10") for n in range(50)), size=10)
    source.put("item", item("x", "10.001"))
    with pytest.raises(RunStopped, match=r"1 of 51 item rows of erp are bad; 1\.00% of 51 are allowed"):
        load(books, source, rules=ImportRules())
    assert count(books, item_table) == 50
    assert load(books, source, rules=ImportRules(bad_rows=Decimal("0.02"))).generation == 1


def test_one_bad_row_of_few_changes_is_measured_by_the_whole_stream(books: Books) -> None:
    source = source_of(*(item(str(n), "10") for n in range(100)), size=50)
    load(books, source, rules=ImportRules())
    source.put("item", item("x", "10.001"))
    assert load(books, source, rules=ImportRules()).parked == 1


def test_a_dry_run_of_a_broken_listing_says_so(books: Books) -> None:
    source = source_of(item("1", "10"))
    load(books, source)
    source.complete = False
    with pytest.raises(ConnectorGarbled, match="broke off after 1"):
        load(books, source, dry_run=True)


def test_a_payment_that_is_listed_no_more_touches_its_customer(books: Books) -> None:
    source = LiteralSource(item=[item("1", "10")], payment=[payment("p", "5")])
    load(books, source)
    source.drop("payment", ("01", "p"))
    load(books, source, full=True)
    assert count(books, metadata.tables["payment"]) == 0
    with books.read() as tx:
        assert tx.execute(store.touched("01", 1)).all() == [("erp", "A")]
