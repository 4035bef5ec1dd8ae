"""The simulated ledger: BSID, BSAD and BKPF as documents are posted, paid, cleared, reset and reversed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.testing.book import Customer
from duehook.core.testing.contract.scenes.acts import issue, pay

from .simulated import Site, nobody_yet, served

MINE = "KUNNR EQ '0000001021'"


@pytest.fixture
def customer(site: Site) -> Customer:
    return nobody_yet(site)


def test_an_invoice_is_a_line_of_bsid_with_its_header(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        issue(book, "100.00", company="00010", customer=customer, number=900001, reference="V1", text="pallets")
    fields = "BUKRS GJAHR BELNR BUZEI KUNNR WAERS BLART BSCHL SHKZG WRBTR DMBTR XBLNR ZTERM"
    assert site.read("BSID", fields, MINE) == [
        "0010|2026|0000900001|001|0000001021|EUR  |DR|01|S|        100.00 |        100.00 |V1              |N30"
    ]
    assert site.read("BSID", "BUDAT BLDAT CPUDT ZFBDT ZBD1T ZBD2T ZBD3T AUGDT REBZG REBZJ REBZZ", MINE) == [
        "20260302|20260302|20260302|20260302| 30 |  0 |  0 |00000000|          |0000|000"
    ]
    here = ["BUKRS EQ '0010' AND GJAHR EQ '2026'", "AND BELNR EQ '0000900001'"]
    assert site.read("BKPF", "BLART BUDAT CPUDT AEDAT STBLG STJAH AWTYP AWKEY", *here) == [
        "DR|20260302|20260302|00000000|          |0000|BKPF |000090000100102026"
    ]


def test_amounts_are_stored_as_if_every_currency_had_two_decimals(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        issue(book, "1000", "JPY", company="00020", customer=customer, number=900001)
        issue(book, "1.234", "KWD", company="00030", customer=customer, number=900002)
    assert site.read("BSID", "BELNR WAERS WRBTR", MINE) == [
        "0000900001|JPY  |         10.00",
        "0000900002|KWD  |         12.34",
    ]
    assert site.read("TCURX", "CURRKEY CURRDEC") == ["JPY  |  0", "KWD  |  3"]


def test_a_part_payment_stands_open_beside_the_invoice_and_names_it(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        pay(book, bill, "40.25")
    assert site.read("BSID", "BLART BSCHL SHKZG WRBTR REBZG REBZJ REBZZ", MINE) == [
        "DR|01|S|        100.00 |          |0000|000",
        "DZ|15|H|         40.25 |0000900001|2026|001",
    ]
    assert site.read("BSAD", "BELNR", MINE) == []
    assert site.simulator.open_balances()["0010", "1021", "EUR"] == Decimal("59.75")


def test_a_residual_item_clears_the_invoice_and_opens_the_rest(tmp_path: Path) -> None:
    with served(tmp_path, partial="residual") as site:
        customer = nobody_yet(site)
        with site.simulator.act() as book:
            bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
            money = pay(book, bill, "40.25")
        by = f"0000{money.number}"
        assert site.read("BSID", "BELNR BUZEI SHKZG WRBTR REBZG", MINE) == [f"{by}|501|S|         59.75 |0000900001"]
        assert site.read("BSAD", "BELNR SHKZG WRBTR AUGBL AUGDT AUGGJ", MINE) == [
            f"{by}|H|        100.00 |{by}|20260302|2026",
            f"0000900001|S|        100.00 |{by}|20260302|2026",
        ]


def test_a_payment_of_all_moves_invoice_and_money_to_bsad(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        money = pay(book, bill, "100.00")
    by = f"0000{money.number}"
    assert site.read("BSID", "BELNR", MINE) == []
    assert site.read("BSAD", "BELNR BLART SHKZG WRBTR AUGBL AUGDT REBZG", MINE) == [
        f"{by}|DZ|H|        100.00 |{by}|20260302|",
        f"0000900001|DR|S|        100.00 |{by}|20260302|",
    ]


def test_a_payment_that_is_taken_back_and_its_reversal_name_each_other_and_the_invoice_is_open_again(
    site: Site, customer: Customer
) -> None:
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        money = pay(book, bill, "100.00")
    with site.simulator.act() as book:
        book.reverse(money.key)
    taken, back = f"0000{money.number}", f"000{money.number + 1_000_000}"
    assert site.read("BSID", "BELNR SHKZG WRBTR AUGBL AUGDT", MINE) == [
        "0000900001|S|        100.00 |          |00000000"
    ]
    assert site.read("BSAD", "BELNR SHKZG AUGBL", MINE) == [f"{taken}|H|{back}", f"{back}|S|{back}"]
    heads = ["BUKRS EQ '0010'", f"AND ( BELNR EQ '{taken}'", f"OR BELNR EQ '{back}' )"]
    assert site.read("BKPF", "BELNR STBLG STJAH", *heads) == [f"{taken}|{back}|2026", f"{back}|{taken}|2026"]


def test_a_clearing_that_was_reset_leaves_the_money_open_on_account_and_dates_the_header(
    site: Site, customer: Customer
) -> None:
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        money = pay(book, bill, "100.00")
    site.simulator.user_resets(money.key)
    assert site.read("BSID", "BLART SHKZG WRBTR AUGDT", MINE) == [
        "DR|S|        100.00 |00000000",
        "DZ|H|        100.00 |00000000",
    ]
    assert site.read("BSAD", "BELNR", MINE) == []
    here = ["BUKRS EQ '0010'", f"AND BELNR EQ '0000{money.number}'"]
    assert site.read("BKPF", "UPDDT", *here) == ["20260302"]


def test_a_down_payment_has_a_special_gl_indicator(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        issue(book, "100.00", company="00010", customer=customer, number=900001, item_class="down_payment")
    assert site.read("BSID", "UMSKZ BSCHL SHKZG", MINE) == ["A|09|S"]


def test_terms_with_a_discount_have_two_periods(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        issue(book, "100.00", company="00010", customer=customer, number=900001, terms="D30")
    assert site.read("BSID", "ZTERM ZFBDT ZBD1T ZBD1P ZBD2T ZBD3T", MINE) == ["D30 |20260302| 10 | 2.000 | 30 |  0"]


def test_an_invoice_without_a_due_date_is_counted_from_its_document_date(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        issue(book, "100.00", company="00010", customer=customer, number=900001, due_on=None)
    assert site.read("BSID", "ZFBDT BLDAT ZBD1T", MINE) == ["00000000|20260302| 30"]
    given = next(row for row in site.simulator.given("item") if row["customer"] == "1021")
    assert str(given["due_on"]) == "2026-04-01"


def test_a_block_of_a_user_stands_on_the_line_and_dates_the_header_and_sap_s_own_dunning_does_not(
    site: Site, customer: Customer
) -> None:
    with site.simulator.act() as book:
        item = issue(book, "100.00", company="00010", customer=customer, number=900001)
    site.simulator.own_dunning(item.key, 2)
    here = ["BUKRS EQ '0010'", "AND BELNR EQ '0000900001'"]
    assert site.read("BSID", "MANST MADAT MANSP", MINE) == ["2|20260302|"]
    assert site.read("BKPF", "AEDAT", *here) == ["00000000"]
    with site.simulator.act() as book:
        book.block(item.key, "N")
    assert site.read("BSID", "MANST MADAT MANSP", MINE) == ["2|20260302|N"]
    assert site.read("BKPF", "AEDAT", *here) == ["20260302"]


def test_an_archived_document_is_nowhere(site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        pay(book, bill, "100.00")
    with site.simulator.act() as book:
        book.purge(bill.key)
    assert site.read("BSAD", "BELNR", MINE) == []
    assert site.read("BKPF", "BELNR", "BUKRS EQ '0010'", "AND BELNR EQ '0000900001'") == []


@pytest.mark.parametrize(("flaw", "line"), [("date", "20260231|S"), ("side", "20260302|"), ("amount", "20260302|S")])
def test_a_line_may_be_spoilt(flaw: str, line: str, site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        item = issue(book, "100.00", company="00010", customer=customer, number=900001)
    site.simulator.spoil(item.key, flaw)
    assert site.read("BSID", "BLDAT SHKZG", MINE) == [line]


@pytest.mark.parametrize(("way", "reference"), [("no year", "0000|001"), ("line 000", "2026|000")])
def test_a_credit_may_refer_by_half(way: str, reference: str, site: Site, customer: Customer) -> None:
    with site.simulator.act() as book:
        bill = issue(book, "100.00", company="00010", customer=customer, number=900001)
        credit = issue(book, "-20.00", kind="credit_note", company="00010", customer=customer, applies_to=bill.key)
    site.simulator.halve(credit.key, way)
    assert site.read("BSID", "REBZG REBZJ REBZZ", MINE, "AND SHKZG EQ 'H'") == [f"0000900001|{reference}"]
