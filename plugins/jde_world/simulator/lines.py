"""The lines of F0311: pay items, and the matching lines that settle them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from duehook.core.money import exponent
from duehook.core.testing.book import Allocation, Item, Payment
from duehook.core.testing.book.postings import converted
from duehook.core.testing.sql_ledger import is_netting

RECEIPT, TAKEN_BACK, CREDIT = "RC", "RV", "RM"
OTHERS: Final = {"write_off": "RW", "deduction": "RD", "chargeback": "RB", "credit": CREDIT}
DRAFTS: Final = "DEGX"
AGAIN: Final = 900  # the lines that take a write-off back count from here


@dataclass(frozen=True, slots=True)
class Line:
    """A line of F0311; amounts are whole, base ones first, the foreign ones 0 on domestic lines."""

    item: Item
    matching: str
    receipt: int
    suffix: str
    matched: date | None
    posted: date | None
    payer: str
    gross: int
    open: int
    discount: int
    taken: int
    foreign: tuple[int, int, int, int]
    changed: datetime
    own: bool


def item_parts(item: Item) -> tuple[str, str, int, str]:
    """Return RPKCO, RPDCT, RPDOC and RPSFX; a number that was used before has a type of its own."""
    return item.series, "RN" if item.renumbered else item.document_type, item.document_no, item.instalment


def item_key(item: Item) -> str:
    """Return the key that a connector gives a pay item."""
    return "|".join(map(str, item_parts(item)))


def pay_status(item: Item) -> str:
    """Return RPPST: paid, a draft's, retained, or approved."""
    if not item.open_minor:
        return "P"
    if item.item_class == "draft":
        return DRAFTS[item.document_no % len(DRAFTS)]
    return "R" if item.item_class == "retainage" else "A"


def decimals(currency: str) -> int:
    """Return the decimals of a currency, as F0013 has them."""
    return exponent(currency)


def originals(site: Any, item: Item) -> Iterator[Line]:
    """Yield a pay item's own line, whose matching type is blank."""
    foreign = item.currency != item.company_currency

    def own(minor: int) -> int:
        return converted(minor, item.currency, item.company_currency, item.rate_scaled)

    native = (item.amount_minor, item.open_minor, item.discount_minor, item.discount_taken_minor)
    yield Line(
        item, "", 0, "", None, item.posted_on or item.document_on, item.payer or item.customer,
        item.company_amount_minor, item.company_open_minor, own(item.discount_minor), own(item.discount_taken_minor),
        native if foreign else (0, 0, 0, 0), site.local(item.changed_at), own=True,
    )  # fmt: skip


def match_type(payment: Payment, kind: str) -> str:
    """Return RPDCTM of what settled an item."""
    if kind in ("cash", "discount"):
        return TAKEN_BACK if payment.reversal_of else RECEIPT
    return OTHERS[kind]


def suffix(payment: Payment, place: int) -> str:
    """Return RPSFXM of the lines of one type that one receipt has on one pay item."""
    return f"{place + (AGAIN if payment.reversal_of else 0):03d}"


def matching(site: Any, payment: Payment) -> Iterator[Line]:
    """Yield the lines in which a payment, or a credit, settles pay items; a discount stands on the cash's line."""
    for (_, kind), parts in groups(site, payment).items():
        item = site.book.items[parts[0].item]
        foreign = item.currency != item.company_currency
        money = [part for part in parts if part.kind != "discount"]
        discount = [part for part in parts if part.kind == "discount"]
        yield Line(
            item, kind, payment.number, suffix(payment, 1), payment.received_on, parts[0].allocated_on,
            payment.customer, -_own(money), 0, 0, -_own(discount),
            (-_native(money), 0, 0, -_native(discount)) if foreign else (0, 0, 0, 0),
            site.local(max(part.changed_at for part in parts)), own=False,
        )  # fmt: skip


def groups(site: Any, payment: Payment) -> dict[tuple[str, str], list[Allocation]]:
    """Return a payment's allocations by item and matching type."""
    found: dict[tuple[str, str], list[Allocation]] = {}
    for key in payment.allocations:
        part = site.book.allocations.get(key)
        if part is not None:
            found.setdefault((part.item, match_type(payment, part.kind)), []).append(part)
    return found


def payment_key(payment: Payment) -> str:
    """Return the key that a connector gives a payment."""
    return f"{TAKEN_BACK if payment.reversal_of else RECEIPT}|{payment.number}"


def allocation_key(item: Item, payment: Payment, kind: str) -> str:
    """Return the key that a connector gives a matching line; a discount beside the cash is one of its own."""
    line = f"{item_key(item)}|{match_type(payment, kind)}|{payment.number}|{suffix(payment, 1)}"
    return f"{line}|D" if kind == "discount" else line


def is_payment(payment: Payment, parts: Sequence[str]) -> bool:
    """Say whether a payment has lines of a receipt at all."""
    return not is_netting(payment) and any(kind in ("cash", "discount") for kind in parts)


def _own(parts: Sequence[Allocation]) -> int:
    return sum(part.company_minor for part in parts)


def _native(parts: Sequence[Allocation]) -> int:
    return sum(part.amount_minor for part in parts)
