"""Money, days and moments as a language writes them: CLDR's rules by babel, looked up once.

`en` without a country writes dates the British way: "4 March 2026" is read alike everywhere.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_name
from babel.numbers import format_decimal

from duehook.core.errors import ConfigError
from duehook.core.money import exponent

NBSP: Final = "\u00a0"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_DEFAULT_COUNTRY: Final = {"en": "en_GB"}


class _Numbers(NamedTuple):
    """How a locale writes figures. `simple`: groups of three from four digits on."""

    signs: dict[int, str]
    minus: str
    code_first: bool
    simple: bool


def plain(text: str) -> str:
    """Return the text on one line, without control and direction characters."""
    return _CONTROL.sub(" ", text).strip()


@lru_cache(maxsize=64)
def locale(language: str) -> Locale:
    """Return babel's locale of a language tag (de, de-AT, en_GB); raises ConfigError."""
    tag = language.replace("-", "_")
    try:
        return Locale.parse(_DEFAULT_COUNTRY.get(tag, tag))
    except (ValueError, UnknownLocaleError) as error:
        raise ConfigError(f"{language!r} is no language.", fix="write a tag such as en, de or de-AT.") from error


@lru_cache(maxsize=64)
def _numbers(language: str) -> _Numbers:
    tongue = locale(language)
    symbols = tongue.number_symbols["latn"]
    pattern = tongue.decimal_formats[None]
    least = format_decimal(Decimal(1234), locale=tongue, numbering_system="latn")
    return _Numbers(
        signs=str.maketrans({",": symbols["group"], ".": symbols["decimal"]}),
        minus=symbols["minusSign"],
        code_first=tongue.currency_formats["standard"].pattern.startswith("¤"),
        simple=pattern.grouping == (3, 3) and symbols["group"] in least,
    )


def figure(amount: Decimal, currency: str, language: str) -> str:
    """Return the amount without its currency, with all decimals of the currency."""
    rule = _numbers(language)
    places = max(exponent(currency), -int(amount.as_tuple().exponent))
    if not rule.simple:
        whole = locale(language).decimal_formats[None].pattern.partition(".")[0]
        pattern = f"{whole}.{'0' * places}" if places else whole
        return format_decimal(amount, format=pattern, locale=locale(language), numbering_system="latn")
    written = f"{abs(amount):,.{places}f}".translate(rule.signs)
    return f"{rule.minus}{written}" if amount < 0 else written


def money(amount: Decimal, currency: str, language: str) -> str:
    """Return the amount with its ISO code on the side where the language puts it."""
    written = figure(amount, currency, language)
    if _numbers(language).code_first:
        return f"{currency}{NBSP}{written}"
    return f"{written}{NBSP}{currency}"


@lru_cache(maxsize=4096)
def day(when: date, language: str) -> str:
    """Return the date in words, for running text."""
    return format_date(when, "long", locale=locale(language))


@lru_cache(maxsize=4096)
def short_day(when: date, language: str) -> str:
    """Return the date as it fits a table's column."""
    return format_date(when, "medium", locale=locale(language))


@lru_cache(maxsize=1024)
def moment(when: datetime, language: str, timezone: str) -> str:
    """Return the instant on the clock of the time zone, with the zone's name."""
    try:
        local = when.astimezone(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"{timezone!r} is no time zone.", fix="write one such as Europe/Berlin.") from error
    zone = get_timezone_name(local, width="short", locale=locale(language))
    return f"{day(local.date(), language)}, {local:%H:%M}{NBSP}{zone}"
