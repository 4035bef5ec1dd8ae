"""Variants: an ERP that is set up in another way is read, swept, added up and written as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.erp import FaultyErp, SimulatedErp, WrittenErp
from duehook.core.testing.contract.fixtures import MOVED, PLAYED, SMALL, START
from duehook.core.testing.contract.following import Followed
from duehook.core.testing.contract.marks import bronze, feature, gold, silver
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.testing.contract.scenes.commands import command, truth
from duehook.core.testing.contract.scenes.money import SCENES, balances_of, unlike
from duehook.core.testing.contract.under_test import Connector

from .test_balance import open_by_totals, open_in_the_erp

pytestmark = feature
Connect = Callable[..., Connector]


@pytest.fixture(scope="module")
def varied(variant: str, simulators: Simulators) -> SimulatedErp:
    """Give an ERP that is set up as one of the variants and has been at work for two weeks; only to be read."""
    erp = simulators.variant(variant, **PLAYED)
    erp.advance_to(START + MOVED)
    return erp


@pytest.fixture
def fresh(variant: str, simulators: Simulators) -> Iterator[Any]:
    """Give one of one's own with next to no documents."""
    erp = simulators.variant(variant, **SMALL)
    yield erp
    simulators.end(erp)


@bronze
def test_everything_is_read_as_the_erp_holds_it(varied: SimulatedErp, connect: Connect) -> None:
    connector = connect(varied)
    found = {each: differences(each, varied.given(each), connector.rows(each)) for each in connector.streams()}
    assert {each: told for each, told in found.items() if told} == {}


@bronze
def test_its_items_add_up_to_what_each_customer_owes(varied: SimulatedErp, connect: Connect) -> None:
    rows = connect(varied).rows("item")
    assert unlike(varied.open_balances(), balances_of(rows)) == {}
    assert [row["key"] for row in rows if row["open_amount"] and row.get("cleared_on")] == []


@silver
def test_none_of_its_money_is_lost_between_two_readings(fresh: FaultyErp, connect: Connect) -> None:
    followed = Followed("item")
    for name in ("paid in parts", "cash on account", "paid twice"):
        for _ in SCENES[name](fresh):
            followed.read(connect(fresh))
            followed.sweep(connect(fresh))
            assert (name, unlike(fresh.open_balances(), balances_of(followed.open_rows))) == (name, {})


@gold
def test_its_totals_are_what_is_open_of_each_item(varied: WrittenErp, connect: Connect) -> None:
    connector = connect(varied)
    assert open_by_totals(connector) == open_in_the_erp(varied)
    source = connector.source("item")
    told = {(total.company, total.document): total.open_amount
            for page in source.totals(source.upper_bound()) for total in page}  # fmt: skip
    given = {(row["company"], row["key"]): row["open_amount"] for row in varied.given("item")}
    assert {name: amount for name, amount in told.items() if amount} == {n: held for n, held in given.items() if held}


@gold
def test_it_is_written_to(fresh: WrittenErp, connect: Connect) -> None:
    connector = connect(fresh)
    assert connector.target is not None, "the connector offers no write_back_target"
    for kind in sorted(connector.target.capabilities - {"release_credit_hold"}):
        with fresh.act() as book:  # of its own: an item that is disputed may take no promise
            invoice = issue(book, "100.00")
        wanted, before = command(fresh, connector, kind, invoice), truth(fresh, invoice, kind)
        assert (kind, connector.target.apply(wanted).outcome) == (kind, "done")
        assert (kind, connector.target.verify(wanted).outcome) == (kind, "done")
        assert truth(fresh, invoice, kind) != before
