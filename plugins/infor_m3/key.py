"""An item's key: payer, customer, invoice number and year, within a division. Numbers begin anew each year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, Self

from . import entities

NAMED_BY: Final = ("DIVI", "PYNO", "CUNO", "CINO", "INYR")  # the ledger's columns that a key is made of
_LENGTHS: Final = {name: entities.INVOICE.inputs[name].length for name in ("PYNO", "CUNO", "CINO", "INYR")}


class ItemKey(NamedTuple):
    """What tells an item from all others of a company."""

    division: str
    payer: str
    customer: str
    number: str
    year: str

    @classmethod
    def of(cls, row: Mapping[str, str]) -> Self:
        """Return the key that a row of the ledger bears."""
        year = row["INYR"].strip()
        return cls(row["DIVI"].strip(), row["PYNO"].strip(), row["CUNO"].strip(), row["CINO"].strip(), year)

    @classmethod
    def read(cls, division: str, written: str) -> Self | None:
        """Read a key as it was written; None for what never was one."""
        parts = written.split("|")
        if len(parts) != len(_LENGTHS) or not all(parts) or not division:
            return None
        fits = all(len(part) <= length for part, length in zip(parts, _LENGTHS.values(), strict=True))
        year = parts[3]
        if not fits or not (year.isascii() and year.isdigit()) or any(part != part.strip() for part in parts):
            return None
        return cls(division, *parts)

    @property
    def written(self) -> str:
        """Return it as the connector's key."""
        return f"{self.payer}|{self.customer}|{self.number}|{self.year}"

    @property
    def name(self) -> tuple[str, str]:
        """Return it as (company, key)."""
        return self.division, self.written

    @property
    def asked(self) -> dict[str, str]:
        """Return the fields that M3 takes to find it."""
        return {
            "PYNO": self.payer,
            "CINO": self.number,
            "INYR": self.year,
            "CUNO": self.customer,
            "DIVI": self.division,
        }
