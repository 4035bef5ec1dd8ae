"""What the simulator says that a connector shall read is what its services give, read by the dossier's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from duehook.core.records import RECORDS, Stream
from duehook.core.testing.book import Book
from duehook.core.testing.book.knobs import Knobs
from duehook.core.testing.contract.compare import differences
from duehook.core.testing.contract.under_test import validated
from duehook.plugins.sap.simulator.codes import SITE_SETTINGS

from .simulated import CREDIT, PARTNERS, START, Site, served

Row = dict[str, Any]
PAYMENTS = SITE_SETTINGS["codes.payment_document_types"]
NETTING = "AB"
REASONS = {"W01": "write_off", "D01": "deduction", "C01": "chargeback"}
STEPS = {"JPY": 0, "KWD": 3}


WAYS: dict[str, dict[str, Any]] = {
    "referring": {},
    "residual": {"partial": "residual"},
    "every invoice named": {"naming": "all"},
}


@pytest.fixture(scope="module", params=list(WAYS.values()), ids=list(WAYS))
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a book of two weeks in which payments bounced, and in which the clearing of one was reset."""
    folder = tmp_path_factory.mktemp("given")
    with served(folder, customers=60, items=400, knobs=Knobs(reversal_share=0.2), **request.param) as made:
        made.simulator.advance_to(START + timedelta(days=14))
        assert any(each.reversal_of for each in made.simulator.book.payments.values())
        made.simulator.user_resets(_whole(made.simulator.book))
        made.simulator.own_dunning_run()
        yield made


def _whole(book: Book) -> str:
    """Return a payment that settled two invoices, and that nobody took back."""
    return next(
        each.key for each in book.payments.values()
        if len(each.allocations) > 1 and not each.reversed_on and each.method == "transfer"
        and all(key in book.allocations and not book.items[book.allocations[key].item].open_minor
                for key in each.allocations)
    )  # fmt: skip


@pytest.fixture(scope="module")
def lines(site: Site) -> list[Row]:
    return site.lines()


NEVER = "/Date(-62135596800000)/"


def day(text: str | None) -> date | None:
    if text in (None, NEVER):
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text[6:-2]))).date()


def signed(row: Row, name: str = "AmountInTransactionCurrency", currency: str = "TransactionCurrency") -> Decimal:
    side = 1 if row["DebitCreditCode"] == "S" else -1
    return (abs(Decimal(row[name])) * side).quantize(Decimal(1).scaleb(-STEPS.get(row[currency], 2)))


def own(row: Row, name: str = "AmountInCompanyCodeCurrency") -> Decimal:
    return signed(row, name, "CompanyCodeCurrency")


def key(row: Row) -> str:
    return f"{document(row)}|{row['AccountingDocumentItem']}"


def document(row: Row) -> str:
    return "|".join((row["CompanyCode"], row["FiscalYear"], row["AccountingDocument"]))


def refers_to(row: Row) -> str | None:
    if not row["InvoiceReference"]:
        return None
    names = ("CompanyCode", "InvoiceReferenceFiscalYear", "InvoiceReference", "InvoiceItemReference")
    return "|".join(row[name] for name in names)


def is_payment(row: Row) -> bool:
    return row["AccountingDocumentType"] in PAYMENTS


def cleared_by(row: Row) -> str | None:
    names = ("CompanyCode", "ClearingDocFiscalYear", "ClearingAccountingDocument")
    return "|".join(row[name] for name in names) if row["IsCleared"] else None


def is_item(row: Row) -> bool:
    return not is_payment(row) or (not refers_to(row) and cleared_by(row) != document(row))


def families(lines: list[Row]) -> dict[str, list[Row]]:
    """Return the lines by the item that they are or refer to."""
    groups: dict[str, list[Row]] = {}
    for row in lines:
        of = refers_to(row) if is_payment(row) else None
        groups.setdefault(of or key(row), []).append(row)
    return groups


