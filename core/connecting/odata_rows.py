"""What mappings of OData rows have in common: a field that must hold something, and a row that is set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow
from duehook.core.wire.odata.readable import shown


def required(row: Mapping[str, Any], *names: str) -> Any:
    """Return the first of these fields that holds something; BadRecord where none does."""
    for name in names:
        if row.get(name) is not None:
            return row[name]
    raise BadRecord(f"{' and '.join(names)} {'are' if len(names) > 1 else 'is'} empty.")


def bad_row(error: BadRecord, company: str | None, key: str | None, *rows: Mapping[str, Any]) -> BadRow:
    """Return what cannot be read, with what the ERP sent; of fields that several rows have, the first row's."""
    return BadRow(error.message, shown(*reversed(rows)), key, company)
