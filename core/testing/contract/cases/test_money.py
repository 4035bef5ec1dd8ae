"""Money: amounts, signs and documents of every kind come over to the last digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.testing.book import Item
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.erp import SimulatedErp
from duehook.core.testing.contract.marks import bronze, feature, needs
from duehook.core.testing.contract.scenes.acts import customer_of, issue, later, pay, renumber
from duehook.core.testing.contract.under_test import Connector

pytestmark = bronze


def read(connector: Connector, item: Item) -> Any:
    """Return what the connector reads of one of the book's items."""
    found = [each for each in connector.records("item") if _is(each, item)]
    assert len(found) == 1, f"{len(found)} items {item.document_no}/{item.instalment} were read"
    return found[0]


def _is(record: Any, item: Item) -> bool:
    """Say whether this is the item: by customer, number and amount, for types and keys are the ERP's own."""
    same = (record.customer, _number(record)) == (item.customer, str(item.document_no))
    return same and record.document_on == item.document_on and record.due_on == item.due_on


def _number(record: Any) -> str:
    return str(record.document_no).lstrip("0")


@pytest.mark.parametrize(
    ("amount", "currency"), [("1000", "JPY"), ("10.01", "EUR"), ("1.234", "KWD"), ("99999999.99", "USD")]
)
def test_an_amount_comes_over_with_the_decimals_of_its_currency(
    amount: str, currency: str, erp: SimulatedErp, connector: Connector
) -> None:
    with erp.act() as book:
        company = next(each.code for each in book.companies.values() if each.currency == currency)
        invoice = issue(book, amount, currency, company=company)
    found = read(connector, invoice)
    assert (found.amount, found.open_amount, found.currency) == (Decimal(amount), Decimal(amount), currency)


def test_a_credit_note_is_negative(erp: SimulatedErp, connector: Connector) -> None:
    with erp.act() as book:
        credit = issue(book, "-75.50", kind="credit_note")
    found = read(connector, credit)
    assert (found.kind, found.amount, found.open_amount) == ("credit_note", Decimal("-75.50"), Decimal("-75.50"))


def test_a_part_payment_lowers_what_is_open_and_not_the_amount(erp: SimulatedErp, connector: Connector) -> None:
    with erp.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "40.25")
    found = read(connector, invoice)
    assert (found.amount, found.open_amount) == (Decimal("100.00"), Decimal("59.75"))


def test_a_payment_that_only_refers_to_its_invoice_is_counted_once(erp: SimulatedErp, connector: Connector) -> None:
    with erp.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "30.00")
        pay(book, invoice, "25.00")
    mine = [each for each in connector.records("item") if each.customer == invoice.customer]
    theirs = [each for each in erp.given("item") if each["customer"] == invoice.customer]
    assert sum(each.open_amount for each in mine) == sum(each["open_amount"] for each in theirs)
    assert read(connector, invoice).open_amount == Decimal("45.00")


@feature
def test_a_payment_that_bounces_is_taken_back_by_a_negative_one(erp: SimulatedErp, connector: Connector) -> None:
    for each in ("payment", "reversals"):
        needs(erp.lacks, each)
    with erp.act() as book:
        payment = pay(book, issue(book, "100.00"), "100.00")
        later(book)
        book.reverse(payment.key)
    mine = [each for each in connector.records("payment") if each.customer == payment.customer]
    taken_back = [each for each in mine if each.reversal_of]
    assert [each.amount for each in taken_back] == [Decimal(-100)]
    assert [each.amount for each in mine if each.key == taken_back[0].reversal_of] == [Decimal(100)]


@feature
def test_instalments_are_items_with_due_dates_of_their_own(erp: SimulatedErp, connector: Connector) -> None:
    needs(erp.lacks, "instalments")
    with erp.act() as book:
        customer = customer_of(book)
        first = issue(book, "40.00", customer=customer)
        second = issue(
            book, "60.00", customer=customer, number=first.document_no, instalment="002",
            due_on=first.due_on and first.due_on + timedelta(days=30),
        )  # fmt: skip
    found = [read(connector, first), read(connector, second)]
    assert [each.amount for each in found] == [Decimal("40.00"), Decimal("60.00")]
    assert len({each.key for each in found}) == 2


def test_a_foreign_invoice_has_its_own_currency_and_the_companys_beside(
    erp: SimulatedErp, connector: Connector
) -> None:
    with erp.act() as book:
        invoice = issue(book, "500.00", "USD", company="00010")
    found = read(connector, invoice)
    assert (found.currency, found.amount, found.company_currency) == ("USD", Decimal("500.00"), "EUR")
    assert found.company_amount == Decimal(invoice.company_amount_minor) / 100


def test_the_same_number_in_the_next_fiscal_year_is_another_item(erp: SimulatedErp, connector: Connector) -> None:
    with erp.act() as book:
        first = issue(book, "20.00")
        renumber(book, first)
    assert differences("item", erp.given("item"), connector.rows("item")) == []
    assert len([each for each in connector.records("item") if _number(each) == str(first.document_no)]) == 2


@feature
@pytest.mark.parametrize("item_class", ["unposted", "draft", "down_payment", "direct_debit"])
def test_what_is_no_plain_invoice_is_read_in_its_class(
    item_class: Any, erp: SimulatedErp, connector: Connector
) -> None:
    needs(erp.lacks, item_class)
    with erp.act() as book:
        odd = issue(book, "80.00", item_class=item_class)
        if item_class == "unposted":
            odd.posted, odd.posted_on = False, None
    assert read(connector, odd).item_class == item_class


@feature
def test_what_has_no_due_date_is_read_without_one(erp: SimulatedErp, connector: Connector) -> None:
    needs(erp.lacks, "items without a due date")
    with erp.act() as book:
        without = [issue(book, f"{number}0.00", due_on=None) for number in (1, 2)]  # one ERP may write none in two ways
    assert [read(connector, item).due_on for item in without] == [None, None]


def test_money_without_an_invoice_is_open_on_account(erp: SimulatedErp, connector: Connector) -> None:
    with erp.act() as book:
        customer = customer_of(book)
        later(book)
        item = issue(book, "-50.00", kind="on_account", customer=customer)
    found = read(connector, item)
    assert (found.kind, found.open_amount) == ("on_account", Decimal("-50.00"))