def items(site: Site, lines: list[Row]) -> Iterator[Row]:
    groups = families(lines)
    for row in filter(is_item, lines):
        group = groups[key(row)]
        left = [each for each in group if not each["IsCleared"]]
        cleared = [on for each in group if (on := day(each["ClearingDate"]))]
        kinds, special = SITE_SETTINGS["codes.kind_by_document_type"], SITE_SETTINGS["codes.class_by_special_gl"]
        by_type = SITE_SETTINGS["codes.class_by_document_type"].get(row["AccountingDocumentType"])
        by_method = "direct_debit" if row["PaymentMethod"] == "D" else None
        yield {
            "company": row["CompanyCode"], "key": key(row), "customer": row["Customer"],
            "kind": kinds.get(row["AccountingDocumentType"], "on_account"),
            "item_class": special.get(row["SpecialGLCode"]) or by_type or by_method or "normal",
            "currency": row["TransactionCurrency"], "amount": signed(row),
            "open_amount": sum((signed(each) for each in left), Decimal(0)),
            "company_currency": row["CompanyCodeCurrency"], "company_amount": own(row),
            "company_open_amount": sum((own(each) for each in left), Decimal(0)),
            "discount_amount": abs(signed(row, "CashDiscountAmount")) or None, "document_no": row["AccountingDocument"],
            "document_type": row["AccountingDocumentType"], "fiscal_year": int(row["FiscalYear"]),
            "document_on": day(row["DocumentDate"]), "due_on": day(row["NetDueDate"]),
            "posted_on": day(row["PostingDate"]), "discount_on": day(row["CashDiscount1DueDate"]),
            "cleared_on": None if left else max(cleared), "payment_method": row["PaymentMethod"],
            "terms": row["PaymentTerms"], "sales_order": row["SalesDocument"], "reference": row["DocumentReferenceID"],
            "text": row["DocumentItemText"], "applies_to": refers_to(row),
            "dunning_block": row["DunningBlockingReason"], "dunning_level": int(row["DunningLevel"]) or None,
            "last_dunned_on": day(row["LastDunningDate"]),
        }  # fmt: skip


def payments(site: Site, lines: list[Row]) -> Iterator[Row]:
    documents: dict[str, list[Row]] = {}
    for row in lines:
        if is_payment(row):
            documents.setdefault(document(row), []).append(row)
    for name, rows in documents.items():
        first = min(rows, key=key)
        money = [row for row in rows if not row["PaymentDifferenceReason"]]
        reversal = f"{first['CompanyCode']}|{first['ReverseDocumentFiscalYear']}|{first['ReverseDocument']}"
        yield {
            "company": first["CompanyCode"], "key": name, "customer": first["Customer"],
            "currency": first["TransactionCurrency"], "company_currency": first["CompanyCodeCurrency"],
            "amount": sum((signed(row, "CashDiscountAmount") - signed(row) for row in money), Decimal(0)),
            "company_amount": sum((own(row, "CashDiscountAmtInCoCodeCrcy") - own(row) for row in money), Decimal(0)),
            "received_on": day(first["PostingDate"]), "posted_on": day(first["PostingDate"]),
            "reference": first["DocumentReferenceID"], "reversal_of": reversal if first["IsReversal"] else None,
        }  # fmt: skip


def allocations(site: Site, lines: list[Row]) -> Iterator[Row]:
    groups = families(lines)
    documents: dict[str, list[Row]] = {}
    for row in filter(is_payment, lines):
        documents.setdefault(document(row), []).append(row)
    for row in lines:
        if is_payment(row) and refers_to(row):
            yield from taken(row)
        elif is_item(row):
            yield from cleared(row, groups[key(row)], documents)


