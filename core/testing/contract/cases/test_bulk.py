"""Bulk: 100,000 open items come over in pages, in time, and in the memory that a tenth of them takes."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from duehook.core.plugins import Plugins
from duehook.core.testing.contract.loading import named_values
from duehook.core.testing.contract.marks import platinum
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.serve import served
from duehook.core.testing.contract.under_test import Connector, validated

pytestmark = platinum
ITEMS = 100_000
LARGEST_PAGE = 10_000
TIMES_VALIDATION = 6.0  # what reading and mapping may cost, validating the same rows being 1
GROWTH = 1.25


@pytest.fixture(scope="module")
def large(
    request: pytest.FixtureRequest,
    connector_type: str,
    simulators: Simulators,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Any]]:
    """Give the settings of an ERP with 100,000 open items, in a process of its own."""
    options = {"folder": str(tmp_path_factory.mktemp("large")), "customers": 20_000, "items": ITEMS}
    options |= named_values(request.config.getoption("--duehook-option"))
    with served(connector_type, options, request.config.getoption("--duehook-plugin")) as erp:
        yield {**erp.settings, **named_values(request.config.getoption("--duehook-setting"))}


@pytest.fixture
def bulk(large: Mapping[str, Any], installed: Plugins, connector_type: str, tmp_path: Any) -> Iterator[Connector]:
    """Give the connector on it."""
    connector = Connector(installed, connector_type, large, str(tmp_path))
    yield connector
    connector.close()


def test_a_hundred_thousand_open_items_are_read_in_time_and_in_little_memory(bulk: Connector) -> None:
    count, reading, validating, peak_early = 0, 0.0, 0.0, 0
    largest = 0
    pages = bulk.pages("item")
    while True:
        begun = time.process_time()
        page = next(pages, None)
        reading += time.process_time() - begun
        if page is None:
            break
        begun = time.process_time()
        validated("item", [dict(row) for row in page.rows])
        validating += time.process_time() - begun
        count, largest = count + len(page.rows), max(largest, len(page.rows))
        if count <= ITEMS // 10:
            peak_early = _peak()
    assert count >= ITEMS
    assert largest <= LARGEST_PAGE
    assert reading <= TIMES_VALIDATION * validating, f"{reading:.1f} CPU s beside {validating:.1f} of validation"
    assert _peak() <= GROWTH * peak_early, f"{_peak()} kB at the end, {peak_early} kB after a tenth"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
