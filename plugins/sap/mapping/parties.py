"""Business partners, customers and their company data as canonical customers and contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from duehook.core.collect.parties import bank_account_hash
from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import BadRow
from duehook.core.records import CustomerState
from duehook.plugins.sap.entities import ADDRESS, COMPANY, CREDIT, CUSTOMER, DUNNING, FUNCTION, PARTNER
from duehook.plugins.sap.settings import SapSettings

T = TypeVar("T")
Row = dict[str, Any]
Mapped = tuple[list[Row], list[BadRow]]
FOREVER: Final = date(9999, 12, 31)


@dataclass
class Master:
    """What a page of customers is joined from, by customer or by business partner."""

    customers: Mapping[str, Row] = field(default_factory=dict)
    partners: Mapping[str, Row] = field(default_factory=dict)
    dunning: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    addresses: Mapping[str, Row] = field(default_factory=dict)
    credit: Mapping[str, Row] = field(default_factory=dict)
    identities: Mapping[str, Row] = field(default_factory=dict)


class CustomerMapping:
    """Makes a customer of each A_CustomerCompany."""

    def __init__(self, settings: SapSettings, patch: Patch | None = None) -> None:
        """Take the settings, and what the site's own file does to a row."""
        self._codes, self._patch = settings.codes, patch
        self._holds_orders = settings.hold is not None and settings.hold.by == "order"

    def rows(self, companies: Iterable[Row], master: Master) -> Mapped:
        """Return customers as companies know them, and those that cannot be read."""
        return _each(
            companies, lambda company: self._row(company, master), lambda row: (row["CompanyCode"], row["Customer"])
        )

    def _row(self, company: Row, master: Master) -> Row:
        number = company["Customer"]
        own = master.customers.get(number, {})
        partner = master.partners.get(number, {})
        bp = partner.get("BusinessPartner") or number
        address = master.addresses.get(bp)
        dunning = master.dunning.get((number, company["CompanyCode"]))
        credit = master.credit.get(bp)
        row = {
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
            **self._dunning(dunning),
            **_credit(credit),
            **({"extra": master.identities[bp]} if bp in master.identities else {}),
            **({"hold": own.get("OrderIsBlockedForCustomer")} if self._holds_orders else {}),
        }
        if self._patch is not None:
            read = (
                (COMPANY, company), (CUSTOMER, own), (PARTNER, partner), (ADDRESS, address), (DUNNING, dunning),
                (CREDIT, credit),
            )  # fmt: skip
            self._patch({entity.name: held for entity, held in read if held}, row)
        return row

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


def identities(banks: Iterable[Row], numbers: Iterable[Row]) -> dict[str, Row]:
    """Return by business partner what tells it for one party with other ERPs' customers; accounts are only hashes."""
    accounts: dict[str, set[str]] = {}
    for row in banks:
        if row.get("IBAN"):
            accounts.setdefault(row["BusinessPartner"], set()).add(bank_account_hash(row["IBAN"]))
    found: dict[str, Row] = {partner: {"bank_accounts": sorted(held)} for partner, held in accounts.items()}
    for row in numbers:
        found.setdefault(row["BusinessPartner"], {}).setdefault("duns", row["BPIdentificationNumber"])
    return found


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

    def __init__(self, settings: SapSettings, patch: Patch | None = None) -> None:
        """Take the settings, and what the site's own file does to a row."""
        self._codes, self._patch = settings.codes, patch

    def own(self, given: Iterable[tuple[Row, Row, AddressLines]]) -> Mapped:
        """Return customers' own addresses, which serve as main: each of partner, address and its lines."""
        return _each(given, lambda each: self._own(*each), lambda each: ("", _address_key(each[0], each[1])))

    def _own(self, partner: Row, address: Row, lines: AddressLines) -> Row:
        row = {
            "key": _address_key(partner, address),
            "customer": partner["Customer"],
            "name": partner.get("BusinessPartnerFullName") or "",
            "purposes": ("main",),
            "email": lines.email,
            "phone": lines.phone,
            "language": self._language(partner),
        }
        return self._patched(row, {PARTNER.name: partner, ADDRESS.name: address})

    def people(self, given: Iterable[tuple[Row, Row, Row | None]]) -> Mapped:
        """Return people at customers: each of partner, function and the person's own partner."""
        return _each(given, lambda each: self._person(*each), lambda each: ("", each[1]["RelationshipNumber"]))

    def _person(self, partner: Row, function: Row, person: Row | None) -> Row:
        code = function.get("ContactPersonFunction") or ""
        purpose = self._codes.purpose_by_function.get(code)
        row = {
            "key": function["RelationshipNumber"],
            "customer": partner["Customer"],
            "name": (person or {}).get("BusinessPartnerFullName") or "",
            "purposes": (purpose,) if purpose else (),
            "email": function.get("EmailAddress"),
            "phone": function.get("PhoneNumber"),
            "language": self._language(person or partner),
            "role": function.get("ContactPersonFunctionName") or code or None,
        }
        return self._patched(row, {FUNCTION.name: function, PARTNER.name: person or {}})

    def _patched(self, row: Row, raw: Mapping[str, Row]) -> Row:
        if self._patch is not None:
            self._patch(raw, row)
        return row

    def _language(self, partner: Row) -> str | None:
        code = partner.get("CorrespondenceLanguage")
        return self._codes.language.get(code, code.lower()) if code else None


def _address_key(partner: Row, address: Row) -> str:
    return f"{partner['BusinessPartner']}|{address['AddressID']}"


def _each(given: Iterable[T], one: Callable[[T], Row], name: Callable[[T], tuple[str, str]]) -> Mapped:
    """Map each; one that cannot be read is kept with the reason."""
    rows: list[Row] = []
    bad: list[BadRow] = []
    for each in given:
        try:
            rows.append(one(each))
        except BadRecord as error:
            company, key = name(each)
            bad.append(BadRow(error.message, {"read": str(each)}, key, company or None))
    return rows, bad
