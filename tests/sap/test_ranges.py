"""What belongs to many customers is asked for by the range that they stand in, where it is well filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from duehook.core.records import Stream
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.under_test import Connector
from duehook.plugins.sap.simulator.codes import SITE_SETTINGS

from .simulated import Site, served

PLUGINS = load_plugins(())
CUSTOMERS = 700  # eighteen questions of forty


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, items=0, customers=CUSTOMERS) as made:
        yield made


@pytest.fixture
def connector(site: Site) -> Iterator[Connector]:
    found = Connector(PLUGINS, "sap", {**site.settings, **SITE_SETTINGS}, "/")
    yield found
    found.close()


def asked(site: Site) -> Counter[str]:
    return Counter(entry.path.rpartition("/")[2] for entry in site.simulator.log)


@pytest.mark.parametrize(
    ("stream", "entities"),
    [
        ("customer", ["A_Customer", "A_BusinessPartner", "A_CustomerDunning", "A_BusinessPartnerAddress"]),
        ("contact", ["A_AddressEmailAddress", "A_AddressPhoneNumber", "A_BPContactToFuncAndDept"]),
    ],
)
def test_a_whole_reading_asks_how_many_there_are_and_for_all_at_once(
    stream: Stream, entities: list[str], site: Site, connector: Connector
) -> None:
    rows = connector.rows(stream)
    assert differences(stream, site.simulator.given(stream), rows) == []
    found = asked(site)
    assert {name: found[name] for name in entities} == dict.fromkeys(entities, 2)
    assert found["$batch"] == 0


def test_those_that_stand_far_apart_are_asked_for_by_their_names(site: Site, connector: Connector) -> None:
    names = sorted({row["key"]: (row["company"], row["key"]) for row in site.simulator.given("customer")}.values(),
                   key=lambda name: name[1])  # fmt: skip
    far_apart = [*names[:65], *names[-65:]]
    site.simulator.log.clear()
    found = connector.source("customer").lookup("customer", far_apart)
    assert sorted((row["company"], row["key"]) for row in found.found) == sorted(far_apart)
    assert asked(site)["A_Customer"] == 1  # how many there are
    assert asked(site)["$batch"] >= 1


def test_letters_among_the_numbers_are_asked_for_by_their_names(site: Site, connector: Connector) -> None:
    """Some databases sort them before the numbers, some behind."""
    names = [(row["company"], row["key"]) for row in site.simulator.given("customer")]
    unknown = [("1000", f"X{number}") for number in range(3)]
    site.simulator.log.clear()
    found = connector.source("customer").lookup("customer", [*names, *unknown])
    assert sorted((row["company"], row["key"]) for row in found.found) == sorted(names)
    assert sorted(found.missing) == unknown
    assert asked(site)["A_CustomerCompany"] == 0
