"""How Business Central writes ids, options and dates, and what the site's codes stand for in the book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from duehook.core.testing.book.people import COMPANIES

NONE_ON: Final = date(1, 1, 1)  # a date that is not set
NO_ID: Final = "00000000-0000-0000-0000-000000000000"
NOTHING: Final = Decimal("0.00")
BLANK: Final = "_x0020_"
PAYMENT: Final = "Payment"
INVOICE: Final = "Invoice"
CREDIT_MEMO: Final = "Credit_x0020_Memo"
BLOCKED: Final = (BLANK, "Ship", "Invoice", "All")
HOLDS: Final = {"C2": "Invoice", "H9": "All"}  # customers.blocked by the book's codes
STATES: Final = {  # the salespeople that a customer is handed over to, by its state
    "legal": "LEGAL",
    "insolvent": "INSOLV",
    "deceased": "DECEASED",
    "intercompany": "INTERCO",
    "do_not_contact": "NOCONT",
    "one_time": "ONETIME",
}
TRANSFER: Final = "BANK"
METHODS: Final = {  # the payment methods by which this site tells item classes
    "direct_debit": "DIRDEB",
    "draft": "BOE",
    "down_payment": "PREPAY",
}
DISPUTE_CODES: Final = ("PRICE", "QUALITY", "OTHER", "PR", "QL", "DM")


@lru_cache(maxsize=100_000)
def identity(table: str, name: str) -> str:
    """Return the SystemId of a row: always the same for the same name."""
    return str(uuid5(NAMESPACE_URL, f"business central {table} {name}"))


COMPANY_IDS: Final = {company.code: identity("Company", company.code) for company in COMPANIES}


def company_id(company: str) -> str:
    """Return the id of a company of the book; one that is an id already as it is."""
    return COMPANY_IDS.get(company, company)


def book_company(company: str) -> str:
    """Return the book's code of a company by its id."""
    return next((code for code, known in COMPANY_IDS.items() if known == company), company)


def encoded(option: str) -> str:
    """Write an option as OData does: blanks in it are told by their number; no option is one blank."""
    return (option or " ").replace(" ", BLANK)


def decoded(option: str) -> str:
    """Return what an option says."""
    return option.replace(BLANK, " ")


def day(on: date | None) -> date:
    """Return a date as Business Central keeps it."""
    return on or NONE_ON


def day_of(on: date) -> date | None:
    """Return the date that is meant, None for the way of writing none."""
    return None if on == NONE_ON else on


def blocked(code: str | None) -> str:
    """Return `blocked` for a hold of the book: its own codes translated, Business Central's words as they are."""
    return encoded(HOLDS.get(code or "", code or ""))
