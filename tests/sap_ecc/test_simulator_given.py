"""What the simulated ECC says it gives: what its tables add up to, day after day, however payments are posted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.records import RECORDS, Stream
from duehook.core.testing.book_simulator import balances
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.testing.contract.under_test import validated

from .simulated import START, Site, nobody_yet, served


@pytest.mark.parametrize("options", [{}, {"partial": "residual"}, {"naming": "all"}])
def test_the_items_add_up_to_bsid_every_day(options: Mapping[str, Any], tmp_path: Path) -> None:
    with served(tmp_path, customers=60, items=400, **options) as site:
        for day in range(1, 15):
            site.simulator.advance_to(START + timedelta(days=day))
            rows = list(site.simulator.given("item"))
            ours = balances(((row["company"], row["customer"], row["currency"]), row["open_amount"]) for row in rows)
            assert ours == site.simulator.open_balances()


@pytest.mark.parametrize("stream", ["company", "payment_term", "customer", "contact", "item", "payment", "allocation"])
def test_every_row_is_a_record_of_a_key_of_its_own(stream: Stream, tmp_path: Path) -> None:
    with served(tmp_path, customers=60, items=400) as site:
        rows = list(site.simulator.given(stream))
        assert len(validated(stream, rows)) == len(rows) > 0
        names = [(row.get("company"), row.get("key"), row.get("kind")) for row in rows]
        assert len(set(names)) == len(names)


def test_what_it_lacks_it_does_not_give(site: Site) -> None:
    assert [stream for stream in RECORDS if not list(site.simulator.given(stream))] == ["exchange_rate"]


def test_keys_are_as_the_tables_hold_them_and_numbers_of_people_are_not(site: Site) -> None:
    customer = nobody_yet(site)
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        money = pay(book, bill, "40.25")
    items = [row for row in site.simulator.given("item") if row["customer"] == "1021"]
    assert [(row["key"], row["document_no"], row["open_amount"]) for row in items] == [
        ("0010|2026|0000900001|001", "900001", Decimal("59.75"))
    ]
    payment = f"0010|2026|0000{money.number}"
    taken = [row for row in site.simulator.given("allocation") if row["payment"] == payment]
    assert [(row["key"], row["item"], row["kind"], row["amount"]) for row in taken] == [
        (f"{payment}|001", "0010|2026|0000900001|001", "cash", Decimal("40.25"))
    ]


def test_a_credit_that_refers_to_an_invoice_is_due_with_it(site: Site) -> None:
    customer = nobody_yet(site)
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        issue(book, "-20.00", kind="credit_note", company="00010", customer=customer, number=900002)
        issue(
            book, "-30.00", kind="credit_note", company="00010", customer=customer, number=900003, applies_to=bill.key
        )
    due = {row["document_no"]: str(row["due_on"]) for row in site.simulator.given("item") if row["customer"] == "1021"}
    assert due == {"900001": "2026-04-01", "900002": "2026-03-02", "900003": "2026-04-01"}
