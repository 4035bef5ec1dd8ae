"""Draw the book as it stands on its first day: what is open, what is half paid, what is history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from random import Random
from typing import Final

from .documents import draw_amount, draw_document, draw_renumbered, new_item, on_account_item
from .knobs import Knobs
from .ledger import Ledger
from .objects import Customer, Item
from .people import make_contacts, make_customers, make_rates
from .plan import Plan, expect_payment, lateness
from .postings import Application, instant

_EVENING: Final = 40_000


def open_book(ledger: Ledger, customers: int, target: int, *, rng: Random, knobs: Knobs, plan: Plan) -> None:
    """Fill an empty ledger; `plan` learns when its open items will be paid."""
    start_on = ledger.day
    ledger.add_rates(make_rates(rng, start_on, knobs.history_days + 100))
    made = make_customers(rng, customers, start_on, knobs=knobs)
    for number, customer in enumerate(made):
        ledger.customers[customer.key] = customer
        for contact in make_contacts(rng, customer, number):
            ledger.contacts[contact.key] = contact
    weights = list(accumulate(1.0 if rng.random() < 0.8 else 4.0 for _ in made))
    plan.weights = weights
    _history(rng, ledger, made, count=int(target * knobs.history_share), knobs=knobs, weights=weights)
    _open_items(rng, ledger, made, knobs=knobs, plan=plan, target=target)
    _on_account(rng, ledger, plan, count=max(int(target * knobs.on_account_share / 3), 2))
    _touches(rng, ledger)
    ledger.day = start_on


def _history(
    rng: Random, ledger: Ledger, customers: Sequence[Customer], *, count: int, knobs: Knobs, weights: list[float]
) -> None:
    """Issue and pay items that were closed before the first day."""
    start_on = ledger.day
    for customer in rng.choices(customers, cum_weights=weights, k=count):
        age = 40 + int(rng.random() * (knobs.history_days - 40))
        day = start_on - timedelta(days=age)
        ledger.at = instant(day, rng.randrange(_EVENING))
        bill = new_item(ledger, customer, "invoice", minor=draw_amount(rng, customer.currency), day=day,
                        term=ledger.terms[customer.account(customer.company).terms])  # fmt: skip
        assert bill.due_on is not None
        paid_on = bill.due_on + timedelta(days=lateness(rng, knobs.characters[customer.character]))
        if not day <= paid_on < start_on:
            paid_on = start_on - timedelta(days=1 + int(rng.random() * min(age, 30)))
        ledger.issue(bill)
        _pay_whole(rng, ledger, bill, paid_on)


def _pay_whole(rng: Random, ledger: Ledger, bill: Item, paid_on: date) -> None:
    ledger.at = instant(max(paid_on, bill.document_on), _EVENING + rng.randrange(9000))
    line = Application(bill.key, bill.open_minor)
    ledger.receive([line], company=bill.company, customer=bill.payer or bill.customer,
                   currency=bill.currency, reference=str(800_000 + bill.document_no % 9_000))  # fmt: skip


def _open_items(
    rng: Random, ledger: Ledger, customers: Sequence[Customer], *, knobs: Knobs, plan: Plan, target: int
) -> None:
    """Draw what is open on the first day: of who pays later, more of it stands open at any time."""
    start_on = ledger.day
    shares = (after - before for before, after in pairwise((0.0, *plan.weights)))
    terms = (ledger.terms[customer.account(customer.company).terms] for customer in customers)
    standing = list(accumulate(share * term.net_days for share, term in zip(shares, terms, strict=True)))
    while ledger.open_count < target:
        wanted = target - ledger.open_count
        for customer in rng.choices(customers, cum_weights=standing, k=wanted):
            if ledger.open_count >= target:
                break
            days = ledger.terms[customer.account(customer.company).terms].net_days
            late = lateness(rng, knobs.characters[customer.character])
            life = max(days + late, 2)
            day = start_on - timedelta(days=int(rng.random() * life))
            ledger.at = instant(day, rng.randrange(_EVENING))
            for item in draw_document(rng, ledger, customer, day=day, knobs=knobs):
                ledger.issue(item)
                expect_payment(rng, ledger, plan, item, after=start_on, knobs=knobs, late=late)
                if item.open_minor > 1 and rng.random() < knobs.part_payment_share:
                    _pay_part(rng, ledger, item, start_on)
    _renumber(rng, ledger, plan, knobs)


def _pay_part(rng: Random, ledger: Ledger, item: Item, start_on: date) -> None:
    if item.kind != "invoice" or item.item_class != "normal" or item.document_on >= start_on:
        return
    paid_on = item.document_on + timedelta(days=int(rng.random() * (start_on - item.document_on).days))
    ledger.at = instant(paid_on, _EVENING)
    part = max(int(item.open_minor * (0.2 + 0.6 * rng.random())), 1)
    ledger.receive([Application(item.key, part)], company=item.company, currency=item.currency,
                   customer=item.payer or item.customer, reference=f"P{item.document_no}")  # fmt: skip


def _renumber(rng: Random, ledger: Ledger, plan: Plan, knobs: Knobs) -> None:
    """Give a few of last year's numbers out again, where the books reach back that far."""
    older = [item for item in ledger.items.values() if item.fiscal_year < ledger.day.year and item.kind == "invoice"]
    ledger.at = instant(ledger.day, _EVENING)
    for item in older[:: max(len(older) // 5, 1)][:5]:
        twin = draw_renumbered(ledger, item, day=ledger.day)
        if twin and twin.key not in ledger.items:
            expect_payment(rng, ledger, plan, ledger.issue(twin), after=ledger.day, knobs=knobs)


def _on_account(rng: Random, ledger: Ledger, plan: Plan, *, count: int) -> None:
    """Leave cash on account that names no invoice."""
    for customer in rng.choices(list(ledger.customers.values()), k=count):
        ledger.at = instant(ledger.day - timedelta(days=int(rng.random() * 40)), _EVENING)
        minor = draw_amount(rng, customer.currency) // 3 + 1
        payment = ledger.receive([], company=customer.company, customer=customer.key, currency=customer.currency,
                                 on_account=minor, reference=f"OA{rng.randrange(10_000)}")  # fmt: skip
        item = on_account_item(ledger, payment)
        plan.act(ledger.day + timedelta(days=5 + int(rng.random() * 60)), "net", item.key)


def _touches(rng: Random, ledger: Ledger) -> None:
    """Put disputes, ERP blocks and ERP dunning levels on a few open items."""
    ledger.at = instant(ledger.day, _EVENING + 10_000)
    for item in [item for item in ledger.items.values() if item.open_minor > 10 and item.kind == "invoice"]:
        draw = rng.random()
        if draw < 0.006:
            part = item.open_minor // (1 if draw < 0.003 else 2)
            ledger.dispute(item.key, part, ("PR", "QL", "DM")[int(draw * 500) % 3])
        elif draw < 0.009:
            ledger.block(item.key, "N")
        elif draw < 0.012 and item.due_on and item.due_on < ledger.day - timedelta(days=10):
            ledger.remind(item.key, 1)
