"""An account without OneWorld: one company that the settings name, and no statement that names a subsidiary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Command, Finding, Source
from duehook.core.records import Stream
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.under_test import validated
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.sources import NetsuiteContacts, NetsuiteCustomers, NetsuiteInvoices, NetsuitePayments
from duehook.plugins.netsuite.target import NetsuiteTarget

from .simulated import Caller

Row = dict[str, Any]
STREAMS: tuple[Stream, ...] = ("company", "payment_term", "customer", "contact", "item", "payment", "allocation")
NAMED = ("company.id", "company.name", "company.currency")


class One:
    """A connection to an account without OneWorld."""

    def __init__(self, caller: Caller, *dropped: str, **other: Any) -> None:
        self.caller = caller
        given = {name: held for name, held in caller.settings.items() if name not in dropped}
        settings = NetsuiteSettings.model_validate({**given, **caller.simulator.site_settings, **other})
        kinds = (NetsuiteCustomers, NetsuiteContacts, NetsuiteInvoices, NetsuitePayments)
        self.sources: list[Source] = [kind(settings, "erp") for kind in kinds]
        self.target = NetsuiteTarget(settings, "erp")

    def rows(self, stream: Stream) -> list[Row]:
        source = next(each for each in self.sources if stream in each.streams)
        pages = list(source.read(stream, None, source.upper_bound()))
        assert [bad for page in pages for bad in page.bad] == []
        rows = [dict(row) for page in pages for row in page.rows]
        validated(stream, rows)
        return rows

    def findings(self) -> list[Finding]:
        return [*(each for source in self.sources for each in source.check()), *self.target.check()]


@pytest.fixture
def one(opened: Callable[..., Caller]) -> Iterator[One]:
    caller = opened(items=60, oneworld=False)
    caller.simulator.advance_to(date(2026, 3, 9))
    made = One(caller)
    yield made
    for source in made.sources:
        source.close()
    made.target.close()


def test_a_query_that_names_a_subsidiary_is_refused(one: One) -> None:
    refusal = one.caller.refusal
    assert "Record 'subsidiary' was not found" in refusal("SELECT id FROM subsidiary")
    assert "'customersubsidiaryrelationship' was not found" in refusal("SELECT id FROM CustomerSubsidiaryRelationship")
    assert "Unknown identifier 'subsidiary'" in refusal("SELECT tl.subsidiary FROM transactionline tl")
    assert "subsidiary" not in one.caller.rows("SELECT * FROM transactionline FETCH FIRST 1 ROWS ONLY")[0]
    customer = next(iter(one.caller.rows("SELECT id FROM customer")))["id"]
    assert "subsidiary" not in one.caller.send("GET", f"/services/rest/record/v1/customer/{customer}").json()


@pytest.mark.parametrize("stream", STREAMS)
def test_all_that_the_account_has_is_read_as_of_the_company_that_settings_name(stream: Stream, one: One) -> None:
    given = list(one.caller.simulator.given(stream))
    assert len(given) > 0
    assert differences(stream, given, one.rows(stream)) == []


def test_the_company_is_as_the_settings_say(one: One) -> None:
    told = [{name: held for name, held in row.items() if held is not None} for row in one.rows("company")]
    assert told == [{"company": "1", "name": "The one company", "legal_name": "The one company", "currency": "USD"}]
    assert {row["company"] for stream in STREAMS[4:] for row in one.rows(stream)} == {"1"}


def test_the_sweep_and_the_totals_are_whole_and_agree(one: One) -> None:
    source = one.sources[2]
    pages = list(source.keys("item"))
    keys = {name for page in pages for name in page.keys}
    totals = [total for part in source.totals(source.upper_bound()) for total in part]
    assert pages[-1].complete
    assert keys == {(total.company, total.document) for total in totals}
    held: dict[tuple[str, str], Any] = {}
    for total in totals:
        pair = (total.company, total.currency)
        held[pair] = held.get(pair, 0) + total.open_amount
    assert {pair: amount for pair, amount in held.items() if amount} == one.caller.simulator.open_totals()


def test_items_are_found_again_and_those_of_another_company_are_not_there(one: One) -> None:
    key = next(str(row["key"]) for row in one.caller.simulator.given("item"))
    lookup = one.sources[2].lookup
    assert [row["key"] for row in lookup("item", [("1", key)]).found] == [key]
    assert list(lookup("item", [("1", "999999999")]).deleted) == [("1", "999999999")]
    with pytest.raises(ConnectorRefused, match="subsidiary 6"):
        lookup("item", [("6", "999999999")])
    customer = one.rows("customer")[0]["key"]
    assert [row["key"] for row in one.sources[0].lookup("customer", [("1", customer)]).found] == [customer]


def test_a_hold_is_set_and_released(one: One) -> None:
    customer = next(row["key"] for row in one.rows("customer") if row["hold"] is None)
    setting = Command("set_credit_hold", "s1", "1", customer, None, {"value": "ON", "expect": None})
    assert one.target.apply(setting).outcome == "done"
    assert one.target.current_hold("1", customer) == "ON"
    release = Command("release_credit_hold", "r1", "1", customer, None, {"value": "ON", "restore": None})
    assert one.target.apply(release).outcome == "done"
    assert one.target.current_hold("1", customer) is None


def test_check_finds_it_in_order(one: One) -> None:
    wrong = {each.subject for each in one.findings() if not each.ok and each.severity == "error"}
    assert wrong == set()
    told = next(each for each in one.findings() if each.subject == "OneWorld")
    assert (told.ok, told.message) == (True, "one company without subsidiaries, in USD")


def test_check_names_the_setting_where_it_is_not_written(one: One) -> None:
    made = One(one.caller, *NAMED)
    found = next(each for each in made.findings() if each.subject == "OneWorld")
    assert found.ok is False
    assert found.advice == 'write `company: {id: "1", name: …, currency: USD}`.'


def test_check_tells_an_account_that_has_subsidiaries_to_take_it_out(client: Caller) -> None:
    made = One(client, company={"name": "All", "currency": "USD"})
    found = next(each for each in made.findings() if each.subject == "OneWorld")
    assert "take `company` out" in (found.advice or "")


def test_check_tells_another_base_currency(one: One) -> None:
    made = One(one.caller, *NAMED, company={"name": "One", "currency": "EUR"})
    found = next(each for each in made.findings() if each.subject == "OneWorld")
    assert "base currency is USD" in found.message


@pytest.mark.parametrize(
    ("more", "said"),
    [({"companies": ("1",)}, "no `companies`"), ({"read_by": "soap"}, "not read by SOAP")],
)
def test_settings_that_contradict_it_are_refused(more: dict[str, Any], said: str, client: Caller) -> None:
    given = {**client.settings, "company": {"name": "One", "currency": "USD"}, **more}
    with pytest.raises(ValueError, match=said):
        NetsuiteSettings.model_validate(given)
