"""A customer line of an accounting document: its key, its sign, what it refers to, and what cleared it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow
from duehook.core.wire.odata.dialect import Unreadable

Line = Mapping[str, Any]
LineKey = tuple[str, str, str, str]
DocumentKey = tuple[str, str, str]
KEY: Final = ("CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem")
OWN: Final = "AmountInTransactionCurrency"
COMPANY: Final = "AmountInCompanyCodeCurrency"
_SIDES: Final = frozenset({"S", "H"})
_NOTHING: Final = Decimal(0)


_KEY: Final = itemgetter(*KEY)


def key_of(line: Line) -> LineKey:
    """Return company code, fiscal year, document and line: a number repeats in the next year (rule 2)."""
    key: LineKey = _KEY(line)
    return key


def document_of(line: Line) -> DocumentKey:
    """Return the key of the line's document."""
    return key_of(line)[:3]


def written(key: LineKey | DocumentKey) -> str:
    """Return a line's key as the item's key, or a document's as the payment's."""
    return "|".join(key)


def read(key: str) -> LineKey | None:
    """Return the line that an item's key names; None for text that is no such key."""
    parts = key.split("|")
    return (parts[0], parts[1], parts[2], parts[3]) if len(parts) == 4 and all(parts) else None


def reference_of(line: Line) -> LineKey | None:
    """Return the invoice that a line refers to (InvoiceReference, REBZG); None for none."""
    document = line.get("InvoiceReference")
    if not document or document == "V":  # V: a credit memo that refers to nothing takes its own terms
        return None
    year, place = line.get("InvoiceReferenceFiscalYear"), line.get("InvoiceItemReference")
    whole = place if place and place.strip("0") else "001"
    return (line["CompanyCode"], year or line["FiscalYear"], document, whole)


def clearing_of(line: Line) -> DocumentKey | None:
    """Return the document that cleared a line; None while it is open."""
    document = line.get("ClearingAccountingDocument")
    if not line.get("IsCleared") or not document:
        return None
    return (line["CompanyCode"], line.get("ClearingDocFiscalYear") or line["FiscalYear"], document)


def signed(line: Line, name: str) -> Decimal:
    """Return an amount by DebitCreditCode alone: S is owed to us, H is not; the sign on the wire is not trusted.

    BadRecord for a line without a side.
    """
    side = checked(line, "DebitCreditCode")
    if side not in _SIDES:
        raise BadRecord(f"DebitCreditCode holds {side!r}, neither S nor H.")
    amount: Decimal = abs(checked(line, name) or _NOTHING)
    return amount if side == "S" else -amount


def checked(line: Line, name: str) -> Any:
    """Return a field's value; BadRecord for one that could not be read."""
    found = line.get(name)
    if isinstance(found, Unreadable):
        raise found.refuse()
    return found


def required(line: Line, name: str) -> Any:
    """Return a field's value; BadRecord where it is empty."""
    found = checked(line, name)
    if found is None:
        raise BadRecord(f"{name} is empty.")
    return found


def unreadable(line: Line, error: BadRecord, key: str) -> BadRow:
    """Return a line as the quarantine keeps it."""
    payload = {name: str(held) for name, held in line.items() if held is not None}
    return BadRow(error.message, payload, key, line.get("CompanyCode"))
