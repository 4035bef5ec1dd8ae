"""Tell what a few values of a column look like: mail addresses, IBANs, days, currencies, countries, yes or no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.money import is_currency

_MAIL: Final = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}\Z")
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}\Z")
_VAT: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{2}\d{5,10}[A-Z0-9]{0,2}\Z")
# Zeros in front of digits alone begin a number of some other kind, and a rate begins with `0.` too.
_PHONE: Final = re.compile(r"(\+|0(?!\d*\Z)(?!\.\d+\Z))[\d\s()/.\-]{6,24}\Z")
_DAY: Final = re.compile(
    r"(19|20)\d\d-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])([T ].*)?\Z|\d{1,2}[./]\d{1,2}[./]\d{4}\Z"
)
_AMOUNT: Final = re.compile(r"-?\d{1,15}[.,]\d{1,4}\Z")
_YES_NO: Final = frozenset("Y N J X YES NO JA NEIN TRUE FALSE 0 1".split())
_COUNTRIES: Final = frozenset(
    "AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH "
    "CI CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FR GA GB GD GE GH GI GM GN GQ GR "
    "GT GW GY HK HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
    "LT LU LV LY MA MC MD ME MG MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NZ OM PA PE PG PH PK "
    "PL PR PS PT PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO "
    "TR TT TV TW TZ UA UG US UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW".split()
)


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    if not _IBAN.match(plain):
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


# In the order of asking: the first that nearly all values have is the shape.
_SHAPES: Final[Mapping[str, Callable[[str], bool]]] = {
    "mail": lambda text: bool(_MAIL.match(text)),
    "iban": _is_iban,
    "date": lambda text: bool(_DAY.match(text)),
    "vat": lambda text: bool(_VAT.match(text)),
    "phone": lambda text: bool(_PHONE.match(text)),
    "currency": is_currency,
    "yes_no": lambda text: text.upper() in _YES_NO,
    "country": lambda text: text in _COUNTRIES,
    "amount": lambda text: bool(_AMOUNT.match(text)),
}
WORDS: Final[Mapping[str, str]] = {
    "mail": "mail addresses",
    "iban": "IBANs",
    "date": "days",
    "vat": "VAT numbers",
    "phone": "phone numbers",
    "currency": "currencies",
    "yes_no": "yes or no",
    "country": "countries",
    "amount": "amounts",
}
_ENOUGH: Final = 0.8


def shape_of(values: Sequence[Any]) -> tuple[str, int, int] | None:
    """Return (shape, how many have it, of how many); None where no shape fits nearly all of them."""
    texts = [text for value in values if (text := _written(value))]
    for shape, fits in _SHAPES.items():
        fitting = sum(map(fits, texts))
        if fitting and fitting >= _ENOUGH * len(texts):
            return shape, fitting, len(texts)
    return None


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value).strip()
