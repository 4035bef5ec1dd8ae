"""CRS610MI: customers, their addresses, and how they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from duehook.core.testing.book import Customer, Item
from duehook.core.testing.book.objects import to_amount
from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.refusal import UNKNOWN, Nok, nok
from duehook.plugins.infor_m3.simulator.tables.customers import CUSTOMERS

_KEYS: Final = ("CUNO", "CONO", "DIVI", "LNCD", "CHNO")


def the_customer(asked: Asked) -> Customer:
    """Return the customer that CUNO names; Nok for one that there is not."""
    customer = asked.site.book.customers.get(asked.get("CUNO"))
    if customer is None:
        raise nok("CUNO", UNKNOWN, f"Customer number {asked.get('CUNO')}")
    return customer


def _list_by_number(asked: Asked) -> Iterator[Record]:
    """List from that number on: the number is a position, not a filter."""
    customers, since = asked.site.customers, int(asked.get("LMTS") or 0)
    for customer in customers.behind(asked.get("CUNO")):
        if not since or customers.stamp(customer) >= since:
            yield customers.of(customer, asked.columns)


def _get(asked: Asked) -> Iterator[Record]:
    yield asked.site.customers.of(the_customer(asked), asked.columns)


def _financial(asked: Asked) -> Iterator[Record]:
    """Return how a customer stands, with what is open and late of it in the division."""
    customer, site = the_customer(asked), asked.site
    lines = site.ledger.heads(site.ledger.of_customer.get(customer.key, {}))
    items = [line.item for line in lines if line.item.open_minor and line.division == asked.division]
    late = [item for item in items if item.due_on and item.due_on < site.book.day]
    days = max(((site.book.day - item.due_on).days for item in late if item.due_on), default=0)
    totals = {"TOIN": _open(items), "TDIN": _open(late), "ODUE": str(min(days, 999))}
    yield site.customers.of(customer, asked.columns) | totals


def _open(items: list[Item]) -> str:
    return str(sum((to_amount(each.company_open_minor, each.company_currency) for each in items), Decimal(0)))


def _change_financial(asked: Asked) -> Iterator[Record]:
    """Change what is named of a customer; one who names a CHNO that is no longer true has looked too long ago."""
    customer, site = the_customer(asked), asked.site
    held = site.customers.of(customer, ("CHNO",))["CHNO"]
    if asked.get("CHNO") and int(asked.get("CHNO")) != int(held):
        raise Nok("The record has been changed by another user", code="XRE0103", field="CHNO")
    for name, value in asked.values.items():
        if name not in _KEYS and value:
            book = site.customers.book_cell(name, customer)
            site.written.put(CUSTOMERS, customer.key, name, value=value, book=book)
    site.written.stamp(CUSTOMERS, customer.key, site.now)
    site.keep()
    yield from ()


def _addresses(asked: Asked) -> Iterator[Record]:
    """List the further addresses: every third customer has its invoices sent elsewhere."""
    customer = the_customer(asked)
    found = asked.site.customers.of(customer, asked.columns)
    if int(customer.key) % 3 == 0 and asked.get("ADRT") in ("", "3", "03"):
        yield found | {"ADRT": "3", "ADID": "INV", "CUA1": f"Invoices, {customer.street}"[:36]}


CRS610MI: Final[Mapping[str, Handler]] = {
    "LstByNumber": _list_by_number,
    "GetBasicData": _get,
    "GetOrderInfo": _get,
    "GetFinancial": _financial,
    "ChgFinancial": _change_financial,
    "LstAddresses": _addresses,
}
