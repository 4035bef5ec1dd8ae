"""Import: what a page does to the books, readiness, dry runs, sources that misbehave."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.tables import metadata
from duehook.core.books.tables.imports import connection_lock, import_run, quarantine
from duehook.core.books.tables.ledger import customer as customer_table
from duehook.core.books.tables.ledger import item as item_table
from duehook.core.books.tables.ledger import item_version
from duehook.core.errors import ConfigError, ConnectorGarbled, NotFound
from duehook.core.hookspecs import BadRow, Page, SourceCapabilities
from duehook.core.runs.imports import ImportRules, import_connection
from tests.rigs.imported import (
    OPEN,
    Killed,
    allocation,
    count,
    items,
    kill_at,
    ledger,
    load,
    payment,
    source_of,
    state_of,
)
from tests.rigs.literal_source import AS_OF, LiteralSource, context, customer, item


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


def test_an_erp_company_that_is_not_set_up_never_becomes_the_one_of_ours_that_has_its_code(books: Books) -> None:
    rules = ImportRules(companies={"1000": "01"}, ours=["02"], balance_drop=OPEN)
    source = LiteralSource(
        9,
        customer=[customer("A", company="1000", name="Ours"), customer("A", company="01", name="Another")],
        item=[item("1", "10", company="1000"), item("1", "70", company="01"), item("2", "80", company="02")],
    )
    load(books, source, rules=rules)
    assert items(books, "company", "key") == [("01", "1"), ("erp:01", "1"), ("erp:02", "2")]
    with books.read() as tx:
        names = tx.execute(select(customer_table.c.company, customer_table.c.name).where(customer_table.c.key == "A"))
        assert {row.company: row.name for row in names} == {"01": "Ours", "erp:01": "Another", "erp:02": "A"}
    source.drop("item", ("01", "1"), trace=source.deleted)
    load(books, source, rules=rules)
    assert source.lookups == [("01", "1")]
    assert items(books, "company", "state") == [("01", "open"), ("erp:01", "deleted"), ("erp:02", "open")]


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


def test_open_amounts_are_checked_by_their_allocations(books: Books) -> None:
    source = LiteralSource(
        item=[item("1", "100", "60"), item("2", "50", "50"), item("3", "30", "10")],
        allocation=[allocation("a", "1", "40"), allocation("b", "3", "15")],
    )
    report = load(books, source)
    (fault,) = report.first_open_faults
    assert (report.open_faults, fault.document) == (1, "3")
    assert (fault.open_amount, fault.expected) == (Decimal("10.00"), Decimal("15.00"))


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


def test_a_second_reading_in_the_same_second_of_the_erps_clock_is_no_page_again(books: Books) -> None:
    """What is read on one page ends where it ended before, when that clock has not moved."""
    source = source_of()
    once = Page([customer("A")], {"bound": "2026-03-02T06:00:00Z", "done": True})
    source.read = lambda *given: iter([once])  # type: ignore[method-assign]
    load(books, source)
    assert load(books, source).streams["customer"].read == 1


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


def test_every_stream_finds_its_place(books: Books) -> None:
    account = {"currency": "EUR", "bank": "Bank", "iban": "DE02120300000000202051"}
    seat = {"lines": ("Weg 1",), "city": "Ulm", "country": "DE"}
    term = {"key": "2/10", "net_days": 30, "discount_days": 10, "discount_percent": Decimal("2.50")}
    rate = {"from_currency": "USD", "to_currency": "EUR", "valid_on": date(2026, 1, 5), "rate": Decimal("0.90")}
    whole = rate | {"valid_on": date(2026, 1, 6), "rate": Decimal(1)}
    source = LiteralSource(
        company=[{"company": "01", "name": "Pumps", "currency": "EUR", "address": seat, "bank_accounts": (account,)}],
        payment_term=[term],
        contact=[{"key": "c", "customer": "A", "purposes": ("dunning", "main")}],
        payment=[payment("p", "5")],
    )
    load(books, source)
    import_connection(books, "rates", [Rates([rate, whole])], context(), as_of=AS_OF)
    with books.read() as tx:
        (company,) = tx.execute(select(metadata.tables["company"])).all()
        (kept,) = tx.execute(select(metadata.tables["payment_term"])).all()
        (contact,) = tx.execute(select(metadata.tables["contact"])).all()
        rates = tx.execute(select(metadata.tables["exchange_rate"].c.rate)).scalars().all()
    assert (company.address["city"], company.bank_accounts) == ("Ulm", [account])
    assert (kept.net_days, kept.discount_percent) == (30, "2.5")
    assert (contact.company, contact.purposes) == ("", ["dunning", "main"])
    assert sorted(rates) == ["0.9", "1"]


class Rates(LiteralSource):
    """Rates have no key of one column."""

    def __init__(self, rates: list[dict[str, Any]]) -> None:
        super().__init__(exchange_rate=[])
        self._rates = rates

    def read(self, *given: Any) -> Any:
        yield Page(self._rates, {"done": True})


def test_what_every_reader_has_taken_in_is_forgotten(books: Books) -> None:
    source = source_of(item("1", "10"))
    load(books, source)
    with books.write() as tx:
        store.forget_touched(tx, "01", store.settled_run(tx, "01"))
        assert tx.execute(store.touched("01", 0)).all() == []


def test_items_older_than_the_allocations_are_not_checked(books: Books) -> None:
    source = LiteralSource(item=[item("1", "100", "60", document_on=date(2025, 1, 5))], allocation=[])
    rules = ImportRules(balance_drop=OPEN, history_from=date(2025, 6, 1))
    assert load(books, source, rules=rules).open_faults == 0
    assert load(books, source, full=True).open_faults == 1


def test_a_text_that_reads_as_copys_null_is_kept_as_it_is(books: Books) -> None:
    r"""MySQL's exports write \N for nothing; what a mapping does not list under `empty` is text."""
    odd = item("1", "100", document_no="\\N", text="\\N")
    load(books, LiteralSource(customer=[customer("A", name="\\N")], item=[odd, item("2", "70")]))
    with books.read() as tx:
        rows = tx.execute(select(item_table.c.document_no, item_table.c.text).order_by(item_table.c.key)).all()
    assert [tuple(row) for row in rows] == [("\\N", "\\N"), ("2", None)]
