"""Aging in the books: stored, refreshed for those who were touched, and equal to a recount."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from duehook.core.books import Books
from duehook.core.books.store import aging
from duehook.core.books.tables.dunning import aging_balance, payment_habit
from duehook.core.books.tables.ledger import item
from duehook.core.errors import RunStopped
from duehook.core.policy.model import AgingScheme
from duehook.core.runs.age import age, report
from tests.rigs.imported import allocation, load, payment, source_of
from tests.rigs.ledger import add_allocation, add_items, item_row
from tests.rigs.literal_source import LiteralSource, context, customer
from tests.rigs.literal_source import item as imported

AS_OF = date(2026, 3, 31)
STANDARD = AgingScheme("standard", "By month", (0, 30, 60, 90))


def stored(tx: Connection) -> list[tuple[Any, ...]]:
    rows = tx.execute(select(aging_balance).order_by(aging_balance.c.debtor, aging_balance.c.currency)).all()
    return [(row.debtor, row.currency, *row[4:9], row.unapplied, row.balance, row.oldest_due_on) for row in rows]


@pytest.mark.parametrize(
    ("due_on", "bucket"),
    [
        (date(2026, 4, 1), 0),
        (date(2026, 3, 31), 0),
        (date(2026, 3, 30), 1),
        (date(2026, 3, 1), 1),
        (date(2026, 2, 28), 2),
        (date(2025, 12, 31), 3),
        (date(2025, 12, 30), 4),
    ],
)
def test_due_today_is_current_and_each_bucket_ends_on_its_last_day(books: Books, due_on: date, bucket: int) -> None:
    with books.write() as tx:
        add_items(tx, item_row("1", "10", due_on))
        aging.rebuild(tx, "01", STANDARD, AS_OF)
        row = tx.execute(select(aging_balance)).one()
    assert [row._mapping[f"bucket_{number}"] for number in range(5)] == [
        100_000 if number == bucket else 0 for number in range(5)
    ]


def test_currencies_and_debtors_stay_apart(books: Books) -> None:
    with books.write() as tx:
        add_items(
            tx,
            item_row("1", "10", date(2026, 3, 1)),
            item_row("2", "7", date(2026, 3, 1), currency="USD"),
            item_row("3", "5", date(2026, 3, 1), debtor="B"),
        )
        assert aging.rebuild(tx, "01", STANDARD, AS_OF) == 3
        assert [(*row[:2], row[8]) for row in stored(tx)] == [
            ("A", "EUR", 100_000),
            ("A", "USD", 70_000),
            ("B", "EUR", 50_000),
        ]


@pytest.mark.parametrize(
    ("credits", "expected"),
    [
        # a credit of 12 names invoice 1 (10, oldest): 10 net it, 2 and the other credit of 3 remain
        ("own_column", (0, 200_000, 0, 0, 0, -50_000, 150_000)),
        ("by_own_date", (-30_000, 200_000, -20_000, 0, 0, 0, 150_000)),
        ("offset_oldest", (0, 150_000, 0, 0, 0, 0, 150_000)),
    ],
)
def test_credits_stand_apart_by_date_or_against_the_oldest(
    books: Books, credits: Any, expected: tuple[int, ...]
) -> None:
    scheme = AgingScheme("standard", "By month", (0, 30, 60, 90), credits=credits)
    with books.write() as tx:
        add_items(
            tx,
            item_row("1", "10", date(2026, 2, 1)),
            item_row("2", "20", date(2026, 3, 20)),
            item_row("3", "-12", date(2026, 3, 25), applies_to="1"),
            item_row("4", "-3", date(2026, 4, 30)),
        )
        aging.rebuild(tx, "01", scheme, AS_OF)
        (row,) = stored(tx)
    assert row[2:9] == expected


def test_a_credit_for_another_debtors_invoice_stays_unapplied(books: Books) -> None:
    with books.write() as tx:
        add_items(
            tx,
            item_row("1", "10", date(2026, 3, 20), debtor="B"),
            item_row("2", "-4", date(2026, 3, 25), applies_to="1"),
        )
        aging.rebuild(tx, "01", STANDARD, AS_OF)
        assert [(row[0], row[7], row[8]) for row in stored(tx)] == [("A", -40_000, -40_000), ("B", 0, 100_000)]


def test_gone_cleared_and_later_posted_items_are_not_aged(books: Books) -> None:
    with books.write() as tx:
        add_items(
            tx,
            item_row("1", "10", date(2026, 3, 1), state="gone"),
            item_row("2", "10", date(2026, 3, 1), state="cleared", open_amount=0),
            item_row("3", "10", date(2026, 5, 1), posted_on=date(2026, 4, 1)),
        )
        assert aging.rebuild(tx, "01", STANDARD, AS_OF) == 0


def test_as_booked_puts_later_clearings_back(books: Books) -> None:
    with books.write() as tx:
        add_items(
            tx,
            item_row("1", "10", date(2026, 3, 1), open_amount=40_000),
            item_row("2", "10", date(2026, 3, 1), state="cleared", open_amount=0, cleared_on=date(2026, 4, 2)),
            item_row("3", "10", date(2026, 3, 1), state="cleared", open_amount=0, cleared_on=date(2026, 3, 31)),
        )
        add_allocation(tx, "a", "1", "1", date(2026, 3, 10))
        add_allocation(tx, "b", "1", "5", date(2026, 4, 10))
        (row,) = tx.execute(aging.aged(STANDARD, AS_OF, company="01", booked=True)).all()
    assert row.balance == 190_000  # 9 of item 1, which lost its 5 later, and all of item 2


def test_as_booked_a_vanished_item_counts_until_the_day_it_was_found_gone(books: Books) -> None:
    found = {"state": "deleted", "open_amount": 60_000, "known_from": datetime(2026, 3, 28, 5, 0, tzinfo=UTC)}
    with books.write() as tx:
        add_items(tx, item_row("1", "10", date(2026, 3, 1)) | found, item_row("2", "7", date(2026, 3, 1)))
        add_allocation(tx, "a", "1", "4", date(2026, 3, 10))
        balances = [
            tx.execute(aging.aged(STANDARD, day, company="01", booked=True)).one().balance
            for day in (date(2026, 3, 9), date(2026, 3, 27), date(2026, 3, 28), AS_OF)
        ]
    assert balances == [170_000, 130_000, 70_000, 70_000]


def test_as_booked_a_credit_nets_the_invoice_that_was_open_then(books: Books) -> None:
    cleared = {"state": "cleared", "open_amount": 0, "cleared_on": date(2026, 4, 5)}
    with books.write() as tx:
        add_items(
            tx,
            item_row("1", "100", date(2026, 3, 4), **cleared),
            item_row("2", "-30", date(2026, 3, 20), applies_to="1", **cleared),
        )
        row = tx.execute(aging.aged(STANDARD, AS_OF, company="01", booked=True)).one()
    assert (row.bucket_0, row.bucket_1, row.unapplied, row.balance) == (0, 700_000, 0, 700_000)


def test_a_scheme_can_count_from_the_document_date(books: Books) -> None:
    scheme = AgingScheme("by document", "By document date", (0, 30, 60, 90), basis="document")
    with books.write() as tx:
        add_items(tx, item_row("1", "10", date(2026, 6, 1), document_on=date(2026, 2, 10)))
        aging.rebuild(tx, "01", scheme, AS_OF)
        assert stored(tx)[0][2:7] == (0, 0, 100_000, 0, 0)


def test_a_refresh_of_those_touched_equals_a_recount_day_by_day(books: Books) -> None:
    with books.write() as tx:
        for number in range(60):
            due_on = date(2026, 1, 1) + timedelta(number * 3)
            add_items(tx, item_row(str(number), f"{number + 1}", due_on, debtor=f"D{number % 7}", posted_on=due_on))
        aging.rebuild(tx, "01", STANDARD, date(2026, 1, 1))
    for step in range(1, 40):
        as_of = date(2026, 1, 1) + timedelta(step * 4)
        with books.write() as tx:
            tx.execute(update(item).where(item.c.key == str(step)).values(open_amount=1, run_id=step + 1))
            touched = select(item.c.connection, item.c.debtor).where(item.c.run_id == step + 1)
            aging.refresh(tx, "01", STANDARD, as_of, touched=touched, run_id=step + 1)
            assert aging.drift(tx, "01", STANDARD, as_of) == []


def test_drift_names_the_debtor_whose_stored_row_is_wrong(books: Books) -> None:
    with books.write() as tx:
        add_items(tx, item_row("1", "10", date(2026, 3, 1)), item_row("2", "10", date(2026, 3, 1), debtor="B"))
        aging.rebuild(tx, "01", STANDARD, AS_OF)
        tx.execute(update(item).where(item.c.key == "2").values(open_amount=1))
        assert [row.debtor for row in aging.drift(tx, "01", STANDARD, AS_OF)] == ["B"]


def test_after_a_recount_the_database_knows_what_lies_in_the_balances(books: Books) -> None:
    """Without figures PostgreSQL looked up each of a million rows by itself at the next recount."""
    if books.engine.dialect.name == "postgresql":
        seen = "SELECT count(*) FROM pg_stats WHERE tablename = 'aging_balance' AND attname = 'debtor'"
    else:
        seen = "SELECT count(DISTINCT tbl) FROM sqlite_stat1 WHERE tbl = 'aging_balance'"
    with books.write() as tx:
        add_items(tx, item_row("1", "10", date(2026, 3, 1)))
        aging.rebuild(tx, "01", STANDARD, AS_OF)
        assert tx.exec_driver_sql(seen).scalar_one() == 1


def test_another_scheme_or_an_earlier_day_recounts_everything(books: Books) -> None:
    none = select(item.c.connection, item.c.debtor).where(item.c.key == "nobody")
    with books.write() as tx:
        add_items(tx, item_row("1", "10", date(2026, 3, 1)))
        aging.rebuild(tx, "01", STANDARD, AS_OF)
        weekly = AgingScheme("weekly", "By week", (0, 7, 14, 21))
        aging.refresh(tx, "01", weekly, AS_OF, touched=none, run_id=2)
        assert stored(tx)[0][2:7] == (0, 0, 0, 0, 100_000)
        aging.refresh(tx, "01", weekly, date(2026, 3, 8), touched=none, run_id=3)
        assert stored(tx)[0][2:7] == (0, 100_000, 0, 0, 0)


def test_a_day_before_the_history_that_the_source_gives_is_refused(books: Books) -> None:
    source = source_of(imported("old", "10", document_on=date(2020, 5, 4)), imported("new", "5"))
    source.capabilities = replace(source.capabilities, history_days=730)
    load(books, source)  # its bound is 2026-03-01: closed items are known from 2024-03-01 on
    with pytest.raises(RunStopped, match=r"closed from 2024-03-01 on; an aging of 2024-02-29 would be incomplete"):
        report(books, STANDARD, date(2024, 2, 29), company="01")
    assert [line.balance for line in report(books, STANDARD, date(2024, 3, 1), company="01")] == [100_000]


def test_a_source_that_gives_all_there_is_has_no_day_but_its_first_posting(books: Books) -> None:
    load(books, source_of(imported("old", "10", document_on=date(2020, 5, 4))))
    with pytest.raises(RunStopped, match="closed from 2020-05-04 on"):
        report(books, STANDARD, date(2020, 5, 3))
    assert [line.balance for line in report(books, STANDARD, date(2020, 5, 4))] == [100_000]


def test_a_payment_that_moves_to_another_customer_leaves_the_first_ones_habits(books: Books) -> None:
    both = [imported("1", "100"), imported("2", "100", customer="B")]
    source = LiteralSource(customer=[customer("A"), customer("B")], item=both, payment=[payment("p", "50")])
    load(books, source)
    age(books, context(), "01", STANDARD, as_of=AS_OF)
    source.put("payment", payment("p", "50") | {"customer": "B"})
    load(books, source)
    age(books, context(), "01", STANDARD, as_of=AS_OF)
    with books.read() as tx:
        assert set(tx.execute(select(payment_habit.c.debtor)).scalars()) == {"B"}


def test_an_allocation_that_moves_to_another_item_leaves_the_first_debtors_habits(books: Books) -> None:
    both = [imported("1", "100"), imported("2", "100", customer="B")]
    source = LiteralSource(customer=[customer("A"), customer("B")], item=both, allocation=[allocation("a", "1", "50")])
    load(books, source)
    age(books, context(), "01", STANDARD, as_of=AS_OF)
    source.put("allocation", allocation("a", "2", "50"))
    load(books, source)
    age(books, context(), "01", STANDARD, as_of=AS_OF)
    with books.read() as tx:
        assert set(tx.execute(select(payment_habit.c.debtor)).scalars()) == {"B"}
