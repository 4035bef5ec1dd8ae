"""What happens to a book on one day."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from .documents import draw_document, new_item
from .knobs import Knobs
from .ledger import Ledger
from .objects import Item
from .paying import Paying
from .people import COLLECTORS, STATES, rates_of
from .plan import Plan, expect_payment
from .postings import instant


class Day:
    """One day's play over a ledger; `ledger.day` says which."""

    def __init__(self, ledger: Ledger, rng: Random, knobs: Knobs, plan: Plan) -> None:
        """Take the ledger, the dice, the rates and the plan."""
        self.ledger = ledger
        self.rng = rng
        self.knobs = knobs
        self.plan = plan
        self.today = ledger.day
        self.acts = 0

    def play(self, target: int) -> None:
        """Play the day: rates, planned acts, payments, surprises, new documents up to `target`."""
        if self.today.weekday() > 4:
            return
        if self.today.weekday() == 0:
            self._tick()
            self.ledger.add_rates(rates_of(self.rng, self.today))
        for name, key in self.plan.acts.pop(self.today, ()):
            self._act(name, key)
        paying = Paying(self.ledger, self.rng, self.knobs, self.plan, tick=self._tick)
        paying.pay_due(self.plan.payments.pop(self.today, []))
        self._surprises()
        self._new_documents(target)
        self._purge()

    def _tick(self) -> None:
        """Move the clock on; now and then stamp what follows as of the evening before."""
        self.acts += 1
        late = self.rng.random() < self.knobs.late_commit_share
        yesterday = self.today - timedelta(days=1)
        self.ledger.at = instant(yesterday, 55_000 + self.acts % 3600) if late else instant(self.today, self.acts * 2)

    def _act(self, name: str, key: str) -> None:
        ledger = self.ledger
        if name == "lift_hold":
            self._tick()
            return ledger.set_hold(key, None)
        if name == "lift_account_block":
            self._tick()
            return ledger.set_account_block(key, None)
        item = ledger.items.get(key)
        if item is None:
            return None
        self._tick()
        if name == "net":
            self._net(item)
        elif name == "post" and not item.posted:
            self._post_or_delete(item)
        elif name == "settle_dispute" and item.dispute_reason:
            self._settle_dispute(item)
        elif name == "lift_block":
            ledger.block(key, None)
        elif name == "bounce" and ledger.allocations_of.get(key):
            self._bounce(item)
        return None

    def _net(self, credit: Item) -> None:
        """Apply a credit to its own invoice, else to the customer's oldest; try again when there is none."""
        wanted = [credit.applies_to] if credit.applies_to else []
        for key in [*wanted, *self.ledger.open_of.get(credit.customer, ())]:
            bill = self.ledger.items.get(key)
            if credit.open_minor == 0:
                return
            if bill and _may_take(bill, credit):
                self.ledger.net(credit.key, bill.key, min(bill.open_minor, -credit.open_minor))
        if credit.open_minor:
            self.plan.act(self.today + timedelta(days=20), "net", credit.key)

    def _post_or_delete(self, item: Item) -> None:
        if self.rng.random() < 0.25:
            self.ledger.delete(item.key)
        else:
            self.ledger.post(item.key)

    def _settle_dispute(self, item: Item) -> None:
        """Close a dispute: half of them end in a credit note, and then the rest is paid."""
        disputed = min(item.disputed_minor or 0, item.open_minor)
        self.ledger.settle_dispute(item.key)
        customer = self.ledger.customers.get(item.customer)
        if disputed > 0 and customer and self.rng.random() < 0.5:
            note = new_item(self.ledger, customer, "credit_note", minor=-disputed, day=self.today,
                            term=self.ledger.terms["N30"], place=(item.company, item.currency))  # fmt: skip
            note.applies_to, note.text = item.key, "dispute settled"
            self.ledger.issue(note)
            self.ledger.net(note.key, item.key, disputed)
        if item.open_minor:
            self.plan.pay(self.today + timedelta(days=3), item.key)

    def _bounce(self, item: Item) -> None:
        """Reverse the last payment of an item, and plan that it is paid again."""
        part = self.ledger.allocations_of[item.key][-1]
        if part.payment and part.payment in self.ledger.payments and self.ledger.reversible(part.payment):
            touched = [self.ledger.allocations[key].item for key in self.ledger.payments[part.payment].allocations]
            self.ledger.reverse(part.payment)
            for key in dict.fromkeys(touched):
                self.plan.pay(self.today + timedelta(days=8 + int(self.rng.random() * 20)), key)

    def _count(self, rate: float) -> int:
        return int(rate * len(self.ledger.customers) + self.rng.random())

    def _customers(self, rate: float) -> list[str]:
        keys = list(self.ledger.customers)
        return [keys[int(self.rng.random() * len(keys))] for _ in range(self._count(rate))]

    def _surprises(self) -> None:
        """Let ERP users act: disputes, holds, blocks, limits, collectors, states, addresses."""
        for customer in self._customers(self.knobs.dispute_rate):
            self._on_open_item(customer, dispute=True)
        for customer in self._customers(self.knobs.hold_rate):
            self._hold(customer)
        for customer in self._customers(self.knobs.block_rate):
            self._on_open_item(customer, dispute=False)
        for customer in self._customers(self.knobs.master_rate):
            self._master(customer)
        for customer in self._customers(self.knobs.state_rate):
            self._tick()
            self.ledger.set_state(customer, self.rng.choice(STATES[:3]))

    def _on_open_item(self, customer: str, *, dispute: bool) -> None:
        for key in self.ledger.open_of.get(customer, ()):
            item = self.ledger.items[key]
            if item.kind == "invoice" and item.open_minor > 10 and item.posted and not item.dispute_reason:
                self._tick()
                if dispute:
                    part = item.open_minor if self.rng.random() < 0.6 else item.open_minor // 2
                    self.ledger.dispute(key, part, self.rng.choice(("PR", "QL", "DM")))
                    self.plan.act(self.today + timedelta(days=8 + int(self.rng.random() * 20)), "settle_dispute", key)
                else:
                    self.ledger.block(key, "N")
                    self.plan.act(self.today + timedelta(days=15), "lift_block", key)
                return

    def _hold(self, customer: str) -> None:
        self._tick()
        if self.ledger.customers[customer].accounts[None].hold:
            return self.ledger.set_hold(customer, None)
        self.ledger.set_hold(customer, self.rng.choice(("C2", "H9")))
        if self.rng.random() < 0.8:
            self.plan.act(self.today + timedelta(days=5 + int(self.rng.random() * 15)), "lift_hold", customer)
        return None

    def _master(self, customer: str) -> None:
        self._tick()
        draw = self.rng.random()
        if draw < 0.35:
            self.ledger.set_limit(customer, self.rng.choice((None, 0, 10_000, 75_000, 300_000)))
        elif draw < 0.65:
            self.ledger.set_collector(customer, self.rng.choice(COLLECTORS))
        elif draw < 0.9:
            self.ledger.set_mail(f"{customer}-0", f"office{self.today:%m%d}@c{customer}.example")
        else:
            self.ledger.set_account_block(customer, "N")
            self.plan.act(self.today + timedelta(days=20), "lift_account_block", customer)

    def _new_documents(self, target: int) -> None:
        """Issue new documents until the open count is back at its target, a bounded number a day."""
        ledger = self.ledger
        wanted = min(max(target - ledger.open_count, 0), target // 8 + 1)
        people = list(ledger.customers.values())
        for customer in self.rng.choices(people, cum_weights=self.plan.weights, k=wanted) if wanted else ():
            if ledger.open_count >= target:
                break
            self._tick()
            for item in draw_document(self.rng, ledger, customer, day=self.today, knobs=self.knobs):
                ledger.issue(item)
                expect_payment(self.rng, ledger, self.plan, item, after=self.today, knobs=self.knobs)

    def _purge(self) -> None:
        """Purge the oldest closed items, as a monthly batch would on its first days."""
        if self.today.day > 7:
            return
        limit = self.today - timedelta(days=self.knobs.purge_after)
        old = [
            item.key for item in self.ledger.items.values()
            if item.cleared_on and item.cleared_on < limit and not item.is_open
        ]  # fmt: skip
        for key in old[:200]:
            self._tick()
            self.ledger.purge(key)


def _may_take(bill: Item, credit: Item) -> bool:
    same = (bill.company, bill.currency) == (credit.company, credit.currency)
    return same and bill.open_minor > 0 and bill.posted and bill.kind == "invoice"
