"""The simulated SAP's side of the contract kit: rows spoilt, half or new, empty dates, its own balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.testing.contract.scenes.acts import issue, newcomer, pay

from .simulated import LINES, START, Site, served

PARTNERS = "API_BUSINESS_PARTNER"
NEVER = "/Date(-62135596800000)/"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Give a small book without documents."""
    with served(tmp_path, customers=12, items=0) as found:
        yield found


def of(site: Site, number: int) -> dict[str, Any]:
    (row,) = site.lines(f"AccountingDocument eq '{number}'")
    return row


def at(day: date) -> str:
    return f"/Date({(day - date(1970, 1, 1)).days * 86_400_000})/"


def test_a_date_that_is_none_comes_as_null_or_as_the_first_day_there_is(site: Site) -> None:
    with site.simulator.act() as book:
        numbers = [issue(book, "10.00", due_on=None).document_no for _ in range(2)]
    rows = {number % 2: of(site, number) for number in numbers}
    assert {name: [rows[odd][name] for odd in (1, 0)] for name in ("NetDueDate", "ClearingDate", "LastChangeDate")} == {
        "NetDueDate": [None, NEVER], "ClearingDate": [None, NEVER], "LastChangeDate": [None, NEVER],
    }  # fmt: skip


def test_v4_writes_it_as_the_year_one(site: Site) -> None:
    with site.simulator.act() as book:
        numbers = [issue(book, "10.00", due_on=None).document_no for _ in range(2)]
    even = next(number for number in numbers if number % 2 == 0)
    answer = site.http.get(
        site.url4("API_OPLACCTGDOCITEMCUBE_SRV", LINES), params={"$filter": f"AccountingDocument eq '{even}'"}
    )
    assert answer.json()["value"][0]["NetDueDate"] == "0001-01-01"


@pytest.mark.parametrize(
    ("flaw", "field", "held"),
    [
        ("date", "DocumentDate", None),
        ("amount", "AmountInTransactionCurrency", "1.0e"),
        ("side", "DebitCreditCode", ""),
    ],
)
def test_a_spoilt_line_has_its_flaw_and_no_other(flaw: str, field: str, held: Any, site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        payment = pay(book, invoice, "40.00")
    before = {row["AccountingDocument"]: row for row in site.lines()}
    site.simulator.spoil(invoice.key, flaw)
    site.simulator.spoil_payment(payment.key, flaw)
    after = {row["AccountingDocument"]: row for row in site.lines()}
    for number in (str(invoice.document_no), str(payment.number)):
        changed = {name for name, value in after[number].items() if before[number][name] != value}
        assert after[number][field] == held
        assert field in changed <= {field, "PostingDate", "DueCalculationBaseDate"}
    others = before.keys() - {str(invoice.document_no), str(payment.number)}
    assert {number: after[number] for number in others} == {number: before[number] for number in others}


def test_its_balance_leaves_out_what_cannot_be_read_as_money(site: Site) -> None:
    with site.simulator.act() as book:
        good, bad = issue(book, "100.00"), issue(book, "200.00")
    name = (good.company[-4:], good.customer, "EUR")
    whole = site.simulator.open_balances()[name]
    site.simulator.spoil(bad.key, "date")
    assert site.simulator.open_balances()[name] == whole
    site.simulator.spoil(bad.key, "side")
    assert site.simulator.open_balances()[name] == whole - Decimal(200)


def test_a_reference_is_half_as_it_is_told(site: Site) -> None:
    with site.simulator.act() as book:
        invoice = issue(book, "100.00")
        money = [issue(book, "-1.00", kind="on_account", customer=book.customers[invoice.customer],
                       applies_to=invoice.key) for _ in range(3)]  # fmt: skip
    for item, way in zip(money, ("", "line 000", "no year"), strict=True):
        if way:
            site.simulator.halve(item.key, way)
    number, fields = (
        str(invoice.document_no),
        ("InvoiceReference", "InvoiceReferenceFiscalYear", "InvoiceItemReference"),
    )
    assert [tuple(of(site, item.document_no)[name] for name in fields) for item in money] == [
        (number, "2026", "001"), (number, "2026", "000"), (number, "", "001"),
    ]  # fmt: skip


def test_a_new_partner_has_a_day_of_creation_and_none_of_change_until_it_changes(site: Site) -> None:
    site.simulator.advance_to(START + timedelta(days=1))
    with site.simulator.act() as book:
        made = newcomer(book)

    def partner() -> tuple[Any, Any]:
        (row,) = site.get(PARTNERS, "A_BusinessPartner", filter=f"Customer eq '{made.key}'")
        return row["CreationDate"], row["LastChangeDate"]

    today = at(START + timedelta(days=1))
    assert partner() == (today, None)
    assert [row["CompanyCode"] for row in site.get(PARTNERS, "A_CustomerCompany", filter=f"Customer eq '{made.key}'")]
    with site.simulator.act() as book:
        book.at += timedelta(seconds=1)
        book.set_state(made.key, "legal")
    assert partner() == (today, today)


def test_what_is_posted_back_was_entered_today(site: Site) -> None:
    back, today = START - timedelta(days=30), START + timedelta(days=3)
    site.simulator.advance_to(today)
    with site.simulator.act() as book:
        invoice = issue(book, "100.00", posted_on=back, document_on=back)
        payment = pay(book, invoice, "40.00")
        payment.received_on = back
    for number in (invoice.document_no, payment.number):
        row = of(site, number)
        assert (row["PostingDate"], row["AccountingDocumentCreationDate"]) == (at(back), at(today))
        assert row["FiscalPeriod"] == "001"


def test_a_connection_of_v4_is_one_that_says_so(tmp_path: Path) -> None:
    with served(tmp_path / "new", odata="v4") as new, served(tmp_path / "old") as old:
        assert (new.settings.get("odata"), old.settings.get("odata")) == ("v4", None)
        assert "amount" not in new.simulator.flaws
    with pytest.raises(ValueError, match="odata is v2 or v4, not 'v3'"), served(tmp_path, odata="v3"):
        pass
