"""What is posted in a book: documents, money in and back, and how they settle each other.

Every posting keeps open = original − Σ allocations, in the item's and in the company's currency, and
leaves a change for each row it touched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from duehook.core.money import exponent
from duehook.core.records import AllocationKind, Stream

from .objects import (
    Act,
    Allocation,
    Change,
    Company,
    Contact,
    Customer,
    Item,
    Payment,
    Rate,
    Term,
)
from .people import COMPANIES, TERMS

_RESIDUE = 2


@dataclass(frozen=True, slots=True)
class Application:
    """What one payment does to one item: money, and reductions that are not money."""

    item: str
    cash: int
    reductions: tuple[tuple[AllocationKind, int], ...] = ()
    reason: str | None = None
    leave_residue: bool = False


def converted(minor: int, source: str, target: str, scaled: int) -> int:
    """Convert minor units at a rate in ten-millionths, rounding half away from zero."""
    if source == target:
        return minor
    over = abs(minor) * scaled * int(10 ** exponent(target))
    under = 10_000_000 * int(10 ** exponent(source))
    rounded = (2 * over + under) // (2 * under)
    return rounded if minor >= 0 else -rounded


def instant(day: date, seconds: int = 0) -> datetime:
    """Return that many seconds after six in the morning UTC of a day, at most 23:30."""
    seconds = min(seconds, 63_000)
    return datetime(day.year, day.month, day.day, 6 + seconds // 3600, seconds // 60 % 60, seconds % 60, tzinfo=UTC)


class Postings:
    """Companies, customers, items, payments and allocations, and every posting that moves money.

    Acts happen at `at`; the caller moves it. `day` is the book's present day.
    """

    def __init__(self, at: datetime) -> None:
        """Start with nothing posted at that instant."""
        self.at = at
        self.day: date = at.date()
        self.companies: dict[str, Company] = {company.code: company for company in COMPANIES}
        self.terms: dict[str, Term] = {term.key: term for term in TERMS}
        self.exchange_rates: list[Rate] = []
        self.customers: dict[str, Customer] = {}
        self.contacts: dict[str, Contact] = {}
        self.items: dict[str, Item] = {}
        self.payments: dict[str, Payment] = {}
        self.allocations: dict[str, Allocation] = {}
        self.allocations_of: dict[str, list[Allocation]] = {}
        self.open_of: dict[str, dict[str, None]] = {}
        self.open_count = 0
        self.purged_items: dict[str, Item] = {}
        self.purged_payments: dict[str, Payment] = {}
        self.purged_allocations: dict[str, Allocation] = {}
        self.changes: list[Change] = []
        self.recording = True
        self._numbers: dict[str, int] = {}
        self._bearing: set[str] = set()
        self._rates: dict[tuple[str, str], tuple[list[date], list[int]]] = {}

    def note(self, act: Act, stream: Stream, key: str, *, field: str | None = None, company: str | None = None) -> None:
        """Record that a row changed now."""
        if self.recording:
            self.changes.append(Change(self.at, act, stream, key, field, company))

    def next_number(self, series: str, first: int) -> int:
        """Draw the next number of a series."""
        number = self._numbers.get(series, first)
        self._numbers[series] = number + 1
        return number

    def rate(self, source: str, target: str, on: date) -> int:
        """Return the rate that holds on that day, in ten-millionths."""
        if source == target:
            return 10_000_000
        days, values = self._rates[source, target]
        return values[max(bisect_right(days, on) - 1, 0)]

    def add_rates(self, rates: Iterable[Rate]) -> None:
        """Quote rates; they must come in the order of their days."""
        for rate in rates:
            self.exchange_rates.append(rate)
            days, values = self._rates.setdefault((rate.from_currency, rate.to_currency), ([], []))
            days.append(rate.valid_on)
            values.append(rate.scaled)
            self.note("added", "exchange_rate", rate.key)

    def issue(self, item: Item) -> Item:
        """Put a new document's item into the ledger."""
        if item.key in self.items or item.key in self.purged_items:
            raise ValueError(f"{item.key} is in the book already")
        self.items[item.key] = item
        self.open_of.setdefault(item.customer, {})[item.key] = None
        self.open_count += 1
        self.note("added", "item", item.key)
        return item

    def receive(
        self, lines: Sequence[Application], *, company: str, customer: str, currency: str,
        on_account: int = 0, method: str = "", reference: str = "",
    ) -> Payment:  # fmt: skip
        """Book money in, apply it, and leave the rest on account in `unapplied_minor`."""
        number = self.next_number("payment", 700001)
        own = self.companies[company].currency
        cash = sum(line.cash for line in lines) + on_account
        money = converted(cash, currency, own, self.rate(currency, own, self.at.date()))
        payment = Payment(
            str(number), number, company, customer, currency, own, cash, money, on_account,
            self.at.date(), reference, method, self.at,
        )  # fmt: skip
        self.payments[payment.key] = payment
        self.note("added", "payment", payment.key)
        for line in lines:
            self._apply(payment, line)
        if len(lines) and currency != own:
            self._settle_rounding(payment, on_account)
        if on_account or any(kind in ("deduction", "chargeback") for line in lines for kind, _ in line.reductions):
            self._bearing.add(payment.key)
        return payment

    def _settle_rounding(self, payment: Payment, on_account: int) -> None:
        """Make the payment's company amount the sum of its parts, as a ledger posts it."""
        own = payment.company_currency
        rate = self.rate(payment.currency, own, payment.received_on)
        parts = [self.allocations[key] for key in payment.allocations]
        applied = sum(part.company_minor - part.fx_minor for part in parts if part.kind == "cash")
        payment.company_amount_minor = applied + converted(on_account, payment.currency, own, rate)

    def _apply(self, payment: Payment, line: Application) -> None:
        item = self.items[line.item]
        parts: list[tuple[AllocationKind, int]] = [("cash", line.cash)] if line.cash else []
        parts += line.reductions
        for place, (kind, minor) in enumerate(parts):
            last = place == len(parts) - 1
            self._allocate(item, kind, minor, payment=payment, reason=line.reason,
                           residue=last and line.leave_residue)  # fmt: skip
        self._touch(item)

    def _allocate(
        self, item: Item, kind: AllocationKind, minor: int, *, payment: Payment,
        reason: str | None = None, residue: bool = False,
    ) -> Allocation:  # fmt: skip
        if abs(minor) > abs(item.open_minor) or minor * item.open_minor < 0:
            raise ValueError(f"{minor} is more than what is open of {item.key}: {item.open_minor}")
        own = item.company_currency
        company = converted(minor, item.currency, own, item.rate_scaled)
        if abs(company) > abs(item.company_open_minor) or minor == item.open_minor:
            company = item.company_open_minor
        if residue and minor == item.open_minor and company > _RESIDUE:
            company -= _RESIDUE
        money = converted(minor, item.currency, own, self.rate(item.currency, own, self.at.date()))
        made = Allocation(
            f"{payment.key}-{len(payment.allocations) + 1}", item.company, item.key, payment.customer,
            payment.key, kind, item.currency, own, minor, company,
            company - money if kind in ("cash", "credit") else 0, self.at.date(), self.at, reason,
        )  # fmt: skip
        self._keep(made, payment, item)
        return made

    def _keep(self, made: Allocation, payment: Payment, item: Item) -> None:
        item.open_minor -= made.amount_minor
        item.company_open_minor -= made.company_minor
        payment.allocations.append(made.key)
        self.allocations[made.key] = made
        self.allocations_of.setdefault(item.key, []).append(made)
        self.note("added", "allocation", made.key)

    def _touch(self, item: Item) -> None:
        """Stamp the item and keep the index of open items true."""
        item.changed_at = self.at
        indexed = self.open_of.setdefault(item.customer, {})
        if item.open_minor == 0 and item.key in indexed:
            del indexed[item.key]
            self.open_count -= 1
            item.cleared_on = self.at.date()
        elif item.open_minor != 0 and item.key not in indexed:
            indexed[item.key] = None
            self.open_count += 1
            item.cleared_on = None
        self.note("changed", "item", item.key)

    def net(self, credit: str, invoice: str, minor: int) -> Payment:
        """Apply part of a credit to an invoice by a payment of nothing."""
        paper, bill = self.items[credit], self.items[invoice]
        payment = self.receive([], company=bill.company, customer=bill.customer, currency=bill.currency,
                               method="netting", reference=str(paper.document_no))  # fmt: skip
        self._allocate(bill, "credit", minor, payment=payment)
        self._allocate(paper, "credit", -minor, payment=payment)
        self._touch(bill)
        self._touch(paper)
        source = self.payments.get(paper.from_payment or "")
        if paper.kind == "on_account" and source is not None:
            source.unapplied_minor -= minor
            source.changed_at = self.at
            self.note("changed", "payment", source.key)
        return payment

    def reversible(self, key: str) -> bool:
        """Say whether a payment may bounce: it made no other item, and all it paid is still here."""
        payment = self.payments[key]
        plain = payment.amount_minor > 0 and not payment.reversed_on and key not in self._bearing
        return plain and all(
            self.allocations.get(part) and self.allocations[part].item in self.items for part in payment.allocations
        )

    def reverse(self, key: str, *, reason: str = "NSF") -> Payment:
        """Take a payment back: its items reopen, and a negative payment stands beside it."""
        payment = self.payments[key]
        if not self.reversible(key):
            raise ValueError(f"payment {key} cannot be reversed")
        back = Payment(
            f"{key}-R", payment.number, payment.company, payment.customer, payment.currency,
            payment.company_currency, -payment.amount_minor, -payment.company_amount_minor, 0,
            self.at.date(), reason, payment.method, self.at, reversal_of=key,
        )  # fmt: skip
        self.payments[back.key] = back
        payment.reversed_on, payment.changed_at = self.at.date(), self.at
        self.note("changed", "payment", key)
        self.note("added", "payment", back.key)
        for part in [self.allocations[name] for name in payment.allocations]:
            self._take_back(part, back, reason)
        return back

    def _take_back(self, part: Allocation, back: Payment, reason: str) -> None:
        item = self.items[part.item]
        made = Allocation(
            f"{back.key}-{len(back.allocations) + 1}", part.company, part.item, part.customer, back.key,
            part.kind, part.currency, part.company_currency, -part.amount_minor, -part.company_minor,
            -part.fx_minor, self.at.date(), self.at, reason, part.key,
        )  # fmt: skip
        self._keep(made, back, item)
        self._touch(item)
