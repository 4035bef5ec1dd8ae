"""Balance: what is open by the items, and by the totals, is what the ERP's own ledger adds up to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from duehook.core.testing.contract.erp import FaultyErp, SimulatedErp, WrittenErp
from duehook.core.testing.contract.following import Followed
from duehook.core.testing.contract.marks import bronze, feature, gold, silver
from duehook.core.testing.contract.scenes.money import SCENES, Scene, balances_of, half_referring, unlike
from duehook.core.testing.contract.under_test import Connector

Connect = Callable[..., Connector]
every_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)


def played_to_the_end(scene: Scene, erp: SimulatedErp) -> None:
    """Let a whole scene happen."""
    for _ in scene(erp):
        pass


def open_by_totals(connector: Connector) -> dict[tuple[str, str], Decimal]:
    """Add the totals up by company and currency: they name no customers."""
    sums: dict[tuple[str, str], Decimal] = {}
    source = connector.source("item")
    for total in (total for page in source.totals(source.upper_bound()) for total in page):
        name = (total.company, total.currency)
        sums[name] = sums.get(name, Decimal(0)) + total.open_amount
    return {name: amount for name, amount in sums.items() if amount}


def open_in_the_erp(erp: SimulatedErp) -> dict[tuple[str, str], Decimal]:
    """Return the ERP's own balance by company and currency."""
    sums: dict[tuple[str, str], Decimal] = {}
    for (company, _, currency), amount in erp.open_balances().items():
        sums[company, currency] = sums.get((company, currency), Decimal(0)) + amount
    return {name: amount for name, amount in sums.items() if amount}


@bronze
def test_the_items_add_up_to_what_each_customer_owes_in_the_erp(played: SimulatedErp, reader: Connector) -> None:
    assert unlike(played.open_balances(), balances_of(reader.rows("item"))) == {}


@bronze
def test_what_is_open_was_not_cleared(played: SimulatedErp, reader: Connector) -> None:
    assert [row["key"] for row in reader.rows("item") if row["open_amount"] and row.get("cleared_on")] == []


@gold
def test_the_totals_add_up_to_what_is_open_in_the_erp(played: WrittenErp, reader: Connector) -> None:
    assert open_by_totals(reader) == open_in_the_erp(played)


@bronze
@feature
@every_scene
def test_no_money_is_lost_or_counted_twice(scene: Scene, erp: SimulatedErp, connector: Connector) -> None:
    played_to_the_end(scene, erp)
    assert unlike(erp.open_balances(), balances_of(connector.rows("item"))) == {}


@silver
@feature
@every_scene
def test_no_money_is_lost_between_two_readings(scene: Scene, erp: FaultyErp, connect: Connect) -> None:
    followed = Followed("item")
    for step, _ in enumerate(scene(erp)):
        followed.read(connect(erp))
        followed.sweep(connect(erp))
        assert (step, unlike(erp.open_balances(), balances_of(followed.open_rows))) == (step, {})


@gold
@feature
@every_scene
def test_no_money_is_missing_from_the_totals(scene: Scene, erp: WrittenErp, connector: Connector) -> None:
    for _ in scene(erp):
        assert open_by_totals(connector) == open_in_the_erp(erp)


@silver
@feature
def test_money_that_names_its_document_by_half_stays_in_the_balance(
    half: str, erp: FaultyErp, connect: Connect
) -> None:
    followed = Followed("item")
    for step, _ in enumerate(half_referring(half)(erp)):
        followed.read(connect(erp))
        followed.sweep(connect(erp))
        assert (step, unlike(erp.open_balances(), balances_of(followed.open_rows))) == (step, {})
        assert (step, unlike(erp.open_balances(), balances_of(connect(erp).rows("item")))) == (step, {})


@gold
@feature
def test_money_that_names_its_document_by_half_stays_in_the_totals(
    half: str, erp: WrittenErp, connector: Connector
) -> None:
    for _ in half_referring(half)(erp):
        assert open_by_totals(connector) == open_in_the_erp(erp)
