"""People at customers, and how to reach them: contacts, addresses, e-mail and phone, as rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from duehook.core.testing.book import Contact, Customer

from .codes import FUNCTIONS, partner_number

Row = dict[str, Any]
SINCE: Final = date(2015, 1, 1)
_FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)
DUNS: Final = "ZDUNS"
REGISTER: Final = "ZHRB"
_ALWAYS: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def address_id(customer: str) -> str:
    """Return the number of a customer's address."""
    return str(20_000 + int(customer))


def relationship(customer: str, line: int) -> str:
    """Return the number of the relationship between a customer and one of its people."""
    return f"{int(customer)}{line:02d}"


def contact(source: tuple[Customer, Contact | None, tuple[Any, ...]]) -> Row:
    """Return a relationship between a customer and one of its people."""
    _, person, key = source
    return _period(key) | {
        "ValidityStartDate": SINCE,
        "IsStandardRelationship": person is not None and person.line == 1,
    }


def function(source: tuple[Customer, Contact | None, tuple[Any, ...]]) -> Row:
    """Return what a person does at a customer; without a contact it is one who has left."""
    customer, contact, key = source
    if contact is None:
        return _period(key) | {"EmailAddress": f"former@c{customer.key}.example", "ContactPersonFunction": "Z001"}
    return _period(key) | {
        "ContactPersonFunction": FUNCTIONS.get(contact.role, ""), "ContactPersonFunctionName": contact.role,
        "EmailAddress": contact.email or "", "PhoneNumber": contact.phone or "",
    }  # fmt: skip


def address(customer: Customer) -> Row:
    """Return a customer's own address."""
    return {
        "BusinessPartner": partner_number(customer.key), "AddressID": address_id(customer.key),
        "ValidityStartDate": _FIRST, "ValidityEndDate": _ALWAYS, "FullName": customer.name,
        "StreetName": customer.street, "PostalCode": customer.postal_code, "CityName": customer.city,
        "Country": customer.country, "Language": customer.language.upper(),
    }  # fmt: skip


def email(source: tuple[str, str, str]) -> Row:
    """Return an e-mail address, by its address, place and text."""
    at, ordinal, text = source
    return {
        "AddressID": at, "Person": "", "OrdinalNumber": ordinal, "IsDefaultEmailAddress": ordinal == "1",
        "EmailAddress": text, "SearchEmailAddress": text[:20].upper(),
    }  # fmt: skip


def phone(source: tuple[str, str]) -> Row:
    """Return a phone number, by its address and text."""
    at, number = source
    return {
        "AddressID": at, "Person": "", "OrdinalNumber": "1", "IsDefaultPhoneNumber": True, "PhoneNumber": number,
        "InternationalPhoneNumber": number.replace(" ", ""), "PhoneNumberType": "1",
    }  # fmt: skip


def bank(customer: Customer) -> Row:
    """Return a customer's bank account; every fifth is none of the countries that have IBANs."""
    foreign, account = not int(customer.key) % 5, f"{int(customer.key):010d}"
    return {
        "BusinessPartner": partner_number(customer.key), "BankIdentification": "0001",
        "BankCountryKey": "US" if foreign else "DE", "BankNumber": "37040044", "BankAccount": account,
        "IBAN": "" if foreign else iban(customer),
    }  # fmt: skip


def iban(customer: Customer) -> str:
    """Return a customer's account as an IBAN, whose check digits are what 97 leaves (ISO 13616)."""
    body = f"37040044{int(customer.key):010d}"
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


def identification(source: tuple[str, Customer]) -> Row:
    """Return a number under which others know a customer, by its type."""
    type, customer = source
    return {
        "BusinessPartner": partner_number(customer.key), "BPIdentificationType": type,
        "BPIdentificationNumber": number_of(type, customer),
    }  # fmt: skip


def number_of(type: str, customer: Customer) -> str:
    """Return a customer's number of a type."""
    return f"{300_000_000 + int(customer.key)}" if type == DUNS else f"HRB {int(customer.key)}"


def _period(key: tuple[Any, ...]) -> Row:
    names = ("RelationshipNumber", "BusinessPartnerCompany", "BusinessPartnerPerson", "ValidityEndDate")
    return dict(zip(names, key, strict=True)) | {"RelationshipCategory": "BUR001"}
