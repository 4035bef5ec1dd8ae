"""What SAP gives of the book's money: items, payments, and what was taken off the one with the other.

A payment's line that clears items whole is no item while it is cleared with them; once that was reset it is
money on account, open or cleared by its reversal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Item
from duehook.core.testing.book.objects import to_amount

from .codes import NETTING, PAYMENT_TYPES, REASONS
from .kept import KeptLines
from .lines import Clearing, Line, LineKey, document_of, item_key, negated, payment_of, type_of

Row = dict[str, Any]
DocumentKey = tuple[str, ...]
_KIND_OF_REASON: Final = {code: kind for kind, code in REASONS.items()}


class GivenLines:
    """What a connector shall make of a ledger's lines.

    What differs between SAP's systems is said by those that derive: how a key is written (`text`), and what an
    item's own line has more, or otherwise (`more`).
    """

    def __init__(self, ledger: KeptLines) -> None:
        """Take the lines."""
        self.ledger, self.book = ledger, ledger.book

    def text(self, key: tuple[str, ...]) -> str:
        """Return the key of a document or line as a connector writes it."""
        return "|".join(key)

    def more(self, own: Line) -> Row:
        """Return what the item of this line has beside what all systems give, or in its place."""
        return {}

    def items(self) -> Iterator[Row]:
        """Yield the items: those of the book, and payments' lines that clear nothing any more."""
        for item in self.book.items.values():
            if item.posted:
                yield self._item(item)
        for line in self.ledger.whole.values():
            if not line.used_up:
                yield self._money(line)

    def _money(self, line: Line) -> Row:
        """Return a payment's line as money on account."""
        assert line.payment is not None
        item, on = line.item, line.payment.received_on
        left, company_left = (0, 0) if line.cleared else (line.minor, line.company_minor)
        return {
            "company": line.key[0], "key": self.text(line.key), "customer": item.customer, "kind": "on_account",
            "item_class": "normal", "currency": item.currency, "amount": to_amount(line.minor, item.currency),
            "open_amount": to_amount(left, item.currency), "company_currency": item.company_currency,
            "company_amount": to_amount(line.company_minor, item.company_currency),
            "company_open_amount": to_amount(company_left, item.company_currency),
            "discount_amount": to_amount(abs(line.discount_minor), item.currency) if line.discount_minor else None,
            "document_no": line.key[2], "document_type": type_of(line), "fiscal_year": int(line.key[1]),
            "document_on": on, "due_on": on, "posted_on": on, "cleared_on": line.cleared and line.cleared.on,
            "reference": line.payment.reference[:16],
        }  # fmt: skip

    def _item(self, item: Item) -> Row:
        def money(minor: int) -> Decimal:
            return to_amount(minor, item.currency)

        every = self.ledger.lines(item)
        own, lines = every[0], [line for line in every if line.cleared is None]
        key = own.key
        left = sum(line.minor for line in lines)
        return {
            "company": key[0],
            "key": self.text(key),
            "customer": item.customer,
            "kind": item.kind,
            "item_class": item.item_class,
            "currency": item.currency,
            "amount": money(item.amount_minor),
            "open_amount": money(left),
            "company_currency": item.company_currency,
            "company_amount": to_amount(item.company_amount_minor, item.company_currency),
            "company_open_amount": to_amount(sum(line.company_minor for line in lines), item.company_currency),
            "discount_amount": money(own.discount_minor) if own.discount_minor else None,
            "document_no": key[2],
            "document_type": type_of(own),
            "fiscal_year": item.fiscal_year,
            "document_on": item.document_on,
            "due_on": item.due_on,
            "posted_on": item.posted_on,
            "discount_on": item.discount_on,
            "cleared_on": None if lines else _cleared_on(every),
            "terms": item.terms,
            "reference": item.reference[:16],
            "text": item.text,
            "applies_to": self._applies_to(item),
            "dunning_block": item.dunning_block,
            "dunning_level": item.dunning_level,
            "last_dunned_on": item.last_dunned_on,
            **self.more(own),
        }

    def _applies_to(self, item: Item) -> str | None:
        of = self.ledger.applies_to(item)
        return self.text(item_key(of)) if of else None

    def _documents(self) -> dict[DocumentKey, list[Line]]:
        """Return the lines of payments' documents, by company, year and number, in the order of their lines."""
        found: dict[DocumentKey, list[Line]] = {}
        lines = (line for item in self.book.items.values() for line in self.ledger.lines(item))
        for line in (*lines, *self.ledger.whole.values()):
            if type_of(line) in PAYMENT_TYPES:
                found.setdefault(_document(line.key), []).append(line)
        return {key: sorted(lines, key=lambda line: line.key) for key, lines in found.items()}

    def payments(self) -> Iterator[Row]:
        """Yield every document of a payment's type."""
        for key, lines in self._documents().items():
            first = lines[0]
            money = [line for line in lines if not line.reason]
            payment, currency = first.payment, first.item.currency
            back = payment_of(self.book, payment.reversal_of) if payment and payment.reversal_of else None
            on = payment.received_on if payment else first.item.document_on
            yield {
                "company": key[0],
                "key": self.text(key),
                "customer": first.item.customer,
                "currency": currency,
                "amount": to_amount(sum(line.discount_minor - line.minor for line in money), currency),
                "unapplied_amount": to_amount(-self._unapplied(lines), currency),
                "company_currency": first.item.company_currency,
                "company_amount": to_amount(
                    sum(line.company_discount_minor - line.company_minor for line in money), first.item.company_currency
                ),
                "received_on": on,
                "posted_on": on,
                "reference": (payment or first.item).reference[:16],
                "reversal_of": self.text((key[0], *document_of(back))) if back else None,
            }

    def _unapplied(self, lines: Iterable[Line]) -> int:
        """Return what is open of a payment's own items (minor units, with their sign)."""
        own = (each for line in lines if line.payment is None for each in self.ledger.lines(line.item))
        whole = (line for line in lines if line.share_of)
        return sum(line.minor for line in (*own, *whole) if line.cleared is None)

    def allocations(self) -> Iterator[Row]:
        """Yield what lines that refer to items take off them, and what clearings do."""
        documents = self._documents()
        for item in self.book.items.values():
            for line in self.ledger.lines(item):
                if line.payment is not None:
                    yield from self._taken(item_key(item), line, self.text(_document(line.key)), _kind(line))
            for share in self.ledger.shares(item):
                if share.used_up and share.payment is not None and not share.payment.reversal_of:
                    yield from self._cleared(item_key(item), share, _document(share.key), documents)
        for line in self.ledger.whole.values():
            if line.cleared and not line.used_up:
                yield from self._cleared(line.key, negated(line), _by(line, line.cleared), documents)

    def _cleared(
        self, item: LineKey, line: Line, document: DocumentKey, documents: Mapping[DocumentKey, Sequence[Line]]
    ) -> Iterator[Row]:
        """Yield what a clearing took off an item: by a payment, unless its document has no line."""
        there = document in documents
        kind = "cash" if there and type_of(line) != NETTING else "credit"
        return self._taken(item, line, self.text(document) if there else None, kind)

    def _taken(self, item: LineKey, line: Line, payment: str | None, kind: str) -> Iterator[Row]:
        """Yield what a line takes off an item: money or a reduction, and the discount beside it."""
        currency, own = line.item.currency, line.item.company_currency
        row = {
            "company": item[0], "key": self.text(line.key), "item": self.text(item), "payment": payment, "kind": kind,
            "currency": currency, "amount": to_amount(line.discount_minor - line.minor, currency),
            "company_amount": to_amount(line.company_discount_minor - line.company_minor, own),
            "allocated_on": line.cleared.on if line.share_of and line.cleared else _received_on(line),
        }  # fmt: skip
        yield row
        if line.discount_minor:
            yield row | {
                "key": f"{self.text(line.key)}|discount", "kind": "discount",
                "amount": to_amount(-line.discount_minor, currency),
                "company_amount": to_amount(-line.company_discount_minor, own),
            }  # fmt: skip


def _cleared_on(lines: Iterable[Line]) -> date:
    """Return when the last of it was cleared, be it the item's own line or a residual one."""
    return max(line.cleared.on for line in lines if line.cleared)


def _document(key: LineKey) -> DocumentKey:
    return key[:3]


def _by(line: Line, clearing: Clearing) -> DocumentKey:
    return line.key[0], clearing.year, clearing.document


def _received_on(line: Line) -> date:
    assert line.payment is not None
    return line.payment.received_on


def _kind(line: Line) -> str:
    if line.reason:
        return _KIND_OF_REASON[line.reason]
    return "credit" if type_of(line) == NETTING else "cash"
