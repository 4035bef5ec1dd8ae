"""Import: pages, resumption, the sweep, the guards, readiness."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from duehook.core.books import Books
from duehook.core.books.store import imports as store
from duehook.core.books.tables import metadata
from duehook.core.books.tables.imports import connection_lock, import_run, quarantine, stream_position
from duehook.core.books.tables.ledger import customer as customer_table
from duehook.core.books.tables.ledger import item as item_table
from duehook.core.books.tables.ledger import item_version
from duehook.core.books.tables.ops import audit, fact
from duehook.core.books.upsert import upsert
from duehook.core.errors import Busy, ConfigError, ConnectorDown, ConnectorGarbled, NotFound, RunStopped
from duehook.core.hookspecs import BadRow, Page, Source, SourceCapabilities
from duehook.core.runs.imports import ImportReport, ImportRules, import_connection
from tests.literal_source import AS_OF, START, LiteralSource, context, customer, item

OPEN = Decimal("1")  # a drop of everything is no drop


def load(books: Books, source: Source, **given: Any) -> ImportReport:
    given.setdefault("rules", ImportRules(balance_drop=OPEN, bad_rows=OPEN))
    return import_connection(books, "erp", [source], given.pop("context", context()), as_of=AS_OF, **given)


def source_of(*items: Any, size: int = 2) -> LiteralSource:
    return LiteralSource(size, customer=[customer("A")], item=list(items))


def items(books: Books, *columns: str) -> list[tuple[Any, ...]]:
    """Return the items in key order by these columns."""
    wanted = select(*(item_table.c[name] for name in columns)).order_by(item_table.c.company, item_table.c.key)
    with books.read() as tx:
        return [tuple(row) for row in tx.execute(wanted)]


def state_of(books: Books, key: str) -> str:
    with books.read() as tx:
        return str(tx.execute(select(item_table.c.state).where(item_table.c.key == key)).scalar_one())


def count(books: Books, table: Any) -> int:
    with books.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def ledger(books: Books, *, without: tuple[str, ...] = ("known_from", "run_id")) -> dict[str, list[tuple[Any, ...]]]:
    """Return every ledger table as rows, but for who wrote them when."""
    told = {}
    with books.read() as tx:
        for name in ("company", "payment_term", "customer", "contact", "item", "payment", "allocation"):
            table = metadata.tables[name]
            columns = [column for column in table.columns if column.name not in without]
            told[name] = sorted(map(tuple, tx.execute(select(*columns))), key=repr)
    return told


def test_an_item_is_loaded_with_its_debtor_state_and_money(books: Books) -> None:
    load(books, source_of(item("1", "100.10", payer="P", bill_to="B"), item("2", "50", "0", bill_to="B")))
    columns = ("key", "debtor", "state", "amount", "open_amount", "due_on", "due_derived", "run_id")
    assert items(books, *columns) == [
        ("1", "P", "open", 1_001_000, 1_001_000, date(2026, 2, 4), False, 1),
        ("2", "B", "cleared", 500_000, 0, date(2026, 2, 4), False, 1),
    ]


def test_a_first_load_writes_no_versions(books: Books) -> None:
    load(books, source_of(item("1", "100"), item("2", "50")))
    assert count(books, item_version) == 0


def test_the_same_rows_again_write_nothing(books: Books) -> None:
    source = source_of(item("1", "100"), item("2", "50"), item("3", "70"))
    load(books, source)
    before = ledger(books, without=())
    report = load(books, source, full=True)
    assert (report.streams["item"].read, report.streams["item"].unchanged, report.written) == (3, 3, 0)
    assert ledger(books, without=()) == before
    assert count(books, item_version) == 0


def test_a_stamp_that_moves_alone_is_no_change(books: Books) -> None:
    source = source_of(item("1", "100"))
    load(books, source)
    source.put("item", item("1", "100"))
    assert load(books, source).streams["item"].unchanged == 1


def test_a_change_keeps_the_old_row_as_a_version(books: Books) -> None:
    source = source_of(item("1", "100"), item("2", "50"))
    load(books, source)
    source.put("item", item("1", "100", "40"))
    report = load(books, source)
    assert (report.streams["item"].read, report.streams["item"].changed) == (1, 1)
    with books.read() as tx:
        (old,) = tx.execute(select(item_version)).all()
        new = tx.execute(select(item_table).where(item_table.c.key == "1")).one()
    assert (old.open_amount, old.run_id, old.ended_by_run) == (1_000_000, 1, 2)
    assert (new.open_amount, new.run_id, new.known_from) == (400_000, 2, old.known_to)


@pytest.mark.parametrize(
    ("first", "then", "reopened"),
    [
        (("100", "0"), ("100", "60"), True),  # a payment came back
        (("100", "30"), ("100", "100"), True),  # part of one did
        (("100", "100"), ("100", "30"), False),
        (("100", "100"), ("150", "150"), False),  # the invoice grew; nothing was paid back
    ],
)
def test_an_item_reopens_when_less_of_it_is_settled(
    books: Books, first: tuple[str, str], then: tuple[str, str], reopened: bool
) -> None:
    source = source_of(item("1", *first))
    load(books, source)
    source.put("item", item("1", *then))
    load(books, source)
    assert items(books, "reopened_on") == [(AS_OF if reopened else None,)]


def test_a_missing_due_date_is_derived_from_terms_and_flagged(books: Books) -> None:
    source = LiteralSource(
        payment_term=[{"key": "N30", "net_days": 30}],
        item=[
            item("1", "10", due_on=None, terms="N30", document_on=date(2026, 1, 5)),
            item("2", "10", due_on=None, terms=None, document_on=date(2026, 1, 5)),
            item("3", "10", due_on=date(2026, 1, 2), document_on=date(2026, 1, 5), posted_on=date(2026, 1, 9)),
        ],
    )
    load(books, source)
    assert items(books, "due_on", "due_derived") == [
        (date(2026, 2, 4), True),
        (date(2026, 1, 5), True),
        (date(2026, 1, 2), False),
    ]


def test_an_item_without_its_customer_loads_under_a_placeholder(books: Books) -> None:
    source = source_of(item("1", "10", customer="B", payer="C"))
    assert load(books, source).placeholders == 2
    source.put("customer", customer("B"), customer("C", company=None))
    load(books, source)
    with books.read() as tx:
        rows = tx.execute(select(customer_table.c.company, customer_table.c.key, customer_table.c.placeholder)).all()
    assert sorted(map(tuple, rows)) == [("", "C", False), ("01", "A", False), ("01", "B", False)]


def test_the_erp_company_becomes_ours(books: Books) -> None:
    rules = ImportRules(companies={"01": "DE"}, balance_drop=OPEN)
    source = source_of(item("1", "10"), item("2", "10", company="07"))
    load(books, source, rules=rules)
    assert items(books, "company", "key") == [("07", "2"), ("DE", "1")]
    source.drop("item", ("01", "1"), trace=source.deleted)
    load(books, source, rules=rules)
    assert source.lookups == [("01", "1")]
    assert state_of(books, "1") == "deleted"


def test_two_erp_companies_may_not_become_one(books: Books) -> None:
    with pytest.raises(ConfigError, match="both become DE"):
        load(books, source_of(), rules=ImportRules(companies={"01": "DE", "02": "DE"}))


def test_a_changed_item_touches_its_new_and_its_former_debtor(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10", customer="B"))
    load(books, source)
    source.put("item", item("1", "10", payer="P"))
    load(books, source)
    with books.read() as tx:
        assert store.settled_run(tx, "01") == 2
        assert sorted(tx.execute(store.touched("01", 1)).all()) == [("erp", "A"), ("erp", "P")]


def test_an_allocation_touches_the_debtor_of_its_item(books: Books) -> None:
    source = LiteralSource(item=[item("1", "10", payer="P")], allocation=[])
    load(books, source)
    source.put("allocation", allocation("a", "1", "4"))
    load(books, source)
    with books.read() as tx:
        assert tx.execute(store.touched("01", 1)).all() == [("erp", "P")]


def allocation(key: str, item_key: str, amount: str) -> dict[str, Any]:
    return {
        "company": "01",
        "key": key,
        "item": item_key,
        "kind": "cash",
        "currency": "EUR",
        "amount": Decimal(amount),
        "allocated_on": date(2026, 2, 1),
    }


def test_open_amounts_are_checked_by_their_allocations(books: Books) -> None:
    source = LiteralSource(
        item=[item("1", "100", "60"), item("2", "50", "50"), item("3", "30", "10")],
        allocation=[allocation("a", "1", "40"), allocation("b", "3", "15")],
    )
    report = load(books, source)
    (fault,) = report.first_open_faults
    assert (report.open_faults, fault.document) == (1, "3")
    assert (fault.open_amount, fault.expected) == (Decimal("10.00"), Decimal("15.00"))


# --- killed and resumed


class Killed(BaseException):
    """Stands for a process that ends in the middle."""


def kill_at(stream: str, number: int) -> Callable[[str, int], None]:
    def kill(at: str, page: int) -> None:
        if (at, page) == (stream, number):
            raise Killed

    return kill


@pytest.mark.parametrize("stream", ["customer", "item"])
@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_run_killed_between_pages_is_finished_by_the_next(books: Books, stream: str, page: int) -> None:
    def made() -> LiteralSource:
        people = [customer(key) for key in "ABCD"]
        return LiteralSource(2, customer=people, item=[item(str(n), "10") for n in range(5)])

    source = made()
    source.before_page = kill_at(stream, page)
    with pytest.raises(Killed):
        load(books, source)
    with books.read() as tx:
        assert not store.ready(tx, "01").ready
    source.before_page = lambda stream, number: None
    report = load(books, source)
    assert report.resumed == (page > 0)
    assert [row[0] for row in items(books, "key")] == list("01234")
    assert count(books, customer_table) == 4
    with books.read() as tx:
        assert store.ready(tx, "01").ready


def test_changes_between_a_killed_run_and_the_next_are_not_missed(books: Books) -> None:
    source = LiteralSource(2, item=[item(str(n), "10") for n in range(6)])
    source.before_page = kill_at("item", 2)
    with pytest.raises(Killed):
        load(books, source)
    source.before_page = lambda stream, number: None
    source.put("item", item("0", "10", "4"))  # read already, changed after the killed run's bound
    load(books, source)
    assert items(books, "key", "open_amount")[0] == ("0", 40_000)


def test_a_killed_full_reading_goes_on_instead_of_beginning_anew(books: Books) -> None:
    source = LiteralSource(1, customer=[customer("A")], item=[item(str(n), "10") for n in range(4)])
    load(books, source)
    source.before_page = kill_at("item", 3)
    with pytest.raises(Killed):
        load(books, source, full=True)
    source.before_page = lambda stream, number: None
    report = load(books, source, full=True)
    assert report.resumed
    assert (report.streams["customer"].read, report.streams["item"].read) == (0, 1)


def test_a_run_that_left_no_trace_but_its_lock_is_taken_over(books: Books) -> None:
    source, calls = source_of(item("1", "10")), context()
    load(books, source, context=calls)
    with books.write() as tx:
        number = store.begin_run(tx, "erp", calls, mode="incremental", as_of=AS_OF)
        gone = calls.now() - timedelta(seconds=1)
        assert store.lock(tx, "erp", run_id=number, name="elsewhere:1", until=gone)
    report = load(books, source, context=calls)
    assert report.generation == 2
    with books.read() as tx:
        assert store.run(tx, number).state == "failed"


def test_a_connection_is_imported_by_one_at_a_time(books: Books) -> None:
    source, calls = source_of(item("1", "10")), context()
    with books.write() as tx:
        number = store.begin_run(tx, "erp", calls, mode="incremental", as_of=AS_OF)
        store.lock(tx, "erp", run_id=number, name="elsewhere:77", until=calls.now() + timedelta(hours=1))
    for dry_run in (False, True):
        with pytest.raises(Busy, match=r"being imported by elsewhere:77 \(run 1\)"):
            load(books, source, context=calls, dry_run=dry_run)
    assert count(books, import_run) == 1


def test_a_run_whose_connection_was_taken_over_writes_no_more(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"), item("3", "10"))

    def stolen(stream: str, number: int) -> None:
        if (stream, number) == ("item", 1):
            with books.write() as tx:
                tx.execute(connection_lock.update().values(run_id=99))

    source.before_page = stolen
    with pytest.raises(Busy, match="taken over by another run"):
        load(books, source)
    assert [row[0] for row in items(books, "key")] == ["1", "2"]


def test_every_run_leaves_one_audit_row(books: Books) -> None:
    source = source_of(item("1", "10"))
    load(books, source)
    source.complete = False
    with pytest.raises(ConnectorGarbled):
        load(books, source)
    with books.read() as tx:
        rows = tx.execute(select(audit.c.act, audit.c.subject, audit.c.after).order_by(audit.c.id)).all()
    assert [(act, subject, after["state"]) for act, subject, after in rows] == [
        ("import.run", "erp", "closed"),
        ("import.run", "erp", "failed"),
    ]


# --- vanished rows


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


# --- guards


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


# --- readiness


def test_a_company_is_ready_when_all_that_feed_it_have_closed(books: Books) -> None:
    first, second = source_of(item("1", "10")), LiteralSource(payment=[payment("p", "5")])
    load(books, first)
    second.before_page = kill_at("payment", 1)
    with pytest.raises(Killed):
        import_connection(books, "bank", [second], context(), as_of=AS_OF)
    with books.read() as tx:
        assert store.ready(tx, "01").reasons == ("the import of bank (run 2) is failed",)
        assert store.ready(tx, "02").reasons == ("nothing was ever imported for 02",)
    second.before_page = lambda stream, number: None
    import_connection(books, "bank", [second], context(), as_of=AS_OF)
    with books.read() as tx:
        ready = store.ready(tx, "01")
    assert ready.ready
    assert ready.bound_at is not None


def payment(key: str, amount: str) -> dict[str, Any]:
    return {
        "company": "01",
        "key": key,
        "customer": "A",
        "currency": "EUR",
        "amount": Decimal(amount),
        "received_on": date(2026, 2, 1),
    }


# --- the source's side


def test_a_reading_that_ends_without_its_last_page_broke_off(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    pages = source.read
    source.read = lambda *given: list(pages(*given))[:-1]  # type: ignore[method-assign,assignment]
    with pytest.raises(ConnectorGarbled, match="broke off reading customer"):
        load(books, source)


def test_a_page_that_repeats_its_position_is_refused(books: Books) -> None:
    source = source_of()
    again = Page([customer("A")], {"after": 1})
    source.read = lambda *given: iter([again, again])  # type: ignore[method-assign]
    with pytest.raises(ConnectorGarbled, match="gave a page of customer again"):
        load(books, source)


def test_a_connection_that_gives_nothing_is_told(books: Books) -> None:
    with pytest.raises(NotFound, match="gives nothing to import"):
        import_connection(books, "erp", [], context(), as_of=AS_OF)


def test_a_source_that_cannot_go_on_is_read_whole_each_time(books: Books) -> None:
    source = source_of(item("1", "10"), item("2", "10"))
    source.capabilities = SourceCapabilities(incremental=False, sweeps=False)
    load(books, source)
    assert load(books, source).streams["item"].read == 2


def test_a_dry_run_tells_all_and_writes_nothing(books: Books) -> None:
    source = source_of(item("1", "70"), item("2", "20"), item("3", "10"))
    load(books, source)
    before = ledger(books, without=())
    source.put("item", item("2", "20", "5"), item("4", "33"), item("5", "1.234"))
    source.drop("item", ("01", "1"))
    report = load(books, source, dry_run=True, rules=ImportRules(bad_rows=OPEN))
    part = report.streams["item"]
    assert (part.new, part.changed, part.parked, report.run_id) == (1, 1, 1, 0)
    assert report.sweep is not None
    assert report.sweep.vanished == 1
    assert ledger(books, without=()) == before
    assert (count(books, import_run), count(books, quarantine), count(books, connection_lock)) == (1, 0, 0)


def test_a_dry_run_says_which_guard_would_stop_it(books: Books) -> None:
    source = source_of(*(item(str(n), "10") for n in range(5)))
    source.bad = [BadRow("no amount", {"key": "9"})]
    report = load(books, source, dry_run=True, rules=ImportRules())
    assert report.stopped is not None
    assert "are bad" in report.stopped


def test_progress_is_told_by_stream_and_rows(books: Books) -> None:
    told: list[tuple[str, int]] = []
    load(books, source_of(*(item(str(n), "10") for n in range(3))), progress=lambda *step: told.append(step))
    assert told == [("customer", 1), ("customer", 1), ("item", 2), ("item", 3), ("item", 3)]


# --- whatever the order of things, the books end up as the source is


@pytest.mark.parametrize("seed", range(6))
def test_many_small_runs_leave_what_one_clean_run_leaves(books: Books, seed: int) -> None:
    """Changes between runs, during paging, with equal and late stamps, kills, deletes: nothing is missed."""
    dice = random.Random(seed)
    source = LiteralSource(dice.choice([1, 2, 3, 7]), customer=[customer("A")], item=[], payment=[])
    source.lookback = timedelta(days=1)

    def move(stream: str = "", number: int = 0) -> None:
        for _ in range(dice.randrange(3)):
            act, key = dice.random(), str(dice.randrange(12))
            late = None if act > 0.2 else source.clock.at - timedelta(seconds=dice.randrange(3))
            if act > 0.9 and ("01", key) in source.rows["item"]:
                source.drop("item", ("01", key), trace=source.deleted)
            else:
                source.put("item", item(key, "100", str(dice.choice([0, 40, 100]))), at=late)
        if stream == "item" and dice.random() < 0.15:
            raise Killed

    source.before_page = move
    for _ in range(8):
        move()
        try:
            load(books, source)
        except Killed:
            continue
    source.before_page = lambda stream, number: None
    load(books, source)
    held = {key: (state, amount) for key, state, amount in items(books, "key", "state", "open_amount")}
    told = {row["key"]: row["open_amount"] for _, row in source.rows["item"].values()}
    assert {key: amount for key, (state, amount) in held.items() if state == "open"} == {
        key: int(amount * 10_000) for key, amount in told.items() if amount
    }
    for key, (state, _) in held.items():
        assert state in {"open", "cleared"} if key in told else state in {"deleted", "cleared"}
    with books.read() as tx:
        assert all(tx.execute(select(stream_position.c.done)).scalars())


# --- beside others


def test_an_import_beside_ten_writers_meets_no_lock(sqlite_url: str) -> None:
    """Each writer has books of its own, as another process would; all write all the time."""
    books = Books.open(sqlite_url)
    books.migrate()
    ended = threading.Event()
    written: dict[int, int] = {}
    failed: list[Exception] = []

    def write(number: int) -> None:
        own = Books.open(sqlite_url)
        try:
            while not ended.is_set():
                with own.write() as tx:
                    now = START + timedelta(seconds=written.get(number, 0))
                    upsert(tx, fact, [{"name": f"writer {number}", "value": written.get(number, 0), "set_at": now}])
                written[number] = written.get(number, 0) + 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            failed.append(error)
        finally:
            own.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for writer in writers:
        writer.start()
    report = load(books, source_of(*(item(str(n), "10") for n in range(12_000)), size=6_000))
    ended.set()
    for writer in writers:
        writer.join()
    books.close()
    assert failed == []
    assert report.streams["item"].new == 12_000
    assert len(written) == 10
