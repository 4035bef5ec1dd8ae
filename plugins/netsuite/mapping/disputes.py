"""A dispute as it stands in a custom field: one of ours says its amount and reason, a user's only that there is one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from duehook.plugins.netsuite.settings import CodeLists

_OURS: Final = re.compile(r"(?P<amount>\d{1,13}(?:\.\d{1,4})?) (?P<reason>[^:#]{1,60}):")
_LONGEST: Final = 80
_ROOM: Final = 300  # signs that a field of text takes
_NONE: Final = frozenset({None, "", "F", False})


def written(amount: Decimal, reason: str, text: str, marker: str) -> str:
    """Return a dispute as it is written into a field of text, cut before its marker where it is too long."""
    told = " ".join(text.split())
    said = f"{abs(amount):f} {' '.join(reason.split()).replace(':', '')[:60]}: {told}"
    return f"{said[: _ROOM - len(marker) - 1].rstrip()} {marker}"


def disputed(held: Any, left: Decimal, codes: CodeLists) -> dict[str, Any]:
    """Return what is in dispute by what a field holds, given what is left open; a user's dispute is of all of it."""
    if held in _NONE or not left:
        return {}
    said = str(held)
    ours = _OURS.match(said)
    if ours is None:
        return {"disputed_amount": left, "dispute_reason": codes.dispute_by_value.get(said, said[:_LONGEST])}
    whole = min(Decimal(ours["amount"]), abs(left))
    return {"disputed_amount": whole if left > 0 else -whole, "dispute_reason": ours["reason"]}
