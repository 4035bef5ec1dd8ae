"""What belongs to an item: the lines of payments that refer to it.

SAP has two ways to pay a part. The payment's line stays open beside the invoice and refers to it; or it
clears the invoice and opens a residual line that refers to it. In both, what is open of the invoice is
the sum of what is open of its family. A line that refers to nothing that is there (the invoice was
archived) is an item of its own, so that no money is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from .codes import CodeLists
from .lines import (
    COMPANY,
    OWN,
    DocumentKey,
    Line,
    LineKey,
    checked,
    clearing_of,
    document_of,
    key_of,
    reference_of,
    signed,
)

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Kinds:
    """Which document types are payments, and which of them only net."""

    payments: Collection[str]
    netting: Collection[str]

    @classmethod
    def of(cls, codes: CodeLists) -> Kinds:
        """Take them from the site's code lists."""
        return cls(frozenset(codes.payment_document_types), frozenset(codes.netting_document_types))

    def refers(self, line: Line) -> bool:
        """Say whether a line is a payment's and refers to an item."""
        return self.pays(line) and reference_of(line) is not None

    def pays(self, line: Line) -> bool:
        """Say whether a line's document is a payment."""
        return line.get("AccountingDocumentType") in self.payments


@dataclass(frozen=True)
class Families:
    """Lines that were read together, by the item that they belong to.

    A line belongs to what it refers to where that is among the `lines`, in the same currency; of a line that was
    cleared, it is taken as there when `trusting`.
    """

    kinds: Kinds
    lines: dict[LineKey, Line]
    trusting: bool = False

    @classmethod
    def of(cls, kinds: Kinds, lines: Iterable[Line], *, trusting: bool = False) -> Families:
        """Gather the families of these lines."""
        return cls(kinds, {key_of(line): line for line in lines}, trusting)

    def item_of(self, line: Line) -> LineKey | None:
        """Return the item that a payment's line takes from; None where it is none's.

        That is the one at the end of what refers to what; one that its own document used up is no item, and the
        last before it is.
        """
        if not self.kinds.pays(line):
            return None
        found, seen, item = self._above(line), {key_of(line)}, None
        while found is not None:
            if found in seen:
                return None
            seen.add(found)
            held = self.lines.get(found)
            if held is None:
                return found
            item = item if self._used_up(held) else found
            found = self._above(held)
        return item

    def _used_up(self, line: Line) -> bool:
        return self.kinds.pays(line) and clearing_of(line) == document_of(line)

    def _above(self, line: Line) -> LineKey | None:
        of = reference_of(line) if self.kinds.pays(line) else None
        if of is None:
            return None
        held = self.lines.get(of)
        if held is None:
            return of if self.trusting and line.get("IsCleared") else None
        return of if held.get("TransactionCurrency") == line.get("TransactionCurrency") else None

    def is_item(self, line: Line) -> bool:
        """Say whether a line is an item of its own: not taken from another, nor used up by its own document."""
        return self.item_of(line) is None and not self._used_up(line)

    @cached_property
    def _members(self) -> dict[LineKey, list[Line]]:
        found: dict[LineKey, list[Line]] = {}
        for line in self.lines.values():
            of = self.item_of(line)
            if of is not None:
                found.setdefault(of, []).append(line)
        return found

    def members(self, item: LineKey) -> list[Line]:
        """Return the payments' lines that take from an item, or opened it anew."""
        return self._members.get(item, [])

    def referred_to(self) -> Set[LineKey]:
        """Return the items from which these lines of payments take, or which they opened anew."""
        return self._members.keys()

    def open_of(self, item: Line) -> tuple[Decimal, Decimal]:
        """Return what is open of an item in its currency and in the company's; BadRecord where a line is bad."""
        own, company = (NOTHING, NOTHING) if item.get("IsCleared") else (signed(item, OWN), signed(item, COMPANY))
        for line in self.members(key_of(item)):
            if not line.get("IsCleared"):
                own, company = own + signed(line, OWN), company + signed(line, COMPANY)
        return own, company

    def cleared_on(self, item: Line) -> date | None:
        """Return the day on which the last of an item's family was cleared; BadRecord for a day that is bad."""
        days = [checked(line, "ClearingDate") for line in (item, *self.members(key_of(item))) if line.get("IsCleared")]
        return max((day for day in days if day is not None), default=None)

    def reopened(self) -> Iterator[Line]:
        """Yield the items that are cleared themselves and of which a residual line is open."""
        for key, members in self._members.items():
            item = self.lines.get(key)
            if item is not None and item.get("IsCleared") and any(not line.get("IsCleared") for line in members):
                yield item

    def clearings(self, item: Line) -> Iterator[tuple[DocumentKey, list[Line]]]:
        """Yield the documents that cleared lines of an item's family, with these lines, the item's own first."""
        found: dict[DocumentKey, list[Line]] = {}
        for line in (item, *sorted(self.members(key_of(item)), key=key_of)):
            by = clearing_of(line)
            if by is not None:
                found.setdefault(by, []).append(line)
        yield from found.items()
