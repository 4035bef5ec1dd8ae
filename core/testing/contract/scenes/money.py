"""What becomes of money in an ERP, act by act: after each, the balance must be whole.

Each scene yields after every act of it, so that a reading may come between. What an ERP lacks is asked
before the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book_simulator import balances
from duehook.core.testing.contract.erp import Balances, Row, SimulatedErp
from duehook.core.testing.contract.marks import needs

from .acts import customer_of, issue, pay

Scene = Callable[[SimulatedErp], Iterator[None]]


def part_paid(erp: SimulatedErp) -> Iterator[None]:
    """An invoice is paid in three parts."""
    with erp.act() as book:
        invoice = issue(book, "100.00")
    yield
    for amount in ("40.25", "35.00", "24.75"):
        with erp.act() as book:
            pay(book, invoice, amount)
        yield


def part_paid_abroad(erp: SimulatedErp) -> Iterator[None]:
    """An invoice in a currency that is not the company's is paid in part."""
    with erp.act() as book:
        invoice = issue(book, "500.00", "USD", company="00010")
    yield
    with erp.act() as book:
        pay(book, invoice, "123.45")
    yield


def on_account(erp: SimulatedErp) -> Iterator[None]:
    """Money comes that names no invoice, and is used for one later."""
    with erp.act() as book:
        invoice = issue(book, "100.00")
        money = issue(book, "-50.00", kind="on_account", customer=book.customers[invoice.customer])
    yield
    with erp.act() as book:
        book.net(money.key, invoice.key, 3000)
    yield


def paid_twice(erp: SimulatedErp) -> Iterator[None]:
    """Money comes for an invoice that is settled already, and bears its number."""
    with erp.act() as book:
        invoice = issue(book, "100.00")
        pay(book, invoice, "100.00")
    yield
    with erp.act() as book:
        issue(book, "-40.00", kind="on_account", customer=book.customers[invoice.customer], applies_to=invoice.key)
    yield


def archived(erp: SimulatedErp) -> Iterator[None]:
    """A settled invoice goes to the archive; money and a credit that bear its number stay open."""
    needs(erp.lacks, "purges")
    with erp.act() as book:
        customer = customer_of(book)
        old = issue(book, "100.00", customer=customer)
        issue(book, "30.00", customer=customer)
        pay(book, old, "60.00")
        pay(book, old, "40.00")
        issue(book, "-40.00", kind="on_account", customer=customer, applies_to=old.key)
        issue(book, "-15.00", kind="credit_note", customer=customer, applies_to=old.key)
    yield
    with erp.act() as book:
        book.purge(old.key)
    yield


def half_referring(way: str) -> Scene:
    """Return the scene in which money names its invoice by half, while it is open and when it is settled."""

    def scene(erp: SimulatedErp) -> Iterator[None]:
        with erp.act() as book:
            invoice = issue(book, "100.00")
        yield
        with erp.act() as book:
            money = issue(
                book, "-40.00", kind="on_account", customer=book.customers[invoice.customer], applies_to=invoice.key
            )
        erp.halve(money.key, way)
        yield
        with erp.act() as book:
            pay(book, invoice, "100.00")
        yield

    return scene


SCENES: Final[Mapping[str, Scene]] = {
    "paid in parts": part_paid,
    "paid in part abroad": part_paid_abroad,
    "cash on account": on_account,
    "paid twice": paid_twice,
    "archived": archived,
}


def balances_of(rows: list[Row]) -> dict[tuple[str, str, str], Decimal]:
    """Add up what is open of items by company, customer and currency, zeros left out."""
    return balances(((row["company"], row["customer"], row["currency"]), row["open_amount"]) for row in rows)


def unlike(theirs: Balances, ours: Balances) -> dict[tuple[str, str, str], Any]:
    """Return where two balances differ, with both amounts: the ERP's and ours."""
    names = [name for name in {**theirs, **ours} if theirs.get(name, 0) != ours.get(name, 0)]
    return {name: (theirs.get(name, 0), ours.get(name, 0)) for name in names}
