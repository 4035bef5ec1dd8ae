"""A site without ODBC is checked, discovered and read through the simulator's AIS server, faults and all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Command, Finding
from duehook.core.records import Stream
from duehook.core.testing.simulator import Reply, json_reply
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.simulator import JdeSimulator
from duehook.plugins.jde.simulator.data_service import shrunk
from duehook.plugins.jde.simulator.given import SITE_SETTINGS
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource
from duehook.plugins.jde.target import JdeTarget

from .simulated import Site

SOURCES = (JdeCustomers, JdeContacts, JdeInvoices, JdePayments)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Give a small site that is reached by AIS alone."""
    simulator = JdeSimulator({"folder": str(tmp_path), "customers": 20, "items": 60, "read_by": "ais"})
    yield Site(simulator, simulator.start())
    simulator.stop()


def settings(site: Site, **more: Any) -> JdeSettings:
    return JdeSettings.model_validate({**site.settings, **SITE_SETTINGS, **more})


def checked(site: Site, source: type[JdeSource] = JdeInvoices, **more: Any) -> dict[str, Finding]:
    """Return what `check` finds, by its subject."""
    with closing(source(settings(site, **more), "erp")) as opened:
        return {finding.subject: finding for finding in opened.check()}


def lying(reply: Reply) -> Reply:
    """Return a page that shrank and says of itself that it has no more rows than that."""
    answer = json.loads(shrunk(reply).body)
    for name, form in answer.items():
        if name.startswith("fs_DATABROWSE_"):
            grid = form["data"]["gridData"]
            grid["summary"]["records"] = len(grid["rowset"])
    return json_reply(answer)


def items(site: Site, **more: Any) -> Counter[str]:
    """Return how often each item comes in a first reading by pages of ten."""
    with closing(JdeInvoices(settings(site, page_size=10, **more), "erp")) as source:
        pages = source.read("item", None, source.upper_bound())
        return Counter(row["key"] for page in pages for row in page.rows)


def test_no_setting_of_a_database_is_asked_for(site: Site) -> None:
    assert not {"odbc", "data_schema", "clock_query"} & set(site.settings)
    assert settings(site).read_by == "ais"


@pytest.mark.parametrize("source", SOURCES)
def test_a_site_that_is_set_up_well_passes_its_check(source: type[JdeSource], site: Site) -> None:
    found = checked(site, source)
    wrong = {finding.subject for finding in found.values() if not finding.ok and finding.severity == "error"}
    assert wrong == set()


def test_the_check_tells_by_which_way_the_clock_was_read(site: Site) -> None:
    assert checked(site, JdeCustomers)["clock"].message == "the AIS data service says 2026-03-02 23:45 UTC"


def test_a_table_that_may_not_be_browsed_is_named_with_the_right(site: Site) -> None:
    site.simulator.deny("F03B11")
    finding = checked(site)["read F03B11"]
    assert not finding.ok
    assert finding.advice is not None
    assert "CMSVC of connection erp to see F03B11 in the Data Browser" in finding.advice
    site.simulator.grant("F03B11")
    assert checked(site)["read F03B11"].ok


def test_a_user_without_the_data_service_is_told(site: Site) -> None:
    finding = checked(site, ais_user="READER")["read F03B11"]
    assert (finding.ok, "not authorized for data" in finding.message) == (False, True)


def test_a_wrong_password_is_told_before_anything_is_read(site: Site) -> None:
    (finding,) = checked(site, ais_password="wrong").values()
    assert (finding.subject, finding.ok) == ("AIS data service", False)


@pytest.mark.parametrize(
    ("wrong", "subject", "told"),
    [
        ({"days": "MM/dd/yyyy"}, "days of AIS", "not as MM/dd/yyyy"),
        ({"days_asked": "CYYDDD"}, "days asked of AIS", "is no date"),
        ({"amounts": "stored"}, "amounts of AIS", "gross amounts have decimals"),
    ],
)
def test_a_setting_of_the_data_service_that_does_not_fit_is_found(
    wrong: Mapping[str, str], subject: str, told: str, site: Site
) -> None:
    assert checked(site)[subject].ok
    told_wrongly = {f"ais.data_service.{name}": value for name, value in wrong.items()}
    finding = checked(site, JdeInvoices, **told_wrongly)[subject]
    assert told in finding.message
    assert not finding.ok


