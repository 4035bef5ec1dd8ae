"""The simulated Infor LX: RAR, RCM, EST and RTM as plain SQL finds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.testing.contract.scenes.acts import issue, later, pay
from duehook.core.testing.contract.scenes.money import balances_of
from duehook.plugins.infor_lx.simulator import InforLxSimulator

from .simulator_site import START, Site, running

LINE = "SELECT ARDPFX, ARDTYP, RSEQ, RAMT, RREM FROM RAR WHERE RRID = 'RA' AND RCUST = ? ORDER BY ARDTYP DESC, RSEQ"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(InforLxSimulator, tmp_path) as made:
        yield made


def test_an_invoice_is_a_line_with_packed_dates_and_blank_padded_text(site: Site) -> None:
    whom = site.euro_customer()
    with site.simulator.act() as book:
        invoice = issue(book, "1234.50", reference="V0000007", due_on=date(2026, 4, 1))
    rows = site.select(
        "SELECT RRID, RCOMP, RCUST, ARDYR, ARDPFX, ARDTYP, RINVC, RSEQ, RDATE, RDDTE, RAMT, RREM, RCURR, RCNVFC, RREF "
        "FROM RAR WHERE ARDOCN = ?", invoice.document_no,
    )  # fmt: skip
    assert rows == [
        ("RA", 10, int(whom.key), 2026, "RI", 1, 0, 0, 20260302, 20260401, "1234.5", "1234.5", "EUR", "1",
         "V0000007       "),
    ]  # fmt: skip


def test_yen_have_no_decimals_and_dinars_three(site: Site) -> None:
    with site.simulator.act() as book:
        issue(book, "1000", "JPY", company="00020")
        issue(book, "1.234", "KWD", company="00030")
    found = site.select("SELECT RCOMP, RCURR, RREM FROM RAR WHERE RREM IN (1000, 1.234) AND RSEQ = 0 ORDER BY RCOMP")
    assert found == [(20, "JPY", "1000"), (30, "KWD", "1.234")]


def test_a_part_payment_is_a_document_with_what_it_was_applied_to_and_a_contra(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "40.25")
    lines = site.select(
        "SELECT RSEQ, ARDTYP, RINVC, ARODYR, ARODPX, ARODTP, RAMT, RREM, RRESN FROM RAR WHERE ARDOCN = ? ORDER BY RSEQ",
        payment.number,
    )
    assert lines == [
        (0, 0, 0, 0, "  ", 0, "-40.25", "0", "     "),
        (1, 0, invoice.document_no, 2026, "RI", 1, "-40.25", "0", "     "),
        (99999, 0, 0, 0, "  ", 0, "40.25", "0", "     "),
    ]
    assert site.select("SELECT RAMT, RREM FROM RAR WHERE ARDOCN = ?", invoice.document_no) == [("100", "59.75")]


def test_a_credit_note_and_money_on_account_are_negative(site: Site) -> None:
    with site.simulator.act() as book:
        whom = site.euro_customer()
        issue(book, "-75.50", kind="credit_note", customer=whom)
        issue(book, "-50.00", kind="on_account", customer=whom)
    mine = [row for row in site.select(LINE, int(whom.key)) if row[3] in ("-75.5", "-50")]
    assert mine == [("RM", 3, 0, "-75.5", "-75.5"), ("OA", 0, 0, "-50", "-50")]


def test_no_due_date_is_0_or_99999999(site: Site) -> None:
    with site.simulator.act() as book:
        numbers = [issue(book, "10.00", due_on=None).document_no for _ in range(2)]
    written = [site.select("SELECT RDDTE FROM RAR WHERE ARDOCN = ?", number)[0][0] for number in numbers]
    assert sorted(written) == [0, 99999999]


def test_a_document_that_is_not_posted_is_not_issued(site: Site) -> None:
    with site.simulator.act() as book:
        draft = issue(book, "80.00", item_class="unposted", posted=False, posted_on=None)
    number = draft.document_no
    assert site.select("SELECT RREF, RREM FROM RAR WHERE ARDOCN = ?", number) == [("UNISSUED       ", "80")]
    assert [row for row in site.simulator.given("item") if row["document_no"] == str(number)] == []


def test_inactive_records_and_dummies_lie_among_the_others(site: Site) -> None:
    odd = site.select("SELECT RRID, RCUST, ARDOCN, RREM FROM RAR WHERE ARDOCN IN (0, 900001, 99999999) ORDER BY ARDOCN")
    assert odd == [("RA", 0, 0, "0.01"), ("RZ", 1001, 900001, "500"), ("RA", 99999999, 99999999, "0.01")]
    customers = site.select("SELECT CMID, CCUST FROM RCM WHERE CCUST NOT BETWEEN 1001 AND 2000 ORDER BY CCUST")
    assert customers == [("CM", 0), ("CZ", 900002), ("CM", 99999999)]


def test_a_customer_stands_in_rcm_with_the_fields_that_the_settings_name(site: Site) -> None:
    with site.simulator.act() as book:
        person = book.customers["1002"]
        book.set_limit("1002", 5000)
        book.set_hold("1002", "C2")
        account = person.accounts[None]
    row = site.select("SELECT CMID, CNME, CAD1, CZIP, CTERM, CCURR, CRDOL, CHOLD, CCOUN FROM RCM WHERE CCUST = 1002")[0]
    assert [str(cell).rstrip() for cell in row] == [
        "CM", person.name, person.street, person.postal_code, account.terms, person.currency, "5000", "M",
        person.country,
    ]  # fmt: skip
    assert {name: site.settings[name] for name in ("columns.terms", "columns.hold", "columns.email")} == {
        "columns.terms": "CTERM", "columns.hold": "CHOLD", "columns.email": "",
    }  # fmt: skip


def test_contacts_are_ship_tos_with_an_attention_and_terms_have_a_file(site: Site) -> None:
    main = site.simulator.book.contacts["1003-0"]
    rows = site.select("SELECT TCUST, TSHIP, TATN, TPHONE FROM EST WHERE TCUST = 1003 AND TSHIP = 0")
    assert [tuple(str(cell).rstrip() for cell in row) for row in rows] == [("1003", "0", main.name, main.phone)]
    assert site.select("SELECT TTERM, TDAYS, TDISC, TDSCD FROM RTM WHERE TTERM = 'D30'") == [("D30", 30, "2", 10)]


def test_companies_are_settings_as_no_file_of_them_is_known(site: Site) -> None:
    assert json.loads(site.settings["companies"])[:2] == [
        {"code": "1", "name": "Halden Supply Inc.", "currency": "USD"},
        {"code": "10", "name": "Halden Europa GmbH", "currency": "EUR"},
    ]


def test_a_line_tells_when_it_changed_only_where_the_site_keeps_that(tmp_path: Path, site: Site) -> None:
    names = "SELECT COLUMN_NAME, COLUMN_TEXT FROM SYSCOLUMNS WHERE TABLE_NAME = 'RAR' AND COLUMN_TEXT LIKE 'Last%'"
    assert site.select(names) == []
    with running(InforLxSimulator, tmp_path / "other", changed_column=True, timezone="Asia/Tokyo") as stamped:
        assert stamped.select(names) == [("RLDTE", "Last Maintained Date"), ("RLTME", "Last Maintained Time")]
        with stamped.simulator.act() as book:
            later(book, 3600)
            invoice = issue(book, "10.00")
        assert f"{invoice.changed_at:%d %H:%M:%S}" == "03 00:30:01"  # in UTC: 09:30:01 in Tokyo
        found = stamped.select("SELECT RLDTE, RLTME FROM RAR WHERE ARDOCN = ?", invoice.document_no)
        assert found == [(20260303, 93001)]
        assert (stamped.settings["columns.changed"], stamped.settings["columns.changed_time"]) == ("RLDTE", "RLTME")


def test_the_sum_of_amounts_is_the_sum_of_what_remains_by_customer_after_two_weeks(tmp_path: Path) -> None:
    with running(InforLxSimulator, tmp_path, customers=60, items=500) as site:
        site.simulator.advance_to(START + timedelta(days=14))
        active = "FROM RAR WHERE RRID = 'RA' AND RREF <> 'UNISSUED' AND RCUST NOT IN (0, 99999999)"
        sums: dict[tuple[int, int], Decimal] = {}
        for company, customer, amount in site.select(f"SELECT RCOMP, RCUST, RAMT {active}"):
            sums[company, customer] = sums.get((company, customer), Decimal(0)) + Decimal(amount)
        for company, customer, left in site.select(f"SELECT RCOMP, RCUST, RREM {active} AND RSEQ = 0"):
            sums[company, customer] -= Decimal(left)
        assert len(sums) > 50
        assert {name: left for name, left in sums.items() if left} == {}


def test_what_is_given_adds_up_to_what_the_lines_say_is_open(tmp_path: Path) -> None:
    with running(InforLxSimulator, tmp_path, customers=60, items=500) as site:
        site.simulator.advance_to(START + timedelta(days=14))
        assert balances_of(list(site.simulator.given("item"))) == site.simulator.open_balances()
        keys = [row["key"] for row in site.simulator.given("item")]
        assert len(set(keys)) == len(keys)


def test_each_given_row_is_a_line_of_rar(tmp_path: Path) -> None:
    with running(InforLxSimulator, tmp_path, customers=60, items=500) as site:
        site.simulator.advance_to(START + timedelta(days=14))
        lines = {
            f"{company}|{year}|{prefix.strip()}|{kind}|{number}|{sequence}": Decimal(amount)
            for company, year, prefix, kind, number, sequence, amount in site.select(
                "SELECT RCOMP, ARDYR, ARDPFX, ARDTYP, ARDOCN, RSEQ, RAMT FROM RAR WHERE RRID = 'RA'"
            )
        }
        for stream, end, sign in (("item", "|0", 1), ("payment", "|0", -1), ("allocation", "", -1)):
            rows = list(site.simulator.given(stream))  # type: ignore[arg-type]
            assert len(rows) > 100
            assert [row["key"] for row in rows if lines[row["key"] + end] != sign * row["amount"]] == []


def test_what_is_purged_is_gone_with_what_was_applied_to_it(site: Site) -> None:
    with site.simulator.act() as book:
        old = issue(book, "100.00")
        first, second = pay(book, old, "60.00"), pay(book, old, "40.00")
    with site.simulator.act() as book:
        book.purge(old.key)
    numbers = (old.document_no, first.number, second.number)
    assert site.select("SELECT * FROM RAR WHERE ARDOCN IN (?, ?, ?)", *numbers) == []


def test_a_spoilt_item_and_payment_have_a_day_that_no_year_has(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "50.00")
    site.simulator.spoil(invoice.key)
    site.simulator.spoil_payment(payment.key)
    days = site.select("SELECT DISTINCT RDATE FROM RAR WHERE ARDOCN IN (?, ?)", invoice.document_no, payment.number)
    assert days == [(20261399,)]
