"""Notes on customers (CustomerAttachmentsV2), under the DocumentId that the client made."""

from __future__ import annotations

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from duehook.core.testing.odata import Table, Written

from .disputes import refused
from .ledger_rows import Row

TYPES: Final = ("Note", "File", "URL")
_KEPT_FIELDS: Final = (
    "dataAreaId", "DocumentId", "TypeId", "Name", "Notes", "Restriction", "FileName", "FileType",
    "DefaultAttachment", "CustomerAccountNumber",
)  # fmt: skip


class Attachments:
    """All attachments, oldest first; `kept` is the list that survives a restart.

    With `keeps_ids` off, an id that the client made is not kept: F&O makes one of its own.
    """

    def __init__(self, kept: list[dict[str, Any]], *, keeps_ids: bool) -> None:
        """Take those that were kept."""
        self.table = Table()
        self._kept = kept
        self._keeps_ids = keeps_ids
        for row in kept:
            self.table.put((row["dataAreaId"], row["DocumentId"]), row)

    def of_customer(self, account: str) -> list[Row]:
        """Return a customer's attachments, oldest first."""
        return [row for row in self._kept if row["CustomerAccountNumber"] == account]

    def add(self, written: Written, company: str) -> Row:
        """Add one; raises ODataError with what F&O would say. `company` is where it goes when none is named."""
        values = written.values
        row: Row = {name: values.get(name) or "" for name in _KEPT_FIELDS}
        row["dataAreaId"] = row["dataAreaId"] or company
        row["DefaultAttachment"] = row["DefaultAttachment"] or "No"
        if row["TypeId"] not in TYPES:
            raise refused(
                f"The value '{row['TypeId']}' in field 'Type' is not found in the related table 'Document types'."
            )
        if not row["DocumentId"] or not self._keeps_ids:
            row["DocumentId"] = str(uuid5(NAMESPACE_URL, f"attachment {len(self._kept) + 1}"))
        key = (row["dataAreaId"], row["DocumentId"])
        if self.table.get(key) is not None:
            raise refused(
                "Write failed for table row of type 'CustomerAttachmentsV2Entity'. Infolog: Error: Cannot create a "
                "record in Document references (DocuRef). The record already exists."
            )
        self._kept.append(row)
        self.table.put(key, row)
        return row
