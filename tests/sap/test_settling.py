"""However payments come and go, the simulated ledger holds together: what is open is owed, and a clearing is even."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.testing.book import Book, Item
from duehook.core.testing.book.postings import Application
from duehook.core.testing.contract.scenes.acts import customer_of, issue, later, pay
from duehook.core.testing.sap_ledger.lines import Line
from duehook.core.testing.sap_ledger.settling import Posting
from duehook.plugins.sap.simulator.ledger.cube import Cube

START = date(2026, 3, 2)
WAYS = [Posting(), Posting("residual"), Posting(naming="all"), Posting("residual", "all")]
ACTS = st.tuples(
    st.sampled_from(["whole", "part", "discount", "short", "several", "net", "reverse", "purge"]), st.integers(0, 3)
)


class Ledger:
    """A customer's three invoices and a credit note, and the lines that they become."""

    def __init__(self, posting: Posting) -> None:
        self.book = Book.make(1, 4, 0, START)
        customer = customer_of(self.book)
        self.items = [issue(self.book, amount, customer=customer) for amount in ("100.00", "60.00", "33.33")]
        self.items.append(issue(self.book, "-45.00", kind="credit_note", customer=customer))
        self.cube = Cube(self.book, posting)

    def act(self, name: str, number: int) -> None:
        """Let something happen, where it can."""
        before, item = len(self.book.changes), self.items[number]
        later(self.book)
        getattr(self, f"_{name}")(item)
        self.cube.carried(self.book.changes[before:])

    def _take(self, *parts: Application) -> None:
        first = self.items[0]
        self.book.receive(parts, company=first.company, customer=first.customer, currency="EUR")

    def _whole(self, item: Item) -> None:
        if item.open_minor > 0:
            self._take(Application(item.key, item.open_minor))

    def _part(self, item: Item) -> None:
        if item.open_minor > 100:
            pay(self.book, item, f"{item.open_minor // 200}.00")

    def _discount(self, item: Item) -> None:
        if item.open_minor > 200:
            self._take(Application(item.key, item.open_minor - 200, (("discount", 200),)))

    def _short(self, item: Item) -> None:
        if item.open_minor > 300:
            self._take(Application(item.key, item.open_minor - 300, (("write_off", 300),)))

    def _several(self, item: Item) -> None:
        due = [each for each in self.items if each.open_minor > 0]
        cash = [each.open_minor // 2 if each is item and each.open_minor > 1 else each.open_minor for each in due]
        if due:
            self._take(*(Application(each.key, minor) for each, minor in zip(due, cash, strict=True)))

    def _net(self, item: Item) -> None:
        credit = self.items[3]
        if item.open_minor > 0 > credit.open_minor:
            self.book.net(credit.key, item.key, min(item.open_minor, -credit.open_minor))

    def _reverse(self, item: Item) -> None:
        made = self.book.allocations_of.get(item.key, [])
        paid = [each.payment for each in made if each.payment in self.book.payments and not each.reversal_of]
        key = next((each for each in paid if each and self.book.reversible(each)), None)
        if key:
            self.book.reverse(key)

    def _purge(self, item: Item) -> None:
        if item.key in self.book.items and self.book.allocations_of.get(item.key) and not item.is_open:
            self.book.purge(item.key)

    @property
    def lines(self) -> list[Line]:
        """Return all lines of the cube."""
        own = (line for item in self.book.items.values() for line in self.cube.lines(item))
        return [*own, *self.cube.whole.values()]


@pytest.mark.parametrize("posting", WAYS, ids=["referring", "residual", "all named", "residual, all named"])
@given(acts=st.lists(ACTS, max_size=9))
def test_what_is_open_is_what_is_owed_and_each_clearing_is_even(posting: Posting, acts: list[tuple[str, int]]) -> None:
    ledger = Ledger(posting)
    for name, number in acts:
        ledger.act(name, number)
        owed = sum(item.open_minor for item in ledger.book.items.values())
        assert sum(line.minor for line in ledger.lines if line.cleared is None) == owed
    if ledger.book.purged_items:
        return  # a document goes to the archive without those that cleared it
    sums: Counter[Any] = Counter()
    for line in ledger.lines:
        if line.cleared:
            sums[line.cleared.document] += line.minor
    assert {document: minor for document, minor in sums.items() if minor} == {}
