"""Payments and what they and clearings took off items, of lines that were read; what cannot be read is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from typing import Any

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import BadRow

from .cash import CashMapping
from .families import Families
from .gathering import Gathering, Lines
from .lines import OWN, DocumentKey, Line, LineKey, document_of, key_of, signed, unreadable, written

Row = dict[str, Any]
Rows = tuple[list[Row], list[BadRow]]


class CashRows:
    """Maps lines to payments and allocations."""

    def __init__(self, mapping: CashMapping, grants: Gathering) -> None:
        """Take the mapping, and what tells whether a document pays and grants a discount."""
        self._mapping, self._grants = mapping, grants

    def payments(self, documents: Iterable[Lines], ledger: Gathering) -> Rows:
        """Return the payments that whole documents are; what is left of them is gathered from the ledger."""
        documents = list(documents)
        families = ledger.families(line for lines in documents for line in lines if not line.get("IsCleared"))
        rows, bad = [], []
        for lines in documents:
            try:
                rows.append(self._mapping.payment(lines, families))
            except BadRecord as error:
                bad.append(unreadable(lines[0], error, written(document_of(lines[0]))))
        return rows, bad

    def taken(self, lines: Iterable[Line], families: Families) -> Rows:
        """Return what these lines took off items."""
        rows: list[Row] = []
        bad: list[BadRow] = []
        for line in lines:
            try:
                rows += list(self._mapping.taken(line, families))
            except BadRecord as error:
                bad.append(unreadable(line, error, written(key_of(line))))
        return rows, bad

    def cleared(self, items: Sequence[Line], families: Families, *, again: bool) -> Rows:
        """Return what clearings took off these items."""
        paid = self._grants.payments(set(_clearing_documents(items, families)))
        rows: list[Row] = []
        bad: list[BadRow] = []
        for item in items:
            try:
                rows += list(self._mapping.cleared(item, families, paid, again=again))
            except BadRecord as error:
                bad.append(unreadable(item, error, f"{written(key_of(item))}|cleared"))
        return rows, bad


def documents_of(lines: Iterable[Row]) -> list[Lines]:
    """Return the lines by document, in the order in which they came."""
    found: dict[DocumentKey, Lines] = {}
    for line in lines:
        found.setdefault(document_of(line), []).append(line)
    return list(found.values())


def untold(keys: Set[LineKey], families: Families, ledger: Gathering) -> list[Line]:
    """Return those of these items that say nothing of what was taken off them: what refers to them says it."""
    held = [families.lines[key] for key in sorted(keys & families.lines.keys())]
    others = ledger.at_keys(keys - families.lines.keys())
    return [line for line in (*held, *others) if families.is_item(line) and not _tells(line)]


def _tells(line: Line) -> bool:
    return any(line.get(name) for name in ("IsCleared", "InvoiceReference", "ClearingIsReversed"))


def _clearing_documents(items: Iterable[Line], families: Families) -> Iterator[DocumentKey]:
    """Yield the documents that cleared more of a family than refers to it, where its lines can be read."""
    for item in items:
        with suppress(BadRecord):
            for document, lines in families.clearings(item):
                if sum(signed(line, OWN) for line in lines):
                    yield document
