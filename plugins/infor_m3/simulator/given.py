"""What a connector shall read of the simulated M3, under the canonical names and the keys that were agreed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book.objects import to_amount

from .codes import CONTACT_TYPES, DIVISIONS, MAIL_TYPE, PURPOSES, invoice_number, is_collected, is_to_collect
from .programs.invoices import discount_on
from .site import Site
from .tables.cells import NO_AMOUNT, rate
from .tables.customers import second_line
from .tables.lines import Line

Row = dict[str, Any]


def given(site: Site, stream: Stream) -> Iterator[Row]:
    """Yield the rows of a stream; what M3 does not have of a row is left out of it."""
    for row in _STREAMS[stream](site):
        yield {name: held for name, held in row.items() if held not in (None, "", ())}


def item_key(line: Line) -> str:
    """Return the key of the item that a row belongs to."""
    item = line.item
    return f"{item.payer or item.customer}|{item.customer}|{invoice_number(item)}|{item.fiscal_year}"


def _companies(site: Site) -> Iterator[Row]:
    for code, company in site.book.companies.items():
        yield {"company": DIVISIONS[code], "currency": company.currency}


def _terms(site: Site) -> Iterator[Row]:
    for term in site.book.terms.values():
        yield {"key": term.key, "net_days": term.net_days}


def _rates(site: Site) -> Iterator[Row]:
    for each in site.book.exchange_rates:
        yield {
            "from_currency": each.from_currency,
            "to_currency": each.to_currency,
            "valid_on": each.valid_on,
            "rate": Decimal(rate(each.scaled)),
        }


def _customers(site: Site) -> Iterator[Row]:
    for customer in site.book.customers.values():
        stop = site.customers.of(customer, ("BLCD",))["BLCD"]
        account = customer.accounts[None]
        yield {
            "key": customer.key,
            "name": customer.name[:36],
            "state": customer.state,
            "payer": customer.payer,
            "group": customer.group,
            "collector": account.collector,
            "terms": account.terms,
            "currency": customer.currency,
            "credit_limit": Decimal(account.credit_limit) if account.credit_limit else None,
            "hold": stop if stop != "0" else None,
            "dunning_block": "N" if account.dunning_block else None,
            "country": customer.country,
            "tax_id": customer.tax_id,
            "address": {
                "lines": tuple(each for each in (customer.street, second_line(customer)) if each),
                "postal_code": customer.postal_code, "city": customer.city, "country": customer.country,
            },
        }  # fmt: skip


def _contacts(site: Site) -> Iterator[Row]:
    for contact in site.book.contacts.values():
        if contact.line:
            kind = CONTACT_TYPES.get(contact.role, "")
            yield {
                "key": contact.key, "customer": contact.customer, "name": contact.name, "email": contact.email,
                "role": contact.role, "purposes": (PURPOSES[kind],) if kind in PURPOSES else (),
            }  # fmt: skip
        elif contact.email:
            key = f"{contact.customer}|MAIL"
            yield {"key": key, "customer": contact.customer, "email": contact.email, "purposes": ("main",)}
    for number, address in site.mails.of_customers():
        key = f"{number}|MAIL|{MAIL_TYPE}"
        yield {"key": key, "customer": number, "email": address, "purposes": ("main",)}


def _items(site: Site) -> Iterator[Row]:
    for lines in site.ledger.rows.values():
        head = lines[0]
        if head.item.key not in site.cells.spoilt:
            yield _item(site, head)


def _block(line: Line, stop: str) -> str | None:
    """Return what stops reminders: a collector before RMBL."""
    if is_collected(line.item):
        return "at the collector"
    return "goes to the collector" if is_to_collect(line.item) else stop if stop != "0" else None


def _item(site: Site, line: Line) -> Row:
    item, closed = line.item, not line.item.open_minor
    cells = site.cells.of(line, ("RMQT", "LRDT", "RMBL"))
    own, until = item.company_currency, discount_on(line)
    return {
        "company": line.division,
        "key": item_key(line),
        "customer": item.customer,
        "payer": item.payer,
        "kind": item.kind,
        "item_class": item.item_class,
        "currency": item.currency,
        "amount": to_amount(item.amount_minor, item.currency),
        "open_amount": to_amount(item.open_minor, item.currency),
        "company_currency": own,
        "company_amount": to_amount(item.company_amount_minor, own),
        "company_open_amount": to_amount(0 if closed else item.company_open_minor, own),
        "document_no": invoice_number(item),
        "fiscal_year": item.fiscal_year,
        "document_on": item.document_on,
        "due_on": item.due_on,
        "posted_on": line.posted_on,
        "cleared_on": item.cleared_on if closed else None,
        "terms": item.terms if item.kind != "on_account" else None,
        "discount_on": until,
        "discount_amount": to_amount(item.discount_minor, item.currency) if until else None,
        "dunning_block": _block(line, cells["RMBL"]),
        "dunning_level": int(cells["RMQT"]) or None,
    }


def _money(site: Site) -> Iterator[Line]:
    """Yield the rows of money that can be read: those of TRCD 20."""
    for line in site.ledger.all():
        if line.code == "20" and site.cells.one(line, "CUAM") != NO_AMOUNT and not _is_spoilt(site, line):
            yield line


def _is_spoilt(site: Site, line: Line) -> bool:
    return bool(line.made and line.made.payment in site.cells.spoilt_payments) or (
        line.sort == "document" and line.item.key in site.cells.spoilt
    )


def _payments(site: Site) -> Iterator[Row]:
    for line in _money(site):
        item = line.item
        yield {
            "company": line.division,
            "key": record_key(line),
            "customer": item.payer or item.customer,
            "currency": item.currency,
            "amount": to_amount(-line.minor, item.currency),
            "received_on": line.day,
            "posted_on": line.posted_on,
            **_own_amount(site, line),
        }


def _allocations(site: Site) -> Iterator[Row]:
    for line in _money(site):
        if line.sort == "money" and line.item.kind != "on_account":
            yield {
                "company": line.division,
                "key": record_key(line),
                "item": item_key(line),
                "payment": record_key(line),
                "kind": "cash",
                "currency": line.item.currency,
                "amount": to_amount(-line.minor, line.item.currency),
                "allocated_on": line.day,
                **{name: held for name, held in _own_amount(site, line).items() if name == "company_amount"},
            }


def _own_amount(site: Site, line: Line) -> Mapping[str, Any]:
    """Return what money came to in the division's currency: EXPORTMI alone tells it of foreign money."""
    own = line.item.company_currency
    if not site.options["exportmi"] and own != line.item.currency:
        return {}
    return {"company_currency": own, "company_amount": to_amount(-line.own_minor, own)}


def record_key(line: Line) -> str:
    """Return the key of a row."""
    return f"{line.year}|{line.journal}|{line.sequence}"


_STREAMS: Final[Mapping[Stream, Callable[[Site], Iterator[Row]]]] = {
    "company": _companies,
    "payment_term": _terms,
    "exchange_rate": _rates,
    "customer": _customers,
    "contact": _contacts,
    "item": _items,
    "payment": _payments,
    "allocation": _allocations,
}
