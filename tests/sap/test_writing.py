"""Writing beside others: notes, holds, dunning data and disputes, when SAP or a user is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Command, Target
from duehook.core.testing.book import Item
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.scenes.acts import company_of, issue
from duehook.core.testing.contract.under_test import Connector
from duehook.plugins.sap.simulator import SapSimulator

from .stubbed import PLUGINS

START = date(2026, 3, 2)


class Site:
    """A simulated SAP with one invoice, and connections to it."""

    def __init__(self, simulators: Simulators, **options: Any) -> None:
        self.simulators = simulators
        self.erp: SapSimulator = simulators.start(customers=20, items=0, start_on=START, **options)  # type: ignore[assignment]
        with self.erp.act() as book:
            self.item: Item = issue(book, "50.00")
        self.company = company_of(self.erp, self.item)

    def connector(self, **other: Any) -> Connector:
        settings = {**self.simulators.settings(self.erp), **self.erp.site_settings, **other}
        return Connector(PLUGINS, "sap", settings, "/")

    def target(self, **other: Any) -> Target:
        found = self.connector(**other).target
        assert found is not None
        return found

    def row(self, connector: Connector | None = None) -> dict[str, Any]:
        """Read the invoice."""
        (row,) = [
            row
            for row in (connector or self.connector()).rows("item")
            if row["document_no"] == str(self.item.document_no)
        ]
        return row

    def note(self, key: str = "k1", text: str = "Called") -> Command:
        return Command("add_note", key, self.company, self.item.customer, None, {"text": text, "subject": ""})

    def hold(self) -> Command:
        body = {"value": "01", "expect": None}
        return Command("set_credit_hold", "k2", self.company, self.item.customer, None, body)

    def text(self) -> str:
        row = self.erp.client.partners.tables["A_CustomerText"].get((self.item.customer, "EN", "0001"))
        return str(row.get("LongText")) if row else ""


@pytest.fixture
def simulators(tmp_path: Path) -> Iterator[Simulators]:
    started = Simulators(PLUGINS, "sap", lambda: tmp_path)
    yield started
    started.stop()


@pytest.fixture
def site(simulators: Simulators) -> Site:
    return Site(simulators)


def test_what_others_wrote_into_a_long_text_stays_to_the_letter(site: Site) -> None:
    theirs = "\n".join(f"their line {number}" for number in range(205)) + "\r\npage\x0ctwo\u2028three"
    site.erp.user_writes_text(site.item.customer, theirs)
    assert site.target().apply(site.note()).outcome == "done"
    assert site.text().startswith(f"{theirs}\nCalled #DH-")


@pytest.mark.parametrize("fault", ["charset", "garbage", "html"])
def test_a_note_whose_answer_makes_no_sense_is_unknown_and_found_by_its_mark(fault: Any, site: Site) -> None:
    path, method = site.erp.writes("add_note")
    site.erp.faults.set(fault, path=path, method=method)
    target = site.target()
    assert target.apply(site.note()).outcome in {"unknown", "done"}
    assert target.apply(site.note()).outcome in {"already", "done"}
    assert site.text().count("Called") == 1


def test_a_service_that_is_away_is_not_taken_for_a_row_that_is_not_there(site: Site) -> None:
    assert site.target().apply(site.hold()).outcome == "done"
    away = site.target(**{"services.credit": "NOT_ACTIVATED"})
    with pytest.raises(ConnectorError, match="NOT_ACTIVATED"):
        away.current_hold(site.company, site.item.customer)
    assert away.verify(site.hold()).outcome == "unknown"
    elsewhere = site.target(**{"services.business_partner": "NOT_ACTIVATED"})
    assert elsewhere.verify(site.note()).outcome == "unknown"


def test_a_text_that_a_user_makes_between_our_look_and_our_write_is_looked_at_again(site: Site) -> None:
    site.erp.meanwhile(lambda: site.erp.user_writes_text(site.item.customer, "theirs"), site.erp.writes("add_note"))
    assert site.target().apply(site.note()).outcome == "done"
    assert site.text().startswith("theirs\nCalled #DH-")


def test_a_plain_forbidden_for_an_old_token_is_tried_once_more_with_a_new_one(site: Site) -> None:
    target = site.target()
    assert target.apply(site.note()).outcome == "done"
    site.erp.faults.set("status", status=403, method="POST|PATCH")
    assert target.apply(site.note("k9", "Called again")).outcome == "done"


def test_an_order_block_is_read_as_the_hold_where_holds_are_order_blocks(site: Site) -> None:
    connector = site.connector(**{"hold.by": "order"})
    target = connector.target
    assert target is not None
    assert target.apply(site.hold()).outcome == "done"
    assert target.current_hold(site.company, site.item.customer) == "01"
    assert {row["hold"] for row in connector.rows("customer") if row["key"] == site.item.customer} == {"01"}


def test_limits_are_read_where_no_holds_are_written(site: Site) -> None:
    with_holds, without = site.connector().rows("customer"), site.connector(hold=None).rows("customer")
    limits = [row.get("credit_limit") for row in without]
    assert any(limits)
    assert limits == [row.get("credit_limit") for row in with_holds]


def test_customers_of_company_codes_that_are_not_read_are_left_out(site: Site) -> None:
    one = dict(list(site.erp.site_settings["companies"].items())[:1])
    connector = site.connector(companies=one)
    assert {row["company"] for row in connector.rows("customer")} == set(one)
    assert {company for page in connector.source("customer").keys("customer") for company, _ in page.keys} == set(one)


class TestDisputes:
    """Cases of the dispute service, where a site has it."""

    @pytest.fixture
    def site(self, simulators: Simulators) -> Site:
        return Site(simulators, disputes=True)

    def command(self, site: Site, key: str = "d1") -> Command:
        body = {"amount": "20.00", "reason": "price", "text": "wrong price"}
        return Command("set_dispute", key, site.company, site.item.customer, site.row()["key"], body)

    def test_a_case_that_a_user_opens_is_read_with_its_item_and_gone_when_it_is_closed(self, site: Site) -> None:
        connector = site.connector()
        *_, last = connector.pages("item")
        site.erp.user_disputes(site.item.key, 2000)
        *pages, last = connector.pages("item", last.position)
        (row,) = {row["key"]: row for page in pages for row in page.rows}.values()
        assert (row["disputed_amount"], row["dispute_reason"]) == (20, "price")
        site.erp.user_settles(site.item.key)
        pages = list(connector.pages("item", last.position))
        (row,) = {row["key"]: row for page in pages for row in page.rows}.values()
        assert "disputed_amount" not in row

    def test_an_item_is_looked_up_with_its_case(self, site: Site) -> None:
        site.erp.user_disputes(site.item.key, 2000)
        source = site.connector().source("item")
        key = self.command(site).item or ""
        (row,) = source.lookup("item", [(site.company, key)]).found
        assert row["disputed_amount"] == 20

    def test_one_is_opened_once_and_found_again(self, site: Site) -> None:
        target, command = site.target(), self.command(site)
        assert "20.00" in target.preview(command)
        assert [target.apply(command).outcome for _ in range(2)] == ["done", "already"]
        assert target.verify(command).outcome == "done"
        row = site.row()
        assert (row["disputed_amount"], row["dispute_reason"]) == (20, "price")

    def test_where_another_is_open_none_is_opened(self, site: Site) -> None:
        site.erp.user_disputes(site.item.key, 1000)
        refused = site.target().apply(self.command(site))
        assert (refused.outcome, "another case" in refused.message) == ("refused", True)

    def test_of_an_item_that_is_not_there_none_is_opened(self, site: Site) -> None:
        command = self.command(site)
        other = Command(command.kind, "d2", site.company, command.customer, "1010|2026|9|001", command.body)
        assert site.target().apply(other).outcome == "refused"
        assert site.target().verify(other).outcome == "refused"
