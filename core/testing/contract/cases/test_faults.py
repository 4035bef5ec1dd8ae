"""Faults: what passes is waited for, what does not is named with what to do, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.erp import FaultyErp
from duehook.core.testing.contract.following import Followed
from duehook.core.testing.contract.marks import feature, silver
from duehook.core.testing.contract.scenes import issue
from duehook.core.testing.contract.under_test import Connector

pytestmark = [silver, feature]
PASSING: list[dict[str, Any]] = [
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 504},
    {"kind": "reset"},
    {"kind": "slow", "seconds": 0.2},
]
LASTING: list[tuple[dict[str, Any], type[ConnectorError], str]] = [
    ({"kind": "status", "status": 403}, ConnectorRefused, "403"),
    ({"kind": "status", "status": 404}, ConnectorError, "404"),
    ({"kind": "status", "status": 429, "retry_after": 900}, ConnectorDown, "429"),
    ({"kind": "status", "status": 500}, ConnectorError, "500"),
    ({"kind": "status", "status": 503}, ConnectorDown, "503"),
    ({"kind": "html"}, ConnectorGarbled, "web page"),
    ({"kind": "garbage"}, ConnectorGarbled, ""),
    ({"kind": "charset"}, ConnectorGarbled, ""),
    ({"kind": "half_page"}, ConnectorError, ""),
    ({"kind": "reset"}, ConnectorDown, ""),
]


def _said(fault: dict[str, Any]) -> str:
    return "-".join(str(part) for part in fault.values())


@pytest.fixture
def nine(erp: FaultyErp) -> FaultyErp:
    """Give an ERP with some pages of items to read."""
    if "faults of reading" in erp.lacks:
        pytest.skip(f"lacks faults of reading: {erp.lacks['faults of reading']}")
    with erp.act() as book:
        for number in range(9):
            issue(book, f"{10 + number}.00")
    return erp


@pytest.mark.parametrize("fault", PASSING, ids=_said)
@pytest.mark.parametrize("after", [0, 1])
def test_what_passes_is_waited_for_and_nothing_is_missed(
    fault: dict[str, Any], after: int, nine: FaultyErp, connect: Callable[..., Connector]
) -> None:
    connector = connect(nine, page_size=3)
    nine.faults.set(**fault, method="GET", after=after)
    assert differences("item", nine.given("item"), connector.rows("item")) == []


def test_as_long_is_waited_as_the_erp_asks(
    nine: FaultyErp, connect: Callable[..., Connector], waited: list[float]
) -> None:
    connector = connect(nine, page_size=3)
    nine.faults.set("status", status=429, retry_after=7, method="GET", after=1)
    begun = time.monotonic()
    connector.rows("item")
    assert sum(waited) + time.monotonic() - begun >= 7


@pytest.mark.parametrize(("fault", "raises", "named"), LASTING, ids=[_said(each[0]) for each in LASTING])
@pytest.mark.parametrize("after", [0, 1])
def test_what_lasts_is_told_with_its_cause_and_its_fix_and_reading_goes_on_later(
    fault: dict[str, Any], raises: type[ConnectorError], named: str, after: int, *,
    nine: FaultyErp, connect: Callable[..., Connector],
) -> None:  # fmt: skip
    followed = Followed("item")
    nine.faults.set(**fault, method="GET", after=after, count=99)
    with pytest.raises(raises) as raised:
        followed.read(connect(nine, page_size=3))
    assert named in raised.value.message
    assert raised.value.fix, f"what should a person do about: {raised.value.message}"
    nine.faults.clear()
    followed.read(connect(nine, page_size=3))
    assert differences("item", nine.given("item"), followed.rows.values()) == []


def test_an_erp_that_answers_too_late_is_told_so(nine: FaultyErp, connect: Callable[..., Connector]) -> None:
    nine.faults.set("slow", method="GET", seconds=2.0, count=99)
    with pytest.raises(ConnectorDown) as raised:
        connect(nine, read_seconds=0.2).rows("item")
    assert raised.value.fix


def test_a_sign_in_that_runs_out_while_reading_is_renewed(nine: FaultyErp, connect: Callable[..., Connector]) -> None:
    if "sign-in that runs out" in nine.lacks:
        pytest.skip(f"lacks sign-in that runs out: {nine.lacks['sign-in that runs out']}")
    connector = connect(nine, page_size=3)
    nine.faults.set("status", status=401, method="GET", after=1)
    assert differences("item", nine.given("item"), connector.rows("item")) == []


def test_a_sign_in_that_is_refused_is_not_tried_again_and_again(
    nine: FaultyErp, connect: Callable[..., Connector]
) -> None:
    connector, before = connect(nine, page_size=3), len(nine.log)
    nine.faults.set("status", status=401, method="GET", count=99)
    with pytest.raises(ConnectorRefused) as raised:
        connector.rows("item")
    assert raised.value.fix
    assert len([entry for entry in nine.log[before:] if entry.fault]) <= 2
