"""Subsidiaries, terms, customers and people as canonical rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.records import CustomerState
from duehook.plugins.netsuite.settings import CodeLists
from duehook.plugins.netsuite.tables import ON_HOLD
from duehook.plugins.netsuite.values import Source, amount, day, flag, instant, required, text

Row = dict[str, Any]
NO_HOLD: Final = "AUTO"
EMAIL: Final = "|email"
_COUNTRY: Final = 2  # letters of a country that is written as ISO has it


def company(row: Source, currency: str) -> Row:
    """Return a subsidiary as a company."""
    name = required(row, "name")
    return {
        "company": str(row["id"]),
        "name": name,
        "legal_name": text(row, "legalname") or name,
        "currency": currency,
        "vat_id": text(row, "federalidnumber"),
        "country": text(row, "country"),
    }


def term(row: Source, patch: Patch | None) -> Row | None:
    """Return a payment term; None for one that counts by the day of the month, or is split into instalments."""
    days = amount(row, "daysuntilnetdue")
    if days is None:
        return None
    until = amount(row, "daysuntilexpiry")
    percent = amount(row, "discountpercent")
    made: Row = {
        "key": str(row["id"]),
        "text": text(row, "name") or "",
        "net_days": _whole(days),
        "discount_days": _whole(until) if until is not None and percent else None,
        "discount_percent": percent or None,
    }
    if patch is not None:
        patch(row, made)
    return made


def rate(row: Source, currency: Callable[[Any], str | None]) -> Row | None:
    """Return what one unit of a currency is worth in the base currency; None for a currency in itself."""
    foreign, base = (currency(required(row, name)) for name in ("transactioncurrency", "basecurrency"))
    if foreign is None or base is None:
        raise BadRecord("the table currency shows no symbol of one of its currencies.")
    on, worth = day(row, "effectivedate"), amount(row, "exchangerate")
    if on is None or worth is None or worth <= 0:
        raise BadRecord("effectivedate is empty, or exchangerate is no rate.")
    return {"from_currency": foreign, "to_currency": base, "valid_on": on, "rate": worth} if foreign != base else None


def _whole(days: Decimal) -> int:
    if days != days.to_integral_value():
        raise BadRecord(f"{days} is no number of days.")
    return int(days)


@dataclass(frozen=True)
class CustomerMapping:
    """Makes a customer of each subsidiary that a customer belongs to."""

    codes: CodeLists
    currency: Callable[[Any], str | None]
    zone: tzinfo
    patch: Patch | None = None

    def row(self, row: Source) -> Row:
        """Return a customer as one subsidiary knows it."""
        currency, limit = self.currency(row.get("currency")), amount(row, "creditlimit")
        hold, country = text(row, "creditholdoverride"), text(row, "country")
        made: Row = {
            "company": required(row, "subsidiary"),
            "key": str(row["id"]),
            "name": name_of(row),
            "state": self._state(row),
            "parent": text(row, "parent"),
            "group": text(row, "category"),
            "terms": text(row, "terms"),
            "currency": currency,
            "credit_limit": limit,
            "limit_currency": currency if limit is not None else None,
            "hold": hold_of(hold),
            "language": self._language(text(row, "lang")),
            "country": country if country and len(country) == _COUNTRY else None,
            "tax_id": text(row, "vatregnumber"),
            "address": _address(row),
            "extra": {"number": text(row, "entityid"), **_in_effect(row)},
            "changed_at": instant(row, "modified", self.zone),
        }
        if self.patch is not None:
            self.patch(row, made)
        return made

    def _state(self, row: Source) -> CustomerState:
        by_status = self.codes.state_by_status.get(str(row.get("entitystatus") or ""))
        return by_status or self.codes.state_by_category.get(str(row.get("category") or "")) or "active"

    def _language(self, code: str | None) -> str | None:
        """Return the language of `en_US`: what stands before the underscore, unless the code lists say otherwise."""
        return self.codes.language.get(code, code.partition("_")[0].lower()) if code else None


@dataclass(frozen=True)
class ContactMapping:
    """Makes contacts of a customer's own address and of the people there."""

    codes: CodeLists
    zone: tzinfo
    patch: Patch | None = None

    def own(self, row: Source) -> Row:
        """Return the customer's own address, which serves as main."""
        return {
            "company": None,
            "key": f"{row['id']}{EMAIL}",
            "customer": str(row["id"]),
            "name": name_of(row),
            "purposes": ("main",),
            "email": text(row, "email"),
            "phone": text(row, "phone"),
            "changed_at": instant(row, "modified", self.zone),
        }

    def person(self, row: Source) -> Row:
        """Return somebody at the customer."""
        purpose = self.codes.purpose_by_contact_role.get(text(row, "contactrole") or "")
        made: Row = {
            "company": None,
            "key": str(row["id"]),
            "customer": required(row, "customer"),
            "name": _person(row) or text(row, "entityid") or "",
            "purposes": (purpose,) if purpose else (),
            "email": text(row, "email"),
            "phone": text(row, "phone"),
            "role": text(row, "rolename"),
            "changed_at": instant(row, "modified", self.zone),
        }
        if self.patch is not None:
            self.patch(row, made)
        return made


def hold_of(value: str | None) -> str | None:
    """Return the hold that a customer's field says; AUTO leaves it to NetSuite and is none."""
    return value if value and value != NO_HOLD else None


def _in_effect(row: Source) -> Row:
    """Return whether the customer is on hold now, which it may be by its limit with AUTO; nothing where that is untold.

    It is told beside `hold`, which is what people set and is put back to what it was.
    """
    return {"on_credit_hold": flag(row, ON_HOLD)} if row.get(ON_HOLD) else {}


def name_of(row: Source) -> str:
    """Return a customer's name: a company's, or a person's first and last; else what it is known as."""
    person = _person(row)
    first, second = (person, text(row, "companyname")) if row.get("isperson") == "T" else (
        text(row, "companyname"), person)  # fmt: skip
    return first or second or text(row, "altname") or text(row, "entityid") or str(row["id"])


def _person(row: Source) -> str:
    return " ".join(part for part in (text(row, "firstname"), text(row, "lastname")) if part)


def _address(row: Source) -> Row | None:
    lines = tuple(part for name in ("addr1", "addr2", "addr3") if (part := text(row, name)))
    country = text(row, "country")
    found = {
        "lines": lines,
        "postal_code": text(row, "zip"),
        "city": text(row, "city"),
        "region": text(row, "state"),
        "country": country if country and len(country) == _COUNTRY else None,
    }
    return found if any(found.values()) else None
