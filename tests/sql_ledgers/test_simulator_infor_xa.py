"""The simulated Infor XA: the synthetic schema that a site's settings name, as plain SQL finds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.testing.contract.scenes.acts import issue, later, pay, renumber
from duehook.core.testing.contract.scenes.money import balances_of
from duehook.plugins.infor_xa.simulator import InforXaSimulator

from .simulator_site import START, Site, running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(InforXaSimulator, tmp_path) as made:
        yield made


def test_an_open_item_has_dates_as_cyymmdd_and_a_company_and_customer(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "1234.50", due_on=date(2026, 12, 31))
    rows = site.select(
        "SELECT COMNO, CUSNO, DOCTY, DOCSQ, INVDT, DUEDT, ORGAM, OPNAM, BASAM, CURCD, CHGDT, CHGTM FROM OPNITM "
        "WHERE DOCNO = ?", invoice.document_no,
    )  # fmt: skip
    whom = invoice.customer.ljust(8)
    assert rows == [
        (10, whom, "IN", 1, 1260302, 1261231, "1234.5", "1234.5", "1234.5", "EUR", 1260302, 233001),
    ]  # fmt: skip


@pytest.mark.parametrize(("amount", "currency", "company"), [("1000", "JPY", "00020"), ("1.234", "KWD", "00030")])
def test_amounts_have_the_decimals_of_their_currency(amount: str, currency: str, company: str, *, site: Site) -> None:
    with site.simulator.act() as book:
        number = issue(book, amount, currency, company=company).document_no
    assert site.select("SELECT OPNAM, CURCD FROM OPNITM WHERE DOCNO = ?", number) == [(amount, currency)]


def test_no_due_date_is_0_or_9999999(site: Site) -> None:
    with site.simulator.act() as book:
        numbers = [issue(book, "10.00", due_on=None).document_no for _ in range(2)]
    written = [site.select("SELECT DUEDT FROM OPNITM WHERE DOCNO = ?", number)[0][0] for number in numbers]
    assert sorted(written) == [0, 9999999]


def test_credits_and_money_on_account_are_negative(site: Site) -> None:
    with site.simulator.act() as book:
        whom = site.euro_customer()
        credit = issue(book, "-75.50", kind="credit_note", customer=whom)
        money = issue(book, "-50.00", kind="on_account", customer=whom)
    found = "SELECT DOCTY, OPNAM FROM OPNITM WHERE DOCNO IN (?, ?) ORDER BY DOCTY"
    assert site.select(found, credit.document_no, money.document_no) == [("CM", "-75.5"), ("OA", "-50")]


def test_instalments_and_used_numbers_differ_by_their_sequence(site: Site) -> None:
    with site.simulator.act() as book:
        whom = site.euro_customer()
        first = issue(book, "40.00", customer=whom)
        issue(book, "60.00", customer=whom, number=first.document_no, instalment="002")
        renumber(book, first)
    found = "SELECT DOCTY, DOCSQ, ORGAM FROM OPNITM WHERE DOCNO = ? ORDER BY DOCSQ"
    assert site.select(found, first.document_no) == [("IN", 1, "40"), ("IN", 2, "60"), ("IN", 51, "40")]


def test_a_receipt_and_what_it_was_applied_to(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "40.25")
    cash = "SELECT COMNO, CUSNO, RCPDT, RCPAM, CURCD, REVNO FROM CSHRCP WHERE RCPNO = ?"
    assert site.select(cash, payment.number) == [(10, invoice.customer.ljust(8), 1260302, "40.25", "EUR", 0)]
    applied = "SELECT RCPSQ, DOCTY, DOCNO, DOCSQ, APPAM, APPTY FROM CSHAPP WHERE RCPNO = ?"
    assert site.select(applied, payment.number) == [(1, "IN", invoice.document_no, 1, "40.25", "  ")]
    assert site.select("SELECT OPNAM FROM OPNITM WHERE DOCNO = ?", invoice.document_no) == [("59.75",)]


def test_a_receipt_that_bounced_is_named_by_the_one_that_takes_it_back(site: Site) -> None:
    with site.simulator.act() as book:
        payment = pay(book, issue(book, "100.00"), "100.00")
        later(book)
        book.reverse(payment.key)
    cash = "SELECT RCPNO, RCPAM FROM CSHRCP WHERE REVNO = ?"
    assert site.select(cash, payment.number) == [(payment.number + 1_000_000, "-100")]
    given = {row["key"]: row.get("reversal_of") for row in site.simulator.given("payment")}
    assert given[f"10|{payment.number + 1_000_000}"] == f"10|{payment.number}"


def test_a_customer_is_known_in_its_home_and_some_in_another_company(site: Site) -> None:
    person = site.simulator.book.customers["1002"]
    rows = "SELECT COMNO, CUSNM, CADD1, CCITY, CTERM FROM CUSMAS WHERE CUSNO = ?"
    ((_, name, street, city, terms), _) = site.select(rows, "1002")
    told = [str(cell).rstrip() for cell in (name, street, city, terms)]
    assert told == [person.name, person.street, person.city, person.accounts[None].terms]
    assert len(site.select(rows, "1003")) == 1
    assert site.select("SELECT COMNO, CUSNO FROM CUSMAS WHERE COMNO IN (0, 99)") == [(0, " " * 8), (99, "99999999")]


def test_a_hold_is_set_in_each_company(site: Site) -> None:
    site.stage(1, "HOLD", "1002", CODE="Y")
    assert site.ended(1) == ("D", "")
    assert site.select("SELECT DISTINCT CHOLD FROM CUSMAS WHERE CUSNO = '1002'") == [("Y",)]


def test_the_sites_own_names_of_files_are_settings(site: Site) -> None:
    files = {name: held for name, held in site.settings.items() if name.startswith("files.")}
    assert files == {
        "files.customers": "CUSMAS", "files.items": "OPNITM", "files.cash": "CSHRCP", "files.applied": "CSHAPP",
    }  # fmt: skip


def test_what_is_open_is_the_original_less_what_was_applied_after_two_weeks(tmp_path: Path) -> None:
    with running(InforXaSimulator, tmp_path, customers=60, items=500) as site:
        site.simulator.advance_to(START + timedelta(days=14))
        assert balances_of(list(site.simulator.given("item"))) == site.simulator.open_balances()
        left: dict[tuple[str, int, int], Decimal] = {}
        for *name, original, still in site.select("SELECT DOCTY, DOCNO, DOCSQ, ORGAM, OPNAM FROM OPNITM "
                                                  "WHERE DOCNO NOT IN (0, 99999999)"):  # fmt: skip
            left[tuple(name)] = Decimal(original) - Decimal(still)
        for *name, applied in site.select("SELECT DOCTY, DOCNO, DOCSQ, APPAM FROM CSHAPP"):
            left[tuple(name)] -= Decimal(applied)
        assert len(left) > 500
        assert {name: amount for name, amount in left.items() if amount} == {}


def test_a_spoilt_item_and_payment_have_a_day_that_no_year_has(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "50.00")
    site.simulator.spoil(invoice.key)
    site.simulator.spoil_payment(payment.key)
    assert site.select("SELECT INVDT FROM OPNITM WHERE DOCNO = ?", invoice.document_no) == [(1261399,)]
    assert site.select("SELECT RCPDT FROM CSHRCP WHERE RCPNO = ?", payment.number) == [(1261399,)]
