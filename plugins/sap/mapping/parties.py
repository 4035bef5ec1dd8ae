"""Business partners, customers and their company data as canonical customers and contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import CustomerState
from duehook.plugins.sap.settings import SapSettings

Row = dict[str, Any]
FOREVER: Final = date(9999, 12, 31)


@dataclass
class Master:
    """What a page of customers is joined from, by customer or by business partner."""

    customers: Mapping[str, Row] = field(default_factory=dict)
    partners: Mapping[str, Row] = field(default_factory=dict)
    dunning: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    addresses: Mapping[str, Row] = field(default_factory=dict)
    credit: Mapping[str, Row] = field(default_factory=dict)


class CustomerMapping:
    """Makes a customer of each A_CustomerCompany."""

    def __init__(self, settings: SapSettings) -> None:
        """Take the settings."""
        self._codes = settings.codes

    def row(self, company: Row, master: Master) -> Row:
        """Return a customer as one company knows it."""
        number = company["Customer"]
        own = master.customers.get(number, {})
        partner = master.partners.get(number, {})
        bp = partner.get("BusinessPartner") or number
        address = master.addresses.get(bp)
        return {
            "company": company["CompanyCode"],
            "key": number,
            "name": own.get("CustomerName") or partner.get("BusinessPartnerFullName") or number,
            "state": self._state(own),
            "payer": company.get("AlternativePayerAccount"),
            "parent": company.get("CustomerHeadOffice"),
            "group": own.get("CustomerCorporateGroup"),
            "collector": company.get("AccountingClerk"),
            "terms": company.get("PaymentTerms"),
            "language": self._language(partner.get("CorrespondenceLanguage")),
            "tax_id": own.get("VATRegistration"),
            "country": address.get("Country") if address else None,
            "address": _address(address) if address else None,
            **self._dunning(master.dunning.get((number, company["CompanyCode"]))),
            **_credit(master.credit.get(bp)),
        }

    def _state(self, customer: Row) -> CustomerState:
        codes = self._codes
        by_block = codes.state_by_order_block.get(customer.get("OrderIsBlockedForCustomer") or "")
        return by_block or codes.state_by_account_group.get(customer.get("CustomerAccountGroup") or "", "active")

    def _dunning(self, row: Row | None) -> Row:
        if row is None:
            return {}
        level, block = row.get("DunningLevel") or "0", row.get("DunningBlock")
        return {
            "dunning_block": self._codes.block.get(block, block) if block else None,
            "dunning_level": int(level) or None if level.isdecimal() else None,
            "last_dunned_on": row.get("LastDunnedOn"),
        }

    def _language(self, code: str | None) -> str | None:
        return self._codes.language.get(code, code.lower()) if code else None


def _address(row: Row) -> Row:
    street = " ".join(part for part in (row.get("StreetName"), row.get("HouseNumber")) if part)
    return {
        "lines": (street,) if street else (),
        "postal_code": row.get("PostalCode"),
        "city": row.get("CityName"),
        "region": row.get("Region"),
        "country": row.get("Country"),
    }


def _credit(row: Row | None) -> Row:
    """Return limit and hold: an amount of 0 without CreditLimitIsZero is no limit (rule 3)."""
    if row is None:
        return {}
    limit = row.get("CreditLimitAmount") or Decimal(0)
    has_limit = bool(limit) or bool(row.get("CreditLimitIsZero"))
    blocked = row.get("CreditAccountIsBlocked")
    return {
        "credit_limit": limit if has_limit else None,
        "limit_currency": row.get("CreditSegmentCurrency") if has_limit else None,
        "hold": (row.get("CreditAccountBlockReason") or "blocked") if blocked else None,
    }


@dataclass(frozen=True)
class AddressLines:
    """How a partner's address is reached: the default mail address and phone, else the first."""

    emails: Sequence[Row] = ()
    phones: Sequence[Row] = ()

    @property
    def email(self) -> str | None:
        """Return the mail address."""
        return _first(self.emails, "IsDefaultEmailAddress", "EmailAddress")

    @property
    def phone(self) -> str | None:
        """Return the phone as it is called from abroad, else as it was typed in."""
        return _first(self.phones, "IsDefaultPhoneNumber", "InternationalPhoneNumber", "PhoneNumber")


def _first(rows: Sequence[Row], default: str, *names: str) -> str | None:
    ordered = sorted(rows, key=lambda row: not row.get(default))
    return next((row[name] for row in ordered for name in names if row.get(name)), None)


class ContactMapping:
    """Makes contacts of addresses and of people."""

    def __init__(self, settings: SapSettings) -> None:
        """Take the settings."""
        self._codes = settings.codes

    def own(self, partner: Row, address: Row, lines: AddressLines) -> Row:
        """Return the customer's own address, which serves as main."""
        return {
            "key": f"{partner['BusinessPartner']}|{address['AddressID']}",
            "customer": partner["Customer"],
            "name": partner.get("BusinessPartnerFullName") or "",
            "purposes": ("main",),
            "email": lines.email,
            "phone": lines.phone,
            "language": self._language(partner),
        }

    def person(self, partner: Row, function: Row, person: Row | None) -> Row:
        """Return somebody at the customer, with what the function serves for."""
        code = function.get("ContactPersonFunction") or ""
        purpose = self._codes.purpose_by_function.get(code)
        return {
            "key": function["RelationshipNumber"],
            "customer": partner["Customer"],
            "name": (person or {}).get("BusinessPartnerFullName") or "",
            "purposes": (purpose,) if purpose else (),
            "email": function.get("EmailAddress"),
            "phone": function.get("PhoneNumber"),
            "language": self._language(person or partner),
            "role": function.get("ContactPersonFunctionName") or code or None,
        }

    def _language(self, partner: Row) -> str | None:
        code = partner.get("CorrespondenceLanguage")
        return self._codes.language.get(code, code.lower()) if code else None
