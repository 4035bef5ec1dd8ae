"""The master data of the book as F&O's entities give it: companies, customers, people, terms and rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Account, Book, Company, Contact, Customer

from .codes import (
    COUNTRIES,
    LANGUAGES,
    PURPOSES,
    STANDARD_GROUP,
    STATES,
    TIME_ZONES,
    book_company,
    data_area,
    hold_value,
)
from .values import NONE_AT, midday, record_id, yes

Row = dict[str, Any]
NO_LETTERS: Final = "None"
_ENDLESS: Final = date(2154, 12, 31)  # F&O's last day
_PERSON: Final = 4  # each 25th customer is a person


def legal_entities(book: Book) -> Iterator[Row]:
    """Yield LegalEntities."""
    for code, company in sorted(book.companies.items()):
        yield {
            "LegalEntityId": data_area(code),
            "Name": company.name,
            "CompanyName": company.name,
            "NameAlias": company.name.partition(" ")[0],
            "PartyNumber": f"LE{code}",
            "LanguageId": "en-us",
            "VATNum": company.vat_id,
            "RegistrationNumber": company.register_number,
            "AddressStreet": company.street,
            "AddressZipCode": company.postal_code,
            "AddressCity": company.city,
            "AddressCountryRegionId": COUNTRIES[company.country],
            "AddressCountryRegionISOCode": company.country,
            "TimeZone": TIME_ZONES[company.timezone],
        }


def ledgers(companies: Iterable[Company]) -> Iterator[Row]:
    """Yield Ledgers, where the site publishes them: the accounting currency of each company."""
    for company in companies:
        yield {
            "LegalEntityId": data_area(company.code),
            "Name": data_area(company.code),
            "AccountingCurrency": company.currency,
            "ReportingCurrency": "USD",
            "ExchangeRateType": "Default",
        }


def payment_terms(book: Book) -> Iterator[Row]:
    """Yield PaymentTerms: each company has its own, and they are the same ones."""
    for company in book.companies:
        for key, term in book.terms.items():
            yield {
                "dataAreaId": data_area(company),
                "Name": key,
                "Description": term.text,
                "NumberOfDays": term.net_days,
                "NumberOfMonths": 0,
                "CutoffDayOfMonth": 0,
                "AdditionalMonthsForCutoffDate": 0,
                "PaymentMethodType": "Net",
                "PaymentScheduleName": key if term.instalments else "",
                "IsCashPayment": "No",
                "IsDefaultPaymentTerm": yes(key == "N30"),
            }


def exchange_rates(book: Book) -> Iterator[Row]:
    """Yield ExchangeRates: quoted for a hundred units, as F&O does unless told otherwise."""
    for rate in book.exchange_rates:
        yield {
            "RateTypeName": "Default",
            "RateTypeDescription": "Default exchange rates",
            "FromCurrency": rate.from_currency,
            "ToCurrency": rate.to_currency,
            "StartDate": midday(rate.valid_on),
            "EndDate": midday(_ENDLESS),
            "Rate": Decimal(rate.scaled).scaleb(-5),
            "ConversionFactor": "Hundred",
        }


def party_of(customer: str) -> str:
    """Return the number under which the global address book knows a customer, in every company."""
    return f"P{customer:0>9}"


def customer_row(customer: Customer, area: str, contacts: Iterable[Contact]) -> Row:
    """Return a row of CustomersV3: a customer in one company, as the book knows it."""
    account = customer.account(book_company(area))
    people = list(contacts)
    own = next((contact for contact in people if contact.line == 0), None)
    desk = next((contact for contact in people if "dunning" in contact.purposes), None)
    return {
        "dataAreaId": area,
        "CustomerAccount": customer.key,
        "PartyNumber": party_of(customer.key),
        **_named(customer),
        "CustomerGroupId": customer.group or STANDARD_GROUP,
        "SalesCurrencyCode": customer.currency,
        "PaymentTerms": account.terms,
        "LanguageId": LANGUAGES[customer.language],
        "TaxExemptNumber": customer.tax_id,
        "InvoiceAccount": customer.payer or "",
        "PrimaryContactEmail": (own and own.email) or "",
        "PrimaryContactPhone": (own and own.phone) or "",
        "AddressStreet": customer.street,
        "AddressZipCode": customer.postal_code,
        "AddressCity": customer.city,
        "AddressCountryRegionId": COUNTRIES[customer.country],
        "AddressCountryRegionISOCode": customer.country,
        "FullPrimaryAddress": f"{customer.street}\n{customer.postal_code} {customer.city}\n{customer.country}",
        "OnHoldStatus": hold_value(account.hold),
        **_limit(customer, account),
        "CredManAccountStatusId": STATES.get(customer.state, ""),
        "CredManStatusReasonId": "",
        "CredManGroupId": "",
        "CredManCollectionGroupId": account.collector,
        "CredManNotes": "",
        "CredManExclude": "No",
        "CredManCreditLimitExpiryDate": NONE_AT,
        "IsExcludedFromCollectionFeeCalculation": "No",
        "IsExcludedFromInterestChargeCalculation": "No",
        "EmployeeResponsibleNumber": account.credit_manager,
        "CollectionLetterCode": NO_LETTERS if account.dunning_block else "All",
        "CollectionsContactPersonId": person_id(desk) if desk else "",
        "IsOneTimeCustomer": yes(customer.state == "one_time"),
        "PaymentMethod": "DIRDEB" if customer.direct_debit else "",
    }


def is_person(customer: Customer) -> bool:
    """Say whether a customer is a person to F&O, with a first and a last name."""
    return int(customer.key) % 25 == _PERSON


def _named(customer: Customer) -> Row:
    first, _, last = customer.name.partition(" ")
    person = is_person(customer)
    return {
        "PartyType": "Person" if person else "Organization",
        "OrganizationName": "" if person else customer.name,
        "PersonFirstName": first if person else "",
        "PersonLastName": last if person else "",
        "NameAlias": first,
        "KnownAs": first,
    }


def _limit(customer: Customer, account: Account) -> Row:
    """Return the limit: 0 says that none is set, unless it is mandatory; some are unlimited by a flag."""
    limit = account.credit_limit
    endless = limit is None and int(customer.key) % 2 == 1
    return {
        "CreditLimit": Decimal(limit or 0).quantize(Decimal("0.01")),
        "CreditLimitIsMandatory": yes(limit is not None and (limit == 0 or int(customer.key) % 3 == 0)),
        "CredManCustUnlimitedCredit": yes(endless),
    }


def person_id(contact: Contact) -> str:
    """Return ContactPersonId."""
    return f"CP{contact.customer}-{contact.line}"


def is_address_only(contact: Contact) -> bool:
    """Say whether this is no person, but one more electronic address of the customer's."""
    return "statement" in contact.purposes


