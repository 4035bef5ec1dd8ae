"""How a day's payments come in: grouped by payer, whole or short, on time or with all arrears."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from duehook.core.records import AllocationKind

from .documents import new_item, on_account_item
from .knobs import Knobs
from .ledger import Ledger
from .objects import Item
from .plan import Plan
from .postings import Application


class Paying:
    """One day's payments over a ledger; `tick` moves the clock before each."""

    def __init__(self, ledger: Ledger, rng: Random, knobs: Knobs, plan: Plan, *, tick: Callable[[], None]) -> None:
        """Take the ledger, the dice, the rates and the plan."""
        self.ledger = ledger
        self.rng = rng
        self.knobs = knobs
        self.plan = plan
        self.today = ledger.day
        self._tick = tick

    def pay_due(self, due: list[str]) -> None:
        """Pay what the day's plan says, one payment for each payer, company and currency."""
        groups: dict[tuple[str, str, str], dict[str, None]] = {}
        for key in due:
            item = self.ledger.items.get(key)
            if item is None or item.open_minor <= 0:
                continue
            if item.dispute_reason or not item.posted:
                self.plan.pay(self.today + timedelta(days=5), key)
                continue
            debtor = item.payer or item.customer
            group = groups.setdefault((debtor, item.company, item.currency), {})
            group[key] = None
            self._with_all_overdue(item, group)
        for (debtor, company, currency), keys in groups.items():
            self._pay(debtor, company, currency, keys=list(keys))

    def _with_all_overdue(self, item: Item, group: dict[str, None]) -> None:
        customer = self.ledger.customers.get(item.customer)
        if customer is None or not self.knobs.characters[customer.character].clears_all:
            return
        for key in self.ledger.open_of.get(item.customer, ()):
            other = self.ledger.items[key]
            if (
                other.open_minor > 0
                and other.posted
                and not other.dispute_reason
                and (other.company, other.currency, other.payer) == (item.company, item.currency, item.payer)
                and (other.due_on or self.today) < self.today
            ):
                group[key] = None

    def _pay(self, debtor: str, company: str, currency: str, *, keys: list[str]) -> None:
        self._tick()
        lines = [self._line(self.ledger.items[key]) for key in keys]
        extra = 0
        if self.rng.random() < self.knobs.on_account_share and debtor in self.ledger.customers:
            extra = max(sum(line.cash for line in lines) // 20, 1)
        payment = self.ledger.receive(
            lines, company=company, customer=debtor, currency=currency, on_account=extra,
            method="transfer", reference=str(800_000 + self.rng.randrange(90_000)),
        )  # fmt: skip
        for line in lines:
            self._after(line, payment.key)
        if extra:
            credit = on_account_item(self.ledger, payment)
            self.plan.act(self.today + timedelta(days=10 + int(self.rng.random() * 30)), "net", credit.key)
        elif self.rng.random() < self.knobs.reversal_share:
            self.plan.act(self.today + timedelta(days=2 + int(self.rng.random() * 6)), "bounce", keys[0])

    def _line(self, item: Item) -> Application:
        """Draw how an item is paid: whole, in part, with discount, short by a deduction."""
        left, draw = item.open_minor, self.rng.random()
        knobs = self.knobs
        if draw < knobs.part_payment_share and left > 100:
            return Application(item.key, int(left * (0.3 + 0.4 * self.rng.random())))
        draw -= knobs.part_payment_share
        for kind, share in _shortfalls(knobs):
            if draw < share and left > 400:
                short = max(left // (500 if kind == "write_off" else 20), 1)
                return Application(item.key, left - short, ((kind, short),), kind[:2].upper())
            draw -= share
        if item.discount_on and self.today <= item.discount_on and 0 < item.discount_minor < left == item.amount_minor:
            return Application(item.key, left - item.discount_minor, (("discount", item.discount_minor),))
        residue = item.currency != item.company_currency and self.rng.random() < knobs.residue_share
        return Application(item.key, left, leave_residue=residue)

    def _after(self, line: Application, payment: str) -> None:
        """Plan the rest of a part payment; make the item that a deduction or chargeback leaves."""
        item = self.ledger.items[line.item]
        if item.open_minor > 0:
            self.plan.pay(self.today + timedelta(days=2 + int(self.rng.random() * 14)), item.key)
        customer = self.ledger.customers.get(item.customer)
        for kind, minor in line.reductions:
            if kind == "discount":
                item.discount_taken_minor += minor
            if kind not in ("deduction", "chargeback") or customer is None:
                continue
            made = new_item(self.ledger, customer, "chargeback", minor=minor, day=self.today, sort=kind,
                            term=self.ledger.terms["N14"], item_class="chargeback",
                            place=(item.company, item.currency))  # fmt: skip
            made.from_payment, made.text = payment, f"{kind} from {item.document_type} {item.document_no}"
            made.payer = item.payer
            self.plan.pay(self.today + timedelta(days=30 + int(self.rng.random() * 30)), self.ledger.issue(made).key)


def _shortfalls(knobs: Knobs) -> tuple[tuple[AllocationKind, float], ...]:
    return (
        ("write_off", knobs.write_off_share),
        ("deduction", knobs.deduction_share),
        ("chargeback", knobs.chargeback_share),
    )
