"""Rows of the master tables: addresses, customers, contacts, companies, currencies, terms, codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from duehook.core.money import exponent
from duehook.core.testing.book import Account, Book, Contact, Customer, Rate

from .codes import CODES, CONTACT_TYPES, CREDIT_MESSAGES, LANGUAGES, SEARCH_TYPES
from .encoding import julian, stamp
from .ledger_rows import Row, rate_text
from .tables import TABLES

ALL_COMPANIES: Final = "00000"


def master_rows(book: Book, zone: tzinfo) -> Iterator[tuple[str, Row]]:
    """Yield every master row of a book with the name of its table."""
    yield from _site_rows(book)
    for rate in book.exchange_rates:
        yield "F0015", rate_row(rate, zone)
    for place, customer in enumerate(book.customers.values()):
        yield from customer_rows(book, customer, place, zone=zone)
    for contact in book.contacts.values():
        yield from contact_rows(contact, zone)


def customer_rows(book: Book, customer: Customer, place: int, *, zone: tzinfo) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a customer, the one at that place in the book."""
    yield "F0101", address_book_row(customer, zone)
    for account in customer.accounts.values():
        yield "F03012", account_row(customer, account, zone)
    for row in _street_rows(book, customer, place):
        yield "F0116", row
    if customer.parent:
        yield "F0150", TABLES["F0150"].row(PA8=int(customer.parent), AN8=int(customer.key), **_audit(customer, zone))


def _audit(stamped: Any, zone: tzinfo) -> dict[str, Any]:
    day, time = stamp(stamped.changed_at, zone)
    return {"USER": "MASTER", "PID": "P01012", "JOBN": "SIM", "UPMJ": day, "UPMT": time}


def _site_rows(book: Book) -> Iterator[tuple[str, Row]]:
    for company in book.companies.values():
        number = int(company.code)
        yield "F0010", TABLES["F0010"].row(CO=company.code, NAME=company.name, CRCD=company.currency, AN8=number)
        yield "F0101", TABLES["F0101"].row(AN8=number, ALPH=company.name, TAX=company.vat_id, AT1="O")
        yield "F0116", TABLES["F0116"].row(
            AN8=number, EFTB=julian(book.day - timedelta(days=2000)), ADD1=company.street, ADDZ=company.postal_code,
            CTY1=company.city, CTR=company.country,
        )  # fmt: skip
        for unit in range(10, 15):
            text = f"{company.city} {unit}"
            yield "F0006", TABLES["F0006"].row(MCU=f"{company.code[3:]}{unit}", DL01=text, CO=company.code)
    for code in ("USD", "EUR", "GBP", "JPY", "KWD"):
        yield "F0013", TABLES["F0013"].row(CRCD=code, DL01=code, CDEC=str(exponent(code)))
    for term in book.terms.values():
        percent = int((term.discount_percent or Decimal(0)) * 10)
        yield (
            "F0014",
            TABLES["F0014"].row(
                PTC=term.key, PTD=term.text, NDTP=term.net_days, DCP=percent, DCD=term.discount_days or 0
            ),
        )
    for system, kind, code, text in CODES:
        yield "F0005", TABLES["F0005"].row(SY=system, RT=kind, KY=code, DL01=text)


def rate_row(rate: Rate, zone: tzinfo) -> Row:
    """Return the F0015 row of a rate: a multiplier, with the divisor beside it."""
    return TABLES["F0015"].row(
        CRCD=rate.from_currency, CRDC=rate.to_currency, EFT=julian(rate.valid_on), CRR=rate_text(rate.scaled),
        CRRD=rate_text(10**14 // rate.scaled), CRCM="Y", CLMETH="1", **_audit(rate, zone),
    )  # fmt: skip


def address_book_row(customer: Customer, zone: tzinfo) -> Row:
    """Return the F0101 row of a customer."""
    return TABLES["F0101"].row(
        AN8=int(customer.key), ALPH=customer.name, TAX=customer.tax_id, CM=CREDIT_MESSAGES.get(customer.state),
        AT1=SEARCH_TYPES.get(customer.state, "C"), LNGP=LANGUAGES[customer.language], MCU="110",
        AC01=(customer.group or "")[-3:], **_audit(customer, zone),
    )  # fmt: skip


def account_row(customer: Customer, account: Account, zone: tzinfo) -> Row:
    """Return the F03012 row of a customer in one company, or in all (00000)."""
    cells = {alias: cell for field in ACCOUNT_CELLS for alias, cell in account_cells(account, field).items()}
    return TABLES["F03012"].row(
        AN8=int(customer.key), CO=account.company or ALL_COMPANIES, CRCD=customer.currency, AMCR=customer.currency,
        TRAR=account.terms, CMGR=account.credit_manager, PLY="STD", COLL="Y", AFC="N",
        RYIN="B" if customer.direct_debit else "T", ARPY=int(customer.payer or 0), STTO="C", SITO="C",
        **cells, **_audit(account, zone),
    )  # fmt: skip


ACCOUNT_CELLS: Final = ("hold", "dunning_block", "credit_limit", "collector")


def account_cells(account: Account, field: str) -> dict[str, Any]:
    """Return the cell of F03012 that holds one field of an account."""
    cells: dict[str, dict[str, Any]] = {
        "hold": {"HOLD": account.hold or ""},
        "dunning_block": {"DNLT": "N" if account.dunning_block else "Y"},
        "credit_limit": {"ACL": account.credit_limit or 0},
        "collector": {"CLMG": account.collector},
    }
    return cells[field]


def _street_rows(book: Book, customer: Customer, place: int) -> Iterator[Row]:
    """Yield a customer's address; some moved in the past, and some will move in years to come."""
    table, moved = TABLES["F0116"], book.day - timedelta(days=400)
    cells = {
        "AN8": int(customer.key), "ADD1": customer.street, "ADDZ": customer.postal_code, "CTY1": customer.city,
        "CTR": customer.country,
    }  # fmt: skip
    yield table.row(EFTB=julian(moved), **cells)
    if place % 5 == 0:
        yield table.row(EFTB=julian(moved - timedelta(days=700)), **(cells | {"ADD1": "1 Former Street"}))
    if place % 9 == 0:
        yield table.row(EFTB=julian(book.day + timedelta(days=1500)), **(cells | {"ADD1": "9 Future Avenue"}))


def contact_rows(contact: Contact, zone: tzinfo) -> Iterator[tuple[str, Row]]:
    """Yield the F0111, F0115 and F01151 rows of a contact; some have a web page beside the e-mail."""
    who = {"AN8": int(contact.customer), "IDLN": contact.line}
    kind = next((CONTACT_TYPES[purpose] for purpose in contact.purposes if purpose in CONTACT_TYPES), "")
    audit = _audit(contact, zone)
    name = {"MLNM": contact.name, "ALPH": contact.name, "ATTL": contact.role}
    yield "F0111", TABLES["F0111"].row(TYC=kind, **who, **name, **audit)
    if contact.phone:
        area, number = contact.phone.split(" ", 1)
        yield "F0115", TABLES["F0115"].row(RCK7=1, AR1=area, PH1=number, **who, **audit)
    if contact.email:
        yield "F01151", TABLES["F01151"].row(RCK7=1, ETP="E", EMAL=contact.email, **who, **audit)
        if contact.line == 0 and int(contact.customer) % 4 == 0:
            page = f"https://{contact.email.partition('@')[2]}"
            yield "F01151", TABLES["F01151"].row(RCK7=2, ETP="I", EMAL=page, **who, **audit)
