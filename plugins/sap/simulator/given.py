"""How SAP gives the book's rows: under its own keys and codes, without what its services do not have.

This is what a connector shall make of the services, where the dossier leaves a choice:

- item: every line of a customer (FinancialAccountType D) whose document type is no payment's (DZ, AB), and
  every line of a payment's document that refers to no invoice and that its own document has not cleared
  (on-account cash, kind on_account; the line of a full payment once its clearing was reset). Key
  `company|year|document|line`. `amount` is the line's own; `open_amount` is the sum of the open lines among
  itself and those of payment documents that refer to it (InvoiceReference + year + line), also when its own
  line is cleared, as a residual item leaves it; a credit note that refers to an invoice is an item, and
  `applies_to` it. `cleared_on` is told when nothing is open.
  `item_class` comes from SpecialGLCode, PaymentMethod and document type, as codes.SITE_SETTINGS has it.
- customer: one row an A_CustomerCompany, with `company` its company code and `key` the customer number.
  `state` from CustomerAccountGroup or OrderIsBlockedForCustomer; `payer`, `parent` from AlternativePayerAccount
  and CustomerHeadOffice; `group` from CustomerCorporateGroup; `collector` is the accounting clerk's code;
  dunning data are those of the DunningArea ''; credit is the account of the segment in the settings; a limit
  of 0 without CreditLimitIsZero is none. `hold` is the block reason of a blocked credit account.
- contact: people under their RelationshipNumber, current ones only (ValidityEndDate 9999-12-31); `role` is
  ContactPersonFunctionName, `purposes` follow from ContactPersonFunction, the name is the person's; the
  customer's own address under `partner|AddressID`, with the default e-mail and phone and purpose main.
- payment: every document of a payment's type, `company|year|document`. The amount is what its lines without
  a reason code take off, less their discount; `customer` is that of its first line. A reversal's amount is
  negative, `reversal_of` is the document it reverses. What is unapplied is what is open of its own
  on-account line.
- allocation: every line of a payment's document that refers to an item; and of every clearing, what it took off
  an item beyond what refers to it, by the clearing document where that is a payment with lines (kind cash; credit
  where it nets), else without a payment (kind credit). The discount beside money is an allocation of its own:
  CashDiscountAmount of the payment's line, of a clearing that of the item where the payment granted any. A reason
  code tells the kind, a netting document's lines are of the kind credit, all others cash.
- company, payment_term: no service has them; they are what SITE_SETTINGS says. The lines of the cube bear the
  company code's name (25 characters) and currency.
- exchange_rate: none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Contact, Customer
from duehook.core.testing.sap_ledger.codes import CLERKS, company_code

from .client import Client
from .codes import partner_number
from .ledger.given import CubeGiven
from .reach import address_id, relationship

Row = dict[str, Any]
LACKS: Final = {
    "payment_term": "SAP publishes no service for T052: what a code means is written in the settings",
    "company": "SAP publishes no service for T001: company codes are written in the settings",
    "exchange_rate": "none of the services used has rates: they are given by a file",
    "unposted": "parked documents are not in the cube",
    "deletes": "a posted document is never deleted, and parked ones are not seen",
    "set_promise": "no released service for promises to pay: they stay in Duehook, with a note",
    "set_dispute": "the dispute service is not activated on this site",
    "post_fee": "posting is left to SAP's own programs",
    "post_allocation": "posting is left to SAP's own programs",
    "sign-in that runs out": "a communication user's password does not run out, and a 401 tried again locks the user",
}


def given(client: Client, stream: Stream) -> Iterator[Row]:
    """Yield the stream's rows as a connector shall read them, fields without a value left out."""
    rows: Mapping[Stream, Callable[[Client], Iterator[Row]]] = {
        "company": _companies,
        "payment_term": _terms,
        "customer": _customers,
        "contact": _contacts,
        "item": lambda client: CubeGiven(client).items(),
        "payment": lambda client: CubeGiven(client).payments(),
        "allocation": lambda client: CubeGiven(client).allocations(),
    }
    if stream in rows:
        for row in rows[stream](client):
            yield {name: held for name, held in row.items() if held is not None and held != ""}


def _companies(client: Client) -> Iterator[Row]:
    for company in client.book.companies.values():
        yield {"company": company_code(company.code), "name": company.name[:25], "currency": company.currency}


def _terms(client: Client) -> Iterator[Row]:
    for term in client.book.terms.values():
        yield {
            "key": term.key, "text": term.text, "net_days": term.net_days, "discount_days": term.discount_days,
            "discount_percent": term.discount_percent,
        }  # fmt: skip


def _customers(client: Client) -> Iterator[Row]:
    for key, companies in sorted(client.partners.companies.items()):
        for company in sorted(companies):
            yield _customer(client, client.book.customers[key], company)


def _customer(client: Client, customer: Customer, company: str) -> Row:
    account, code = customer.account(company), company_code(company)
    limit = customer.accounts[None].credit_limit
    dunning = client.partners.tables["A_CustomerDunning"].get((customer.key, code, ""))
    level = int(dunning.get("DunningLevel", "0") or 0) if dunning else 0
    return {
        "company": code,
        "key": customer.key,
        "name": customer.name,
        "state": customer.state,
        "payer": customer.payer,
        "parent": customer.parent,
        "group": customer.group,
        "collector": CLERKS[account.collector],
        "terms": account.terms,
        "credit_limit": None if limit is None else Decimal(limit),
        "limit_currency": None if limit is None else customer.currency,
        "hold": client.credit.hold(customer.key),
        "dunning_block": dunning.get("DunningBlock") if dunning else None,
        "dunning_level": level or None,
        "last_dunned_on": dunning.get("LastDunnedOn") if dunning and level else None,
        "language": customer.language,
        "country": customer.country,
        "address": {
            "lines": (customer.street,), "postal_code": customer.postal_code, "city": customer.city,
            "country": customer.country,
        },
    }  # fmt: skip


def _contacts(client: Client) -> Iterator[Row]:
    for contact in client.book.contacts.values():
        yield _own_address(contact) if contact.line == 0 else _person(contact)


def _own_address(contact: Contact) -> Row:
    return {
        "key": f"{partner_number(contact.customer)}|{address_id(contact.customer)}",
        "customer": contact.customer, "name": contact.name, "purposes": ("main",), "email": contact.email,
        "phone": contact.phone and contact.phone.replace(" ", ""), "language": contact.language,
    }  # fmt: skip


def _person(contact: Contact) -> Row:
    return {
        "key": relationship(contact.customer, contact.line), "customer": contact.customer, "name": contact.name,
        "purposes": contact.purposes, "email": contact.email, "phone": contact.phone, "language": contact.language,
        "role": contact.role,
    }  # fmt: skip
