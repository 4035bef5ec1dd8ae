"""What may be turned on a book: how its customers pay, and how often the rest happens."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Character:
    """A payer's habit: its share of the customers, and days from due date to payment.

    `early` to `late` bound most payments; `tail` is the share that takes up to `longest`.
    `clears_all` pays everything overdue at once when it pays at all.
    """

    share: float
    early: int
    late: int
    tail: float = 0.0
    longest: int = 0
    clears_all: bool = False


def _characters() -> dict[str, Character]:
    return {
        "prompt": Character(0.63, -6, 1, tail=0.0005, longest=12),
        "usual": Character(0.31, -1, 4, tail=0.001, longest=20),
        "slow": Character(0.025, 6, 40, tail=0.05, longest=60, clears_all=True),
        "bad": Character(0.035, 30, 95, tail=0.1, longest=160, clears_all=True),
    }


@dataclass(frozen=True)
class Knobs:
    """Rates of a book. `*_share` is by document, `*_rate` by customer and business day.

    `history_share` is how many closed items a new book carries for each open one, `history_days`
    how far they reach back, `purge_after` how many days after closing they are purged.
    """

    characters: dict[str, Character] = field(default_factory=_characters)
    foreign_share: float = 0.10
    history_share: float = 0.2
    history_days: int = 540
    purge_after: int = 500
    instalment_share: float = 0.03
    credit_share: float = 0.03
    fee_share: float = 0.004
    oddity_share: float = 0.002
    missing_customer_share: float = 0.001
    part_payment_share: float = 0.03
    discount_share: float = 0.7
    on_account_share: float = 0.015
    write_off_share: float = 0.01
    deduction_share: float = 0.006
    chargeback_share: float = 0.006
    reversal_share: float = 0.006
    residue_share: float = 0.05
    late_commit_share: float = 0.01
    dispute_rate: float = 0.0010
    hold_rate: float = 0.0010
    block_rate: float = 0.0006
    master_rate: float = 0.0015
    state_rate: float = 0.00005
