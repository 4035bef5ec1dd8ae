"""Legal entities, terms, rates, customers and people as canonical rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.connecting.odata_rows import required
from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.records import EARLIEST, CustomerState
from duehook.core.wire.odata.readable import expect_readable
from duehook.plugins.d365.settings import CodeLists

from .items import NO_LETTERS

Row = dict[str, Any]
Source = Mapping[str, Any]
NO_HOLD: Final = "No"
_FACTORS: Final = {"One": 1, "Ten": 10, "Hundred": 100, "Thousand": 1_000, "TenThousand": 10_000}


def company(row: Source, currency: str) -> Row:
    """Return a legal entity as a company."""
    return {
        "company": row["LegalEntityId"].lower(),
        "name": row.get("Name") or row["LegalEntityId"],
        "legal_name": row.get("Name"),
        "currency": currency,
        "vat_id": row.get("VATNum"),
        "register_number": row.get("RegistrationNumber"),
        "country": row.get("AddressCountryRegionISOCode"),
        "address": _address(row),
    }


def term(row: Source, patch: Patch | None) -> Row:
    """Return a payment term; a month counts thirty days."""
    expect_readable(row)
    made = {
        "key": row["Name"],
        "text": row.get("Description") or "",
        "net_days": (row.get("NumberOfDays") or 0) + 30 * (row.get("NumberOfMonths") or 0),
    }
    if patch is not None:
        patch({}, made)
    return made


def rate(row: Source) -> Row:
    """Return an exchange rate for one unit; F&O quotes it for as many as the factor says."""
    expect_readable(row)
    factor = _FACTORS.get(row.get("ConversionFactor") or "One")
    if factor is None:
        raise BadRecord(f"ConversionFactor is {row['ConversionFactor']}, which is no number of units that is known.")
    return {
        "from_currency": required(row, "FromCurrency"),
        "to_currency": required(row, "ToCurrency"),
        "rate_type": row["RateTypeName"],
        "valid_on": max(required(row, "StartDate").date(), EARLIEST),  # 1900-01-01 is `from the beginning`
        "rate": required(row, "Rate") / factor,
    }


class CustomerMapping:
    """Makes a customer of each row of CustomersV3."""

    def __init__(self, codes: CodeLists, currency: Callable[[str], str | None], patch: Patch | None = None) -> None:
        """Take the code lists, what says a company's currency, and what the site's own file does to a row."""
        self._codes, self._currency, self._patch = codes, currency, patch

    def row(self, row: Source) -> Row:
        """Return a customer as one company knows it."""
        expect_readable(row)
        number, payer = row["CustomerAccount"], row.get("InvoiceAccount")
        hold = row.get("OnHoldStatus")
        made = {
            "company": row["dataAreaId"],
            "key": number,
            "name": name_of(row) or number,
            "state": self._state(row),
            "payer": payer if payer != number else None,
            "group": row.get("CustomerGroupId"),
            "collector": row.get("CredManCollectionGroupId"),
            "terms": row.get("PaymentTerms"),
            "currency": row.get("SalesCurrencyCode"),
            **self._limit(row),
            "hold": hold if hold != NO_HOLD else None,
            "dunning_block": NO_LETTERS if row.get("CollectionLetterCode") == "None" else None,
            "language": self._language(row.get("LanguageId")),
            "country": row.get("AddressCountryRegionISOCode"),
            "tax_id": row.get("TaxExemptNumber"),
            "address": _address(row),
        }
        if self._patch is not None:
            self._patch({"CustomersV3": row}, made)
        return made

    def _state(self, row: Source) -> CustomerState:
        by_status = self._codes.state_by_credit_status.get(row.get("CredManAccountStatusId") or "")
        return by_status or ("one_time" if row.get("IsOneTimeCustomer") == "Yes" else "active")

    def _limit(self, row: Source) -> Row:
        """Return the limit: 0 is none unless it is mandatory (rule 3); F&O keeps it in the company's currency."""
        limit: Decimal = row.get("CreditLimit") or Decimal(0)
        is_set = limit != 0 or row.get("CreditLimitIsMandatory") == "Yes"
        if row.get("CredManCustUnlimitedCredit") == "Yes" or not is_set:
            return {"credit_limit": None}
        return {"credit_limit": limit, "limit_currency": self._currency(row["dataAreaId"])}

    def _language(self, code: str | None) -> str | None:
        """Return the language of `en-us`: what stands before the dash, unless the code lists say otherwise."""
        return self._codes.language.get(code, code.partition("-")[0].lower()) if code else None


class ContactMapping:
    """Makes contacts of a customer's own address, of people, and of further addresses."""

    def __init__(self, codes: CodeLists, patch: Patch | None = None) -> None:
        """Take the code lists, and what the site's own file does to a person."""
        self._codes, self._patch = codes, patch

    def own(self, row: Source) -> Row | None:
        """Return the customer's own address, which serves as main; None where there is none."""
        if not row.get("PrimaryContactEmail") and not row.get("PrimaryContactPhone"):
            return None
        number = row["CustomerAccount"]
        return {
            "company": row["dataAreaId"],
            "key": f"main|{number}",
            "customer": number,
            "name": name_of(row) or "",
            "purposes": ("main",),
            "email": row.get("PrimaryContactEmail"),
            "phone": row.get("PrimaryContactPhone"),
        }

    def person(self, row: Source, customer: Source) -> Row:
        """Return somebody at the customer, with what the job title and the customer's row say of the purpose."""
        expect_readable(row)
        title, number = row.get("EmploymentJobTitle"), row["ContactPersonId"]
        found = {
            self._codes.purpose_by_job_title.get(title or ""),
            "dunning" if customer.get("CollectionsContactPersonId") == number else None,
        }
        edited = row.get("LastEditDateTime")
        made = {
            "company": row["dataAreaId"],
            "key": number,
            "customer": customer["CustomerAccount"],
            "name": " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part),
            "purposes": tuple(sorted(purpose for purpose in found if purpose)),
            "email": row.get("PrimaryEmailAddress"),
            "phone": row.get("PrimaryPhoneNumber"),
            "role": title,
            "changed_at": edited if isinstance(edited, datetime) and edited.year > EARLIEST.year else None,
        }
        if self._patch is not None:
            self._patch({"ContactPersons": row}, made)
        return made

    def address(self, row: Source) -> Row:
        """Return one more mail address of the customer."""
        purpose = self._codes.purpose_by_address_purpose.get(row.get("Purpose") or "")
        return {
            "company": row["dataAreaId"],
            "key": f"address|{row['ElectronicAddressId']}",
            "customer": row["CustomerAccount"],
            "name": row.get("Description") or "",
            "purposes": (purpose,) if purpose else (),
            "email": row.get("Locator"),
        }


def name_of(row: Source) -> str | None:
    """Return a customer's name: an organisation's, or a person's first and last; else what it is known as."""
    person = " ".join(part for part in (row.get("PersonFirstName"), row.get("PersonLastName")) if part)
    first, second = (person, row.get("OrganizationName")) if row.get("PartyType") == "Person" else (
        row.get("OrganizationName"), person)  # fmt: skip
    return first or second or row.get("KnownAs") or row.get("NameAlias")


def _address(row: Source) -> Row:
    return {
        "lines": tuple(filter(None, (row.get("AddressStreet") or "").split("\n"))),
        "postal_code": row.get("AddressZipCode"),
        "city": row.get("AddressCity"),
        "country": row.get("AddressCountryRegionISOCode"),
    }
