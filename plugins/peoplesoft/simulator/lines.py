"""Keys and lines of PS_ITEM, PS_ITEM_ACTIVITY and PS_PAYMENT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.book import Allocation, Item, Payment
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import is_netting

TYPES: Final = {"invoice": "IN", "credit_note": "CR", "on_account": "OA", "fee": "FC", "chargeback": "DR"}
REASONS: Final = {
    "cash": "", "discount": "DISC", "write_off": "WOFF", "deduction": "DEDU", "chargeback": "CHBK", "credit": "CRED",
}  # fmt: skip
USES: Final = {"cash": "WS-01", "write_off": "WS-09", "credit": "MT-01"}
STOPPED: Final = "STP"  # the collection status that nobody duns
CONVERTED: Final = 2024  # what nobody touched since came from the system before, without a stamp


def item_line(item: Item) -> int:
    """Return ITEM_LINE: instalments and numbers that were used before share an ITEM."""
    again = item.renumbered or item.document_type == "RN"
    return int(item.instalment) - 1 + (50 if again else 0)


def item_key(item: Item) -> str:
    """Return the key that a connector gives an item."""
    return f"{item.company}|{item.customer}|{item.document_no}|{item_line(item)}"


def payment_parts(payment: Payment) -> tuple[str, str, int]:
    """Return a payment's DEPOSIT_BU, DEPOSIT_ID and PAYMENT_SEQ_NUM; a reversal is in the deposit of what it undoes."""
    return payment.company, str(payment.number // 100), payment.number % 100 + 1 + (100 if payment.reversal_of else 0)


def payment_key(payment: Payment) -> str:
    """Return the key that a connector gives a payment."""
    return "|".join(map(str, payment_parts(payment)))


def check_no(payment: Payment | None) -> str:
    """Return PAYMENT_ID, the number of the check; where the bank tells none, the one of the payment."""
    return "" if payment is None else payment.reference or str(payment.number)


def rate(item: Item) -> Decimal:
    """Return an item's rate into the base currency."""
    return Decimal(item.rate_scaled).scaleb(-7)


def items(site: Any, item: Item) -> Iterator[tuple[Any, Item]]:
    """Yield an item that is posted; what is pending stands in work records that nobody reads."""
    if item.posted:
        yield site, item


def open_base(item: Item) -> Decimal:
    """Return what is open in the base currency: nothing where nothing is open."""
    return to_amount(item.company_open_minor if item.open_minor else 0, item.company_currency)


def dispute(site: Any, item: Item) -> tuple[str, Decimal]:
    """Return an item's dispute status and amount: of the site's program, else what users entered."""
    told = site.site.mark("DISPUTE", item_key(item))
    if told:
        return str(told["code"])[:3].upper(), Decimal(told["amount"])
    if item.disputed_minor is None:
        return "", Decimal(0)
    return item.dispute_reason or "", to_amount(item.disputed_minor, item.currency)


def draft(item: Item) -> str:
    """Return the draft that an item is paid by, which has a number of its own."""
    return f"D{item.document_no}" if item.item_class == "draft" else ""


def collection(item: Item) -> str:
    """Return an item's collection status: one stops dunning at this site, the other says who is at it."""
    return STOPPED if item.dunning_block else "COL" if item.document_no % 11 == 0 else ""


def stamp(site: Any, item: Item) -> datetime | None:
    """Return when an item was last updated; none on rows that were converted."""
    found: datetime | None = None if item.changed_at.year <= CONVERTED else site.local(item.changed_at)
    return found


@dataclass(frozen=True, slots=True)
class Activity:
    """A row of PS_ITEM_ACTIVITY."""

    item: Item
    sequence: int
    type: str
    reason: str
    use: str
    amount: Decimal
    base: Decimal
    on: date
    payment: Payment | None

    def paid(self, part: int) -> Any:
        """Return a part of the payment's key, nothing where there is no payment."""
        return payment_parts(self.payment)[part] if self.payment else None


def origins(site: Any, item: Item) -> Iterator[Activity]:
    """Yield the activity that made an item."""
    if item.posted:
        yield Activity(
            item, 1, TYPES[item.kind], "", "IT-01", to_amount(item.amount_minor, item.currency),
            to_amount(item.company_amount_minor, item.company_currency), item.posted_on or item.document_on, None,
        )  # fmt: skip


def activities(site: Any, payment: Payment) -> Iterator[Activity]:
    """Yield what a payment, or the application of a credit, did to items."""
    for key in payment.allocations:
        part = site.book.allocations.get(key)
        if part is not None:
            yield _activity(site, payment, part)


def sequence_of(site: Any, part: Allocation) -> int:
    """Return an allocation's ITEM_SEQ_NUM; the item's own is 1."""
    keys = [each.key for each in site.book.allocations_of[part.item]]
    return keys.index(part.key) + 2


def _activity(site: Any, payment: Payment, part: Allocation) -> Activity:
    netting = is_netting(payment)
    return Activity(
        site.book.items[part.item], sequence_of(site, part), "MT" if netting else "PY", REASONS[part.kind],
        USES.get(part.kind, "WS-10"), -part.amount, -to_amount(part.company_minor, part.company_currency),
        part.allocated_on, None if netting else payment,
    )  # fmt: skip


def payments(site: Any, payment: Payment) -> Iterator[tuple[Any, Payment]]:
    """Yield a payment that is one."""
    if not is_netting(payment):
        yield site, payment
