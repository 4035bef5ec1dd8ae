"""Decides what a run does with one debtor's account: a code for each item, and the notices (rules 17-20).

The set-based statement in the books decides the same; this is the twin that explains and simulates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from .codes import Code
from .decision import Decision
from .facts import Account, ItemFacts, Terms
from .netting import Netted, net
from .notice import Kind, Line, Notice
from .ripeness import days_past_due, is_over, ripe_level, ripe_on, risen_level
from .standing import stopped


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run decides about one account."""

    decisions: tuple[Decision, ...]
    notices: tuple[Notice, ...]

    def of(self, item: str) -> Decision:
        """Return the decision on one item."""
        return next(decision for decision in self.decisions if decision.item == item)


def decide(account: Account, terms: Terms) -> Outcome:
    """Decide about every item of the account, and propose its notices."""
    return _Deciding(account, terms).outcome()


class _Deciding:
    """One account while it is being decided: who is stopped, what is netted, which letters follow."""

    def __init__(self, account: Account, terms: Terms) -> None:
        self.account = account
        self.terms = terms
        self.policy = terms.policy
        self.stops = {item.key: stopped(item, account, terms) for item in account.items}
        self.credits = [item for item in account.items if item.open_amount < 0 and not self.stops[item.key]]
        self.overdue = [item for item in self._showable() if self._past_due(item) > 0]
        self.soon = [item for item in self._showable() if self._is_soon(item)]
        self.netted = self._net()
        self.decided: dict[str, Decision] = {}
        self.notices: list[Notice] = []

    def outcome(self) -> Outcome:
        """Decide the letters first, then what is left."""
        for group in self._groups():
            self._dun(group)
        self._remind([item for item in self.soon if not item.reminded_on and self._demands(item)])
        decisions = tuple(self.decided.get(item.key) or self._left_over(item) for item in self.account.items)
        return Outcome(decisions, tuple(self.notices))

    def _showable(self) -> Iterator[ItemFacts]:
        """Yield the invoices that a letter may show: nothing stops them but a dispute."""
        for item in self.account.items:
            stop = self.stops[item.key]
            if item.open_amount > 0 and (stop is None or stop.code is Code.DISPUTED):
                yield item

    def _past_due(self, item: ItemFacts) -> int:
        return days_past_due(item.due_on, self.terms)

    def _is_soon(self, item: ItemFacts) -> bool:
        ahead = -self._past_due(item)
        return self.policy.pre_due is not None and 0 <= ahead <= self.policy.pre_due.days

    def _net(self) -> Netted:
        return net(
            [*self.overdue, *self.soon],
            self.credits,
            self.account.items,
            shown={item.key for item in self.overdue},
            policy=self.policy,
        )

    def _demands(self, item: ItemFacts) -> bool:
        return self.netted.demanded[item.key] > 0

    def _groups(self) -> list[list[ItemFacts]]:
        """Return the items of each letter that may come about: one letter, or one an invoice."""
        demanding = [item for item in self.overdue if self._demands(item)]
        if self.policy.per == "invoice":
            return [[item] for item in demanding]
        return [demanding] if demanding else []

    def _dun(self, group: Sequence[ItemFacts]) -> None:
        """Decide one letter: its items rise and are listed, or all that would rise get its reason."""
        rising = {item.key for item in group if self._triggers(item, group)}
        if not rising:
            return
        level = min(max(risen_level(item, self.terms) for item in group), self.policy.last_level)
        held = self._held(group, level, rising)
        for item in group:
            if held and item.key in rising:
                self.decided[item.key] = held[item.key]
            elif not held:
                self.decided[item.key] = self._sent(item, rising)
        if not held:
            self.notices.append(self._notice("dunning", group, level, rising))

    def _triggers(self, item: ItemFacts, group: Sequence[ItemFacts]) -> bool:
        return risen_level(item, self.terms) > item.standing_level or self._repeats(item, group)

    def _repeats(self, item: ItemFacts, group: Sequence[ItemFacts]) -> bool:
        """Say whether the last level is due once more (only where the policy repeats it)."""
        every, last = self.policy.repeat_every, self.policy.last_level
        if every is None or item.hand_set or item.standing_level < last:
            return False
        return ripe_level(item.due_on, self.terms) == last and is_over(self._last_notice_on(group), every, self.terms)

    def _last_notice_on(self, group: Sequence[ItemFacts]) -> date | None:
        """Return when the last notice went out that the interval counts from.

        That of an item counts too: it may have come from another debtor a day after its notice.
        """
        days = [item.last_notice_on for item in group if not item.hand_set]
        if self.policy.per == "debtor":
            days.append(self.account.last_notice_on)
        else:
            days += (group[0].erp_last_dunned_on, self.account.erp_last_dunned_on)
        return max((day for day in days if day), default=None)

    def _is_pending(self, group: Iterable[ItemFacts]) -> bool:
        return self.account.pending or (self.policy.per == "invoice" and any(item.pending for item in group))

    def _held(self, group: Sequence[ItemFacts], level: int, rising: Iterable[str]) -> dict[str, Decision]:
        """Return what holds the letter back, by item; empty when it may go."""
        last_on = self._last_notice_on(group)
        interval = self.policy.level(level).interval
        if self._is_pending(group):
            return {key: Decision(key, Code.PENDING, level) for key in rising}
        if not is_over(last_on, interval, self.terms):
            return {key: Decision(key, Code.INTERVAL, level, last_on) for key in rising}
        return self._too_small(group, level, rising) or self._gated(level, rising)

    def _too_small(self, group: Iterable[ItemFacts], level: int, rising: Iterable[str]) -> dict[str, Decision]:
        """Hold what is below the minimum of its level, and what has none in its currency."""
        minimum = (self.policy.level(level).minimum if level else self.policy.minimum).get(self.account.currency)
        total = sum(self.netted.demanded[item.key] for item in group)
        if minimum is None:
            return {key: Decision(key, Code.NO_MINIMUM, level, detail=self.account.currency) for key in rising}
        if total < minimum:
            return {key: Decision(key, Code.BELOW_MINIMUM, level, amount=total) for key in rising}
        return {}

    def _gated(self, level: int, rising: Iterable[str]) -> dict[str, Decision]:
        if self.terms.gate is None:
            return {}
        return {key: Decision(key, Code(self.terms.gate), level) for key in rising}

    def _sent(self, item: ItemFacts, rising: Iterable[str]) -> Decision:
        level, amount = risen_level(item, self.terms), self.netted.demanded[item.key]
        if item.key not in rising:
            return Decision(item.key, Code.LISTED, level, amount=amount)
        return Decision(item.key, Code.RISES if level > item.standing_level else Code.REPEATS, level, amount=amount)

    def _remind(self, group: Sequence[ItemFacts]) -> None:
        """Decide the pre-due reminder: no level, no interval, once an item (rule 17)."""
        groups = [[item] for item in group] if self.policy.per == "invoice" else [group] if group else []
        for items in groups:
            keys = [item.key for item in items]
            if self._is_pending(items):
                held = {key: Decision(key, Code.PENDING, 0) for key in keys}
            else:
                held = self._too_small(items, 0, keys) or self._gated(0, keys)
            self.decided |= held
            if not held:
                for item in items:
                    amount = self.netted.demanded[item.key]
                    self.decided[item.key] = Decision(item.key, Code.REMINDED, 0, item.due_on, amount)
                self.notices.append(self._notice("reminder", items, 0, ()))

    def _left_over(self, item: ItemFacts) -> Decision:
        """Say why an item is in no letter."""
        stop = self.stops[item.key]
        if stop:
            return stop
        if item.open_amount < 0:
            return Decision(item.key, Code.CREDIT_NETTED if self.policy.netting else Code.CREDIT_SHOWN)
        takes_part = item.key in self.netted.demanded
        if takes_part and not self._demands(item):
            return self._silenced(item)
        if self._past_due(item) <= 0:
            return Decision(item.key, Code.NOT_DUE, on=item.due_on)
        return self._waiting(item)

    def _silenced(self, item: ItemFacts) -> Decision:
        """Say why an item demands nothing: it is disputed, or credits cover what is not."""
        disputed = self.netted.disputed[item.key]
        if disputed and item.open_amount == self.netted.own.get(item.key, 0) + disputed:
            return Decision(item.key, Code.DISPUTED, amount=item.disputed_amount)
        return Decision(item.key, Code.COVERED, amount=item.open_amount)

    def _waiting(self, item: ItemFacts) -> Decision:
        """Say what an overdue item waits for."""
        level, last = item.standing_level, self.policy.last_level
        if level >= last:
            return Decision(item.key, Code.LAST_LEVEL, level)
        if item.hand_set and ripe_level(item.due_on, self.terms) > level:
            return Decision(item.key, Code.HAND_SET, level)
        if self._past_due(item) >= self.policy.level(level + 1).days and not self._is_ripe(item, level + 1):
            return Decision(item.key, Code.WITHIN_GRACE, level + 1, item.due_on)
        return Decision(item.key, Code.LEVEL_REACHED if level else Code.NOT_RIPE, level + 1, item.due_on)

    def _is_ripe(self, item: ItemFacts, level: int) -> bool:
        return ripe_on(item.due_on, level, self.policy, self.terms.calendar) <= self.terms.as_of

    def _notice(self, kind: Kind, group: Sequence[ItemFacts], level: int, rising: Iterable[str]) -> Notice:
        listed = self.overdue if kind == "dunning" and self.policy.per == "debtor" else group
        lines = [self._line(item, kind, rising) for item in listed]
        if kind == "dunning" and self.policy.per == "debtor":
            lines += self._credit_lines()
        overdue = sum(item.open_amount for item in listed)
        disputed = sum(self.netted.disputed[item.key] for item in listed)
        demanded = sum(self.netted.demanded[item.key] for item in listed)
        account = self.account
        return Notice(
            account.company,
            account.connection,
            account.debtor,
            account.currency,
            kind,
            group[0].key if self.policy.per == "invoice" else "",
            level,
            overdue,
            overdue - disputed - demanded,
            disputed,
            demanded,
            tuple(lines),
        )

    def _line(self, item: ItemFacts, kind: Kind, rising: Iterable[str]) -> Line:
        disputed, own = self.netted.disputed[item.key], self.netted.own.get(item.key, 0)
        is_disputed = disputed > 0 and disputed + own == item.open_amount
        new_level = risen_level(item, self.terms) if self._demands(item) else item.standing_level
        return Line(
            item.key,
            "due_soon" if kind == "reminder" else "disputed" if is_disputed else "overdue",
            item.standing_level,
            item.standing_level if kind == "reminder" else new_level,
            item.due_on,
            item.open_amount,
            disputed,
            self.netted.demanded[item.key],
            item.key in rising,
        )

    def _credit_lines(self) -> Iterator[Line]:
        """Yield the credits that count; without netting all of them, to be shown apart."""
        for credit in self.credits:
            counted = self.netted.counted.get(credit.key, -credit.open_amount if not self.policy.netting else 0)
            if counted:
                level = credit.standing_level
                yield Line(credit.key, "credit", level, level, credit.due_on, -counted)
