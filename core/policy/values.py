"""The kinds of value a policy holds, read from their text: counts, spans, amounts, switches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from ruamel.yaml.nodes import Node, ScalarNode

from duehook.core.calendar import Span
from duehook.core.errors import BadRecord
from duehook.core.money import exponent, fits, to_scaled

from .reader import Source, one_of, pairs_of, text_of

SWITCH: Final[Mapping[str, bool]] = {"yes": True, "no": False, "on": True, "off": False, "true": True, "false": False}
LONGEST: Final = 3650
_SPAN: Final = re.compile(r"(\d{1,4})(?:\s+(business\s+)?days?)?")
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def read_switch(source: Source, node: Node, what: str) -> bool | None:
    """Read yes or no."""
    answer: bool | None = one_of(source, node, SWITCH, what)
    return answer


def read_count(source: Source, node: Node, what: str, *, low: int = 0, high: int = LONGEST) -> int | None:
    """Read a whole number between the two bounds."""
    text = text_of(source, node, what)
    if text is None:
        return None
    if not re.fullmatch(r"-?\d{1,6}", text) or not low <= int(text) <= high:
        source.report(node, f"{what} cannot be `{text}`.", f"give a whole number from {low} to {high}.")
        return None
    return int(text)


def read_span(source: Source, node: Node, what: str) -> Span | None:
    """Read `14`, `14 days` or `5 business days`."""
    text = text_of(source, node, what)
    if text is None:
        return None
    found = _SPAN.fullmatch(text.strip())
    if found is None or int(found[1]) > LONGEST:
        source.report(node, f"{what} cannot be `{text}`.", "write `14 days` or `5 business days`.")
        return None
    return Span(int(found[1]), business=found[2] is not None)


def read_name(source: Source, node: Node, what: str) -> str | None:
    """Read a name: small letters, digits, - and _, starting with a letter."""
    text = text_of(source, node, what)
    if text is not None and not _NAME.fullmatch(text):
        source.report(node, f"{what} cannot be `{text}`.", "use small letters, digits, - and _, at most 40.")
        return None
    return text


def read_amounts(source: Source, node: Node, what: str) -> dict[str, int] | None:
    """Read amounts by currency, `{EUR: 25, JPY: 3000}`, into ten-thousandths, none of them negative."""
    amounts: dict[str, int] = {}
    for key, value in pairs_of(source, node, what):
        currency = key.value if isinstance(key, ScalarNode) else ""
        amount = _read_amount(source, value, currency)
        if not re.fullmatch("[A-Z]{3}", currency):
            source.report(key, f"`{currency}` is no currency.", "use the ISO 4217 code in capitals, such as EUR.")
        elif currency in amounts:
            source.report(key, f"`{currency}` is given twice.", "keep one of the two.")
        elif amount is not None:
            amounts[currency] = amount
    return amounts or None


def _read_amount(source: Source, node: Node, currency: str) -> int | None:
    text = text_of(source, node, "An amount")
    if text is None:
        return None
    try:
        amount = Decimal(text)
        scaled = to_scaled(amount)
    except (InvalidOperation, BadRecord):
        source.report(node, f"`{text}` is no amount of money.", "write digits with a decimal point, such as 25.00.")
        return None
    if scaled < 0:
        source.report(node, f"{text} is negative.", "give 0 or more.")
        return None
    if not fits(amount, currency):
        source.report(node, f"{text} is finer than {currency} is.", f"give at most {exponent(currency)} decimals.")
        return None
    return scaled
