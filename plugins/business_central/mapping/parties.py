"""Companies, payment terms, customers and contacts as canonical rows."""

from __future__ import annotations

import re
from typing import Any, Final

from duehook.core.connecting.odata_rows import required
from duehook.core.field_mapping import Patch
from duehook.core.records import CustomerState
from duehook.core.wire.odata.readable import expect_readable
from duehook.plugins.business_central.company import Company
from duehook.plugins.business_central.settings import CodeLists
from duehook.plugins.business_central.values import word

from .rows import NOTHING, Row, Source, stamp_of

OWN: Final = "|email"  # behind a customer's number: its own address, which is no contact of Business Central's
_PART: Final = re.compile(r"\+?(\d+)([DWMQY])")
_DAYS: Final = {"D": 1, "W": 7, "M": 30, "Q": 90, "Y": 365}
_CHANGED: Final = "lastModifiedDateTime"


def company(one: Company) -> Row:
    """Return a company."""
    held = one.information
    name = held.get("displayName") or one.name
    return {
        "company": one.id,
        "name": name,
        "legal_name": name,
        "currency": one.currency,
        "vat_id": held.get("taxRegistrationNumber"),
        "country": held.get("country"),
        "address": _address(held),
    }


def term(row: Source, patch: Patch | None) -> Row:
    """Return a payment term, by its date formula."""
    expect_readable(row)
    percent = row.get("discountPercent") or NOTHING
    discount = days_of(row.get("discountDateCalculation"))
    made = {
        "key": row["code"],
        "text": row.get("displayName") or "",
        "net_days": days_of(row.get("dueDateCalculation")) or 0,
        "discount_days": discount if percent else None,
        "discount_percent": percent or None,
    }
    if patch is not None:
        patch({}, made)
    return made


def days_of(formula: Any) -> int | None:
    """Return the days of `30D`, `1M` or `1M+10D`; None for one such as `CM`, whose days are not always as many."""
    text = str(formula or "").replace(" ", "").upper()
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text):
        return None
    return sum(int(count) * _DAYS[unit] for count, unit in parts)


class CustomerMapping:
    """Makes a customer of each row of `customers`."""

    def __init__(self, codes: CodeLists, patch: Patch | None = None) -> None:
        """Take the code lists, and what the site's own file does to a row."""
        self._codes, self._patch = codes, patch

    def row(self, one: Company, row: Source, terms: str | None) -> Row:
        """Return a customer of a company."""
        expect_readable(row)
        limit = row.get("creditLimit") or NOTHING
        made = {
            "company": one.id,
            "key": required(row, "number"),
            "name": row.get("displayName") or row["number"],
            "state": self._state(row),
            "collector": row.get("salespersonCode"),
            "terms": terms,
            "currency": row.get("currencyCode") or one.currency,
            "credit_limit": limit or None,  # 0 is none (rule 3)
            "limit_currency": one.currency if limit else None,
            "hold": word(row.get("blocked")) or None,
            "country": row.get("country"),
            "tax_id": row.get("taxRegistrationNumber"),
            "address": _address(row),
            "changed_at": stamp_of(row, _CHANGED),
        }
        if self._patch is not None:
            self._patch({"customers": row}, made)
        return made

    def _state(self, row: Source) -> CustomerState:
        return self._codes.state_by_salesperson.get(row.get("salespersonCode") or "") or "active"


class ContactMapping:
    """Makes contacts of a customer's own address, and of people."""

    def __init__(self, patch: Patch | None = None) -> None:
        """Take what the site's own file does to a person."""
        self._patch = patch

    def own(self, one: Company, row: Source) -> Row | None:
        """Return the customer's own address, which serves as main; None where there is none."""
        if not row.get("email") and not row.get("phoneNumber"):
            return None
        return {
            "company": one.id,
            "key": f"{required(row, 'number')}{OWN}",
            "customer": row["number"],
            "name": row.get("displayName") or "",
            "purposes": ("main",),
            "email": row.get("email"),
            "phone": row.get("phoneNumber"),
            "changed_at": stamp_of(row, _CHANGED),
        }

    def person(self, one: Company, row: Source, customer: str | None) -> Row | None:
        """Return somebody at a customer; None for a company's own card, and for who is at no customer."""
        if customer is None or word(row.get("type")) == "Company":
            return None
        expect_readable(row)
        made = {
            "company": one.id,
            "key": required(row, "number"),
            "customer": customer,
            "name": row.get("displayName") or "",
            "purposes": (),
            "email": row.get("email"),
            "phone": row.get("phoneNumber") or row.get("mobilePhoneNumber"),
            "changed_at": stamp_of(row, _CHANGED),
        }
        if self._patch is not None:
            self._patch({"contacts": row}, made)
        return made


def _address(row: Source) -> Row:
    return {
        "lines": tuple(filter(None, (row.get("addressLine1"), row.get("addressLine2")))),
        "postal_code": row.get("postalCode"),
        "city": row.get("city"),
        "region": row.get("state"),
        "country": row.get("country"),
    }
