"""What NetSuite's values mean: all are text, NULL is not there, and what cannot be read spoils its row alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow
from duehook.core.records import EARLIEST, LATEST

Source = Mapping[str, Any]
NOTHING: Final = Decimal(0)
_SHOWN: Final = 80
_LONGEST_DAY: Final = 10


def text(row: Source, name: str) -> str | None:
    """Return a text; None where there is none."""
    found = row.get(name)
    return str(found) if found not in (None, "") else None


def required(row: Source, name: str) -> str:
    """Return a text; BadRecord where there is none."""
    found = row.get(name)
    if found in (None, ""):
        raise BadRecord(f"{name} is empty.")
    return str(found)


def amount(row: Source, name: str) -> Decimal | None:
    """Return an amount; None where there is none, BadRecord for what is no number."""
    found = row.get(name)
    if found in (None, ""):
        return None
    try:
        made = Decimal(found)
    except (InvalidOperation, TypeError, ValueError):
        raise _senseless(name, found, "amount") from None
    if not made.is_finite():
        raise _senseless(name, found, "amount")
    return made


def day(row: Source, name: str) -> date | None:
    """Return a date; None where there is none, BadRecord for what is no date."""
    found = row.get(name)
    if found in (None, ""):
        return None
    try:
        made = date.fromisoformat(str(found)[:_LONGEST_DAY])
    except ValueError:
        raise _senseless(name, found, "date") from None
    if not EARLIEST <= made <= LATEST:
        raise _senseless(name, found, "date")
    return made


def instant(row: Source, name: str, zone: tzinfo) -> datetime | None:
    """Return a stamp as an instant, of the account's time zone unless it says its offset; None for what is none."""
    found = row.get(name)
    if found in (None, ""):
        return None
    try:
        made = datetime.fromisoformat(str(found))
        return (made if made.tzinfo else made.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def flag(row: Source, name: str) -> bool:
    """Say whether a field is T."""
    return row.get(name) in {"T", "true", True}


def status(row: Source) -> str:
    """Return a status's letter: bare, or behind the type as some connections spell it (`CustInvc:A`)."""
    return str(row.get("status") or "").rpartition(":")[2]


def bad_row(error: BadRecord, key: str | None, row: Source, company: str | None) -> BadRow:
    """Return what cannot be read, with what NetSuite sent."""
    payload = {name: str(held) for name, held in row.items() if held is not None and name != "links"}
    return BadRow(error.message, payload, key, company)


def _senseless(name: str, found: object, kind: str) -> BadRecord:
    return BadRecord(f"{name} holds {str(found)[:_SHOWN]!r}, which is no {kind}.")
