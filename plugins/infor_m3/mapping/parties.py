"""Divisions, terms, rates, customers and people as canonical rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.records import Purpose
from duehook.plugins.infor_m3 import values
from duehook.plugins.infor_m3.settings import CodeLists, RateSettings
from duehook.plugins.infor_m3.stops import OF_CUSTOMERS, Stops
from duehook.plugins.infor_m3.values import Row, text

Made = dict[str, Any]
MAILS: Final = "MAIL|"  # behind it the type of an address
MONTH: Final = 30
NO_STOP: Final = "0"


def company(division: str, name: str | None, currency: str) -> Made:
    """Return a division as a company."""
    return {"company": division, "name": name or division, "currency": currency}


def term(row: Row, patch: Patch | None) -> Made:
    """Return a payment term; a month counts thirty days."""
    made = {
        "key": values.required(row, "TEPY"),
        "text": text(row, "TX15") or "",
        "net_days": values.whole(row, "TEPD") + MONTH * values.whole(row, "TEFM"),
    }
    if patch is not None:
        patch({}, made)
    return made


def rate(row: Row, valid_on: date, rates: RateSettings) -> Made | None:
    """Return an exchange rate for one unit; None for a currency against itself, and where there is none."""
    foreign, local = values.required(row, "CUCD"), values.required(row, "LOCD")
    quoted, factor = values.money(row, "ARAT"), text(row, "RAFA") or "0"
    if foreign == local or quoted <= 0:
        return None
    if factor not in rates.units:
        raise BadRecord(f"RAFA holds {factor}, which `rates.units` does not list.")
    per_unit = quoted / rates.units[factor]
    if text(row, "DMCU") in rates.dividing:
        per_unit = Decimal(1) / per_unit
    return {
        "from_currency": foreign,
        "to_currency": local,
        "rate_type": text(row, "CRTP") or "1",
        "valid_on": values.day(row, "CUTD") or valid_on,
        "rate": per_unit,
    }


class CustomerMapping:
    """Makes a customer of a row of the list and its financial data."""

    def __init__(self, codes: CodeLists, state_field: str, patch: Patch | None) -> None:
        """Take the code lists, which field says a customer's state, and what the site's own file does to a row."""
        self._codes, self._state_field, self._patch = codes, state_field, patch
        self._stops = Stops(OF_CUSTOMERS, codes)

    def row(self, basic: Row, financial: Row) -> Made:
        """Return a customer, which belongs to the whole company of M3."""
        number, payer = values.required(basic, "CUNO"), text(basic, "PYNO")
        made = {
            "company": None,
            "key": number,
            "name": text(basic, "CUNM") or number,
            "state": self._state(basic),
            "payer": payer if payer != number else None,
            "group": text(financial, "CCUS"),
            "collector": text(financial, "CDRC"),
            "terms": text(basic, "TEPY"),
            "currency": text(basic, "CUCD"),
            **_limit(basic),
            "hold": hold_of(financial),
            "dunning_block": self._stops.of(financial),
            "language": self._language(text(basic, "LNCD")),
            "country": _country(basic),
            "tax_id": text(basic, "VRNO"),
            "address": _address(basic),
        }
        if self._patch is not None:
            self._patch({"LstByNumber": basic, "GetFinancial": financial}, made)
        return made

    def own_contact(self, basic: Row) -> Made | None:
        """Return the customer's own mail address, which serves as main; None where it has none."""
        mail = text(basic, "MAIL")
        if mail is None:
            return None
        number = values.required(basic, "CUNO")
        return {
            "company": None,
            "key": f"{number}|MAIL",
            "customer": number,
            "name": text(basic, "YREF") or "",
            "purposes": ("main",),
            "email": mail,
            "phone": text(basic, "PHNO"),
        }

    def _state(self, basic: Row) -> str:
        return self._codes.state_by_free_field.get(text(basic, self._state_field) or "") or "active"

    def _language(self, code: str | None) -> str | None:
        return self._codes.language.get(code, code.lower()) if code else None


class PersonMapping:
    """Makes contacts of people."""

    def __init__(self, codes: CodeLists, employer_type: str | None, patch: Patch | None) -> None:
        """Take the code lists, which people are customers', and what the site's own file does to a row."""
        self._codes, self._employer_type, self._patch = codes, employer_type, patch

    def row(self, person: Row) -> Made | None:
        """Return a person; None for one that is no customer's."""
        customer = text(person, "EMRE")
        if customer is None or self._employer_type not in {None, text(person, "ERTP")}:
            return None
        purpose = self._codes.purpose_by_contact_type.get(text(person, "RFTP") or "")
        parts = (text(person, "NAMF"), text(person, "NAMS"))
        language = text(person, "LHCD")
        made = {
            "company": None,
            "key": values.required(person, "CNPE"),
            "customer": customer,
            "name": text(person, "TX50") or " ".join(part for part in parts if part),
            "purposes": (purpose,) if purpose else (),
            "email": text(person, "EMAL"),
            "phone": text(person, "PHNO"),
            "language": self._codes.language.get(language, language.lower()) if language else None,
            "role": text(person, "JTIT"),
        }
        if self._patch is not None:
            self._patch({"Lst": person}, made)
        return made


def mail(row: Row, purpose: Purpose) -> Made | None:
    """Return an e-mail address that stands under a customer's number; None where nothing does."""
    number, address = values.required(row, "EMKY"), text(row, "EMAL")
    if address is None:
        return None
    return {
        "company": None,
        "key": f"{number}|{MAILS}{values.required(row, 'EMTP')}",
        "customer": number,
        "purposes": (purpose,),
        "email": address,
    }


def hold_of(financial: Row) -> str | None:
    """Return the customer stop, None for none."""
    held = text(financial, "BLCD")
    return None if held is None or held.strip("0") == "" else held


def _limit(basic: Row) -> Made:
    """Return the limit of what may be outstanding: 0 is none (rule 3)."""
    limit = values.amount(basic, "CRL2")
    return {"credit_limit": limit, "limit_currency": text(basic, "CUCD")} if limit else {"credit_limit": None}


def _country(basic: Row) -> str | None:
    """Return the country where M3's code of up to three letters is an ISO one of two."""
    code = text(basic, "CSCD")
    return code if code and len(code) == 2 else None


def _address(basic: Row) -> Made:
    lines = (text(basic, name) for name in ("CUA1", "CUA2", "CUA3", "CUA4"))
    return {
        "lines": tuple(line for line in lines if line),
        "postal_code": text(basic, "PONO"),
        "city": text(basic, "TOWN"),
        "region": text(basic, "ECAR"),
        "country": _country(basic),
    }
