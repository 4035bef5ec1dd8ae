"""Documents, their instalments and journals' lines as items, and what is open of them.

Whose debt a document is, is told by its type: a sign stands on payments and credits as it will, by the line it is read
from. What is open is the rest that is unpaid of it, or unused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Final, Protocol

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Patch
from duehook.core.hookspecs import BadRow, Total
from duehook.core.records import ItemClass, ItemKind
from duehook.plugins.netsuite.settings import CodeLists
from duehook.plugins.netsuite.tables import CLASS, CREDITS, DISPUTE, DUNNED_ON, LEVEL, PAUSED
from duehook.plugins.netsuite.values import NOTHING, Source, amount, bad_row, day, flag, instant, required, text

from .disputes import disputed

Row = dict[str, Any]
PAUSE: Final = "paused"
_KINDS: Final[Mapping[str, ItemKind]] = {
    "CustInvc": "invoice", "CustCred": "credit_note", "CustPymt": "on_account", "CustDep": "on_account",
}  # fmt: skip


class Currencies(Protocol):
    """What knows the currencies of an account."""

    def currency(self, number: Any) -> str | None:
        """Return the ISO code of a currency."""

    def currency_of(self, company: Any) -> str | None:
        """Return the ISO code of a subsidiary's own currency."""


@dataclass(frozen=True)
class Document:
    """A document's own line with its instalments, or a journal's line with the key that is told of it."""

    row: Source
    instalments: Sequence[Source] = ()
    part: str = ""

    @property
    def id(self) -> int:
        """Return the transaction's internal id."""
        return int(self.row["id"])

    @property
    def company(self) -> str | None:
        """Return the subsidiary."""
        return text(self.row, "subsidiary")

    @property
    def keys(self) -> list[str]:
        """Return the keys of the items that it is."""
        return [self.key_of(each) for each in self.instalments] or [f"{self.id}{self.part}"]

    def key_of(self, instalment: Source) -> str:
        """Return the key of an instalment."""
        return f"{self.id}|{instalment['seq']}"


@dataclass(frozen=True)
class _Amounts:
    """What a document or instalment comes to, and what is open of it, in both currencies."""

    whole: Decimal
    left: Decimal
    company_whole: Decimal | None = None
    company_left: Decimal | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.left or self.company_left)


