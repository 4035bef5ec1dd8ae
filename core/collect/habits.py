"""How a debtor pays: weighted days to pay, weighted days late, the last payment.

weighted days to pay (WADTP) = Σ(applied × (paid on − document date)) / Σ applied
weighted days late           = Σ(applied × (paid on − due date)) / Σ applied

Each application counts with its own amount and date, so an invoice paid in parts counts by its
parts; a reversed application takes its part back out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

_CENTIDAY: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Applied:
    """Cash applied to an invoice: + reduces it, a reversal is negative; in ten-thousandths."""

    amount: int
    paid_on: date
    document_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Received:
    """A payment: + is money in, its reversal negative; `reversed_on` is set on one that came back."""

    amount: int
    received_on: date
    reversed_on: date | None = None


def weighted_days_to_pay(applied: Iterable[Applied]) -> Decimal | None:
    """Return the days from invoice to payment, weighted by amount, to a hundredth; None for n/a."""
    return _weighted((part.amount, (part.paid_on - part.document_on).days) for part in applied)


def weighted_days_late(applied: Iterable[Applied]) -> Decimal | None:
    """Return the days from due date to payment, weighted by amount; negative when paid early."""
    return _weighted((part.amount, (part.paid_on - part.due_on).days) for part in applied)


def last_payment(payments: Iterable[Received], as_of: date) -> Received | None:
    """Return the newest payment received by that day that has not come back, the larger of two."""
    stood = (
        payment
        for payment in payments
        if payment.amount > 0
        and payment.received_on <= as_of
        and (payment.reversed_on is None or payment.reversed_on > as_of)
    )
    return max(stood, key=lambda payment: (payment.received_on, payment.amount), default=None)


def _weighted(weighed: Iterable[tuple[int, int]]) -> Decimal | None:
    total = days = 0
    for amount, late in weighed:
        total += amount
        days += amount * late
    if total <= 0:
        return None
    exact = Fraction(days, total)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_CENTIDAY, ROUND_HALF_UP)
