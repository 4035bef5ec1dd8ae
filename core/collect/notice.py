"""A proposed notice: what it demands, and the lines that say why."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from duehook.core.policy.model import Policy

Kind = Literal["dunning", "reminder"]
Role = Literal["overdue", "disputed", "credit", "due_soon"]
MANUAL: Final = "manual"  # how the books call a dunning notice that a person asked for


@dataclass(frozen=True, slots=True)
class Line:
    """One item on a notice, in ten-thousandths.

    `open_amount` is the item's own; of a credit, as a negative amount, what is reckoned with.
    `demanded` is what is left of it after its dispute and the credits.
    """

    item: str
    role: Role
    old_level: int
    new_level: int
    due_on: date
    open_amount: int
    disputed_amount: int = 0
    demanded: int = 0
    rises: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter proposed to one debtor of one company in one currency.

    `demanded` = `overdue` − `credits` − `disputed`, always above 0. `overdue` is the open amount
    of all invoices listed, `credits` what credits take off (0 without netting, though their lines
    are listed). `item` is '' but where the policy writes one notice an invoice. A pre-due reminder
    has level 0.
    """

    company: str
    connection: str
    debtor: str
    currency: str
    kind: Kind
    item: str
    level: int
    overdue: int
    credits: int
    disputed: int
    demanded: int
    lines: tuple[Line, ...]

    @property
    def fingerprint(self) -> str:
        """Return a hash of what the debtor would read: any change of lines or sums changes it (rule 22)."""
        lines = sorted(
            (line.item, line.role, line.new_level, str(line.due_on), line.open_amount) for line in self.lines
        )
        read = [self.company, self.debtor, self.currency, self.kind, self.level, self.demanded, lines]
        return hashlib.sha256(json.dumps(read).encode()).hexdigest()


def needs_person(policy: Policy, level: int, currency: str, demanded: int) -> str | None:
    """Say why a person must approve a notice of that level and sum, or None (rule 21).

    The reasons are `final`, `hold`, `not_automatic`, `level` and `amount`.
    """
    if level and policy.level(level).final:
        return "final"
    if level and policy.level(level).hold_min_days is not None:
        return "hold"
    auto = policy.auto_approve
    if auto is None:
        return "not_automatic"
    if level > auto.up_to_level:
        return "level"
    return "amount" if demanded > auto.up_to.get(currency, -1) else None
