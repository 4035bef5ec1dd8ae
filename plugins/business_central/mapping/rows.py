"""What the mappings have in common: a column that must be there, and a row that is set aside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow
from duehook.core.wire.odata.readable import shown

Row = dict[str, Any]
Source = Mapping[str, Any]
NOTHING: Final = Decimal(0)


def required(row: Source, *names: str) -> Any:
    """Return the first of these columns that holds something; BadRecord where none does."""
    for name in names:
        if row.get(name) is not None:
            return row[name]
    raise BadRecord(f"{' and '.join(names)} {'are' if len(names) > 1 else 'is'} empty.")


def bad_row(error: BadRecord, company: str, key: str, *rows: Source) -> BadRow:
    """Return what cannot be read, with what Business Central sent."""
    return BadRow(error.message, shown(*reversed(rows)), key, company)


def stamp_of(row: Source, name: str) -> datetime | None:
    """Return when a row was changed, where it says that."""
    at = row.get(name)
    return at if isinstance(at, datetime) else None
