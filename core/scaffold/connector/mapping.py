"""Acme's rows → canonical rows: what each field of duehook.core.records is called at Acme, and what its codes mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow, Row, Total
from duehook.core.records import Stream

from .client import Raw

Take = Callable[[Raw], Any]
Name = tuple[str, str]  # company and key


def _taken(field: str, convert: Callable[[Any], Any]) -> Take:
    """Return what takes a field: None where it is empty, BadRecord with its name where it cannot be read."""

    def take(raw: Raw) -> Any:
        value = raw.get(field)
        if value is None or value == "":
            return None
        try:
            return convert(value)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            raise BadRecord(f"{field} is {value!r}, which the mapping cannot read.") from None

    return take


def text(field: str) -> Take:
    """Take a text."""
    return _taken(field, "".join)  # of a text the same text; of a number or a mapping in its place an error


def whole(field: str) -> Take:
    """Take a whole number."""
    return _taken(field, int)


def amount(field: str) -> Take:
    """Take an amount: Acme writes it as text, signed as Duehook does (+ the customer owes us)."""
    return _taken(field, Decimal)


def day(field: str) -> Take:
    """Take a date."""
    return _taken(field, date.fromisoformat)


def instant(field: str) -> Take:
    """Take an instant; it bears its offset from UTC."""
    return _taken(field, datetime.fromisoformat)


def code(field: str, meanings: Mapping[str, Any]) -> Take:
    """Take a code that stands for something; one that is not listed is never guessed."""
    return _taken(field, meanings.__getitem__)


def address(field: str) -> Take:
    """Take a postal address."""
    parts = {"lines": "street", "postal_code": "zip", "city": "city", "country": "country"}
    return _taken(field, lambda held: {name: held[theirs] for name, theirs in parts.items()})


RESOURCES: Final[Mapping[Stream, str]] = {
    "company": "companies",
    "payment_term": "terms",
    "exchange_rate": "rates",
    "customer": "customers",
    "contact": "contacts",
    "item": "invoices",
    "payment": "payments",
    "allocation": "applications",
}
STATES: Final = {
    "OK": "active",
    "LAW": "legal",
    "INS": "insolvent",
    "DEC": "deceased",
    "ICO": "intercompany",
    "ONE": "one_time",
    "DNC": "do_not_contact",
}
KINDS: Final = {"INV": "invoice", "CRN": "credit_note", "CASH": "on_account", "FEE": "fee", "CHB": "chargeback"}
CLASSES: Final = {
    "N": "normal",
    "D": "direct_debit",
    "B": "draft",
    "R": "retainage",
    "A": "down_payment",
    "U": "unposted",
    "I": "intercompany",
    "C": "chargeback",
}
REDUCTIONS: Final = {
    "CASH": "cash",
    "CRN": "credit",
    "DISC": "discount",
    "WOFF": "write_off",
    "DED": "deduction",
    "CHB": "chargeback",
    "FX": "fx",
}
FIELDS: Final[Mapping[Stream, Mapping[str, Take]]] = {
    "company": {
        "company": text("id"),
        "name": text("name"),
        "legal_name": text("legal_name"),
        "currency": text("currency"),
        "vat_id": text("vat"),
        "register_number": text("register"),
        "timezone": text("timezone"),
        "country": text("country"),
        "address": address("address"),
    },
    "payment_term": {
        "key": text("id"),
        "text": text("text"),
        "net_days": whole("days"),
        "discount_days": whole("discount_days"),
        "discount_percent": amount("discount_percent"),
    },
    "exchange_rate": {
        "from_currency": text("from"),
        "to_currency": text("to"),
        "valid_on": day("valid"),
        "rate": amount("rate"),
    },
    "customer": {
        "company": text("company"),
        "key": text("number"),
        "name": text("name"),
        "state": code("state", STATES),
        "state_since": day("state_since"),
        "payer": text("payer"),
        "parent": text("parent"),
        "group": text("group"),
        "collector": text("collector"),
        "credit_manager": text("credit_manager"),
        "terms": text("terms"),
        "currency": text("currency"),
        "credit_limit": amount("limit"),
        "limit_currency": text("limit_currency"),
        "hold": text("hold"),
        "dunning_block": text("dunning_block"),
        "language": text("language"),
        "country": text("country"),
        "tax_id": text("vat"),
        "address": address("address"),
        "changed_at": instant("changed"),
    },
    "contact": {
        "key": text("id"),
        "customer": text("customer"),
        "name": text("name"),
        "purposes": _taken("purposes", tuple),
        "email": text("email"),
        "phone": text("phone"),
        "language": text("language"),
        "role": text("role"),
        "changed_at": instant("changed"),
    },
    "item": {
        "company": text("company"),
        "key": text("id"),
        "customer": text("customer"),
        "payer": text("payer"),
        "kind": code("type", KINDS),
        "item_class": code("class", CLASSES),
        "currency": text("currency"),
        "amount": amount("amount"),
        "open_amount": amount("open"),
        "tax_amount": amount("tax"),
        "discount_amount": amount("discount"),
        "company_currency": text("local_currency"),
        "company_amount": amount("local_amount"),
        "company_open_amount": amount("local_open"),
        "document_no": text("number"),
        "document_type": text("series"),
        "instalment": text("instalment"),
        "fiscal_year": whole("year"),
        "document_on": day("date"),
        "due_on": day("due"),
        "posted_on": day("posted"),
        "discount_on": day("discount_until"),
        "cleared_on": day("cleared"),
        "payment_method": text("method"),
        "terms": text("terms"),
        "purchase_order": text("purchase_order"),
        "sales_order": text("sales_order"),
        "reference": text("reference"),
        "text": text("text"),
        "business_unit": text("unit"),
        "applies_to": text("applies_to"),
        "disputed_amount": amount("disputed"),
        "dispute_reason": text("dispute_reason"),
        "dunning_block": text("dunning_block"),
        "dunning_level": whole("dunning_level"),
        "last_dunned_on": day("dunned"),
        "address": address("address"),
        "changed_at": instant("changed"),
    },
    "payment": {
        "company": text("company"),
        "key": text("id"),
        "customer": text("customer"),
        "currency": text("currency"),
        "amount": amount("amount"),
        "unapplied_amount": amount("unapplied"),
        "company_currency": text("local_currency"),
        "company_amount": amount("local_amount"),
        "received_on": day("received"),
        "posted_on": day("posted"),
        "method": text("method"),
        "reference": text("reference"),
        "reversal_of": text("reversal_of"),
        "reversed_on": day("reversed"),
        "changed_at": instant("changed"),
    },
    "allocation": {
        "company": text("company"),
        "key": text("id"),
        "item": text("invoice"),
        "payment": text("payment"),
        "kind": code("type", REDUCTIONS),
        "currency": text("currency"),
        "amount": amount("amount"),
        "company_amount": amount("local_amount"),
        "allocated_on": day("date"),
        "posted_on": day("posted"),
        "reason": text("reason"),
        "reversal_of": text("reversal_of"),
        "changed_at": instant("changed"),
    },
}
TOTALLED: Final = ("company", "item_class", "currency", "open_amount", "company_currency", "company_open_amount")


def mapped(stream: Stream, raws: Sequence[Raw]) -> tuple[list[Row], list[BadRow]]:
    """Return the rows under the canonical names, and those that cannot be read with the reason."""
    rows, bad = [], []
    for raw in raws:
        try:
            rows.append({name: value for name, take in FIELDS[stream].items() if (value := take(raw)) is not None})
        except BadRecord as error:
            company, key = name_of(stream, raw)
            bad.append(BadRow(error.message, raw, key, company))
    return rows, bad


def total(raw: Raw, past: datetime) -> Total:
    """Return what is open of an invoice; `past` is the bound behind which a change is not the run's."""
    found = {name: FIELDS["item"][name](raw) for name in TOTALLED}
    return Total(document=raw["id"], changed_past_bound=instant("changed")(raw) > past, **found)


def name_of(stream: Stream, raw: Raw) -> Name:
    """Return the company and key of a row, also of one that cannot be read."""
    company = raw["id"] if stream == "company" else raw.get("company") or ""
    return company, raw.get("number", "") if stream == "customer" else raw["id"]


def id_of(stream: Stream, name: Name) -> str:
    """Return the id of the row with this company and key: a customer has one in each company, 1001@00010."""
    company, key = name
    return f"{key}@{company}" if stream == "customer" and company else key
