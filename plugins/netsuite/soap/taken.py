"""What a site's own field mapping takes of NetSuite, found among SuiteTalk's columns.

The file names columns as SuiteQL does, in small letters; a search calls them in its own (`salesRep`), and the account's
own fields by their script ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.errors import ConnectorRefused
from duehook.core.field_mapping import FieldMapping
from duehook.core.records import Stream
from duehook.plugins.netsuite.fields import LETTERS, named

from .client.service import SoapService

OWN: Final = "cust"  # how the names of the account's own fields begin
JOINS: Final[Mapping[Stream, str]] = {"customer": "customerJoin."}
_SEARCHES: Final[Mapping[Stream, str]] = {
    "customer": "Customer", "contact": "Contact", "item": "Transaction", "payment": "Transaction",
    "payment_term": "Term",
}  # fmt: skip
# Columns that SuiteTalk calls otherwise than by SuiteQL's name in other letters.
_OTHERWISE: Final = {
    "foreigntotal": "fxAmount", "total": "amount", "creditholdoverride": "creditHold", "memo": "memoMain",
    "createddate": "dateCreated", "id": "internalId",
}  # fmt: skip
_FLAGS: Final = {"true": "T", "false": "F"}


class Taken:
    """The columns of a stream that the file takes, by the names under which its mapping looks for them."""

    def __init__(self, soap: SoapService, fields: FieldMapping, stream: Stream) -> None:
        """Take the account, the file and the stream."""
        self._soap, self._fields, self._stream = soap, fields, stream
        self._found: dict[str, str] | None = None

    def columns(self) -> Mapping[str, str]:
        """Return the columns by name, found on first use. ConnectorRefused for one that a search does not have."""
        if self._found is None:
            self._found = {
                named(table, field): f"{JOINS.get(self._stream, '')}{self._column(table, field)}"
                for table in LETTERS[self._stream] for field in self._fields.source_fields(table)
            }  # fmt: skip
        return self._found

    def standard(self) -> list[str]:
        """Return those that every account has."""
        return [column for column in self.columns().values() if not _is_own(column)]

    def own(self) -> list[str]:
        """Return the script ids of those that are the account's own."""
        return [column for column in self.columns().values() if _is_own(column)]

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the file takes of a row that a search gave."""
        found = {name: row.get(column) for name, column in self.columns().items()}
        return {name: _FLAGS.get(str(held), held) for name, held in found.items()}

    def _column(self, table: str, field: str) -> str:
        if field.startswith(OWN):
            return field
        kind = f"{_SEARCHES[self._stream]}SearchRowBasic"
        known = {name.lower(): name for name in self._soap.schema.fields(kind)}
        column = _OTHERWISE.get(field, known.get(field, ""))
        if column not in known.values():
            told = f"{table}.{field} is no column that a search by SuiteTalk has."
            raise ConnectorRefused(told, fix="take the line out of the file that `mapping` names, or read by SuiteQL.")
        return column


def _is_own(column: str) -> bool:
    return column.rpartition(".")[2].startswith(OWN)
