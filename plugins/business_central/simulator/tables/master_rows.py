"""The master data of the book as API v2.0 gives it: companies, terms, customers and their people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Book, Company, Contact, Customer

from .codes import BLANK, DISPUTE_CODES, NO_ID, STATES, blocked, book_company, company_id, identity

Row = dict[str, Any]
_SET_UP: Final = datetime(2020, 1, 1, 8, tzinfo=UTC)


def companies(book: Book) -> Iterator[Row]:
    """Yield companies."""
    for code, company in sorted(book.companies.items()):
        yield {
            "id": company_id(code), "systemVersion": "26.0.1.1", "timestamp": 1, "name": company.name,
            "displayName": company.name, "businessProfileId": "", "systemCreatedAt": _SET_UP,
            "systemModifiedAt": _SET_UP,
        }  # fmt: skip


def company_information(company: Company) -> Row:
    """Return the only row of companyInformation."""
    return {
        "id": identity("Company Information", company.code),
        "displayName": company.name,
        "addressLine1": company.street,
        "city": company.city,
        "country": company.country,
        "postalCode": company.postal_code,
        "taxRegistrationNumber": company.vat_id,
        "currencyCode": company.currency,
        "currentFiscalYearStartDate": date(2026, 1, 1),
        "lastModifiedDateTime": _SET_UP,
    }


def payment_terms(book: Book, company: str) -> Iterator[Row]:
    """Yield a company's paymentTerms; days are written as date formulas."""
    for key, term in sorted(book.terms.items()):
        yield {
            "id": identity("Payment Terms", f"{company} {key}"),
            "code": key,
            "displayName": term.text,
            "dueDateCalculation": f"{term.net_days}D",
            "discountDateCalculation": f"{term.discount_days}D" if term.discount_days else "",
            "discountPercent": term.discount_percent or Decimal(0),
            "calculateDiscountOnCreditMemos": False,
            "lastModifiedDateTime": _SET_UP,
        }


def dispute_statuses(company: str) -> Iterator[Row]:
    """Yield a company's disputeStatus."""
    for code in DISPUTE_CODES:
        yield {"id": identity("Dispute Status", f"{company} {code}"), "code": code, "displayName": code.capitalize()}


def customer_row(customer: Customer, company: str, own: Contact | None, *, local: str, met_at: datetime) -> Row:
    """Return a row of customers, without its balance; `local` is the company's currency."""
    account = customer.account(book_company(company))
    stamps = [customer.changed_at, account.changed_at, met_at, *([own.changed_at] if own else [])]
    foreign = customer.currency != local
    return {
        "id": customer_id(company, customer.key),
        "number": customer.key,
        "displayName": customer.name,
        "type": "Company",
        "addressLine1": customer.street,
        "city": customer.city,
        "country": customer.country,
        "postalCode": customer.postal_code,
        "phoneNumber": (own and own.phone) or "",
        "email": (own and own.email) or "",
        "salespersonCode": STATES.get(customer.state, account.collector),
        "creditLimit": Decimal(account.credit_limit or 0),
        "taxLiable": False,
        "taxAreaId": NO_ID,
        "taxRegistrationNumber": customer.tax_id,
        "currencyId": identity("Currency", f"{company} {customer.currency}") if foreign else NO_ID,
        "currencyCode": customer.currency,
        "paymentTermsId": identity("Payment Terms", f"{company} {account.terms}"),
        "shipmentMethodId": NO_ID,
        "paymentMethodId": NO_ID,
        "blocked": blocked(account.hold),
        "lastModifiedDateTime": max(stamps),
    }


def contact_row(contact: Contact, customer: Customer, company: str, *, met_at: datetime) -> Row:
    """Return a row of contacts: the customer's own card, or a person there."""
    card = contact.line == 0
    return {
        "id": contact_id(company, contact),
        "number": contact_number(contact),
        "type": "Company" if card else "Person",
        "displayName": contact.name,
        "companyNumber": f"CT{customer.key}00",
        "companyName": customer.name,
        "contactBusinessRelation": "Customer" if card else BLANK,
        "addressLine1": customer.street,
        "city": customer.city,
        "country": customer.country,
        "postalCode": customer.postal_code,
        "phoneNumber": contact.phone or "",
        "mobilePhoneNumber": "",
        "email": contact.email or "",
        "searchName": contact.name.upper(),
        "privacyBlocked": False,
        "taxRegistrationNumber": customer.tax_id if card else "",
        "lastInteractionDate": date(1, 1, 1),
        "lastModifiedDateTime": max(contact.changed_at, met_at),
    }


def link_row(contact: Contact, company: str) -> Row:
    """Return a row of contactsInformation: whose contact one is."""
    return {
        "contactId": contact_id(company, contact),
        "contactNumber": contact_number(contact),
        "contactName": contact.name,
        "contactType": "Company" if contact.line == 0 else "Person",
        "relatedId": customer_id(company, contact.customer),
        "relatedType": "Customer",
    }


def customer_id(company: str, customer: str) -> str:
    """Return the id of a customer in a company."""
    return identity("Customer", f"{company} {customer}")


def contact_id(company: str, contact: Contact) -> str:
    """Return the id of a contact in a company."""
    return identity("Contact", f"{company} {contact.key}")


def contact_number(contact: Contact) -> str:
    """Return a contact's number, which is the same in every company."""
    return f"CT{contact.customer}{contact.line:02d}"
