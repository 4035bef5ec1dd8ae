"""What GetInvTotInfo tells of an invoice number, as an item and as its total."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import BadRow, Total
from duehook.core.records import ItemClass, ItemKind
from duehook.plugins.infor_m3 import values
from duehook.plugins.infor_m3.key import ItemKey
from duehook.plugins.infor_m3.settings import CodeLists
from duehook.plugins.infor_m3.stops import OF_ITEMS, Stops
from duehook.plugins.infor_m3.values import bad_row, text

Made = dict[str, Any]


class Document(NamedTuple):
    """An invoice number with what M3 tells of it (None: nothing).

    `code` is the transaction code of its first record, `discount` what M3 tells of its cash discount.
    """

    key: ItemKey
    row: Mapping[str, str] | None
    code: str = ""
    discount: Mapping[str, str] | None = None

    @property
    def journal(self) -> tuple[str, str, str]:
        """Return the key of its first record."""
        return journal_of(self.row or {})


class ItemMapping:
    """Makes items of documents."""

    def __init__(self, codes: CodeLists, patch: Patch | None = None) -> None:
        """Take the code lists, and what the site's own file does to a row."""
        self._codes, self._patch = codes, patch
        self._stops = Stops(OF_ITEMS, codes)

    def rows(self, documents: Iterable[Document]) -> tuple[list[Made], list[BadRow]]:
        """Return the items of documents, and those that cannot be read."""
        made: list[Made] = []
        bad: list[BadRow] = []
        for document in documents:
            try:
                made.append(self.item(document))
            except BadRecord as error:
                key, row = document.key, document.row or document.key.asked
                bad.append(bad_row(error, row, key=key.written, company=key.division))
        return made, bad

    def item(self, document: Document) -> Made:
        """Return the item; BadRecord where it cannot be read."""
        key, row = document.key, document.row
        if row is None:
            raise BadRecord("The ledger lists this invoice number, and GetInvTotInfo does not know it.")
        original, left = values.money(row, "CUAM"), values.money(row, "OCUA")
        local, of_type, method = values.money(row, "OAMT"), text(row, "IVTP"), text(row, "PYCD")
        issued, posted = values.day(row, "IVDT"), values.day(row, "ACDT")
        if issued is None and posted is None:
            raise BadRecord("IVDT and ACDT are blank.")
        made: Made = {
            "company": key.division,
            "key": key.written,
            "customer": key.customer,
            "payer": key.payer if key.payer != key.customer else None,
            "kind": self._kind(of_type, document.code, original),
            "item_class": self._item_class(of_type, method),
            "currency": values.required(row, "CUCD"),
            "amount": original,
            "open_amount": left,
            "company_currency": values.required(row, "LOCD"),
            "company_amount": values.money(row, "ACAM"),
            "company_open_amount": local,
            "document_no": key.number,
            "document_type": of_type or "",
            "fiscal_year": int(key.year),
            "document_on": issued or posted,
            "due_on": values.day(row, "DUDT"),
            "posted_on": posted,
            "cleared_on": None if left or local else values.day(row, "REDE"),
            "changed_at": values.changed_at(row),
            "tax_amount": values.amount(row, "VTAM") or None,
            "payment_method": method,
            "terms": text(row, "TEPY"),
            "text": text(row, "TDSC"),
            "dunning_block": self._stops.of(row) or stop_of(row),  # a collector's goes before one that we may lift
            "dunning_level": values.whole(row, "RMQT") or None,
            "last_dunned_on": values.day(row, "LRDT"),
        }
        if document.discount is not None:
            made |= _discount(document.discount)
        if self._patch is not None:
            self._patch({"GetInvTotInfo": row}, made)
        return made

    def total(self, document: Document, bound: int) -> Total | None:
        """Return what is open of it; None where M3 tells no amount that can be read."""
        row = document.row or {}
        try:
            left, local = values.money(row, "OCUA"), values.money(row, "OAMT")
            currency, own = values.required(row, "CUCD"), values.required(row, "LOCD")
            item_class = self._item_class(text(row, "IVTP"), text(row, "PYCD"))
        except BadRecord:
            return None
        return Total(
            document.key.division, document.key.written, item_class, currency, left, own, local,
            _changed_behind(row, bound),
        )  # fmt: skip

    def told(self, row: Mapping[str, str]) -> ItemKind | None:
        """Return what the information type says, where the site's list has it."""
        return self._codes.kind_by_information_type.get(text(row, "IVTP") or "")

    def _kind(self, of_type: str | None, code: str, amount: Decimal) -> ItemKind:
        """Return what kind of item it is: by its information type, its transaction code, its sign."""
        told = self._codes.kind_by_information_type.get(of_type or "") or self._codes.kind_by_transaction_code.get(code)
        if told in {"invoice", "credit_note", None}:
            return "credit_note" if amount < 0 else "invoice"
        return told

    def _item_class(self, of_type: str | None, method: str | None) -> ItemClass:
        by_type = self._codes.class_by_information_type.get(of_type or "")
        return by_type or self._codes.class_by_payment_method.get(method or "") or "normal"


def _discount(row: Mapping[str, str]) -> Made:
    """Return the first cash discount, which is the highest; M3 keeps up to three."""
    until, amount = values.day(row, "CDT1"), values.amount(row, "CDA1")
    if until is None or not (amount or values.amount(row, "CDP1")):
        return {}
    return {"discount_on": until, "discount_amount": amount or None}


def stop_of(row: Mapping[str, str]) -> str | None:
    """Return the payment reminder stop, None for none."""
    held = text(row, "RMBL")
    return None if held is None or held.strip("0") == "" else held


def journal_of(row: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the key of a record, its numbers without zeros before them."""
    year, number, sequence = ((row.get(name) or "").strip().lstrip("0") for name in ("YEA4", "JRNO", "JSNO"))
    return year, number, sequence


def _changed_behind(row: Mapping[str, str], bound: int) -> bool:
    try:
        return values.stamp(row) > bound
    except BadRecord:
        return False
