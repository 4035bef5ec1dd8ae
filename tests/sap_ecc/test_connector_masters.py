"""Customers as company codes know them, and contacts: what is joined, what changed, who is blocked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .answering import Ecc

KNA1 = {
    "KUNNR": "0000000017", "NAME1": "Anna GmbH", "LAND1": "DE", "SPRAS": "D", "ADRNR": "900", "AUFSD": "",
    "ERDAT": "20200101",
}  # fmt: skip
KNB1 = {"KUNNR": "0000000017", "BUKRS": "1000", "ZTERM": "NT30", "BUSAB": "AB", "KNRZB": "0000000018"}
KNKK = {"KUNNR": "0000000017", "KKBER": "1000", "KLIMK": "5000.00", "CRBLB": ""}
MAIL = {"ADDRNUMBER": "900", "PERSNUMBER": "", "CONSNUMBER": "001", "SMTP_ADDR": "a@c.example", "FLGDEFAULT": "X"}


def ecc(**tables: Any) -> Ecc:
    return Ecc(**{"KNA1": [KNA1], "KNB1": [KNB1], "KNKK": [KNKK], **tables})


def test_a_customer_is_joined_of_its_tables_without_the_zeros_of_its_number() -> None:
    (row,) = ecc(
        ADRC=[{"ADDRNUMBER": "900", "STREET": "Weg", "HOUSE_NUM1": "1", "POST_CODE1": "10115", "CITY1": "Berlin"}],
        KNB5=[{"KUNNR": "0000000017", "BUKRS": "1000", "MABER": "", "MANSP": "A", "MADAT": "20260301", "MAHNS": "2"}],
    ).connector().rows("customer")  # fmt: skip
    assert (row["company"], row["key"], row["name"], row["payer"]) == ("1000", "17", "Anna GmbH", "18")
    assert (row["terms"], row["collector"], row["language"], row["country"]) == ("NT30", "AB", "de", "DE")
    assert (row["credit_limit"], row["limit_currency"], row["hold"]) == (Decimal("5000.00"), "EUR", None)
    assert (row["dunning_block"], row["dunning_level"]) == ("A", 2)
    assert row["address"]["lines"] == ("Weg 1",)


def test_a_limit_of_nothing_is_no_limit_and_a_block_is_told_as_it_stands() -> None:
    (row,) = ecc(KNKK=[KNKK | {"KLIMK": "0.00", "CRBLB": "X"}]).connector().rows("customer")
    assert (row["credit_limit"], row["hold"]) == (None, "X")


def test_of_two_credit_areas_that_of_the_company_code_counts_or_the_one_of_the_settings() -> None:
    areas = [KNKK, KNKK | {"KKBER": "2000", "KLIMK": "7.00"}]
    (row,) = ecc(KNKK=areas).connector().rows("customer")
    assert row["credit_limit"] == Decimal("5000.00")
    (row,) = ecc(KNKK=areas).connector(credit_area="2000").rows("customer")
    assert row["credit_limit"] == Decimal("7.00")


def test_a_customer_of_which_kna1_knows_nothing_waits_with_its_reason() -> None:
    pages = list(ecc(KNA1=[]).connector().pages("customer"))
    assert [bad.reason for page in pages for bad in page.bad] == ["KNA1 has no customer 0000000017, though KNB1 has."]


def changed(system: Ecc, **tables: Any) -> list[str]:
    """Return the customers that are read again after the tables have changed."""
    connector = system.connector(full_customers_days=366)
    done = list(connector.pages("customer"))[-1].position
    system.tables |= tables
    return [row["key"] for page in connector.pages("customer", done) for row in page.rows]


def test_nothing_is_read_again_where_nothing_was_changed() -> None:
    assert changed(ecc()) == []


def test_a_customer_with_a_change_document_is_read_again() -> None:
    change = {"OBJECTCLAS": "DEBI", "OBJECTID": "0000000017", "UDATE": "99990101"}
    assert changed(ecc(), CDHDR=[change]) == ["17"]


def test_a_customer_who_is_blocked_or_released_is_read_again_without_a_change_document() -> None:
    assert changed(ecc(), KNKK=[KNKK | {"CRBLB": "X"}]) == ["17"]
    assert changed(ecc(KNKK=[KNKK | {"CRBLB": "X"}]), KNKK=[KNKK]) == ["17"]


def test_contacts_are_the_people_and_the_customers_own_address() -> None:
    person = {
        "PARNR": "0000000007", "KUNNR": "0000000017", "NAMEV": "Ida", "NAME1": "Berg", "TELF1": "123", "PAFKT": "Z2",
        "PRSNR": "55",
    }  # fmt: skip
    mails = [MAIL, MAIL | {"ADDRNUMBER": "901", "PERSNUMBER": "55", "SMTP_ADDR": "ida@c.example"}]
    system = ecc(ADR6=mails, KNVK=[person])
    rows = system.connector(codes={"purpose_by_function": {"Z2": "dunning"}}).rows("contact")
    assert [(row["key"], row["customer"], row["name"], row["purposes"], row["email"]) for row in rows] == [
        ("17|email", "17", "Anna GmbH", ("main",), "a@c.example"),
        ("0000000007", "17", "Ida Berg", ("dunning",), "ida@c.example"),
    ]
