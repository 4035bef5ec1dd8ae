"""How ECC gives the book's rows: under its own keys and codes, without what its tables do not have.

- item, payment, allocation: as core/testing/sap_ledger/given.py has them. Keys are the columns as the tables hold
  them: `BUKRS|GJAHR|BELNR|BUZEI` with zeros in front; `document_no` is without. `due_on` and `discount_on` follow
  from ZFBDT and the days of the line; a credit that refers to an invoice is due with that, where the invoice is
  there and is named whole. No column tells a direct debit.
- customer: one row a KNB1, `key` without zeros in front. `state` from AUFSD; `payer`, `parent` from KNRZB and KNRZE;
  `collector` is BUSAB; dunning data are those of KNB5 with the area blank; limit and hold are those of KNKK in
  the company's credit control area, in the company's currency; a limit of 0 is none.
- contact: KNVK under PARNR, its e-mail in ADR6 by PRSNR, `purposes` from PAFKT; the customer's own default e-mail
  under `KUNNR|email`, where it has one.
- company: T001. payment_term: what SITE_SETTINGS says. exchange_rate: none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Contact, Customer
from duehook.core.testing.sap_ledger.codes import CLERKS, company_code
from duehook.core.testing.sap_ledger.given import GivenLines
from duehook.core.testing.sap_ledger.lines import Line, own_line

from .codes import person_number
from .system import System
from .tables.ledger import EccLines, base_of, due_on
from .tables.masters import BLOCK
from .tables.schema import Row as Held
from .tables.schema import padded

Row = dict[str, Any]
_OWN: Final = "the site names no function module of its own for it, and SAP has released none"
_UNSTAMPED: Final = "BSID bears no stamp of a change, so that what is open is read whole each time"
LACKS: Final[Mapping[str, str]] = {
    "a stamp of item": _UNSTAMPED,
    "a stamp of payment": _UNSTAMPED,
    "exchange_rate": "none of the tables read has rates: they are given by a file",
    "unposted": "parked documents are not in BSID",
    "deletes": "a posted document is never deleted, and parked ones are not seen",
    "direct_debit": "none of the columns read tells a direct debit",
    "items without a due date": "a line without a base day (ZFBDT) is due by its document's day (BLDAT)",
    "add_note": _OWN,
    "set_credit_hold": _OWN,
    "release_credit_hold": _OWN,
    "set_dunning_block": _OWN,
    "set_dunning_level": "the level belongs to SAP's own dunning",
    "set_promise": "promises stay in Duehook: the site has no function module for them",
    "set_dispute": "the site has no function module for dispute cases",
    "post_fee": "posting is left to SAP's own programs",
    "post_allocation": "posting is left to SAP's own programs",
    "sign-in that runs out": "a user's password does not run out, and a wrong one tried again locks the user",
}


class EccGiven(GivenLines):
    """What a connector shall make of the lines."""

    ledger: EccLines

    def text(self, key: tuple[str, ...]) -> str:
        """Return a key as the tables hold it."""
        company, year, number, *line = key
        return "|".join((company, year, padded(number), *line))

    def more(self, own: Line) -> Row:
        """Return what follows from the line's days, and the class that its columns tell."""
        row = self.ledger.row(own)
        base, percent = base_of(row), row.get("ZBD1P")
        days = int(row.get("ZBD1T") or 0)
        return {
            "due_on": due_on(row, self._invoice(own)),
            "discount_on": base + timedelta(days=days) if base and percent else None,
            "item_class": "normal" if own.item.item_class == "direct_debit" else own.item.item_class,
        }

    def _invoice(self, own: Line) -> Held | None:
        """Return the line that one refers to whole, where it is there."""
        key = own.item.applies_to or ""
        if key not in self.book.items or own.item.key in self.ledger.halved or not self.book.items[key].posted:
            return None
        return self.ledger.row(own_line(self.book, self.book.items[key]))


def given(system: System, stream: Stream) -> Iterator[Row]:
    """Yield the stream's rows as a connector shall read them, fields without a value left out."""
    rows: Mapping[Stream, Callable[[System], Iterator[Row]]] = {
        "company": _companies,
        "payment_term": _terms,
        "customer": _customers,
        "contact": _contacts,
        "item": lambda system: EccGiven(system.lines).items(),
        "payment": lambda system: EccGiven(system.lines).payments(),
        "allocation": lambda system: EccGiven(system.lines).allocations(),
    }
    if stream in rows:
        for row in rows[stream](system):
            yield {name: held for name, held in row.items() if held is not None and held != ""}


def _companies(system: System) -> Iterator[Row]:
    for company in system.book.companies.values():
        yield {"company": company_code(company.code), "name": company.name[:25], "currency": company.currency}


def _terms(system: System) -> Iterator[Row]:
    for term in system.book.terms.values():
        yield {
            "key": term.key, "text": term.text, "net_days": term.net_days, "discount_days": term.discount_days,
            "discount_percent": term.discount_percent,
        }  # fmt: skip


def _customers(system: System) -> Iterator[Row]:
    for key, companies in sorted(system.masters.companies.items()):
        for company in sorted(companies):
            yield _customer(system, system.book.customers[key], company)


def _customer(system: System, customer: Customer, company: str) -> Row:
    account, code = customer.account(company), company_code(company)
    limit = customer.accounts[None].credit_limit
    level, on = system.masters.dunned(customer.key, code)
    return {
        "company": code,
        "key": customer.key,
        "name": customer.name[:35],
        "state": customer.state,
        "payer": customer.payer,
        "parent": customer.parent,
        "collector": CLERKS[account.collector],
        "terms": account.terms,
        "credit_limit": Decimal(limit) if limit else None,
        "limit_currency": system.book.companies[company].currency if limit else None,
        "hold": system.hold(customer.key, code),
        "dunning_block": system.masters.value(BLOCK, customer.key, code),
        "dunning_level": level or None,
        "last_dunned_on": on if level else None,
        "language": customer.language,
        "country": customer.country,
        "address": {
            "lines": (customer.street,), "postal_code": customer.postal_code, "city": customer.city,
            "country": customer.country,
        },
    }  # fmt: skip


def _contacts(system: System) -> Iterator[Row]:
    for contact in system.book.contacts.values():
        if contact.line:
            yield _person(contact)
        elif contact.email:
            customer = system.book.customers[contact.customer]
            yield {
                "key": f"{contact.customer}|email", "customer": contact.customer, "name": customer.name[:35],
                "purposes": ("main",), "email": contact.email, "language": customer.language,
            }  # fmt: skip


def _person(contact: Contact) -> Row:
    return {
        "key": person_number(contact.customer, contact.line), "customer": contact.customer, "name": contact.name,
        "purposes": contact.purposes, "email": contact.email, "phone": contact.phone,
    }  # fmt: skip