def test_discover_says_of_how_many_rows_it_speaks(site: Site) -> None:
    with closing(JdeInvoices(settings(site), "erp")) as source:
        found = {(each.kind, each.name): each for each in source.discover()}
    assert "rows of the first 2000, Invoice" in found["document type", "RI"].text
    assert ("purge file", "F03B11P") in found


PASSING = [
    {"kind": "status", "status": 429, "retry_after": 0}, {"kind": "status", "status": 503}, {"kind": "reset"},
    {"kind": "slow", "seconds": 0.1}, {"kind": "status", "status": 444}, {"kind": "status", "status": 401},
]  # fmt: skip
LASTING: list[tuple[dict[str, Any], type[ConnectorError]]] = [
    ({"kind": "status", "status": 403}, ConnectorRefused),
    ({"kind": "status", "status": 500}, ConnectorDown),
    ({"kind": "html"}, ConnectorGarbled),
    ({"kind": "garbage"}, ConnectorGarbled),
    ({"kind": "charset"}, ConnectorGarbled),
    ({"kind": "half_page"}, ConnectorError),
]


def named(fault: Mapping[str, Any]) -> str:
    return "-".join(str(part) for part in fault.values())


@pytest.mark.parametrize("fault", PASSING, ids=named)
@pytest.mark.parametrize("after", [0, 2, 4])
def test_what_passes_costs_no_row_and_doubles_none(fault: dict[str, Any], after: int, site: Site) -> None:
    whole = items(site)
    site.simulator.faults.set(**fault, path="/dataservice", after=after)
    assert items(site) == whole
    assert set(whole.values()) == {1}


@pytest.mark.parametrize("after", [3, 4, 5])
def test_a_page_that_shrinks_and_looks_like_the_last_one_costs_no_row(after: int, site: Site) -> None:
    whole = items(site)
    site.simulator.server.shrunk = lying
    site.simulator.faults.set("shrink", path="/dataservice", after=after)
    assert items(site) == whole


WITH_JOINS: Mapping[Stream, type[JdeSource]] = {"customer": JdeCustomers, "contact": JdeContacts}


@pytest.mark.parametrize("after", range(1, 8))
def test_no_customer_or_contact_is_lost_where_one_answer_shrinks(after: int, site: Site) -> None:
    def keys() -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for stream, source in WITH_JOINS.items():
            with closing(source(settings(site, page_size=10), "erp")) as opened:
                bound = opened.upper_bound()
                list(opened.keys(stream))  # the columns are known by now
                site.simulator.faults.set("shrink", path="/dataservice", after=after)
                pages = opened.read(stream, None, bound)
                found[stream] = sorted((str(row.get("company")), row["key"]) for page in pages for row in page.rows)
                site.simulator.faults.clear()
        return found

    site.simulator.server.shrunk = lambda reply: reply
    whole = keys()
    site.simulator.server.shrunk = lying
    assert keys() == whole


def test_a_page_that_comes_again_is_noticed(site: Site) -> None:
    with closing(JdeInvoices(settings(site, page_size=10, **{"ais.data_service.page_size": 10}), "erp")) as source:
        pages = source.read("item", None, source.upper_bound())
        next(pages)
        site.simulator.faults.set("repeat", path="/v2/dataservice$")
        site.simulator.faults.set("status", path="/next/", status=444)
        with pytest.raises(ConnectorGarbled, match="came again"):
            list(pages)


