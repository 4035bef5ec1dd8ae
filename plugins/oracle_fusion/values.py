"""What Fusion's values mean: ids that stay text, days, instants and exact amounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow
from duehook.core.records import EARLIEST, LATEST

NOTHING: Final = Decimal(0)
_SHOWN: Final = 80
Source = Mapping[str, Any]


def text(row: Source, name: str | None) -> str | None:
    """Return a text without blanks around it, None where there is none; a number as its digits."""
    held = row.get(name) if name else None
    if type(held) is str:
        return held.strip() or None
    return None if held is None or isinstance(held, (dict, list)) else str(held)


def number_of(row: Source, name: str) -> str:
    """Return an id as text; BadRecord for one that is missing, or came as something else than a whole number."""
    held = row.get(name)
    if isinstance(held, str) and held.isascii() and held.isdigit():
        return held
    if isinstance(held, bool) or not isinstance(held, int):
        raise _unreadable(name, held, "no id")
    return str(held)


def required(row: Source, name: str) -> str:
    """Return a text that must be there."""
    found = text(row, name)
    if found is None:
        raise BadRecord(f"{name} is empty.")
    return found


def day(row: Source, name: str | None) -> date | None:
    """Return a day, of an instant its date as it is written; None where there is none."""
    held = text(row, name)
    if held is None:
        return None
    try:
        found = date.fromisoformat(held) if len(held) == 10 else datetime.fromisoformat(held).date()
    except ValueError:
        raise _unreadable(name or "", held, "no day") from None
    if not EARLIEST <= found <= LATEST:
        raise _unreadable(name or "", held, "no day of our time")
    return found


def instant(row: Source, name: str | None) -> datetime | None:
    """Return an instant; one without a zone is UTC."""
    held = text(row, name)
    if held is None:
        return None
    try:
        found = datetime.fromisoformat(held)
    except ValueError:
        raise _unreadable(name or "", held, "no instant") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def amount(row: Source, name: str | None) -> Decimal | None:
    """Return an amount to the last digit, None where there is none."""
    held = row.get(name) if name else None
    if type(held) is Decimal and held.is_finite():
        return held
    if held is None or held == "":
        return None
    if isinstance(held, (bool, float)):
        raise _unreadable(name or "", held, "no amount")
    try:
        found = Decimal(str(held).strip()) if isinstance(held, str) else Decimal(held)
    except (InvalidOperation, TypeError, ValueError):
        raise _unreadable(name or "", held, "no amount") from None
    if not found.is_finite():
        raise _unreadable(name or "", held, "no amount")
    return found


def needed(row: Source, name: str) -> Decimal:
    """Return an amount that must be there."""
    found = amount(row, name)
    if found is None:
        raise BadRecord(f"{name} is empty.")
    return found


def shown(*rows: Source) -> dict[str, Any]:
    """Return rows as a person looks at them, children and links left out."""
    found: dict[str, Any] = {}
    for row in rows:
        held = {name: each for name, each in row.items() if each is not None and not isinstance(each, (dict, list))}
        found |= {name: str(each) for name, each in held.items()}
    return found


def bad_row(error: BadRecord, key: str | None, company: str | None, *rows: Source) -> BadRow:
    """Return what cannot be read, with what Fusion sent."""
    return BadRow(error.message, shown(*rows), key, company)


def _unreadable(name: str, held: Any, what: str) -> BadRecord:
    return BadRecord(f"{name} holds {str(held)[:_SHOWN]!r}, which is {what}.")
