"""The simulated masters: customers, company and dunning data, credit, people, addresses, and change documents."""

from __future__ import annotations

from datetime import date

import pytest

from duehook.core.testing.book import Customer
from duehook.core.testing.contract.scenes.acts import issue

from .simulated import Site, nobody_yet

MINE = "KUNNR EQ '0000001021'"


@pytest.fixture
def customer(site: Site) -> Customer:
    return nobody_yet(site)


def test_a_customer_has_its_name_language_and_address(site: Site, customer: Customer) -> None:
    assert site.read("KNA1", "KUNNR SPRAS ADRNR AUFSD LOEVM", MINE) == ["0000001021|E|0000021021|  |"]
    told = site.read("ADRC", "CITY1 POST_CODE1 COUNTRY", "ADDRNUMBER EQ '0000021021'")
    assert [each.split("|")[0].strip() for each in told] == [customer.city]


def test_a_state_is_an_order_block(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        book.set_state("1021", "legal")
    assert site.read("KNA1", "AUFSD", MINE) == ["L1"]


def test_a_customer_stands_in_every_company_that_it_has_documents_in(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        issue(book, "1000", "JPY", company="00020", customer=customer)
    companies = sorted({customer.company[-4:], "0020"})
    assert site.read("KNB1", "BUKRS", MINE) == companies


def test_limit_and_block_stand_in_the_company_s_credit_control_area(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        book.set_limit("1021", 5_000)
        book.set_hold("1021", "H9")
    area = customer.company[-4:]
    assert site.read("T001", "KKBER", f"BUKRS EQ '{area}'") == [area]
    assert site.read("KNKK", "KLIMK CRBLB", MINE, f"AND KKBER EQ '{area}'") == ["         5000.00 |Y"]


def test_an_own_mail_is_the_default_of_the_address_and_a_person_s_stands_under_its_number(site: Site) -> None:
    assert site.read("ADR6", "PERSNUMBER FLGDEFAULT SMTP_ADDR", "ADDRNUMBER EQ '0000021004' AND PERSNUMBER EQ ''") == [
        "          | |archive@c1004.example",
        "          |X|office@c1004.example",
    ]
    people = site.read("KNVK", "PARNR PRSNR PAFKT", "KUNNR EQ '0000001004'")
    assert people == ["0000100401|0000100401|Z1"]
    mails = site.read("ADR6", "SMTP_ADDR", "PERSNUMBER EQ '0000100401'")
    assert [mail.partition("@")[2] for mail in mails] == ["c1004.example"]


def test_a_mail_that_was_taken_away_is_gone(site: Site) -> None:
    with site.simulator.act() as book:
        book.set_mail("1004-0", None)
    left = site.read("ADR6", "SMTP_ADDR", "ADDRNUMBER EQ '0000021004' AND PERSNUMBER EQ ''")
    assert left == ["archive@c1004.example"]


def test_dunning_data_have_the_highest_level_of_the_open_items(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        items = [issue(book, "100.00", company="00010", customer=customer) for _ in range(2)]
    for item, level in zip(items, (1, 3), strict=True):
        site.simulator.own_dunning(item.key, level)
    asked = (MINE, "AND BUKRS EQ '0010' AND MABER EQ ''")
    assert site.read("KNB5", "MAHNS MADAT MANSP", *asked) == ["3|20260302|"]
    site.simulator.user_sets_dunning_block("00010", "1021", "N")
    assert site.read("KNB5", "MAHNS MADAT MANSP", *asked) == ["3|20260302|N"]


def test_changes_of_a_master_are_told_by_change_documents_of_their_day(site: Site, customer: Customer) -> None:
    site.simulator.advance_to(date(2026, 3, 3))
    with site.simulator.act() as book:
        book.set_collector("1021", "SATO")
        book.set_mail("1021-0", "new@c1021.example")
    heads = site.read("CDHDR", "UDATE TCODE", "OBJECTCLAS EQ 'DEBI'", f"AND OBJECTID EQ '{'1021':0>10}'")
    assert [each.partition("|")[0] for each in heads] == ["20260302", "20260302", "20260303", "20260303"]
    told = site.read("CDPOS", "TABNAME FNAME", "OBJECTCLAS EQ 'DEBI'", "AND OBJECTID EQ '0000001021'")
    assert [each.split("|")[1] for each in told if each.startswith(("KNB1", "ADR6 "))] == [
        "SMTP_ADDR",
        "SMTP_ADDR",
        "BUSAB",
    ]


def test_terms_and_currencies_are_customizing(site: Site) -> None:
    assert site.read("T052", "ZTERM ZTAG1 ZPRZ1 ZTAG2", "ZTERM EQ 'D30'") == ["D30 | 10 | 2.000 | 30"]
    assert site.read("TCURC", "WAERS") == ["EUR", "GBP", "JPY", "KWD", "USD"]
