"""Records of money as payments, and as what they took off an item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from duehook.core.errors import BadRecord
from duehook.plugins.infor_m3 import values
from duehook.plugins.infor_m3.key import ItemKey
from duehook.plugins.infor_m3.settings import CodeLists
from duehook.plugins.infor_m3.values import text

from .items import Document, journal_of

Made = dict[str, Any]


class CashMapping:
    """Makes payments and allocations of records of money; each record is one of both."""

    def __init__(self, codes: CodeLists, local_column: str | None = None) -> None:
        """Take the code lists, and which column says what a record came to in the division's currency."""
        self._codes, self._local_column = codes, local_column

    def payment(self, row: Mapping[str, str], document: Document) -> Made:
        """Return a payment, given the document that it stands with."""
        amount = -values.money(row, "CUAM")
        received = values.day(row, "DTP5") or _posted(row)
        made = {
            "company": values.required(row, "DIVI"),
            "key": key_of(row),
            "customer": values.required(row, "PYNO"),
            "currency": values.required(row, "CUCD"),
            "amount": amount,
            "received_on": received,
            "posted_on": values.day(row, "ACDT"),
            "method": text(row, "PYCD"),
            "reference": text(row, "VONO"),
            "changed_at": values.changed_at(row),
        }
        own = self._own_amount(row, document)
        if own is not None:
            made |= {"company_currency": text(document.row or {}, "LOCD"), "company_amount": own}
        return made

    def allocation(self, row: Mapping[str, str], document: Document) -> Made | None:
        """Return what a record took off an item; None for money that stands by itself."""
        if document.row is None or stands_alone(row, document):
            return None
        kind = self._codes.allocation_by_information_type.get(text(row, "IVTP") or "", "cash")
        return {
            "company": values.required(row, "DIVI"),
            "key": key_of(row),
            "item": ItemKey.of(row).written,
            "payment": key_of(row),
            "kind": kind,
            "currency": values.required(row, "CUCD"),
            "amount": -values.money(row, "CUAM"),
            "company_amount": self._own_amount(row, document),
            "allocated_on": _posted(row),
            "posted_on": values.day(row, "ACDT"),
            "changed_at": values.changed_at(row),
        }

    def _own_amount(self, row: Mapping[str, str], document: Document) -> Decimal | None:
        """Return what a record came to in the division's currency; None where nothing says it."""
        local, name = text(document.row or {}, "LOCD"), self._local_column
        if local is None:
            return None
        if name is not None and row.get(name):
            return -values.money(row, name)
        return -values.money(row, "CUAM") if local == text(row, "CUCD") else None


def stands_alone(row: Mapping[str, str], document: Document) -> bool:
    """Say whether a record of money is itself the first one of its invoice number: it is on account."""
    return journal_of(row) == document.journal


def key_of(row: Mapping[str, str]) -> str:
    """Return the key of a record: its year, journal number and sequence number."""
    return "|".join(values.required(row, name).lstrip("0") or "0" for name in ("YEA4", "JRNO", "JSNO"))


def _posted(row: Mapping[str, str]) -> date:
    found = values.day(row, "ACDT") or values.day(row, "IVDT")
    if found is None:
        raise BadRecord("ACDT and IVDT are blank.")
    return found
