"""The simulated JD Edwards World: F0311 with originals and matching lines, as plain SQL finds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.contract.scenes.money import balances_of
from duehook.plugins.jde_world.simulator import JdeWorldSimulator

from .simulator_site import START, Site, running

LINES = (
    "SELECT RPDCTM, RPDOCM, RPSFXM, RPAG, RPAAP, RPADSA FROM F0311 WHERE RPDCT = 'RI' AND RPDOC = ? "
    "ORDER BY RPDCTM, RPDOCM"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(JdeWorldSimulator, tmp_path) as made:
        yield made


def test_a_pay_item_has_whole_amounts_dates_as_cyyddd_and_no_matching_type(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "1234.50", due_on=date(2026, 12, 31), purchase_order="PO-7")
    rows = site.select(
        "SELECT RPKCO, RPDCT, RPSFX, RPDCTM, RPDOCM, RPAN8, RPCO, RPDIVJ, RPDDJ, RPAG, RPAAP, RPACR, RPCRCD, RPCRRM, "
        "RPPST, RPPOST, RPVR01 FROM F0311 WHERE RPDOC = ?", invoice.document_no,
    )  # fmt: skip
    assert rows == [
        ("00010", "RI", "001", "  ", 0, int(invoice.customer), "00010", 126061, 126365, "123450", "123450", "0", "EUR",
         "D", "A", "D", "PO-7                     "),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "currency", "company", "written", "decimals"),
    [
        ("1000", "JPY", "00020", "1000", "0"),
        ("1.234", "KWD", "00030", "1234", "3"),
        ("10.01", "USD", "00001", "1001", "2"),
    ],
)
def test_decimals_are_implied_by_the_currency(
    amount: str, currency: str, company: str, written: str, *, decimals: str, site: Site
) -> None:
    with site.simulator.act() as book:
        number = issue(book, amount, currency, company=company).document_no
    assert site.select("SELECT RPAAP FROM F0311 WHERE RPDOC = ?", number) == [(written,)]
    assert site.select("SELECT CVCDEC FROM F0013 WHERE CVCRCD = ?", currency) == [(decimals,)]


def test_a_foreign_pay_item_has_its_own_amounts_and_the_companys(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "500.00", "USD", company="00010")
    found = "SELECT RPCRRM, RPACR, RPFAP, RPAG, RPAAP, RPBCRC FROM F0311 WHERE RPDOC = ?"
    own = str(invoice.company_amount_minor)
    assert site.select(found, invoice.document_no) == [("F", "50000", "50000", own, own, "EUR")]


def test_a_receipt_is_a_negative_matching_line(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "40.25")
    assert site.select(LINES, invoice.document_no) == [
        ("  ", 0, "   ", "10000", "5975", "0"), ("RC", payment.number, "001", "-4025", "0", "0"),
    ]  # fmt: skip
    matched = "SELECT RPDMTJ, RPPYR FROM F0311 WHERE RPDOCM = ?"
    assert site.select(matched, payment.number) == [(126061, int(invoice.customer))]


def test_a_receipt_that_bounced_is_taken_back_by_a_positive_line(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "100.00")
        later(book)
        book.reverse(payment.key)
    assert [row[:4] for row in site.select(LINES, invoice.document_no)] == [
        ("  ", 0, "   ", "10000"), ("RC", payment.number, "001", "-10000"), ("RV", payment.number, "901", "10000"),
    ]  # fmt: skip


def test_a_credit_that_is_applied_has_a_line_on_either_pay_item(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        credit = issue(book, "-30.00", kind="credit_note", customer=book.customers[invoice.customer])
        netting = book.net(credit.key, invoice.key, 3000)
    lines = "SELECT RPDCT, RPDCTM, RPAG FROM F0311 WHERE RPDOCM = ? ORDER BY RPDCT"
    assert site.select(lines, netting.number) == [("RI", "RM", "-3000"), ("RM", "RM", "3000")]


def test_a_document_that_is_deleted_is_gone(site: Site) -> None:
    with site.simulator.act() as book:
        draft = issue(book, "80.00", item_class="unposted", posted=False, posted_on=None)
    posted = "SELECT RPPOST FROM F0311 WHERE RPDOC = ?"
    assert site.select(posted, draft.document_no) == [(" ",)]
    with site.simulator.act() as book:
        book.delete(draft.key)
    assert site.select(posted, draft.document_no) == []


def test_a_customer_stands_in_f0301_and_its_name_in_f0101(site: Site) -> None:
    with site.simulator.act() as book:
        book.set_limit("1002", 5000)
        book.set_hold("1002", "C2")
        person = book.customers["1002"]
    row = site.select(
        "SELECT ABALPH, ABAT1, A5TRAR, A5ACL, A5HOLD, A5CRCD FROM F0301 JOIN F0101 ON ABAN8 = A5AN8 WHERE A5AN8 = 1002"
    )[0]
    assert [str(cell).strip() for cell in row] == [
        person.name, "C", person.accounts[None].terms, "5000", "C2", person.currency,
    ]  # fmt: skip
    dummies = "SELECT A5AN8 FROM F0301 WHERE A5AN8 NOT BETWEEN 1001 AND 1020 ORDER BY 1"
    assert site.select(dummies) == [(0,), (99999999,)]


def test_e_mails_are_parked_in_whos_who_and_go_on_in_the_title(site: Site) -> None:
    long = "accounts.payable.department@subsidiary.of.a.long.name.example"
    with site.simulator.act() as book:
        book.set_mail("1003-0", long)
    found = "SELECT WWMLNM, WWATTL FROM F0111 WHERE WWAN8 = 1003 AND WWIDLN = 1 AND WWTYC = 'EM'"
    ((name, title),) = site.select(found)
    assert (name, title.rstrip()) == ("accounts.payable.department@subsidiary.o", "f.a.long.name.example")
    assert name + title.rstrip() == long


def test_addresses_are_effective_dated_some_from_the_last_century_on(site: Site) -> None:
    street = {key: site.simulator.book.customers[key].street for key in ("1005", "1008")}
    rows = "SELECT ALEFTB, RTRIM(ALADD1) FROM F0116 WHERE ALAN8 = ? ORDER BY ALEFTB"
    assert site.select(rows, 1005) == [(99365, "1 Former Street"), (125026, street["1005"])]
    assert site.select(rows, 1008) == [(125026, street["1008"]), (130100, "9 Future Avenue")]


def test_dummies_lie_at_both_ends(site: Site) -> None:
    odd = "SELECT RPKCO, RPDOC, RPAN8, RPAAP FROM F0311 WHERE RPDOC IN (0, 99999999) ORDER BY RPDOC"
    assert site.select(odd) == [("     ", 0, 0, "1"), ("99999", 99999999, 99999999, "1")]


def test_what_is_open_is_the_original_less_its_matching_lines_after_two_weeks(tmp_path: Path) -> None:
    with running(JdeWorldSimulator, tmp_path, customers=60, items=500) as site:
        site.simulator.advance_to(START + timedelta(days=14))
        assert balances_of(list(site.simulator.given("item"))) == site.simulator.open_balances()
        sums: dict[tuple[str, str, int, str], Decimal] = {}
        for *name, matching, gross, left, taken in site.select(
            "SELECT RPKCO, RPDCT, RPDOC, RPSFX, RPDCTM, RPAG, RPAAP, RPADSA FROM F0311 WHERE RPDOC NOT IN (0, 99999999)"
        ):
            lines = Decimal(taken) if matching.strip() else -Decimal(left)
            sums[tuple(name)] = sums.get(tuple(name), Decimal(0)) + Decimal(gross) + lines
        assert len(sums) > 500
        assert {name: left for name, left in sums.items() if left} == {}
        keys = {
            "|".join(str(cell).strip() for cell in row)
            for row in site.select("SELECT RPKCO, RPDCT, RPDOC, RPSFX, RPDCTM, RPDOCM, RPSFXM FROM F0311")
        }
        given = {str(row["key"]).removesuffix("|D") for row in site.simulator.given("allocation")}
        assert len(given) > 100
        assert given - keys == set()


def test_a_spoilt_item_and_payment_have_a_day_that_no_year_has(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "50.00")
    site.simulator.spoil(invoice.key)
    site.simulator.spoil_payment(payment.key)
    days = "SELECT RPDCTM, RPDIVJ, RPDMTJ FROM F0311 WHERE RPDOC = ? ORDER BY RPDCTM"
    assert site.select(days, invoice.document_no) == [("  ", 126999, 0), ("RC", 126061, 126999)]
