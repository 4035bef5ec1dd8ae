"""What PeopleSoft itself stops: drafts are a class of their own, and the collection statuses that the site names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from duehook.core.records import Stream
from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import issue
from duehook.plugins.peoplesoft.simulator import PeopleSoftSimulator

from .simulator_site import Site, read, running, source_of

TYPE: Final = "peoplesoft"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(PeopleSoftSimulator, tmp_path) as made:
        yield made


@pytest.fixture
def invoice(site: Site) -> Item:
    with site.simulator.act() as book:
        return issue(book, "100.00", customer=book.customers["1004"])


def row(site: Site, stream: Stream, key: str, **more: Any) -> Mapping[str, Any]:
    """Read one row."""
    return next(row for row in read(site, TYPE, stream, **more) if row["key"] == key)


def test_an_item_with_a_draft_is_of_the_class_draft(site: Site, invoice: Item) -> None:
    key = site.simulator.item_key(invoice)
    assert row(site, "item", key)["item_class"] == "normal"
    site.connection.execute("UPDATE PS_ITEM SET DRAFT_ID = 'D1' WHERE ITEM = ?", str(invoice.document_no))
    assert row(site, "item", key)["item_class"] == "draft"


@pytest.mark.parametrize(("blocks", "block"), [([], None), (["ATT", "STP"], "STP"), (["ATT"], None)])
def test_a_collection_status_that_the_settings_name_blocks_an_item(
    blocks: list[str], block: str | None, site: Site, invoice: Item
) -> None:
    site.connection.execute("UPDATE PS_ITEM SET COLLECTION_STATUS = 'STP' WHERE ITEM = ?", str(invoice.document_no))
    key = site.simulator.item_key(invoice)
    assert row(site, "item", key, collection_blocks=blocks).get("dunning_block") == block


@pytest.mark.parametrize(("blocks", "block"), [([], None), (["STP"], "STP")])
def test_a_collection_status_that_the_settings_name_blocks_a_customer(
    blocks: list[str], block: str | None, site: Site
) -> None:
    site.connection.execute("UPDATE PS_CUST_CREDIT SET COLLECTION_STATUS = 'STP' WHERE CUST_ID = '1004'")
    assert row(site, "customer", "1004", collection_blocks=blocks).get("dunning_block") == block


def test_discover_lists_the_collection_statuses_in_use(site: Site, invoice: Item) -> None:
    site.connection.execute("UPDATE PS_ITEM SET COLLECTION_STATUS = ' '")
    site.connection.execute("UPDATE PS_ITEM SET COLLECTION_STATUS = 'ATT' WHERE ITEM = ?", str(invoice.document_no))
    found = [each for each in source_of(site, TYPE, "item").discover() if each.kind == "collection status of items"]
    assert [(each.name, each.text, each.suggests) for each in found] == [
        ("ATT", "1 open items have it", "collection_blocks: [ATT]")
    ]


def test_discover_says_nothing_of_a_table_that_may_not_be_read(site: Site) -> None:
    site.simulator.deny("PS_CUST_CREDIT")
    found = [each.kind for each in source_of(site, TYPE, "customer").discover()]
    assert "collection status of customers" not in found
