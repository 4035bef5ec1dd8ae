"""A customer line of an accounting document: its key, its sign, what it refers to, and what it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.wire.odata.dialect import Unreadable

Row = Mapping[str, Any]
LineKey = tuple[str, str, str, str]
KEY: Final = ("CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem")
DEBIT: Final = "S"


def key_of(line: Row) -> LineKey:
    """Return company code, fiscal year, document and line: a number repeats in the next year (rule 2)."""
    company, year, document, place = (str(line[name]) for name in KEY)
    return company, year, document, place


def written(key: LineKey) -> str:
    """Return a line's key as the item's key."""
    return "|".join(key)


def read(key: str) -> LineKey | None:
    """Return the line that an item's key names; None for text that is no such key."""
    parts = key.split("|")
    return (parts[0], parts[1], parts[2], parts[3]) if len(parts) == 4 and all(parts) else None


def reference_of(line: Row) -> LineKey | None:
    """Return the invoice that a line refers to (InvoiceReference, REBZG); None for none."""
    document = line.get("InvoiceReference")
    if not document or document == "V":  # V: a credit memo that refers to nothing takes its own terms
        return None
    year, place = line.get("InvoiceReferenceFiscalYear"), line.get("InvoiceItemReference")
    return (line["CompanyCode"], year or line["FiscalYear"], document, place or "001")


def signed(line: Row, name: str) -> Decimal:
    """Return an amount by DebitCreditCode alone: S is owed to us, H is not; the sign on the wire is not trusted."""
    amount: Decimal = checked(line, name) or Decimal(0)
    return abs(amount) if line.get("DebitCreditCode") == DEBIT else -abs(amount)


def checked(line: Row, name: str) -> Any:
    """Return a field's value; BadRecord for one that could not be read."""
    found = line.get(name)
    if isinstance(found, Unreadable):
        raise found.refuse()
    return found


@dataclass(frozen=True)
class Kinds:
    """Which document types are payments, and which of them only net."""

    payments: Collection[str]
    netting: Collection[str]

    def reduces(self, line: Row) -> bool:
        """Say whether a line is what a payment takes off an item, and no item of its own."""
        return line.get("AccountingDocumentType") in self.payments and reference_of(line) is not None


@dataclass
class Referring:
    """What is open of the lines that refer to an item: sums by the item, in both currencies."""

    sums: dict[LineKey, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def take(self, lines: Iterable[Row], kinds: Kinds) -> None:
        """Add open lines of payments."""
        for line in lines:
            of = reference_of(line)
            if of is None or line.get("IsCleared") or not kinds.reduces(line):
                continue
            own, company = self.sums.get(of, (Decimal(0), Decimal(0)))
            self.sums[of] = (
                own + signed(line, "AmountInTransactionCurrency"),
                company + signed(line, "AmountInCompanyCodeCurrency"),
            )

    def of(self, key: LineKey) -> tuple[Decimal, Decimal]:
        """Return the sums for an item."""
        return self.sums.get(key, (Decimal(0), Decimal(0)))


def required(line: Row, name: str) -> Any:
    """Return a field's value; BadRecord where it is empty."""
    found = checked(line, name)
    if found is None:
        raise BadRecord(f"{name} is empty.")
    return found