def taken(row: Row) -> Iterator[Row]:
    """Yield what a payment's line takes off the item that it refers to."""
    usual = "credit" if row["AccountingDocumentType"] == NETTING else "cash"
    made = {
        "company": row["CompanyCode"], "key": key(row), "item": refers_to(row), "payment": document(row),
        "kind": REASONS.get(row["PaymentDifferenceReason"], usual), "currency": row["TransactionCurrency"],
        "amount": signed(row, "CashDiscountAmount") - signed(row),
        "company_amount": own(row, "CashDiscountAmtInCoCodeCrcy") - own(row),
        "allocated_on": day(row["PostingDate"]),
    }  # fmt: skip
    yield made
    if signed(row, "CashDiscountAmount"):
        off = -signed(row, "CashDiscountAmount"), -own(row, "CashDiscountAmtInCoCodeCrcy")
        yield made | {"key": f"{key(row)}|discount", "kind": "discount", "amount": off[0], "company_amount": off[1]}


def cleared(item: Row, group: list[Row], documents: dict[str, list[Row]]) -> Iterator[Row]:
    """Yield what each clearing took off an item and off what refers to it."""
    for by in sorted({by for row in group if (by := cleared_by(row))}):
        gone = [row for row in group if cleared_by(row) == by]
        amount, company = sum(map(signed, gone), Decimal(0)), sum(map(own, gone), Decimal(0))
        paid = documents.get(by, [])
        is_cash = bool(paid) and paid[0]["AccountingDocumentType"] != NETTING
        granted = item in gone and any(Decimal(row["CashDiscountAmount"]) for row in paid)
        off = signed(item, "CashDiscountAmount") if granted else Decimal(0)
        company_off = own(item, "CashDiscountAmtInCoCodeCrcy") if granted else Decimal(0)
        made = {
            "company": item["CompanyCode"], "key": f"{key(item)}|{by}", "item": key(item),
            "payment": by if paid else None, "kind": "cash" if is_cash else "credit",
            "currency": item["TransactionCurrency"], "amount": amount - off, "company_amount": company - company_off,
        }  # fmt: skip
        if amount:
            yield made
        if amount and off:
            yield made | {"kind": "discount", "amount": off, "company_amount": company_off}


def customers(site: Site, lines: list[Row]) -> Iterator[Row]:
    partners = {row["Customer"]: row for row in site.get(PARTNERS, "A_BusinessPartner", filter="Customer ne ''")}
    central = {row["Customer"]: row for row in site.get(PARTNERS, "A_Customer")}
    addresses = {row["BusinessPartner"]: row for row in site.get(PARTNERS, "A_BusinessPartnerAddress")}
    accounts = {
        row["BusinessPartner"]: row
        for row in site.get(CREDIT, "CreditManagementAccount", filter="CreditSegment eq '1000'")
    }
    dunned = {
        (row["Customer"], row["CompanyCode"]): row
        for row in site.get(PARTNERS, "A_CustomerDunning", filter="DunningArea eq ''")
    }
    states = SITE_SETTINGS["codes.state_by_order_block"] | SITE_SETTINGS["codes.state_by_account_group"]
    for row in site.get(PARTNERS, "A_CustomerCompany"):
        customer = row["Customer"]
        partner, account = partners[customer], accounts[partners[customer]["BusinessPartner"]]
        address, held = addresses[partner["BusinessPartner"]], central[customer]
        dunning = dunned.get((customer, row["CompanyCode"]), {"DunningBlock": "", "DunningLevel": "0"})
        limited = Decimal(account["CreditLimitAmount"]) != 0 or account["CreditLimitIsZero"]
        level = int(dunning["DunningLevel"])
        yield {
            "company": row["CompanyCode"], "key": customer, "name": held["CustomerName"],
            "state": states.get(held["OrderIsBlockedForCustomer"] or held["CustomerAccountGroup"], "active"),
            "payer": row["AlternativePayerAccount"], "parent": row["CustomerHeadOffice"],
            "group": held["CustomerCorporateGroup"], "collector": row["AccountingClerk"], "terms": row["PaymentTerms"],
            "credit_limit": Decimal(account["CreditLimitAmount"]) if limited else None,
            "limit_currency": account["CreditSegmentCurrency"] if limited else None,
            "hold": account["CreditAccountBlockReason"] if account["CreditAccountIsBlocked"] else None,
            "dunning_block": dunning["DunningBlock"], "dunning_level": level or None,
            "last_dunned_on": day(dunning["LastDunnedOn"]) if level else None,
            "language": partner["CorrespondenceLanguage"].lower(), "country": address["Country"],
            "address": {
                "lines": (address["StreetName"],), "postal_code": address["PostalCode"], "city": address["CityName"],
                "country": address["Country"],
            },
        }  # fmt: skip