@dataclass(frozen=True)
class ItemMapping:
    """Makes items of documents, by the account's code lists."""

    codes: CodeLists
    currencies: Currencies
    zone: tzinfo
    patch: Patch | None = None

    def rows(self, documents: Iterable[Document], *, asked: bool = False) -> tuple[list[Row], list[BadRow]]:
        """Return the items that documents are, and those that cannot be read.

        A payment is an item while something of it is unused, and when it is `asked` for by its key.
        """
        rows: list[Row] = []
        bad: list[BadRow] = []
        for document in documents:
            try:
                rows += list(self._items(document, asked=asked))
            except BadRecord as error:
                bad += [bad_row(error, key, document.row, document.company) for key in document.keys]
        return rows, bad

    def totals(self, documents: Iterable[Document], bound: datetime) -> list[Total]:
        """Return what is open by item, leaving out what cannot be read."""
        found: list[Total] = []
        for document in documents:
            try:
                found += list(self._totals(document, bound))
            except BadRecord:
                continue
        return found

    def open_keys(self, document: Document) -> list[str]:
        """Return the keys of what is open of a document; of instalments that cannot be read all."""
        if not document.instalments:
            return document.keys
        return [document.key_of(each) for each in document.instalments if _is_left(each)]

    def _totals(self, document: Document, bound: datetime) -> Iterator[Total]:
        row = document.row
        company, currency = required(row, "subsidiary"), self._currency(row)
        own, item_class = self.currencies.currency_of(company), self._class(row)
        changed = instant(row, "modified", self.zone)
        for key, _, found in self._parts(document):
            if found.is_open:
                left = found.company_left if own else None
                yield Total(company, key, item_class, currency, found.left, own, left,
                            changed is not None and changed > bound)  # fmt: skip

    def _items(self, document: Document, *, asked: bool) -> Iterator[Row]:
        row = document.row
        kind = _KINDS.get(required(row, "doctype"))
        common: Row | None = None
        for key, part, found in self._parts(document):
            if kind == "on_account" and not asked and not found.is_open:
                continue
            if common is None:
                common = self._common(row)
            made = {
                **common,
                "key": key,
                "kind": kind or ("invoice" if found.whole >= 0 else "credit_note"),
                "amount": found.whole,
                "open_amount": found.left,
                "due_on": day(part, "duedate"),
                "cleared_on": None if found.is_open else day(row, "closedate"),
                **({"instalment": str(part["seq"])} if part is not row else {}),
                **disputed(row.get(DISPUTE), found.left, self.codes),
            }
            if common["company_currency"]:
                made |= {"company_amount": found.company_whole, "company_open_amount": found.company_left}
            if self.patch is not None:
                self.patch(row, made)
            yield made

    def _parts(self, document: Document) -> Iterator[tuple[str, Source, _Amounts]]:
        row = document.row
        if not document.instalments:
            yield document.keys[0], row, self._amounts(row, row)
        for each in document.instalments:
            yield document.key_of(each), each, self._amounts(row, each)

    def _amounts(self, row: Source, part: Source) -> _Amounts:
        whole, left = amount(part, "foreignamount"), _left(part, "unpaid", "unused")
        if whole is None:
            raise BadRecord("foreignamount is empty.")
        sign = self._sign(row, whole)
        own = amount(part, "companyamount")
        if own is not None:
            in_company = _left(part, "companyunpaid", "companyunused")
            return _Amounts(sign * abs(whole), sign * left, sign * abs(own), sign * in_company)
        if self._currency(row) == self.currencies.currency_of(row.get("subsidiary")):
            return _Amounts(sign * abs(whole), sign * left, sign * abs(whole), sign * left)
        return _Amounts(sign * abs(whole), sign * left)

    def _sign(self, row: Source, whole: Decimal) -> int:
        return -1 if row.get("doctype") in CREDITS or whole < 0 else 1

    def _currency(self, row: Source) -> str:
        found = self.currencies.currency(required(row, "currency"))
        if found is None:
            raise BadRecord(f"currency {row['currency']} has no symbol in the table currency.")
        return found

    def _common(self, row: Source) -> Row:
        company = required(row, "subsidiary")
        return {
            "company": company,
            "customer": required(row, "entity"),
            "item_class": self._class(row),
            "currency": self._currency(row),
            "company_currency": self.currencies.currency_of(company),
            "document_no": text(row, "tranid") or str(row["id"]),
            "document_type": row["doctype"],
            "document_on": day(row, "trandate") or required(row, "trandate"),
            "posted_on": day(row, "trandate"),
            "terms": text(row, "terms"),
            ("purchase_order" if row["doctype"] == "CustInvc" else "reference"): text(row, "otherrefnum"),
            "text": text(row, "memo"),
            "changed_at": instant(row, "modified", self.zone),
            **(self._dunned(row) if LEVEL in row or PAUSED in row else {}),
        }

    def _dunned(self, row: Source) -> Row:
        """Return what NetSuite's own letters say of a document."""
        said = text(row, LEVEL) or "0"
        level = self.codes.level_by_value.get(said, int(said) if said.isascii() and said.isdigit() else None)
        if level is None:
            raise BadRecord(f"{LEVEL} {said!r} is not in `codes.level_by_value`.")
        block = PAUSE if flag(row, PAUSED) else None
        return {"dunning_level": level or None, "last_dunned_on": day(row, DUNNED_ON), "dunning_block": block}

    def _class(self, row: Source) -> ItemClass:
        codes = self.codes
        by_field = codes.class_by_field.get(str(row.get(CLASS) or "")) if CLASS in row else None
        by_terms = by_field or codes.class_by_terms.get(str(row.get("terms") or ""))
        return by_terms or codes.class_by_type.get(str(row.get("doctype"))) or "normal"


def first_lines(rows: Iterable[Source]) -> list[Document]:
    """Return journals' lines as documents: a journal's first goes by its id alone, the others by their line too."""
    found: list[Document] = []
    last: object = None
    for row in rows:
        found.append(Document(row, (), f"|L{row['line']}" if row["id"] == last else ""))
        last = row["id"]
    return found


def _left(row: Source, *names: str) -> Decimal:
    return sum((abs(amount(row, name) or NOTHING) for name in names), NOTHING)


def _is_left(row: Source) -> bool:
    try:
        return bool(_left(row, "unpaid", "companyunpaid"))
    except BadRecord:
        return True
