"""Promises and disputes in columns of F03B11 that the settings name: where they stand, and what an item makes of them.

What stands there is kept as it is in the item's `extra` (days as ISO text, amounts as text in the item's
currency); a dispute also becomes the item's disputed amount and reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import Row

from . import tables
from .fields import WIDEST
from .settings import JdeSettings
from .tables import Column
from .values import Days, Factors, amount, text
from .writing.settings import DisputeSettings

PROMISE: Final = {"on": "promised_on", "amount": "promised_amount", "mark": "promise_mark"}
DISPUTE: Final = {"code": "dispute_code", "amount": "dispute_amount", "mark": "dispute_mark"}
_EXTRA: Final = {
    **{f"promise.{part}": name for part, name in PROMISE.items()},
    **{f"dispute.{part}": name for part, name in DISPUTE.items()},
}
_KNOWN: Final = {column.name: column for column in tables.ITEM.columns}
Value = Callable[[Sequence[Any], Row], str | None]


def named(settings: JdeSettings) -> dict[str, str]:
    """Return the columns by the setting that names each: {"promise.on": "RPURDT"}."""
    found: dict[str, str | None] = {}
    if settings.promise is not None:
        found |= {f"promise.{part}": getattr(settings.promise, part) for part in PROMISE}
    if settings.dispute is not None:
        found |= {f"dispute.{part}": getattr(settings.dispute, part) for part in DISPUTE}
    return {name: column for name, column in found.items() if column}


def columns(settings: JdeSettings) -> tuple[Column, ...]:
    """Return the columns that are read beside F03B11's own."""
    texts = {column for name, column in named(settings).items() if name.endswith((".code", ".mark"))}
    days = {column for name, column in named(settings).items() if name.endswith(".on")}
    names = dict.fromkeys(named(settings).values())
    return tuple(
        Column(name, WIDEST if name in texts else None, is_day=name in days) for name in names if name not in _KNOWN
    )


def patch_of(settings: JdeSettings, names: Sequence[str], days: Days, factors: Factors) -> Patch | None:
    """Return what the columns do to a mapped item, given its raw row in the order of `names`; None for nothing."""
    places = {name: place for place, name in enumerate(names)}
    kept = {
        _EXTRA[name]: _value(name.partition(".")[2], places[column], days, factors)
        for name, column in named(settings).items()
    }
    if not kept:
        return None
    disputed = _disputed(settings.dispute, settings.codes.dispute_by_reason) if settings.dispute else None

    def patch(raw: Any, row: Row) -> None:
        found = {extra: value for extra, read in kept.items() if (value := read(raw, row)) is not None}
        if found:
            row["extra"] = {**(row["extra"] or {}), **found}
            if disputed is not None and "dispute_code" in found:
                disputed(found, row)

    return patch


def _value(part: str, at: int, days: Days, factors: Factors) -> Value:
    if part == "on":
        return lambda raw, row: day.isoformat() if (day := days[raw[at]]) else None
    if part == "amount":
        return lambda raw, row: str(due) if (due := amount(raw[at], factors[row["currency"]])) else None
    return lambda raw, row: text(raw[at])


def _disputed(fields: DisputeSettings, known: Mapping[str, str]) -> Callable[[Mapping[str, str], Row], None]:
    """Return what sets an item's disputed part: the amount that stands there, else all that is open."""
    reasons = {code: reason for reason, code in fields.codes.items()}
    is_own = fields.code not in _KNOWN  # JDE's own column may hold codes that mean no dispute

    def dispute(found: Mapping[str, str], row: Row) -> None:
        code, due = found["dispute_code"], row["open_amount"]
        reason = reasons.get(code) or known.get(code) or (code if is_own else None)
        if reason is not None and due > 0:
            part = abs(Decimal(found.get("dispute_amount", due)))
            row["disputed_amount"], row["dispute_reason"] = min(part, due), reason

    return dispute
