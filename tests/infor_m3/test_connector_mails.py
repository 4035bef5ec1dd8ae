"""The e-mail addresses of CRS111: read whole with the people, of the types that the site names, and done without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duehook.core.hookspecs import Page, Position
from duehook.core.records import Contact
from duehook.plugins.infor_m3.sources import M3Contacts

from .connector_stub import Asked, Refused, Rows, Stub, settings_of, stubbed

HELD = [
    {"EMTP": "02", "EMKY": "1001", "EMAL": "invoices@c1.example"},
    {"EMTP": "02", "EMKY": "1002", "EMAL": "  "},
    {"EMTP": "02", "EMKY": "1003", "EMAL": "invoices@c3.example"},
    {"EMTP": "03", "EMKY": "1001", "EMAL": "orders@s1.example"},
    {"EMTP": "03", "EMKY": "1003", "EMAL": "orders@s3.example"},
]


def on(asked: Asked) -> Rows:
    """List from a type and a key on, and go on with the next type."""
    return [row for row in HELD if (row["EMTP"], row["EMKY"]) >= (asked["EMTP"], asked.get("EMKY", ""))]


def alone(asked: Asked) -> Rows:
    """List those of a type alone."""
    return [row for row in on(asked) if row["EMTP"] == asked["EMTP"]]


def one(asked: Asked) -> Rows:
    found = [row for row in HELD if (row["EMTP"], row["EMKY"]) == (asked["EMTP"], asked["EMKY"])]
    if not found:
        raise Refused("XEM0003", "E-mail key does not exist", "EMKY")
    return found


def unauthorized(asked: Asked) -> Rows:
    raise Refused("XAU0008", "Not authorized for company 100")


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        served.answers |= {
            "CRS610MI/LstByNumber": lambda asked: [
                {"CUNO": "1001", "CUNM": "C", "MAIL": "c@c1.example"} for _ in [0] if asked.get("CUNO", "") <= "1001"
            ],
            "CRS610MI/GetBasicData": lambda asked: [{"CUNO": asked["CUNO"], "CUNM": "C", "LNCD": "", "TXID": "0"}],
            "CRS618MI/Lst": lambda asked: [],
            "CRS111MI/List": on,
            "CRS111MI/Get": one,
        }
        yield served


def read(stub: Stub, position: Position | None = None, **more: Any) -> list[Page]:
    source = M3Contacts(settings_of(stub, **more))
    return list(source.read("contact", position, source.upper_bound()))


def told(pages: list[Page]) -> list[tuple[str, str, tuple[str, ...]]]:
    found = [Contact.model_validate(row) for page in pages for row in page.rows]
    return [(each.key, each.email or "", each.purposes) for each in found]


@pytest.mark.parametrize("way", [on, alone])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_addresses_of_the_type_are_contacts_in_whichever_way_m3_lists_them(way: Any, size: int, stub: Stub) -> None:
    stub.answers["CRS111MI/List"] = way
    assert told(read(stub, page_size=size)) == [
        ("1001|MAIL", "c@c1.example", ("main",)),
        ("1001|MAIL|02", "invoices@c1.example", ("main",)),
        ("1003|MAIL|02", "invoices@c3.example", ("main",)),
    ]


def test_the_site_says_which_types_are_customers_and_what_for(stub: Stub) -> None:
    found = told(read(stub, **{"contacts.email_types": {"03": "dunning"}}))
    assert found[1:] == [
        ("1001|MAIL|03", "orders@s1.example", ("dunning",)),
        ("1003|MAIL|03", "orders@s3.example", ("dunning",)),
    ]
    stub.asked.clear()
    assert len(told(read(stub, **{"contacts.email_types": {}}))) == 1
    assert stub.count("CRS111MI/List") == 0


def test_where_nothing_changed_addresses_cost_no_request(stub: Stub) -> None:
    first = read(stub)
    assert first[-1].whole
    stub.asked.clear()
    read(stub, first[-1].position)
    assert stub.count("CRS111MI/List") == 0


def test_a_reading_goes_on_behind_an_address(stub: Stub) -> None:
    pages = read(stub, page_size=1)
    assert told(read(stub, pages[1].position, page_size=1)) == [("1003|MAIL|02", "invoices@c3.example", ("main",))]


def test_contacts_go_on_without_addresses_that_may_not_be_read_and_say_so(stub: Stub) -> None:
    stub.answers["CRS111MI/List"] = unauthorized
    pages = read(stub)
    assert told(pages) == [("1001|MAIL", "c@c1.example", ("main",))]
    assert "CRS111MI List: Not authorized" in pages[-1].notes[0]
    assert not pages[-1].whole
    keys = list(M3Contacts(settings_of(stub)).keys("contact"))
    assert ([key for page in keys for key in page.keys], keys[-1].complete) == ([("", "1001|MAIL")], False)


def test_addresses_are_found_again_by_their_keys(stub: Stub) -> None:
    source = M3Contacts(settings_of(stub))
    asked = [("", "1001|MAIL|02"), ("", "1009|MAIL|02"), ("", "1001|MAIL|03"), ("", "1001|MAIL")]
    found = source.lookup("contact", asked)
    assert {row["key"] for row in found.found} == {"1001|MAIL|02", "1001|MAIL"}
    assert list(found.missing) == [asked[1], asked[2]]


def test_check_looks_whether_addresses_stand_under_customers(stub: Stub) -> None:
    assert [each.message for each in M3Contacts(settings_of(stub)).check() if each.subject.endswith("02")] == [
        "3 of 3 looked at stand under a customer's number"
    ]
    stub.answers["CRS610MI/GetBasicData"] = lambda asked: one({"EMTP": "", "EMKY": ""})
    wrong = [each for each in M3Contacts(settings_of(stub)).check() if not each.ok]
    assert [(each.message, each.severity) for each in wrong] == [
        ("none of 3 looked at stands under a customer's number", "warning")
    ]


def test_check_names_the_right_and_how_to_do_without(stub: Stub) -> None:
    stub.answers["CRS111MI/List"] = unauthorized
    wrong = [each for each in M3Contacts(settings_of(stub)).check() if not each.ok]
    assert [(each.subject, each.severity) for each in wrong] == [("CRS111MI List", "warning")]
    assert "email_types: {}" in (wrong[0].advice or "")


@pytest.mark.parametrize("way", [on, alone])
def test_types_are_discovered_with_how_many_there_are(way: Any, stub: Stub) -> None:
    stub.answers["CRS111MI/List"] = way
    found = [each for each in M3Contacts(settings_of(stub)).discover() if each.kind == "e-mail type"]
    assert [(each.name, each.text, each.suggests) for each in found] == [
        ("02", "3 of 5 looked at = main", None),
        ("03", "2 of 5 looked at", 'contacts: {email_types: {"03": …}}'),
    ]


def test_types_that_may_not_be_asked_for_leave_the_rest_to_be_discovered(stub: Stub) -> None:
    stub.answers["CRS111MI/List"] = unauthorized
    assert [each.kind for each in M3Contacts(settings_of(stub)).discover() if each.kind == "e-mail type"] == []
