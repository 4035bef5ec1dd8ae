"""Rows for benches: any number of them at constant memory, without a ledger behind them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from duehook.core.money import exponent
from duehook.core.records import Stream

from .people import COMPANIES, FIRST_CUSTOMER

_CURRENCIES = ("USD", "EUR", "JPY", "KWD")
_TERM_DAYS = (14, 30, 30, 45, 60)


def rows(
    stream: Stream, *, customers: int, items: int, start_on: date, seed: int = 1, first: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield canonical rows of companies, customers or items, the same for the same arguments.

    Items are open, most of them not yet due on `start_on`, from `first` to before `items`; keys
    rise. Raises ValueError for a stream that benches have no use for.
    """
    if stream == "company":
        return ({"company": c.code, "name": c.name, "currency": c.currency} for c in COMPANIES)
    if stream == "customer":
        return (_customer(number, start_on) for number in range(first, customers))
    if stream == "item":
        return _items(customers=customers, items=items, start_on=start_on, seed=seed, first=first)
    raise ValueError(f"lean rows have no {stream}; make a book")


def _customer(number: int, start_on: date) -> dict[str, Any]:
    return {
        "key": str(FIRST_CUSTOMER + number),
        "name": f"Customer {number}",
        "collector": f"C{number % 40}",
        "terms": "N30",
        "currency": COMPANIES[number % len(COMPANIES)].currency,
        "language": "de" if number % 3 == 0 else "en",
        "credit_limit": Decimal(1000 * (number % 200)),
        "changed_at": datetime(start_on.year, start_on.month, start_on.day, tzinfo=UTC),
    }


def _items(*, customers: int, items: int, start_on: date, seed: int, first: int) -> Iterator[dict[str, Any]]:
    days = [start_on - timedelta(days=age) for age in range(-100, 200)]
    at = datetime(start_on.year, start_on.month, start_on.day, tzinfo=UTC)
    places = {currency: -exponent(currency) for currency in _CURRENCIES}
    for number in range(first, items):
        dice = ((number + 1) * 2654435761 + seed * 40503) & 0xFFFFFFFF
        dice ^= dice >> 15
        customer = dice % customers
        company = COMPANIES[customer % len(COMPANIES)].code
        currency = _CURRENCIES[customer % len(COMPANIES)]
        minor = 100 + (dice >> 5) % 900_000
        if dice % 29 == 0:
            minor = -minor
        term = _TERM_DAYS[dice % 5]
        age = (dice >> 9) % (term + (90 if dice % 7 == 0 else 6))
        amount = Decimal(minor).scaleb(places[currency])
        yield {
            "company": company,
            "key": f"{company}-RI-{10_000_000 + number}-001",
            "customer": str(FIRST_CUSTOMER + customer),
            "kind": "invoice" if minor > 0 else "credit_note",
            "currency": currency,
            "amount": amount,
            "open_amount": amount,
            "company_currency": currency,
            "company_amount": amount,
            "company_open_amount": amount,
            "document_on": days[100 + age],
            "due_on": days[100 + age - term],
            "document_no": str(10_000_000 + number),
            "document_type": "RI" if minor > 0 else "RM",
            "terms": "N30",
            "purchase_order": f"PO-{dice % 99991:05d}",
            "changed_at": at,
        }
