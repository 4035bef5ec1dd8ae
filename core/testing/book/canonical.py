"""A book's rows under the canonical field names, as a connector would hand them over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream

from .ledger import Ledger
from .objects import Account, Allocation, Contact, Customer, Item, Payment, to_amount

Row = dict[str, Any]


def canonical_rows(ledger: Ledger, stream: Stream, since: datetime | None) -> Iterator[Row]:
    """Yield the stream's rows in key order, those stamped at or after `since`, empty fields left out."""
    for row in _STREAMS[stream](ledger):
        stamp = row.get("changed_at")
        if since is None or stamp is None or stamp >= since:
            yield {name: found for name, found in row.items() if found is not None and found != ""}


def _companies(ledger: Ledger) -> Iterator[Row]:
    for code, company in sorted(ledger.companies.items()):
        yield {
            "company": code,
            "name": company.name,
            "legal_name": company.name,
            "currency": company.currency,
            "vat_id": company.vat_id,
            "register_number": company.register_number,
            "timezone": company.timezone,
            "country": company.country,
            "address": _address(company.street, company.postal_code, company.city, company.country),
        }


def _terms(ledger: Ledger) -> Iterator[Row]:
    for key, term in sorted(ledger.terms.items()):
        yield {
            "key": key,
            "text": term.text,
            "net_days": term.net_days,
            "discount_days": term.discount_days,
            "discount_percent": term.discount_percent,
        }


def _rates(ledger: Ledger) -> Iterator[Row]:
    for rate in sorted(ledger.exchange_rates, key=lambda rate: rate.key):
        yield {
            "from_currency": rate.from_currency,
            "to_currency": rate.to_currency,
            "valid_on": rate.valid_on,
            "rate": rate.rate,
        }


def _customers(ledger: Ledger) -> Iterator[Row]:
    for _, customer in sorted(ledger.customers.items()):
        for account in customer.accounts.values():
            yield _customer(customer, account)


def _customer(customer: Customer, account: Account) -> Row:
    limit = account.credit_limit
    return {
        "company": account.company,
        "key": customer.key,
        "name": customer.name,
        "state": customer.state,
        "state_since": customer.state_since,
        "payer": customer.payer,
        "parent": customer.parent,
        "group": customer.group,
        "collector": account.collector,
        "credit_manager": account.credit_manager,
        "terms": account.terms,
        "currency": customer.currency,
        "credit_limit": None if limit is None else Decimal(limit),
        "limit_currency": None if limit is None else customer.currency,
        "hold": account.hold,
        "dunning_block": account.dunning_block,
        "language": customer.language,
        "country": customer.country,
        "tax_id": customer.tax_id,
        "address": _address(customer.street, customer.postal_code, customer.city, customer.country),
        "changed_at": max(customer.changed_at, account.changed_at),
    }


def _contacts(ledger: Ledger) -> Iterator[Row]:
    for _, contact in sorted(ledger.contacts.items()):
        yield _contact(contact)


def _contact(contact: Contact) -> Row:
    return {
        "key": contact.key,
        "customer": contact.customer,
        "name": contact.name,
        "purposes": contact.purposes,
        "email": contact.email,
        "phone": contact.phone,
        "language": contact.language,
        "role": contact.role,
        "changed_at": contact.changed_at,
    }


def _items(ledger: Ledger) -> Iterator[Row]:
    for _, item in sorted(ledger.items.items()):
        yield _item(item)


def _item(item: Item) -> Row:
    def money(minor: int | None) -> Decimal | None:
        return None if minor is None else to_amount(minor, item.currency)

    return {
        "company": item.company,
        "key": item.key,
        "customer": item.customer,
        "payer": item.payer,
        "kind": item.kind,
        "item_class": item.item_class,
        "currency": item.currency,
        "amount": money(item.amount_minor),
        "open_amount": money(item.open_minor),
        "tax_amount": money(item.tax_minor),
        "discount_amount": money(item.discount_minor) if item.discount_minor else None,
        "company_currency": item.company_currency,
        "company_amount": to_amount(item.company_amount_minor, item.company_currency),
        "company_open_amount": to_amount(item.company_open_minor, item.company_currency),
        "document_no": str(item.document_no),
        "document_type": item.document_type,
        "instalment": item.instalment,
        "fiscal_year": item.fiscal_year,
        "document_on": item.document_on,
        "due_on": item.due_on,
        "posted_on": item.posted_on,
        "discount_on": item.discount_on,
        "cleared_on": item.cleared_on,
        "payment_method": item.payment_method,
        "terms": item.terms,
        "purchase_order": item.purchase_order,
        "sales_order": str(item.sales_order) if item.sales_order else None,
        "reference": item.reference,
        "text": item.text,
        "business_unit": item.business_unit,
        "applies_to": item.applies_to,
        "disputed_amount": money(item.disputed_minor),
        "dispute_reason": item.dispute_reason,
        "dunning_block": item.dunning_block,
        "dunning_level": item.dunning_level,
        "last_dunned_on": item.last_dunned_on,
        "address": _one_time(item),
        "changed_at": item.changed_at,
    }


def _one_time(item: Item) -> Row | None:
    if item.address is None:
        return None
    name, city, postal_code, country = item.address
    return {"lines": (name,), "postal_code": postal_code, "city": city, "country": country}


def _payments(ledger: Ledger) -> Iterator[Row]:
    for _, payment in sorted(ledger.payments.items()):
        yield _payment(payment)


def _payment(payment: Payment) -> Row:
    return {
        "company": payment.company,
        "key": payment.key,
        "customer": payment.customer,
        "currency": payment.currency,
        "amount": payment.amount,
        "unapplied_amount": to_amount(payment.unapplied_minor, payment.currency),
        "company_currency": payment.company_currency,
        "company_amount": to_amount(payment.company_amount_minor, payment.company_currency),
        "received_on": payment.received_on,
        "posted_on": payment.received_on,
        "method": payment.method,
        "reference": payment.reference,
        "reversal_of": payment.reversal_of,
        "reversed_on": payment.reversed_on,
        "changed_at": payment.changed_at,
    }


def _allocations(ledger: Ledger) -> Iterator[Row]:
    for _, made in sorted(ledger.allocations.items()):
        yield _allocation(made)


def _allocation(made: Allocation) -> Row:
    return {
        "company": made.company,
        "key": made.key,
        "item": made.item,
        "payment": made.payment,
        "kind": made.kind,
        "currency": made.currency,
        "amount": made.amount,
        "company_amount": to_amount(made.company_minor, made.company_currency),
        "allocated_on": made.allocated_on,
        "posted_on": made.allocated_on,
        "reason": made.reason,
        "reversal_of": made.reversal_of,
        "changed_at": made.changed_at,
    }


def _address(street: str, postal_code: str, city: str, country: str) -> Row:
    return {"lines": (street,), "postal_code": postal_code, "city": city, "country": country}


_STREAMS: Final[dict[Stream, Callable[[Ledger], Iterable[Row]]]] = {
    "company": _companies,
    "payment_term": _terms,
    "exchange_rate": _rates,
    "customer": _customers,
    "contact": _contacts,
    "item": _items,
    "payment": _payments,
    "allocation": _allocations,
}
