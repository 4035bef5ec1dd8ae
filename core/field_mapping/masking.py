"""Show what was mapped without showing anybody's data: the shape of a text stays, what it says does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

_LETTER: Final = re.compile(r"(?<=\w)[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_PLAIN: Final = frozenset(
    "company currency kind item_class state document_type company_currency limit_currency from_currency to_currency "
    "rate_type terms language country purposes".split()
)


def masked(text: str) -> str:
    """Keep the shape of a text and nothing of what it says but its first letters."""
    return _DIGIT.sub("9", _LETTER.sub("x", text))


def masked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapped row for the screen: names and numbers masked, days, amounts and codes as they are."""
    return {name: _shown(name, value) for name, value in row.items()}


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return masked_row(value)
    if isinstance(value, (list, tuple)) and name not in _PLAIN:
        return [_shown(name, part) for part in value]
    if value is None or isinstance(value, (Decimal, date, int)) or name in _PLAIN or name.startswith("raw_"):
        return value
    return masked(str(value))
