"""Customers of different ERPs that are one party are found by what tells parties apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.collect.parties import (
    CROWD,
    Face,
    Match,
    bank_account_hash,
    comparable_duns,
    comparable_title,
    comparable_vat_id,
    matches,
    parties,
)

JDE, SAP, NETSUITE = ("jde", "4242"), ("sap", "100042"), ("netsuite", "77")


def test_the_same_vat_id_is_found_however_it_is_written() -> None:
    found = matches(
        [Face(JDE, "Alder", "DE", vat_id="DE 811.234.567"), Face(SAP, "ALDER GMBH", "DE", vat_id="811234567")]
    )
    assert found == [Match(JDE, SAP, ("vat_id",))]


def test_a_number_without_its_country_is_not_taken_for_another_countrys() -> None:
    assert matches([Face(JDE, "Alder", "DE", vat_id="811234567"), Face(SAP, "Birch", "AT", vat_id="811234567")]) == []


def test_all_that_speaks_for_a_match_is_told_the_strongest_first() -> None:
    account = frozenset({bank_account_hash("DE89 3704 0044 0532 0130 00")})
    one = Face(JDE, "Alder Tools", "DE", "50667", "DE811234567", "15-048-3782", account)
    other = Face(SAP, "Alder Tools GmbH", "DE", "50667", "DE811234567", "150483782", account)
    assert matches([one, other]) == [Match(JDE, SAP, ("vat_id", "duns", "bank_account", "name"))]


def test_a_name_counts_only_in_one_place() -> None:
    faces = [Face(JDE, "Müller & Co. KG", "DE", "50667"), Face(SAP, "Mueller", "DE", "50667"),
             Face(NETSUITE, "MULLER CO KG", "DE", "50667"), Face(("d365", "9"), "Muller", "DE", "10115")]  # fmt: skip
    assert matches(faces) == [Match(JDE, NETSUITE, ("name",))]


def test_two_vat_ids_of_one_name_and_place_are_two_parties() -> None:
    one = Face(JDE, "Alder", "DE", "50667", vat_id="DE811234567")
    assert matches([one, Face(SAP, "Alder", "DE", "50667", vat_id="DE811234999")]) == []
    assert matches([one, Face(SAP, "Alder", "DE", "50667")]) == [Match(JDE, SAP, ("name",))]


def test_customers_of_one_erp_are_left_to_it() -> None:
    assert matches([Face(("jde", "1"), "A", vat_id="DE811234567"), Face(("jde", "2"), "B", vat_id="DE811234567")]) == []


def test_what_a_crowd_shares_tells_nobody_apart() -> None:
    account = frozenset({bank_account_hash("COLLECTING")})
    crowd = [Face((f"erp{number}", "1"), f"Firm {number}", bank_accounts=account) for number in range(CROWD + 1)]
    assert matches(crowd) == []
    assert len(matches(crowd[:3])) == 3


@pytest.mark.parametrize("text", ["", "N/A", "0000000", "XX000000", "123", None])
def test_a_placeholder_is_no_vat_id(text: str | None) -> None:
    assert comparable_vat_id(text, "DE") is None


@pytest.mark.parametrize(("text", "told"), [("15-048-3782", "150483782"), ("000000000", None), ("12345", None)])
def test_a_duns_number_has_nine_digits(text: str, told: str | None) -> None:
    assert comparable_duns(text) == told


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Müller & Co. GmbH", "muller"),
        ("Ærø Tømmer A/S", "ærø tømmer a s"),
        ("The Company Ltd", "the company ltd"),
        ("", ""),
    ],
)
def test_a_name_is_compared_without_its_legal_form(title: str, told: str) -> None:
    assert comparable_title(title) == told


def test_confirmed_pairs_join_over_others() -> None:
    other = (("d365", "1"), ("m3", "2"))
    assert parties([(JDE, SAP), other, (SAP, NETSUITE)]) == [frozenset(other), frozenset({JDE, SAP, NETSUITE})]


NAMES = st.tuples(st.sampled_from(["jde", "sap", "m3"]), st.sampled_from("123456"))


@given(st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])))
def test_each_customer_is_in_one_party_whatever_the_order(pairs: list[tuple[tuple[str, str], tuple[str, str]]]) -> None:
    found = parties(pairs)
    members = [name for party in found for name in party]
    assert len(members) == len(set(members))
    assert set(members) == {name for pair in pairs for name in pair}
    assert all(any({*pair} <= party for party in found) for pair in pairs)
    assert found == parties(reversed(pairs))
