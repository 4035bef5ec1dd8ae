"""The simulated PeopleSoft: its records as plain SQL finds them, with SETIDs and effective dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.contract.scenes.money import balances_of
from duehook.plugins.peoplesoft.simulator import PeopleSoftSimulator

from .simulator_site import START, Site, running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(PeopleSoftSimulator, tmp_path) as made:
        yield made


def test_an_item_has_one_blank_where_text_is_empty_and_null_where_a_date_is(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "1234.50", due_on=None, purchase_order="PO-7", reference="V0000007")
    rows = site.select(
        "SELECT BUSINESS_UNIT, CUST_ID, ITEM_LINE, ITEM_STATUS, ENTRY_TYPE, ENTRY_REASON, BAL_AMT, BAL_CURRENCY, "
        "ORIG_ITEM_AMT, BAL_AMT_BASE, CURRENCY_CD, RATE_MULT, RATE_DIV, DUE_DT, INVOICE_DT, PO_REF, DOCUMENT "
        "FROM PS_ITEM WHERE ITEM = ?", str(invoice.document_no),
    )  # fmt: skip
    assert rows == [
        ("00010", invoice.customer, 0, "O", "IN", " ", "1234.5", "EUR", "1234.5", "1234.5", "EUR", "1", "1", None,
         START, "PO-7", "V0000007"),
    ]  # fmt: skip


@pytest.mark.parametrize(("amount", "currency", "company"), [("1000", "JPY", "00020"), ("1.234", "KWD", "00030")])
def test_amounts_have_the_decimals_of_their_currency(amount: str, currency: str, company: str, *, site: Site) -> None:
    with site.simulator.act() as book:
        number = str(issue(book, amount, currency, company=company).document_no)
    assert site.select("SELECT BAL_AMT, BAL_CURRENCY FROM PS_ITEM WHERE ITEM = ?", number) == [(amount, currency)]


def test_credits_and_money_on_account_are_negative_items(site: Site) -> None:
    with site.simulator.act() as book:
        whom = site.euro_customer()
        credit = issue(book, "-75.50", kind="credit_note", customer=whom)
        money = issue(book, "-50.00", kind="on_account", customer=whom)
    found = "SELECT ENTRY_TYPE, BAL_AMT, INVOICE_DT, ASOF_DT FROM PS_ITEM WHERE ITEM IN (?, ?) ORDER BY ENTRY_TYPE"
    assert site.select(found, str(credit.document_no), str(money.document_no)) == [
        ("CR", "-75.5", START, START), ("OA", "-50", None, START),
    ]  # fmt: skip


def test_the_activities_of_an_item_add_up_to_its_balance(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "40.25", reference="CHECK 7")
    lines = site.select(
        "SELECT ITEM_SEQ_NUM, ENTRY_TYPE, ENTRY_REASON, ENTRY_USE_ID, ENTRY_AMT, PAYMENT_ID, DEPOSIT_BU, DEPOSIT_ID, "
        "PAYMENT_SEQ_NUM FROM PS_ITEM_ACTIVITY WHERE ITEM = ? ORDER BY ITEM_SEQ_NUM", str(invoice.document_no),
    )  # fmt: skip
    deposit = (str(payment.number // 100), payment.number % 100 + 1)
    assert lines == [
        (1, "IN", " ", "IT-01", "100", " ", " ", " ", 0),
        (2, "PY", " ", "WS-01", "-40.25", "CHECK 7", "00010", *deposit),
    ]
    assert site.select("SELECT BAL_AMT FROM PS_ITEM WHERE ITEM = ?", str(invoice.document_no)) == [("59.75",)]
    paid = (
        "SELECT p.PAYMENT_AMT, p.PAYMENT_STATUS, p.ACCOUNTING_DT, c.CUST_ID FROM PS_PAYMENT p "
        "JOIN PS_PAYMENT_ID_CUST c ON c.DEPOSIT_ID = p.DEPOSIT_ID AND c.PAYMENT_SEQ_NUM = p.PAYMENT_SEQ_NUM "
        "WHERE p.PAYMENT_ID = 'CHECK 7'"
    )
    assert site.select(paid) == [("40.25", "C", START, invoice.customer)]


def test_a_payment_that_bounced_has_a_negative_one_in_the_same_deposit(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "100.00")
        later(book)
        book.reverse(payment.key)
    rows = "SELECT PAYMENT_AMT, PAYMENT_STATUS FROM PS_PAYMENT WHERE DEPOSIT_ID = ? AND PAYMENT_SEQ_NUM % 100 = ?"
    found = site.select(rows, str(payment.number // 100), payment.number % 100 + 1)
    assert sorted(found) == [("-100", "C"), ("100", "B")]


def test_customers_are_found_through_the_set_of_their_business_unit(site: Site) -> None:
    sets = "SELECT SETID FROM PS_SET_CNTRL_REC WHERE SETCNTRLVALUE = ? AND RECNAME = 'CUSTOMER'"
    assert (site.select(sets, "00010"), site.select(sets, "00090")) == ([("SHARE",)], [("OTHER",)])
    name = site.simulator.book.customers["1002"].name
    rows = site.select("SELECT SETID, NAME1, CUST_STATUS FROM PS_CUSTOMER WHERE CUST_ID = '1002' ORDER BY SETID")
    assert rows == [("OTHER", "Another's 1002", "A"), ("SHARE", name, "A")]
    odd = "SELECT CUST_ID, CUST_STATUS FROM PS_CUSTOMER WHERE SETID = 'SHARE' AND CUST_STATUS <> 'A' ORDER BY 1"
    assert site.select(odd) == [("1013", "I"), ("900001", "I"), ("TEMPLATE", "T")]


def test_what_is_effective_dated_was_and_will_be_another(site: Site) -> None:
    rows = "SELECT EFFDT, EFF_STATUS, ADDRESS1 FROM PS_CUST_ADDRESS WHERE CUST_ID = ? ORDER BY EFFDT"
    street = {key: site.simulator.book.customers[key].street for key in ("1005", "1008")}
    now = START - timedelta(days=400)
    assert site.select(rows, "1005") == [(date(1901, 1, 1), "A", "1 Former Street"), (now, "A", street["1005"])]
    assert site.select(rows, "1008") == [
        (now, "A", street["1008"]), (START + timedelta(days=1500), "A", "9 Future Avenue"),
    ]  # fmt: skip
    terms = "SELECT DESCR FROM PS_PYMT_TRMS_HDR WHERE SETID = 'SHARE' AND PYMNT_TERMS_CD = 'N30' ORDER BY EFFDT"
    assert site.select(terms) == [("former",), ("Net 30 days",), ("future",)]


def test_options_and_credit_stand_in_records_of_their_own(site: Site) -> None:
    with site.simulator.act() as book:
        book.set_limit("1002", 5000)
        book.set_collector("1002", "SATO")
        account = book.customers["1002"].accounts[None]
    option = "SELECT PYMNT_TERMS_CD, COLLECTOR, CR_ANALYST FROM PS_CUST_OPTION WHERE CUST_ID = '1002'"
    assert site.select(option) == [(account.terms, "SATO", account.credit_manager)]
    assert site.select("SELECT CR_LIMIT FROM PS_CUST_CREDIT WHERE CUST_ID = '1002'") == [("5000",)]


def test_a_hold_is_an_active_message(site: Site) -> None:
    held = "SELECT HOLD_CD, EFF_STATUS FROM PS_CUST_MSG WHERE CUST_ID = '1004' ORDER BY HOLD_CD"
    assert site.select(held) == [("OLD", "I")]
    site.stage(1, "HOLD", "1004", CODE="CH")
    assert (site.ended(1), site.select(held)) == (("D", ""), [("CH", "A"), ("OLD", "I")])
    site.stage(2, "HOLD", "1004", CODE="", TEXT="CH")
    assert (site.ended(2), site.select(held)) == (("D", ""), [("OLD", "I")])


def test_a_dispute_by_the_sites_program_is_on_the_item(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
    key = site.simulator.item_key(invoice)
    assert key == f"00010|{invoice.customer}|{invoice.document_no}|0"
    site.stage(1, "DISPUTE", invoice.customer, DOCKEY=key, AMOUNT="40.00", CURR="EUR", CODE="price")
    assert site.ended(1) == ("D", "")
    found = "SELECT DISPUTE_STATUS, DISPUTE_AMOUNT FROM PS_ITEM WHERE ITEM = ?"
    assert site.select(found, str(invoice.document_no)) == [("PRI", "40")]


def test_the_erps_own_dunning_leaves_its_letter_and_day_without_a_stamp(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
    found = "SELECT LETTER_CD, DUN_DT, LAST_UPDATE_DTTM FROM PS_ITEM WHERE ITEM = ?"
    ((letter, on, stamp),) = site.select(found, str(invoice.document_no))
    site.simulator.own_dunning(invoice.key, 2)
    assert (letter, on) == (" ", None)
    assert site.select(found, str(invoice.document_no)) == [("2", START, stamp)]


def test_others_business_units_and_money_of_nobody_lie_beside(site: Site) -> None:
    assert site.select("SELECT CUST_ID, BAL_AMT FROM PS_ITEM WHERE BUSINESS_UNIT = '00090'") == [("1001", "500")]
    assert site.settings["business_units"] == '["00001", "00010", "00020", "00030"]'
    nobody = (
        "SELECT p.PAYMENT_STATUS FROM PS_PAYMENT p WHERE NOT EXISTS (SELECT 1 FROM PS_PAYMENT_ID_CUST c "
        "WHERE c.DEPOSIT_BU = p.DEPOSIT_BU AND c.DEPOSIT_ID = p.DEPOSIT_ID AND c.PAYMENT_SEQ_NUM = p.PAYMENT_SEQ_NUM)"
    )
    assert site.select(nobody) == [("U",), ("J",)]


def test_what_is_given_adds_up_and_activities_tie_to_balances_after_two_weeks(tmp_path: Path) -> None:
    with running(PeopleSoftSimulator, tmp_path, customers=60, items=500) as site:
        site.simulator.advance_to(START + timedelta(days=14))
        assert balances_of(list(site.simulator.given("item"))) == site.simulator.open_balances()
        key = "BUSINESS_UNIT, CUST_ID, ITEM, ITEM_LINE"
        sums: dict[tuple[str, ...], Decimal] = {}
        for *name, amount in site.select(f"SELECT {key}, ENTRY_AMT FROM PS_ITEM_ACTIVITY"):
            sums[tuple(name)] = sums.get(tuple(name), Decimal(0)) + Decimal(amount)
        for *name, left in site.select(f"SELECT {key}, BAL_AMT FROM PS_ITEM WHERE BUSINESS_UNIT <> '00090'"):
            sums[tuple(name)] -= Decimal(left)
        assert len(sums) > 500
        assert {name: left for name, left in sums.items() if left} == {}
        assert (
            site.select("SELECT COUNT(*) FROM PS_ITEM WHERE LAST_UPDATE_DTTM IS NULL AND ITEM_STATUS = 'C'")[0][0] > 5
        )


def test_a_spoilt_item_and_payment_have_a_date_of_no_document(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "50.00", reference="CHECK 7")
        payment = next(each for each in book.payments.values() if each.reference == "CHECK 7")
    site.simulator.spoil(invoice.key)
    site.simulator.spoil_payment(payment.key)
    assert site.select("SELECT ASOF_DT FROM PS_ITEM WHERE ITEM = ?", str(invoice.document_no)) == [(date(1, 1, 1),)]
    assert site.select("SELECT ENTRY_DT FROM PS_PAYMENT WHERE PAYMENT_ID = 'CHECK 7'") == [(date(1, 1, 1),)]
    spoilt = "SELECT ITEM_SEQ_NUM FROM PS_ITEM_ACTIVITY WHERE POST_DT = '0001-01-01'"
    assert site.select(spoilt) == [(2,)]