def contacts(site: Site, lines: list[Row]) -> Iterator[Row]:
    partners = {row["BusinessPartner"]: row for row in site.get(PARTNERS, "A_BusinessPartner")}
    purposes = SITE_SETTINGS["codes.purpose_by_function"]
    expanded = site.get(
        PARTNERS, "A_BusinessPartnerContact", expand="to_ContactRelationship",
        filter="ValidityEndDate eq datetime'9999-12-31T00:00:00'",
    )  # fmt: skip
    for row in expanded:
        held, person = row["to_ContactRelationship"], partners[row["BusinessPartnerPerson"]]
        yield {
            "key": row["RelationshipNumber"], "customer": partners[row["BusinessPartnerCompany"]]["Customer"],
            "name": person["BusinessPartnerFullName"], "purposes": (purposes[held["ContactPersonFunction"]],),
            "email": held["EmailAddress"], "phone": held["PhoneNumber"],
            "language": person["CorrespondenceLanguage"].lower(), "role": held["ContactPersonFunctionName"],
        }  # fmt: skip
    for row in site.get(PARTNERS, "A_BusinessPartnerAddress", expand="to_EmailAddress,to_PhoneNumber"):
        email = [each["EmailAddress"] for each in row["to_EmailAddress"]["results"] if each["IsDefaultEmailAddress"]]
        phones = [each for each in row["to_PhoneNumber"]["results"] if each["IsDefaultPhoneNumber"]]
        phone = [each["InternationalPhoneNumber"] for each in phones]
        partner = partners[row["BusinessPartner"]]
        yield {
            "key": f"{row['BusinessPartner']}|{row['AddressID']}", "customer": partner["Customer"],
            "name": partner["BusinessPartnerFullName"], "purposes": ("main",), "email": next(iter(email), None),
            "phone": next(iter(phone), None), "language": partner["CorrespondenceLanguage"].lower(),
        }  # fmt: skip


READERS: dict[Stream, Callable[[Site, list[Row]], Iterator[Row]]] = {
    "item": items,
    "payment": payments,
    "allocation": allocations,
    "customer": customers,
    "contact": contacts,
}


def filled(row: Row) -> Row:
    return {name: held for name, held in row.items() if held is not None and held != ""}


@pytest.mark.parametrize("stream", READERS)
def test_what_is_given_is_what_a_plain_reading_finds(stream: Stream, site: Site, lines: list[Row]) -> None:
    read = [filled(row) for row in READERS[stream](site, lines)]
    given = [
        {name: held for name, held in row.items() if name != "unapplied_amount"} for row in site.simulator.given(stream)
    ]
    assert len(given) > 20
    assert differences(stream, given, read) == []
    assert len(read) >= len(given)


@pytest.mark.parametrize("stream", RECORDS)
def test_every_row_that_is_given_is_a_record(stream: Stream, site: Site) -> None:
    rows = list(site.simulator.given(stream))
    assert (len(validated(stream, rows)) > 0) == (stream != "exchange_rate")
    assert stream not in ("exchange_rate",) or "exchange_rate" in site.simulator.lacks


def test_all_ways_give_the_same_items(tmp_path: Path) -> None:
    found = []
    for name, way in WAYS.items():
        with served(tmp_path / name, customers=40, items=200, **way) as made:
            made.simulator.advance_to(START + timedelta(days=14))
            rows = [row for row in made.simulator.given("item") if row["document_no"] < "700000"]
            found.append(
                [{each: row.get(each) for each in ("key", "open_amount", "company_open_amount")} for row in rows]
            )
    assert found[0] == found[1] == found[2]