def contact_person(contact: Contact, company: str) -> Row:
    """Return a row of ContactPersons."""
    first, _, last = contact.name.partition(" ")
    return {
        "dataAreaId": data_area(company),
        "ContactPersonId": person_id(contact),
        "AssociatedPartyNumber": party_of(contact.customer),
        "ContactPersonName": contact.name,
        "FirstName": first,
        "LastName": last,
        "PrimaryEmailAddress": contact.email or "",
        "PrimaryPhoneNumber": contact.phone or "",
        "EmploymentJobTitle": contact.role,
        "IsInactive": "No",
        "IsDefaultContactPerson": yes("accounts_payable" in contact.purposes),
        "LastEditDateTime": contact.changed_at,
    }


def electronic_address(contact: Contact, company: str) -> Row:
    """Return a row of CustomerElectronicAddresses: an address with a purpose and no person behind it."""
    return {
        "dataAreaId": data_area(company),
        "ElectronicAddressId": str(record_id("LogisticsElectronicAddress", contact.key)),
        "CustomerAccount": contact.customer,
        "Type": "Email",
        "Locator": contact.email,
        "Purpose": next(code for code, purpose in PURPOSES.items() if purpose in contact.purposes),
        "Description": contact.name,
        "IsPrimary": "No",
        "IsMobilePhone": "No",
        "IsInstantMessage": "No",
        "IsPrivate": "No",
        "LocationId": f"L{contact.key}",
        "CountryRegionCode": "",
        "LocatorExtension": "",
    }
