"""Tie-out: what the ERP says is open, document by document, is what was read."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from duehook.core.hookspecs import Total
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.following import is_open
from duehook.core.testing.contract.marks import gold
from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.core.testing.contract.under_test import Connector

pytestmark = gold
Sums = dict[tuple[str, str, str], Decimal]


def totals(connector: Connector) -> list[Total]:
    """Return what the source says is open."""
    source = connector.source("item")
    return [total for page in source.totals(source.upper_bound()) for total in page]


def test_the_open_total_of_each_document_is_that_of_its_item(played: WrittenErp, reader: Connector) -> None:
    told: Sums = {}
    for total in totals(reader):
        key = (total.company, total.document, total.currency)
        told[key] = told.get(key, Decimal(0)) + total.open_amount
    given = {
        (row["company"], row["key"], row["currency"]): row["open_amount"]
        for row in played.given("item")
        if row["open_amount"]
    }
    assert {key: amount for key, amount in told.items() if amount} == given


def test_the_totals_stand_under_the_class_of_the_item(played: WrittenErp, reader: Connector) -> None:
    classes = {(row["company"], row["key"]): row.get("item_class", "normal") for row in reader.rows("item")}
    wrong = [total for total in totals(reader) if classes[total.company, total.document] != total.item_class]
    assert wrong == []


def test_what_is_open_in_the_companys_currency_ties_out_beside(played: WrittenErp, reader: Connector) -> None:
    told: dict[str, Decimal] = {}
    for total in totals(reader):
        if total.company_open_amount is not None:
            told[total.company] = told.get(total.company, Decimal(0)) + total.company_open_amount
    given: dict[str, Decimal] = {}
    for row in played.given("item"):
        if is_open(row):
            given[row["company"]] = given.get(row["company"], Decimal(0)) + row["company_open_amount"]
    assert told == given


def test_a_document_that_changed_since_the_run_began_ties_out_or_says_that_it_changed(
    erp: WrittenErp, connect: Callable[..., Connector]
) -> None:
    with erp.act() as book:
        invoice = issue(book, "100.00")
    connector = connect(erp)
    source = connector.source("item")
    bound = source.upper_bound()
    number = str(invoice.document_no)
    name = next((row["company"], row["key"]) for row in connector.rows("item") if row["document_no"].endswith(number))
    with erp.act() as book:
        pay(book, invoice, "40.00")
        invoice.changed_at = book.at.replace(hour=23, minute=50)
    found = [total for page in source.totals(bound) for total in page if (total.company, total.document) == name]
    assert len(found) == 1
    assert found[0].changed_past_bound or found[0].open_amount in {Decimal(60), Decimal(100)}
