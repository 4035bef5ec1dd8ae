"""Clearings over the simulator: full payments that name no invoice, their reset and reversal, read step by step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.book.knobs import Knobs
from duehook.core.testing.book.postings import Application
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.following import Followed, is_open
from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.contract.scenes.money import balances_of, unlike
from duehook.core.testing.contract.under_test import Connector
from duehook.plugins.sap.simulator.codes import SITE_SETTINGS

from .simulated import START, Site, served

PLUGINS = load_plugins(())
STREAMS: tuple[Stream, ...] = ("item", "payment", "allocation")


class Reader:
    """A connector of a simulated site, and what it was told of its money so far."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.connector = Connector(PLUGINS, "sap", {**site.settings, **SITE_SETTINGS}, "/")
        self.known = {stream: Followed(stream) for stream in STREAMS}

    def read(self) -> None:
        """Read what is new; afterwards all that is known is what the site gives, and the balance is whole."""
        for followed in self.known.values():
            followed.read(self.connector)
        self.known["item"].sweep(self.connector)
        simulator = self.site.simulator
        assert unlike(simulator.open_balances(), balances_of(self.known["item"].open_rows)) == {}
        for stream in ("payment", "allocation"):
            assert differences(stream, simulator.given(stream), self.known[stream].rows.values()) == []
        open_items = [row for row in simulator.given("item") if is_open(row)]
        assert differences("item", open_items, self.known["item"].open_rows) == []
        for item in self.known["item"].rows.values():
            taken = [row["amount"] for row in self.known["allocation"].rows.values() if row["item"] == item["key"]]
            assert item["amount"] - sum(taken, Decimal(0)) == item["open_amount"], item["key"]

    def of(self, number: int) -> Any:
        """Return what is known of an item."""
        found = [row for row in self.known["item"].rows.values() if row["document_no"] == str(number)]
        assert len(found) == 1
        return found[0]

    def taken_off(self, item: Item) -> Any:
        """Return what is known to have been taken off an item, without nothing."""
        key = self.of(item.document_no)["key"]
        rows = [row for row in self.known["allocation"].rows.values() if row["item"] == key and row["amount"]]
        return sorted((row["kind"], row["amount"]) for row in rows)


@pytest.fixture(params=["referring", "residual"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    with served(tmp_path, items=0, partial=request.param) as site:
        made = Reader(site)
        yield made
        made.connector.close()


def a_day_later(reader: Reader) -> None:
    simulator = reader.site.simulator
    simulator.advance_to(simulator.book.day + timedelta(days=1))


def test_a_payment_in_full_settles_its_invoice_until_it_is_reversed(reader: Reader) -> None:
    with reader.site.simulator.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "40.00")
        payment = pay(book, invoice, "60.00")
    reader.read()
    assert reader.of(invoice.document_no)["open_amount"] == 0
    a_day_later(reader)
    with reader.site.simulator.act() as book:
        later(book)
        book.reverse(payment.key)
    reader.read()
    assert (reader.of(invoice.document_no)["open_amount"], reader.of(invoice.document_no).get("cleared_on")) == (
        60,
        None,
    )
    a_day_later(reader)
    with reader.site.simulator.act() as book:
        pay(book, invoice, "60.00")
    reader.read()
    assert reader.of(invoice.document_no)["open_amount"] == 0


def test_a_clearing_that_is_reset_and_left_so_leaves_an_open_invoice_and_money_on_account(reader: Reader) -> None:
    with reader.site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "100.00")
    reader.read()
    assert reader.taken_off(invoice) == [("cash", 100)]
    a_day_later(reader)
    reader.site.simulator.user_resets(payment.key)
    reader.read()
    assert reader.taken_off(invoice) == []
    assert reader.of(invoice.document_no)["open_amount"] == 100
    money = reader.of(payment.number)
    assert (money["kind"], money["open_amount"]) == ("on_account", -100)
    told = [row for row in reader.known["payment"].rows.values() if row["key"].endswith(str(payment.number))]
    assert [(row["amount"], row["unapplied_amount"]) for row in told] == [(100, 100)]


def test_a_discount_goes_with_its_clearing(reader: Reader) -> None:
    with reader.site.simulator.act() as book:
        invoice = issue(book, "100.00")
        later(book)
        line = Application(invoice.key, 9800, (("discount", 200),))
        payment = book.receive([line], company=invoice.company, customer=invoice.customer, currency="EUR")
    reader.read()
    assert reader.taken_off(invoice) == [("cash", 98), ("discount", 2)]
    with reader.site.simulator.act() as book:
        later(book)
        book.reverse(payment.key)
        pay(book, invoice, "100.00")
    reader.read()
    assert reader.taken_off(invoice) == [("cash", 100)]


def test_a_part_that_bounces_when_the_rest_was_paid_opens_its_invoice_by_that_part(reader: Reader) -> None:
    with reader.site.simulator.act() as book:
        invoice = issue(book, "100.00")
        part = pay(book, invoice, "40.00")
        pay(book, invoice, "60.00")
    reader.read()
    a_day_later(reader)
    with reader.site.simulator.act() as book:
        later(book)
        book.reverse(part.key)
    reader.read()
    assert reader.of(invoice.document_no)["open_amount"] == 40


@pytest.mark.parametrize("partial", ["referring", "residual"])
def test_days_on_which_many_payments_bounce_are_known_one_by_one(partial: str, tmp_path: Path) -> None:
    knobs = Knobs(reversal_share=0.3, part_payment_share=0.3, purge_after=10_000)  # what is archived stays known
    with served(tmp_path, customers=40, items=150, partial=partial, knobs=knobs) as site:
        reader = Reader(site)
        for _ in range(14):
            reader.read()
            a_day_later(reader)
        assert sum(bool(payment.reversal_of) for payment in site.simulator.book.payments.values()) > 2
        assert site.simulator.book.day > START
        reader.connector.close()
