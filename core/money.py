"""Exact money: an amount with its currency, whole ten-thousandths in the books.

Decimals by currency are ISO 4217's; a currency that is not listed has two. Amounts of two
currencies are never added: a mixed sum is a `Totals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Final, Literal, Self

from duehook.core.errors import BadRecord

SCALE: Final = 10_000
Rounding = Literal["half_up", "half_even", "down"]
_ROUNDING: Final[Mapping[str, str]] = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
}
_EXPONENTS: Final[Mapping[str, int]] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
# ISO 4217's currencies and funds that an invoice may be in; no metals, no test codes.
_CURRENCIES: Final = frozenset(
    (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
        "GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
        "LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD "
        "OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC "
        "SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD "
        "XCG XOF XPF YER ZAR ZMW ZWG ZWL"
    ).split()
)
_CENT: Final = Decimal("0.01")
_FINEST: Final = Decimal("0.0001")
_UNITS: Final[Mapping[str, Decimal]] = {code: Decimal(1).scaleb(-places) for code, places in _EXPONENTS.items()}
DIGITS: Final = 13  # before the point, at most: 92 such amounts can be summed in 64 bits


def exponent(currency: str) -> int:
    """Return how many decimals the currency has (JPY 0, EUR 2, KWD 3, CLF 4)."""
    return _EXPONENTS.get(currency, 2)


def to_scaled(amount: Decimal) -> int:
    """Return the amount in whole ten-thousandths, as the books hold it.

    Raises BadRecord when the amount is not a number, is finer than that, or is too large to
    be summed in 64 bits.
    """
    if not amount.is_finite():
        raise BadRecord(f"{amount} is not an amount of money.")
    if amount.adjusted() >= DIGITS:
        raise BadRecord(f"{amount} is too large: amounts have at most {DIGITS} digits before the point.")
    if amount % _FINEST:
        raise BadRecord(f"{amount} is finer than a ten-thousandth.", fix="state a rounding for the connection.")
    return int(amount * SCALE)


def from_scaled(scaled: int, currency: str | None = None) -> Decimal:
    """Return whole ten-thousandths as an amount, with the currency's own decimals where given.

    An amount that is finer than its currency keeps all its digits.
    """
    with localcontext() as exact:
        exact.prec = 40
        amount = Decimal(scaled).scaleb(-4)
        if currency is None:
            return amount
        plain = amount.quantize(Decimal(1).scaleb(-exponent(currency)))
        return plain if plain == amount else amount


def rounded(amount: Decimal, currency: str, rounding: Rounding = "half_up") -> Decimal:
    """Round to the currency's decimals by the rule named."""
    with localcontext() as exact:
        exact.prec = 40
        return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=_ROUNDING[rounding])


def fits(amount: Decimal, currency: str) -> bool:
    """Say whether the amount has no more decimals than its currency and is small enough for the books."""
    return amount.adjusted() < DIGITS and not amount % _UNITS.get(currency, _CENT)


# The smallest amount of every currency of ISO 4217, for checks that run once a row.
STEPS: Final[Mapping[str, Decimal]] = {code: _UNITS.get(code, _CENT) for code in _CURRENCIES}


def is_currency(code: str) -> bool:
    """Say whether the code is a currency of ISO 4217."""
    return code in STEPS


@dataclass(frozen=True, order=False)
class Money:
    """An exact amount of one currency; arithmetic with another currency is refused."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse floats and nameless currencies at the edge."""
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"money is Decimal, not {type(self.amount).__name__}")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"{self.currency!r} is no ISO currency code")

    @classmethod
    def from_scaled(cls, scaled: int, currency: str) -> Self:
        """Read what the books hold."""
        return cls(from_scaled(scaled, currency), currency)

    def scaled(self) -> int:
        """Return whole ten-thousandths for the books."""
        return to_scaled(self.amount)

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never added")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        places = max(exponent(self.currency), -int(self.amount.as_tuple().exponent))
        return f"{self.amount:,.{places}f} {self.currency}"


class Totals:
    """Sums by currency, which stay apart."""

    def __init__(self, amounts: Iterable[Money] = ()) -> None:
        """Add the amounts up, each in its own currency."""
        self._sums: dict[str, Money] = {}
        for money in amounts:
            self.add(money)

    def add(self, money: Money) -> None:
        """Add to the sum of that currency."""
        held = self._sums.get(money.currency)
        self._sums[money.currency] = money if held is None else held + money

    def __getitem__(self, currency: str) -> Money:
        return self._sums.get(currency, Money(Decimal(0), currency))

    def __iter__(self) -> Iterator[Money]:
        return iter(self._sums[currency] for currency in sorted(self._sums))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Totals) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # a sum that can still grow is no key

    def __str__(self) -> str:
        return " + ".join(map(str, self)) or "0"