@pytest.mark.parametrize(("fault", "raises"), LASTING, ids=[named(fault) for fault, _ in LASTING])
def test_what_lasts_is_told_and_reading_goes_on_behind_the_last_page(
    fault: dict[str, Any], raises: type[ConnectorError], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duehook.core.wire.session.rest", lambda seconds, sleep: None)
    whole, told = items(site), settings(site, page_size=10)
    with closing(JdeInvoices(told, "erp")) as source:
        bound, found, position = source.upper_bound(), Counter[str](), None
        pages = source.read("item", None, bound)
        for _ in range(2):
            page = next(pages)
            position = page.position
            found.update(row["key"] for row in page.rows)
        site.simulator.faults.set(**fault, path="/dataservice", count=99)
        with pytest.raises(raises) as raised:
            list(pages)
        assert raised.value.fix
    site.simulator.faults.clear()
    with closing(JdeInvoices(told, "erp")) as source:
        for page in source.read("item", position, bound):
            found.update(row["key"] for row in page.rows)
    assert found == whole


def test_sessions_that_end_all_the_time_cost_no_row(site: Site) -> None:
    whole = items(site)
    with closing(JdeInvoices(settings(site, page_size=10), "erp")) as source:
        found = Counter[str]()
        for page in source.read("item", None, source.upper_bound()):
            found.update(row["key"] for row in page.rows)
            site.simulator.ais.expire_tokens()
    assert found == whole


def test_each_source_gives_its_token_back(site: Site) -> None:
    items(site)
    assert site.simulator.ais.expire_tokens() == 0


def test_a_hold_is_set_and_read_back_without_a_database(site: Site) -> None:
    with closing(JdeTarget(settings(site), "erp")) as target:
        hold = Command("set_credit_hold", "k-1", "00001", "1001", body={"value": "C1"})
        assert target.apply(hold).outcome == "done"
        assert target.apply(hold).outcome == "already"
        assert target.current_hold("00001", "1001") == "C1"


def browse(site: Site, **more: Any) -> tuple[int, dict[str, Any]]:
    """Ask the simulator's data service for the companies."""
    body = {"targetName": "F0010", "targetType": "table", "dataServiceType": "BROWSE", **more}
    reply = site.post("/jderest/v2/dataservice", body, **site.signed_in())
    return reply.status_code, reply.json()


def companies(answer: dict[str, Any]) -> list[str]:
    return [row["F0010_CO"] for row in answer["fs_DATABROWSE_F0010"]["data"]["gridData"]["rowset"]]


def test_the_simulator_gives_a_grid_in_the_order_asked_for(site: Site) -> None:
    status, answer = browse(site, aggregation={"orderBy": [{"column": "F0010.CO", "direction": "DESC"}]})
    assert (status, companies(answer)) == (200, ["00030", "00020", "00010", "00001"])


@pytest.mark.parametrize(
    ("match", "conditions", "found"),
    [
        ("MATCH_ANY", [("EQUAL", "00010"), ("EQUAL", "00030")], ["00010", "00030"]),
        ("MATCH_ALL", [("GREATER", "00001"), ("LESS", "00030")], ["00010", "00020"]),
        ("MATCH_ALL", [("BETWEEN", "00010", "00020")], ["00010", "00020"]),
        ("MATCH_ALL", [("LIST", "00001", "00020")], ["00001", "00020"]),
        ("MATCH_ALL", [("STR_BLANK",)], []),
    ],
)
def test_the_simulator_understands_conditions(
    match: str, conditions: list[tuple[str, ...]], found: list[str], site: Site
) -> None:
    told = [
        {"controlId": "F0010.CO", "operator": each[0], "value": [{"content": content} for content in each[1:]]}
        for each in conditions
    ]
    status, answer = browse(site, query={"matchType": match, "condition": told})
    assert (status, companies(answer)) == (200, found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"targetName": "F9999"},
        {"targetType": "view"},
        {"dataServiceType": "COUNT"},
        {"returnControlIDs": "F0010.NOPE"},
        {"returnControlIDs": "F0101.AN8"},
        {"query": {"matchType": "MATCH_NONE"}},
        {"query": {"condition": [{"controlId": "F0010.CO", "operator": "SOUNDS_LIKE", "value": [{"content": "1"}]}]}},
        {"query": {"condition": [{"controlId": "F0010.AN8", "operator": "EQUAL", "value": [{"content": "one"}]}]}},
    ],
)
def test_the_simulator_refuses_what_there_is_not(wrong: dict[str, Any], site: Site) -> None:
    status, answer = browse(site, **wrong)
    assert status == 400
    assert answer["message"].startswith("Data request failed")


def test_the_simulator_knows_two_ways_of_reading(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="read_by is odbc or ais, not 'fax'"):
        JdeSimulator({"folder": str(tmp_path), "read_by": "fax"})
