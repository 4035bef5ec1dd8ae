"""What the ERP says of customers and disputes keeps letters back, from the import to the mail (rules 5, 8)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from duehook.core.books import Books
from tests.rigs.delivery_site import Rig, due, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.erp.customer("A")
        yield made


@pytest.mark.parametrize(
    "said",
    [
        {"dunning_block": "B"},
        {"state": "deceased"},
        {"state": "insolvent"},
        {"state": "do_not_contact"},
        {"state": "legal"},
    ],
)
def test_of_an_items_own_customer_holds_when_another_pays(rig: Rig, said: dict[str, str]) -> None:
    rig.erp.customer("P")
    rig.erp.customer("C", payer="P", **said)
    rig.erp.invoice("1", "C", "100.00", due(10), payer="P")
    rig.run()
    assert rig.catcher.mails == []


def test_of_an_items_own_customer_is_asked_once_more_before_sending(rig: Rig) -> None:
    rig.erp.customer("P")
    rig.erp.customer("C", payer="P")
    rig.erp.invoice("1", "C", "100.00", due(10), payer="P")
    rig.load()
    rig.approve()
    rig.clock.later(hours=5)
    rig.erp.customers["C"] |= {"state": "deceased", "changed_at": rig.clock.at}
    rig.deliver()
    assert (rig.catcher.mails, rig.only().state) == ([], "cancelled")


def test_the_payer_is_written_to_when_nothing_is_said(rig: Rig) -> None:
    rig.erp.customer("P")
    rig.erp.customer("C", payer="P")
    rig.erp.invoice("1", "C", "100.00", due(10), payer="P")
    rig.run()
    assert len(rig.catcher.mails) == 1


def test_a_dispute_without_an_amount_is_of_the_whole_item(rig: Rig) -> None:
    rig.erp.invoice("1", "A", "100.00", due(10), dispute_reason="D1 price")
    rig.run()
    assert rig.catcher.mails == []


def test_an_invoice_of_a_merged_customer_is_not_dunned_again_within_the_interval(rig: Rig) -> None:
    rig.erp.customer("B")
    rig.erp.invoice("1", "A", "100.00", due(30))
    rig.run()
    rig.clock.later(days=1)
    rig.erp.items["1"] = {**rig.erp.items["1"], "customer": "B", "changed_at": rig.clock.at}
    rig.run()
    assert len(rig.catcher.mails) == 1
