"""How SAP gives the book's rows: under its own keys and codes, without what its services do not have.

This is what a connector shall make of the services, where the dossier leaves a choice:

- item: every line of a customer (FinancialAccountType D) whose document type is no payment's (DZ, AB), and
  every line of a payment's document that refers to no invoice (on-account cash, kind on_account). Key
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
- allocation: every line of a payment's document that refers to an item. Its discount is an allocation of
  its own; a reason code tells the kind, a netting document's lines are of the kind credit, all others cash.
- company, payment_term: no service has them; they are what SITE_SETTINGS says. The lines of the cube bear the
  company code's name (25 characters) and currency.
- exchange_rate: none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Contact, Customer, Item
from duehook.core.testing.book.objects import to_amount

from .client import Client
from .codes import CLERKS, DISPUTE_REASONS, METHODS, NETTING, PAYMENT_TYPES, REASONS, company_code, partner_number
from .lines import Line, LineKey, document_of, item_key, payment_of, type_of
from .partners import address_id, relationship

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
_KIND_OF_REASON: Final = {code: kind for kind, code in REASONS.items()}


def given(client: Client, stream: Stream) -> Iterator[Row]:
    """Yield the stream's rows as a connector shall read them, fields without a value left out."""
    rows: Mapping[Stream, Callable[[Client], Iterator[Row]]] = {
        "company": _companies,
        "payment_term": _terms,
        "customer": _customers,
        "contact": _contacts,
        "item": _items,
        "payment": _payments,
        "allocation": _allocations,
    }
    if stream in rows:
        for row in rows[stream](client):
            yield {name: held for name, held in row.items() if held is not None and held != ""}


def key_text(key: LineKey) -> str:
    """Return an item's key as a connector writes it."""
    return "|".join(key)


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


def _items(client: Client) -> Iterator[Row]:
    for item in client.book.items.values():
        if item.posted:
            yield _item(client, item)


def _item(client: Client, item: Item) -> Row:
    def money(minor: int) -> Decimal:
        return to_amount(minor, item.currency)

    lines = [line for line in client.cube.lines(item) if line.cleared is None]
    key = item_key(item)
    left = sum(line.minor for line in lines)
    return {
        "company": key[0],
        "key": key_text(key),
        "customer": item.customer,
        "kind": item.kind,
        "item_class": item.item_class,
        "currency": item.currency,
        "amount": money(item.amount_minor),
        "open_amount": money(left),
        "company_currency": item.company_currency,
        "company_amount": to_amount(item.company_amount_minor, item.company_currency),
        "company_open_amount": to_amount(sum(line.company_minor for line in lines), item.company_currency),
        "discount_amount": money(item.discount_minor) if item.discount_minor else None,
        "document_no": key[2],
        "document_type": type_of(client.cube.lines(item)[0]),
        "fiscal_year": item.fiscal_year,
        "document_on": item.document_on,
        "due_on": item.due_on,
        "posted_on": item.posted_on,
        "discount_on": item.discount_on,
        "cleared_on": None if lines else _cleared_on(client, item),
        "payment_method": METHODS.get(item.payment_method),
        "terms": item.terms,
        "sales_order": str(item.sales_order) if item.sales_order else None,
        "reference": item.reference[:16],
        "text": item.text,
        "applies_to": _applies_to(client, item),
        "dunning_block": item.dunning_block,
        "dunning_level": item.dunning_level,
        "last_dunned_on": item.last_dunned_on,
        **_dispute(client, key),
    }


def _cleared_on(client: Client, item: Item) -> date:
    """Return when the last of it was cleared, be it the item's own line or a residual one."""
    return max(line.cleared.on for line in client.cube.lines(item) if line.cleared)


def _applies_to(client: Client, item: Item) -> str | None:
    of = client.book.items.get(item.applies_to or "") or client.book.purged_items.get(item.applies_to or "")
    return key_text(item_key(of)) if of else None


def _dispute(client: Client, key: LineKey) -> Row:
    case = client.disputes.of(key) if client.disputes else None
    if case is None:
        return {}
    reason = str(case.get("CaseReason", ""))
    return {"disputed_amount": case.get("DisputedAmount"), "dispute_reason": DISPUTE_REASONS.get(reason, reason)}


def _documents(client: Client) -> dict[tuple[str, str, str], list[Line]]:
    """Return the lines of payments' documents, by company, year and number, in the order of their lines."""
    found: dict[tuple[str, str, str], list[Line]] = {}
    for item in client.book.items.values():
        for line in client.cube.lines(item):
            if type_of(line) in PAYMENT_TYPES:
                found.setdefault(line.key[:3], []).append(line)
    return {key: sorted(lines, key=lambda line: line.key) for key, lines in found.items()}


def _payments(client: Client) -> Iterator[Row]:
    for key, lines in _documents(client).items():
        first = lines[0]
        money = [line for line in lines if not line.reason]
        own = [line for line in lines if line.payment is None]
        left = sum(each.minor for line in own for each in client.cube.lines(line.item) if each.cleared is None)
        payment, currency = first.payment, first.item.currency
        back = payment_of(client.book, payment.reversal_of) if payment and payment.reversal_of else None
        on = payment.received_on if payment else first.item.document_on
        yield {
            "company": key[0],
            "key": "|".join(key),
            "customer": first.item.customer,
            "currency": currency,
            "amount": to_amount(sum(line.discount_minor - line.minor for line in money), currency),
            "unapplied_amount": to_amount(-left, currency),
            "company_currency": first.item.company_currency,
            "company_amount": to_amount(
                sum(line.company_discount_minor - line.company_minor for line in money), first.item.company_currency
            ),
            "received_on": on,
            "posted_on": on,
            "reference": (payment or first.item).reference[:16],
            "reversal_of": "|".join((key[0], *document_of(back))) if back else None,
        }


def _allocations(client: Client) -> Iterator[Row]:
    for key, lines in _documents(client).items():
        for line in lines:
            if line.payment is None:
                continue
            yield from _line_allocations(key, line)


def _line_allocations(key: tuple[str, str, str], line: Line) -> Iterator[Row]:
    """Yield what a payment's line takes off its item: money or a reduction, and the discount beside it."""
    assert line.payment is not None
    currency, own = line.item.currency, line.item.company_currency
    row = {
        "company": key[0], "key": key_text(line.key), "item": key_text(item_key(line.item)), "payment": "|".join(key),
        "kind": _kind(line), "currency": currency, "allocated_on": line.payment.received_on,
        "amount": to_amount(line.discount_minor - line.minor, currency),
        "company_amount": to_amount(line.company_discount_minor - line.company_minor, own),
    }  # fmt: skip
    yield row
    if line.discount_minor:
        yield row | {
            "key": f"{key_text(line.key)}|discount", "kind": "discount",
            "amount": to_amount(-line.discount_minor, currency),
            "company_amount": to_amount(-line.company_discount_minor, own),
        }  # fmt: skip


def _kind(line: Line) -> str:
    if line.reason:
        return _KIND_OF_REASON[line.reason]
    return "credit" if type_of(line) == NETTING else "cash"
