"""No order of events duns what may not be dunned: the rules of dunning as a state machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from duehook.core.calendar import Calendar, Span
from duehook.core.collect.dunning import decide
from duehook.core.collect.facts import Account, Block, ItemFacts, Terms
from duehook.core.collect.notice import Line, Notice
from duehook.core.policy.model import Policy, PreDue
from tests.rigs.dunning_facts import EUR, level, policy

POLICIES = [
    policy(reopen_grace=Span(3, business=True), unblock_grace=Span(1, business=True)),
    policy(netting=False, disputed="item", repeat_every=Span(10), pre_due=PreDue(4, "mail", "pre_due")),
    policy(per="invoice", grace=Span(2), due_on_closed_day="next_business_day", reopen_grace=Span(2)),
    policy(step="jump", levels=(level(1, 3, interval=Span(4, business=True)), level(2, 9))),
]
CALENDAR = Calendar("DE", "BY")
START = date(2026, 3, 2)


class Dunning(RuleBasedStateMachine):
    """One account, its ledger, its letters, and a clock that only goes forward."""

    items = Bundle("items")

    @initialize(
        target=items, used=st.sampled_from(POLICIES), lates=st.lists(st.integers(-5, 40), min_size=2, max_size=4)
    )
    def open_account(self, used: Policy, lates: list[int]) -> Any:
        self.policy = used
        self.today = START
        self.account = Account("00001", "4711", "EUR", ())
        self.notice: Notice | None = None
        self.sent: list[tuple[Notice, date, date | None, dict[str, ItemFacts]]] = []
        self.expected: dict[str, int] = {}
        return multiple(*(self.invoice(100, late) for late in lates))

    @rule(target=items, amount=st.integers(1, 400), late=st.integers(-10, 60))
    def add_invoice(self, amount: int, late: int) -> str:
        return self.invoice(amount, late)

    def invoice(self, amount: int, late: int) -> str:
        key = f"i{len(self.account.items):02}"
        due_on = self.today - timedelta(days=late)
        new = ItemFacts(key, f"RI {key}", due_on, due_on - timedelta(days=14), amount * EUR)
        self.account = replace(self.account, items=(*self.account.items, new))
        self.expected[key] = 0
        return key

    @rule(amount=st.integers(1, 300), target_item=items | st.none())
    def credit(self, amount: int, target_item: str | None) -> None:
        key = f"c{len(self.account.items):02}"
        new = ItemFacts(key, key, self.today, self.today, -amount * EUR, applies_to=target_item)
        self.account = replace(self.account, items=(*self.account.items, new))
        self.expected[key] = 0

    @rule(key=items, part=st.integers(1, 100))
    def pay_a_part(self, key: str, part: int) -> None:
        self._change(key, open_amount=self._item(key).open_amount * (100 - part) // 100 // EUR * EUR)

    @rule(key=items)
    def pay(self, key: str) -> None:
        self._change(key, open_amount=0)

    @rule(key=items)
    def return_payment(self, key: str) -> None:
        if self._item(key).open_amount < 100 * EUR:
            self._change(key, open_amount=100 * EUR, reopened_on=self.today)

    @rule(key=items)
    def pay_and_return_payment(self, key: str) -> None:
        self.pay(key)
        self.return_payment(key)

    @rule(key=items, amount=st.integers(0, 500))
    def dispute(self, key: str, amount: int) -> None:
        self._change(key, disputed_amount=amount * EUR)

    @rule(key=items, days=st.none() | st.integers(1, 20))
    def block_item(self, key: str, days: int | None) -> None:
        self._change(key, block=self._block(days))

    @rule(key=items)
    def unblock_item(self, key: str) -> None:
        if self._item(key).block:
            self._change(key, block=Block("lifted", self.today))

    @rule(days=st.none() | st.integers(1, 20))
    def block_debtor(self, days: int | None) -> None:
        self.account = replace(self.account, block=self._block(days))

    @rule(erp_block=st.sampled_from([None, "A"]))
    def block_in_the_erp(self, erp_block: str | None) -> None:
        self.account = replace(self.account, erp_block=erp_block)

    @rule(key=items, gone=st.booleans())
    def vanish(self, key: str, gone: bool) -> None:
        self._change(key, gone=gone)

    @rule(state=st.sampled_from(["active", "active", "insolvent", "legal"]))
    def change_state(self, state: str) -> None:
        self.account = replace(self.account, state=state, state_since=self.today - timedelta(days=20))

    @rule(key=items, number=st.sampled_from([0, 0, 1, 2, 3]), hand_set=st.booleans())
    def set_level(self, key: str, number: int, hand_set: bool) -> None:
        number = min(number, self.policy.last_level)
        self._change(key, level=number, hand_set=hand_set)
        self.expected[key] = number

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @precondition(lambda self: self.notice is None)
    @rule(days=st.integers(0, 9), rounds=st.integers(1, 3))
    def let_it_run(self, days: int, rounds: int) -> None:
        """Run, approve and send some days in a row, as a schedule does."""
        for _ in range(rounds):
            self.today += timedelta(days=days)
            for which in range(len(self._decide())):
                self.run_and_approve(which)
                if self.notice:
                    self.send()

    @precondition(lambda self: self.notice is None)
    @rule(which=st.integers(0, 3))
    def run_and_approve(self, which: int) -> None:
        notices = self._decide()
        for notice in notices:
            self._check(notice)
        if notices:
            self.notice = notices[which % len(notices)]
            self._set_pending(True)

    @precondition(lambda self: self.notice is not None)
    @rule()
    def run_beside_a_pending_letter(self) -> None:
        assert self.notice is not None
        assert all(other.item != self.notice.item for other in self._decide())

    @precondition(lambda self: self.notice is not None)
    @rule()
    def send(self) -> None:
        """Send through the gate: only what would be decided the same today goes out, as it is today."""
        assert self.notice is not None
        approved, self.notice = self.notice, None
        self._set_pending(False)
        for notice in self._decide():
            if notice.fingerprint != approved.fingerprint:
                continue
            self._check(notice)
            self.sent.append((notice, self.today, self.account.last_sent_on, self._facts()))
            self._apply(notice)

    @precondition(lambda self: bool(self.sent) and self.notice is None)
    @rule()
    def cancel_the_last_letter(self) -> None:
        notice, _, last_sent_on, before = self.sent.pop()
        for line in notice.lines:
            old = before[line.item]
            if self._item(line.item).level == line.new_level and line.rises and not self._item(line.item).hand_set:
                self._change(line.item, level=old.level, last_notice_on=old.last_notice_on)
                self.expected[line.item] = line.old_level
            if notice.kind == "reminder":
                self._change(line.item, reminded_on=None)
        self.account = replace(self.account, last_sent_on=last_sent_on)

    @invariant()
    def levels_move_only_by_letters_and_by_hand(self) -> None:
        for item in self.account.items:
            assert item.standing_level == self.expected[item.key]

    def _check(self, notice: Notice) -> None:
        """Hold a letter against the plain facts, not against the code that made it."""
        assert notice.demanded > 0
        assert notice.demanded == notice.overdue - notice.credits - notice.disputed
        assert notice.demanded == sum(line.demanded for line in notice.lines)
        assert self.account.state != "legal"
        assert self.account.erp_block is None
        assert self.account.block is None or not self.account.block.holds(self.today)
        for line in notice.lines:
            self._check_line(line, notice)
        if notice.kind == "dunning":
            self._check_level(notice)

    def _check_line(self, line: Line, notice: Notice) -> None:
        item = self._item(line.item)
        assert not item.gone
        assert item.block is None or not item.block.holds(self.today)
        assert item.reopened_on is None or CALENDAR.after(item.reopened_on, self.policy.reopen_grace) <= self.today
        if self.account.state == "insolvent":
            assert self.account.state_since is not None
            assert item.document_on >= self.account.state_since
        assert 0 <= line.demanded <= max(0, item.open_amount - min(item.disputed_amount, max(item.open_amount, 0)))
        if self.policy.disputed == "item" and item.disputed_amount:
            assert line.demanded == 0
        if line.role != "credit":
            assert (item.due_on >= self.today - timedelta(days=3)) or notice.kind == "dunning"
            assert item.open_amount > 0
        assert line.new_level >= line.old_level
        assert line.new_level <= line.old_level + 1 or self.policy.step == "jump"
        assert line.new_level == line.old_level or (line.demanded > 0 and not item.hand_set)

    def _check_level(self, notice: Notice) -> None:
        rising = [line for line in notice.lines if line.rises]
        assert rising
        assert notice.level == max(line.new_level for line in notice.lines if line.role != "credit" and line.demanded)
        for line in rising:
            wanted = self.policy.level(max(line.new_level, 1))
            assert (self.today - line.due_on).days >= wanted.days
        interval = self.policy.level(notice.level).interval
        start = self._last_on(notice)
        assert start is None or CALENDAR.after(start, interval) <= self.today

    def _last_on(self, notice: Notice) -> date | None:
        same = (day for old, day, *_ in self.sent if old.kind == "dunning" and notice.item == old.item)
        return max(same, default=None)

    def _apply(self, notice: Notice) -> None:
        for line in notice.lines:
            if notice.kind == "reminder":
                self._change(line.item, reminded_on=self.today)
            elif line.rises:
                self._change(line.item, level=line.new_level, last_notice_on=self.today)
                self.expected[line.item] = line.new_level
        if notice.kind == "dunning":
            self.account = replace(self.account, last_sent_on=self.today)

    def _decide(self) -> tuple[Notice, ...]:
        return decide(self.account, Terms(self.policy, self.today, CALENDAR)).notices

    def _set_pending(self, pending: bool) -> None:
        assert self.notice is not None or not pending
        if self.policy.per == "debtor":
            self.account = replace(self.account, pending=pending)
            return
        for item in self.account.items:
            self._change(item.key, pending=pending and self.notice is not None and item.key == self.notice.item)

    def _block(self, days: int | None) -> Block:
        return Block("by a person", None if days is None else self.today + timedelta(days=days))

    def _item(self, key: str) -> ItemFacts:
        return self._facts()[key]

    def _facts(self) -> dict[str, ItemFacts]:
        return {item.key: item for item in self.account.items}

    def _change(self, key: str, **changed: Any) -> None:
        items = tuple(replace(item, **changed) if item.key == key else item for item in self.account.items)
        self.account = replace(self.account, items=items)


TestDunning = Dunning.TestCase
TestDunning.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
