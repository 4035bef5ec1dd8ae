"""What the mappings have in common: rows, nothing, and when a row was changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

Row = dict[str, Any]
Source = Mapping[str, Any]
NOTHING: Final = Decimal(0)


def stamp_of(row: Source, name: str) -> datetime | None:
    """Return when a row was changed, where it says that."""
    at = row.get(name)
    return at if isinstance(at, datetime) else None
