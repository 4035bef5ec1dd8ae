"""The simulated Oracle E-Business Suite: AR and HZ tables as plain SQL finds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.contract.scenes.money import balances_of
from duehook.plugins.oracle_ebs.simulator import OracleEbsSimulator

from .simulator_site import START, Site, running

SCHEDULE = (
    "SELECT CLASS, STATUS, AMOUNT_DUE_ORIGINAL, AMOUNT_DUE_REMAINING, ACCTD_AMOUNT_DUE_REMAINING, "
    "INVOICE_CURRENCY_CODE, EXCHANGE_RATE FROM AR_PAYMENT_SCHEDULES_ALL WHERE TRX_NUMBER = ?"
)
OPEN = datetime(4712, 12, 31)  # noqa: DTZ001  (Oracle's dates have no zone)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(OracleEbsSimulator, tmp_path) as made:
        yield made


def test_an_invoice_is_a_payment_schedule_of_its_transaction(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00", due_on=date(2026, 4, 1), purchase_order="PO-7", sales_order=300_007)
        pay(book, invoice, "40.25")
    row = site.select(
        "SELECT s.CLASS, s.STATUS, s.AMOUNT_DUE_ORIGINAL, s.AMOUNT_DUE_REMAINING, s.CUSTOMER_ID, s.ORG_ID, s.DUE_DATE, "
        "s.GL_DATE_CLOSED, t.COMPLETE_FLAG, t.PURCHASE_ORDER, t.INTERFACE_HEADER_ATTRIBUTE1, t.BILL_TO_CUSTOMER_ID "
        "FROM AR_PAYMENT_SCHEDULES_ALL s JOIN RA_CUSTOMER_TRX_ALL t ON t.CUSTOMER_TRX_ID = s.CUSTOMER_TRX_ID "
        "WHERE s.TRX_NUMBER = ?", str(invoice.document_no),
    )  # fmt: skip
    whom = int(invoice.customer)
    due = row[0][6]
    assert due.date() == date(2026, 4, 1)
    assert row == [("INV", "OP", "100", "59.75", whom, 10, due, OPEN, "Y", "PO-7", "300007", whom)]


def test_some_due_dates_carry_a_time(tmp_path: Path) -> None:
    with running(OracleEbsSimulator, tmp_path, items=50) as site:
        found = site.select("SELECT DUE_DATE FROM AR_PAYMENT_SCHEDULES_ALL WHERE DUE_DATE IS NOT NULL")
        assert {due.strftime("%H:%M:%S") for (due,) in found} == {"00:00:00", "23:59:59"}


@pytest.mark.parametrize(("amount", "currency", "company"), [("1000", "JPY", "00020"), ("1.234", "KWD", "00030")])
def test_amounts_have_the_decimals_of_their_currency(amount: str, currency: str, company: str, *, site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, amount, currency, company=company)
    assert site.select(SCHEDULE, str(invoice.document_no)) == [
        ("INV", "OP", amount, amount, amount, currency, None),
    ]  # fmt: skip


def test_a_foreign_invoice_has_a_rate_and_what_is_open_in_the_ledgers_currency(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "500.00", "USD", company="00010")
    rate = Decimal(invoice.rate_scaled).scaleb(-7)
    ((*_, left, currency, held),) = site.select(SCHEDULE, str(invoice.document_no))
    assert (currency, Decimal(held)) == ("USD", rate)
    assert Decimal(left) == Decimal(invoice.company_open_minor) / 100


def test_credits_and_money_on_account_are_negative(site: Site) -> None:
    with site.simulator.act() as book:
        whom = site.euro_customer()
        credit = issue(book, "-75.50", kind="credit_note", customer=whom)
        money = issue(book, "-50.00", kind="on_account", customer=whom)
    assert site.select(SCHEDULE, str(credit.document_no))[0][:4] == ("CM", "OP", "-75.5", "-75.5")
    assert site.select(SCHEDULE, str(money.document_no))[0][:4] == ("PMT", "OP", "-50", "-50")
    receipt = "SELECT AMOUNT, STATUS, PAY_FROM_CUSTOMER FROM AR_CASH_RECEIPTS_ALL WHERE RECEIPT_NUMBER = ?"
    assert site.select(receipt, str(money.document_no)) == [("50", "UNAPP", int(whom.key))]


def test_a_receipt_is_applied_to_schedules(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "100.00", reference="CHECK 7")
    key = int(site.simulator.item_key(invoice))
    assert site.select(
        "SELECT r.RECEIPT_NUMBER, r.AMOUNT, r.STATUS, a.APPLICATION_TYPE, a.STATUS, a.DISPLAY, a.AMOUNT_APPLIED, "
        "a.APPLIED_PAYMENT_SCHEDULE_ID FROM AR_RECEIVABLE_APPLICATIONS_ALL a JOIN AR_CASH_RECEIPTS_ALL r "
        "ON r.CASH_RECEIPT_ID = a.CASH_RECEIPT_ID WHERE r.CASH_RECEIPT_ID = ?", payment.number,
    ) == [("CHECK 7", "100", "APP", "CASH", "APP", "Y", "100", key)]  # fmt: skip
    assert site.select(SCHEDULE, str(invoice.document_no))[0][:4] == ("INV", "CL", "100", "0")
    closed = "SELECT GL_DATE_CLOSED FROM AR_PAYMENT_SCHEDULES_ALL WHERE PAYMENT_SCHEDULE_ID = ?"
    assert site.select(closed, key)[0][0].date() == START


def test_a_receipt_that_bounced_is_reversed_and_its_applications_have_negative_twins(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "100.00")
        later(book)
        book.reverse(payment.key)
    receipt = "SELECT STATUS, AMOUNT FROM AR_CASH_RECEIPTS_ALL WHERE CASH_RECEIPT_ID = ? AND REVERSAL_DATE IS NOT NULL"
    assert site.select(receipt, payment.number) == [("REV", "100")]
    lines = "SELECT AMOUNT_APPLIED, DISPLAY FROM AR_RECEIVABLE_APPLICATIONS_ALL WHERE CASH_RECEIPT_ID = ? ORDER BY 1"
    assert sorted(site.select(lines, payment.number)) == [("-100", "N"), ("100", "N")]
    given = [row for row in site.simulator.given("payment") if row["key"].startswith(str(payment.number))]
    assert [(row["key"], row["amount"], row.get("reversal_of")) for row in given] == [
        (str(payment.number), 100, None), (f"{payment.number}|rev", -100, str(payment.number)),
    ]  # fmt: skip


def test_a_credit_memo_that_is_applied_is_an_application_without_a_receipt(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        whom = book.customers[invoice.customer]
        credit = issue(book, "-30.00", kind="credit_note", customer=whom)
        money = issue(book, "-20.00", kind="on_account", customer=whom)
        book.net(credit.key, invoice.key, 3000)
        book.net(money.key, invoice.key, 2000)
    rows = site.select(
        "SELECT APPLICATION_TYPE, AMOUNT_APPLIED, CASH_RECEIPT_ID IS NULL, CUSTOMER_TRX_ID IS NULL "
        "FROM AR_RECEIVABLE_APPLICATIONS_ALL WHERE APPLIED_PAYMENT_SCHEDULE_ID = ? ORDER BY APPLICATION_TYPE",
        int(site.simulator.item_key(invoice)),
    )
    assert rows == [("CASH", "20", 0, 1), ("CM", "30", 1, 0)]


def test_an_invoice_that_is_not_complete_has_no_schedule(site: Site) -> None:
    with site.simulator.act() as book:
        draft = issue(book, "80.00", item_class="unposted", posted=False, posted_on=None)
    number = str(draft.document_no)
    assert site.select("SELECT COMPLETE_FLAG FROM RA_CUSTOMER_TRX_ALL WHERE TRX_NUMBER = ?", number) == [("N",)]
    assert site.select(SCHEDULE, number) == []


def test_technical_rows_and_cash_of_nobody_lie_among_the_others(site: Site) -> None:
    odd = (
        "SELECT PAYMENT_SCHEDULE_ID, CLASS, STATUS, CUSTOMER_ID FROM AR_PAYMENT_SCHEDULES_ALL "
        "WHERE PAYMENT_SCHEDULE_ID < 2 ORDER BY 1"
    )
    assert site.select(odd) == [(-2, "INV", "OP", 1001), (-1, "PMT", "OP", 1001), (1, "PMT", "OP", None)]
    nobody = "SELECT STATUS, PAY_FROM_CUSTOMER FROM AR_CASH_RECEIPTS_ALL WHERE CASH_RECEIPT_ID = 1"
    assert site.select(nobody) == [("UNID", None)]


def test_instalments_are_schedules_of_one_transaction(site: Site) -> None:
    with site.simulator.act() as book:
        whom = site.euro_customer()
        first = issue(book, "40.00", customer=whom)
        issue(book, "60.00", customer=whom, number=first.document_no, instalment="002")
    rows = site.select(
        "SELECT TERMS_SEQUENCE_NUMBER, AMOUNT_DUE_ORIGINAL FROM AR_PAYMENT_SCHEDULES_ALL WHERE CUSTOMER_TRX_ID = "
        "(SELECT CUSTOMER_TRX_ID FROM RA_CUSTOMER_TRX_ALL WHERE TRX_NUMBER = ?) ORDER BY 1", str(first.document_no),
    )  # fmt: skip
    assert rows == [(1, "40"), (2, "60")]


def test_a_customer_is_an_account_of_a_party_with_a_profile_of_no_site(site: Site) -> None:
    with site.simulator.act() as book:
        book.set_limit("1004", 5000)
        book.set_collector("1004", "SATO")
        person = book.customers["1004"]
    row = site.select(
        "SELECT p.PARTY_NAME, c.ACCOUNT_NUMBER, f.CREDIT_HOLD, k.NAME, t.NAME, m.CURRENCY_CODE, m.OVERALL_CREDIT_LIMIT "
        "FROM HZ_CUST_ACCOUNTS c JOIN HZ_PARTIES p ON p.PARTY_ID = c.PARTY_ID "
        "JOIN HZ_CUSTOMER_PROFILES f ON f.CUST_ACCOUNT_ID = c.CUST_ACCOUNT_ID AND f.SITE_USE_ID IS NULL "
        "JOIN AR_COLLECTORS k ON k.COLLECTOR_ID = f.COLLECTOR_ID JOIN RA_TERMS t ON t.TERM_ID = f.STANDARD_TERMS "
        "JOIN HZ_CUST_PROFILE_AMTS m ON m.CUST_ACCOUNT_ID = c.CUST_ACCOUNT_ID WHERE c.CUST_ACCOUNT_ID = 1004"
    )
    terms = person.accounts[None].terms
    assert row == [(person.name, "AC1004", "N", "SATO", terms, person.currency, "5000")]
    profiles = "SELECT SITE_USE_ID FROM HZ_CUSTOMER_PROFILES WHERE CUST_ACCOUNT_ID = 1004 ORDER BY 1"
    assert site.select(profiles) == [(None,), (10041,)]
    assert site.select("SELECT STATUS FROM HZ_CUST_ACCOUNTS WHERE CUST_ACCOUNT_ID = 900001") == [("I",)]


def test_an_e_mail_that_was_taken_away_is_an_inactive_contact_point(site: Site) -> None:
    points = (
        "SELECT CONTACT_POINT_TYPE, EMAIL_ADDRESS, PRIMARY_FLAG, STATUS FROM HZ_CONTACT_POINTS "
        "WHERE OWNER_TABLE_NAME = 'HZ_PARTIES' AND OWNER_TABLE_ID = 5001003 AND PRIMARY_FLAG = 'Y' "
        "AND CONTACT_POINT_TYPE = 'EMAIL'"
    )
    assert site.select(points) == [("EMAIL", "office@c1003.example", "Y", "A")]
    with site.simulator.act() as book:
        book.set_mail("1003-0", None)
    assert site.select(points) == [("EMAIL", None, "Y", "I")]


def test_a_hold_by_the_sites_program_is_on_the_profile(site: Site) -> None:
    held = "SELECT CREDIT_HOLD FROM HZ_CUSTOMER_PROFILES WHERE CUST_ACCOUNT_ID = 1003 AND SITE_USE_ID IS NULL"
    site.stage(1, "HOLD", "1003", CODE="Y")
    assert (site.ended(1), site.select(held)) == (("D", ""), [("Y",)])
    site.stage(2, "HOLD", "1003", CODE="", TEXT="Y")
    assert (site.ended(2), site.select(held), site.simulator.hold("10", "1003")) == (("D", ""), [("N",)], None)


def test_a_dispute_by_the_sites_program_is_on_the_schedule(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
    key = site.simulator.item_key(invoice)
    site.stage(1, "DISPUTE", invoice.customer, DOCKEY=key, AMOUNT="40.00", CURR="EUR", CODE="price")
    assert site.ended(1) == ("D", "")
    amount = "SELECT AMOUNT_IN_DISPUTE FROM AR_PAYMENT_SCHEDULES_ALL WHERE PAYMENT_SCHEDULE_ID = ?"
    assert site.select(amount, int(key)) == [("40",)]
    assert [row["disputed_amount"] for row in site.simulator.given("item") if row["key"] == key] == [Decimal("40")]


def test_rates_and_operating_units_stand_in_tables_of_their_own(site: Site) -> None:
    units = (
        "SELECT u.ORGANIZATION_ID, u.NAME, l.CURRENCY_CODE FROM HR_OPERATING_UNITS u "
        "JOIN GL_LEDGERS l ON l.LEDGER_ID = u.SET_OF_BOOKS_ID WHERE u.ORGANIZATION_ID = 10"
    )
    assert site.select(units) == [(10, "Halden Europa GmbH", "EUR")]
    rate = site.simulator.book.exchange_rates[0]
    found = site.select(
        "SELECT CONVERSION_RATE FROM GL_DAILY_RATES WHERE FROM_CURRENCY = ? AND TO_CURRENCY = ? "
        "AND CONVERSION_DATE = ? AND CONVERSION_TYPE = 'Corporate'",
        rate.from_currency, rate.to_currency, f"{rate.valid_on} 00:00:00",
    )  # fmt: skip
    assert [Decimal(held) for (held,) in found] == [rate.rate]


def test_stamps_are_in_the_servers_own_zone(tmp_path: Path) -> None:
    with running(OracleEbsSimulator, tmp_path, timezone="Asia/Tokyo") as site:
        with site.simulator.act() as book:
            invoice = issue(book, "10.00")
        assert f"{invoice.changed_at:%d %H:%M:%S}" == "02 23:30:01"  # in UTC: 08:30:01 of the next day in Tokyo
        stamp = "SELECT LAST_UPDATE_DATE FROM AR_PAYMENT_SCHEDULES_ALL WHERE TRX_NUMBER = ?"
        ((found,),) = site.select(stamp, str(invoice.document_no))
        assert f"{found:%d %H:%M:%S}" == "03 08:30:01"


def test_what_is_given_adds_up_to_what_the_schedules_say_is_open(tmp_path: Path) -> None:
    with running(OracleEbsSimulator, tmp_path, customers=60, items=500) as site:
        site.simulator.advance_to(START + timedelta(days=14))
        given = list(site.simulator.given("item"))
        assert balances_of(given) == site.simulator.open_balances()
        schedules: dict[int, str] = dict(
            site.select("SELECT PAYMENT_SCHEDULE_ID, AMOUNT_DUE_ORIGINAL FROM AR_PAYMENT_SCHEDULES_ALL")
        )
        assert [row["key"] for row in given if Decimal(schedules[int(row["key"])]) != row["amount"]] == []
        lines: dict[int, str] = dict(
            site.select("SELECT RECEIVABLE_APPLICATION_ID, AMOUNT_APPLIED FROM AR_RECEIVABLE_APPLICATIONS_ALL")
        )
        rows = list(site.simulator.given("allocation"))
        assert len(rows) > 100
        assert [row["key"] for row in rows if Decimal(lines[int(row["key"])]) != row["amount"]] == []


def test_a_spoilt_item_and_payment_have_a_date_of_no_document(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "50.00")
    site.simulator.spoil(invoice.key)
    site.simulator.spoil_payment(payment.key)
    on = "SELECT TRX_DATE FROM AR_PAYMENT_SCHEDULES_ALL WHERE TRX_NUMBER = ?"
    assert site.select(on, str(invoice.document_no))[0][0].year == 1
    paid = "SELECT RECEIPT_DATE FROM AR_CASH_RECEIPTS_ALL WHERE CASH_RECEIPT_ID = ?"
    assert site.select(paid, payment.number)[0][0].year == 1
