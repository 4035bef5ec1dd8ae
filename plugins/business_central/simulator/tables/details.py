"""The rows of page 573, Detailed Customer Ledger Entries: what each amount of an entry is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Self

from duehook.core.testing.book import Allocation
from duehook.core.testing.book.objects import to_amount

from .codes import NONE_ON, encoded

Row = dict[str, Any]
INITIAL: Final = encoded("Initial Entry")
APPLICATION: Final = "Application"
DISCOUNT: Final = encoded("Payment Discount")
TOLERANCE: Final = encoded("Payment Tolerance")
_GAIN: Final = encoded("Realized Gain")
_LOSS: Final = encoded("Realized Loss")
REDUCTIONS: Final = {"discount": DISCOUNT, "write_off": TOLERANCE}


@dataclass(frozen=True, slots=True)
class Detail:
    """One detailed entry, amounts in minor units; there are many of them, so a row is made when it is read."""

    number: int
    entry: int
    applied: int
    sort: str
    on: date
    document: tuple[str, str]
    customer: str
    currencies: tuple[str, str]
    minor: int
    own_minor: int
    changed_at: datetime
    unapplied: bool = False

    def row(self) -> Row:
        """Return it as the page shows it."""
        currency, own = self.currencies
        return {
            "Entry_No": self.number,
            "Cust_Ledger_Entry_No": self.entry,
            "Applied_Cust_Ledger_Entry_No": self.applied,
            "Entry_Type": self.sort,
            "Posting_Date": self.on,
            "Document_Type": self.document[0],
            "Document_No": self.document[1],
            "Amount": to_amount(self.minor, currency),
            "Amount_LCY": to_amount(self.own_minor, own),
            "Customer_No": self.customer,
            "Currency_Code": "" if currency == own else currency,
            "Unapplied": self.unapplied,
            "SystemModifiedAt": self.changed_at,
        }

    def numbered(self, number: int) -> Self:
        """Return it with its number."""
        return replace(self, number=number)

    def taken_back(self, on: date, at: datetime) -> Self:
        """Return what undoes it."""
        return replace(self, on=on, minor=-self.minor, own_minor=-self.own_minor, changed_at=at, unapplied=True)

    def undone(self, at: datetime) -> Self:
        """Return it as it stands when it was undone."""
        return replace(self, unapplied=True, changed_at=at)

    def without_date(self) -> Self:
        """Return it with a date that is none."""
        return replace(self, on=NONE_ON)


def initial(row: Row, currencies: tuple[str, str], minors: tuple[int, int], *, at: datetime) -> Detail:
    """Return the first detail of an entry: its whole amount."""
    return Detail(
        0, row["Entry_No"], 0, INITIAL, row["Posting_Date"], (row["Document_Type"], row["Document_No"]),
        row["Customer_No"], currencies, *minors, at,
    )  # fmt: skip


def settling(made: Allocation, entry: Row, applying: Row, *, own_side: bool) -> list[Detail]:
    """Return what an allocation writes on the entry that it reduces, and with `own_side` on the applying one."""
    document = applying["Document_Type"], applying["Document_No"]
    currencies = made.currency, made.company_currency
    first = Detail(
        0, entry["Entry_No"], applying["Entry_No"], APPLICATION, made.allocated_on, document, entry["Customer_No"],
        currencies, -made.amount_minor, made.fx_minor - made.company_minor, made.changed_at,
    )  # fmt: skip
    if made.kind in REDUCTIONS:
        return [replace(first, sort=REDUCTIONS[made.kind], applied=0, own_minor=-made.company_minor)]
    found = [first]
    if made.fx_minor:
        sort = _GAIN if made.fx_minor < 0 else _LOSS
        found.append(replace(first, sort=sort, applied=0, minor=0, own_minor=-made.fx_minor))
    if own_side:
        number = applying["Entry_No"]
        found.append(replace(
            first, entry=number, customer=applying["Customer_No"], minor=made.amount_minor,
            own_minor=made.company_minor - made.fx_minor,
        ))  # fmt: skip
    return found


def closing(back: Row, entry: Row, currencies: tuple[str, str], *, minors: tuple[int, int]) -> list[Detail]:
    """Return what closes a payment and its reversal with each other."""
    first = Detail(
        0, entry["Entry_No"], back["Entry_No"], APPLICATION, back["Posting_Date"],
        (back["Document_Type"], back["Document_No"]), back["Customer_No"], currencies, *minors,
        back["SystemModifiedAt"],
    )  # fmt: skip
    return [first, replace(first, entry=back["Entry_No"], minor=-minors[0], own_minor=-minors[1])]
