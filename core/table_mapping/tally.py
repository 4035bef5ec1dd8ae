"""What a person should know of a reading beside its rows: rounding, skipped rows, oddities that were kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Self

from duehook.core.money import Rounding, exponent, fits, rounded

_HELD: Final = 4  # decimals the books can hold at most


@dataclass
class Rounded:
    """The rounding of one field in one currency: rows, how many were finer, and both sums."""

    how: Rounding
    rows: int = 0
    finer: int = 0
    finest: int = 0
    raw: Decimal = Decimal(0)
    total: Decimal = Decimal(0)

    def take(self, amount: Decimal, currency: str) -> Decimal:
        """Round an amount and count it."""
        self.rows += 1
        self.raw += amount
        if fits(amount, currency):
            self.total += amount
            return amount
        made = rounded(amount, currency, self.how)
        self.total += made
        self.finer += made != amount
        self.finest += -int(amount.normalize().as_tuple().exponent) > _HELD
        return made

    def __str__(self) -> str:
        shown = self.raw.normalize() if self.raw else self.raw
        return (
            f"{self.finer:,} of {self.rows:,} are finer than the currency ({self.finest:,} finer than four decimals); "
            f"raw sum {shown:,f}, rounded {self.how} {self.total:,f}, difference {self.total - self.raw:+,.4f}"
        )


@dataclass
class Tally:
    """The counts of one reading of a file; JSON in a position, so that a killed reading goes on counting."""

    rounded: dict[tuple[str, str], Rounded] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)

    def round(self, name: str, amount: Decimal, currency: str, how: Rounding) -> Decimal:
        """Round an amount of a field to its currency."""
        part = self.rounded.get((name, currency))
        if part is None:
            part = self.rounded[name, currency] = Rounded(how)
        return part.take(amount, currency)

    def notes(self, file: str) -> list[str]:
        """Return it in words, a line each."""
        found = [
            f"{file}: {name} in {currency} ({exponent(currency)} decimals): {part}"
            for (name, currency), part in sorted(self.rounded.items())
        ]
        found += [f"{file}: {count:,} rows skipped: {reason}" for reason, count in sorted(self.skipped.items())]
        return found + [f"{file}: {count:,} {what}" for what, count in sorted(self.kept.items())]

    def as_json(self) -> dict[str, Any]:
        """Return it as a position keeps it."""
        parts = [
            [*key, part.how, part.rows, part.finer, part.finest, str(part.raw), str(part.total)]
            for key, part in self.rounded.items()
        ]
        return {"rounded": parts, "skipped": dict(self.skipped), "kept": dict(self.kept)}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """Read what `as_json` gave."""
        parts = {
            (name, currency): Rounded(how, rows, finer, finest, Decimal(raw), Decimal(total))
            for name, currency, how, rows, finer, finest, raw, total in told.get("rounded", ())
        }
        return cls(parts, Counter(told.get("skipped", {})), Counter(told.get("kept", {})))
