"""Each simulator's own balance beside what it says that a connector shall read: two ways to the same money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from duehook.core.plugins import Plugins
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.scenes.money import SCENES, balances_of, half_referring, unlike
from duehook.plugins.business_central.simulator import BusinessCentralSimulator
from duehook.plugins.d365.simulator import D365Simulator
from duehook.plugins.infor_m3.simulator import M3Simulator
from duehook.plugins.jde.simulator import JdeSimulator
from duehook.plugins.sap.simulator import SapSimulator

START = date(2026, 3, 2)
MADE: dict[str, Any] = {
    "sap": SapSimulator,
    "jde": JdeSimulator,
    "d365": D365Simulator,
    "business_central": BusinessCentralSimulator,
    "infor_m3": M3Simulator,
}
SET_UPS = [(type, variant) for type, made in MADE.items() for variant in ("", *made.variants)]


@pytest.fixture(params=SET_UPS, ids="-".join)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Give what starts a simulator, as each of the variants."""
    type, variant = request.param
    started: list[Any] = []

    def start(**options: Any) -> Any:
        folder = tmp_path / str(len(started))
        chosen = MADE[type].variants.get(variant, {})
        started.append(MADE[type]({"folder": str(folder), "start_on": START, **chosen, **options}))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop()


def differing(erp: Any) -> dict[tuple[str, str, str], Any]:
    return unlike(erp.open_balances(), balances_of(list(erp.given("item"))))


def test_a_book_that_has_been_played_for_two_weeks_adds_up(make: Any) -> None:
    erp = make(customers=40, items=300)
    erp.advance_to(START + timedelta(days=14))
    assert len(erp.open_balances()) > 20
    assert differing(erp) == {}


def test_every_scene_of_the_kit_adds_up_after_each_act(make: Any) -> None:
    erp = make(customers=12, items=0)
    for name, scene in SCENES.items():
        for step, _ in enumerate(scene(erp)):
            assert (name, step, differing(erp)) == (name, step, {})


def test_a_half_reference_moves_no_money(make: Any) -> None:
    erp = make(customers=12, items=0)
    for way in erp.half_references:
        for _ in half_referring(way)(erp):
            assert differing(erp) == {}


def test_a_variant_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    simulators = Simulators(Plugins.load(), "sap", lambda: tmp_path)
    with pytest.raises(KeyError):
        simulators.variant("R/2")
