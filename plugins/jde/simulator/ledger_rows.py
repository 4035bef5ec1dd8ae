"""Rows of F03B11, F03B13 and F03B14 for a book's items, payments and allocations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

from duehook.core.money import exponent
from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.postings import converted

from .codes import DRAFT_STATUS, INSTRUMENTS
from .encoding import julian, stamp
from .tables import TABLES

Row = tuple[Any, ...]
USER: Final = "ARCLERK"
ITEMS: Final = TABLES["F03B11"].shape(
    "KCO DCT SFX CO PST POST BALJ PTC RYIN VINV VR01 PO RMK CORC DNLT MCU ALPH CMGR CLMG SDCT SKCO OKCO ODCT OSFX "
    "BCRC CRCD CRRM USER PID JOBN",
    "DOC AN8 PYR PA8 DIVJ DGJ DDJ DDNJ DSVJ JCL VDGJ RMDS RDDJ PYID FY CTRY SDOC ODOC AG AAP ADSC ADSA STAM ATXA ATXN "
    "ACR FAP CDS CDSA CTAM CTXA CTXN CRR ERDJ UPMJ UPMT",
)
MOVED: Final = TABLES["F03B11"].shape("PST POST CORC DNLT USER", "DGJ JCL VDGJ RMDS RDDJ AAP FAP ADSA CDSA UPMJ UPMT")
RECEIPTS: Final = TABLES["F03B13"].shape(
    "CKNU CO BCRC CRCD CRRM TYIN RYIN EXR GLBA POST VRE NFVD USER PID JOBN",
    "PYID AN8 PYR DMTJ DGJ VLDT CKAM AAP FCAM FAP CRR VDGJ UPMJ UPMT",
)
LINES: Final = TABLES["F03B14"].shape(
    "CKNU DCT KCO SFX CO BCRC CRCD CRRM RSCO NFVD TYIN UTIC POST USER PID JOBN",
    "PYID RC5 DOC AN8 DGJ DMTJ PAAP ADSA AAAJ ECBA DDA PFAP CDSA FCHG ECBF FDA AGL VDGJ UPMJ UPMT",
)
_PARTS: Final[Mapping[str, int]] = {
    "cash": 0, "credit": 0, "discount": 1, "write_off": 2, "chargeback": 3, "deduction": 4,
}  # fmt: skip
_TYPE_INPUT: Final = {"write_off": "15", "chargeback": "16", "deduction": "17"}


def item_key(item: Item) -> tuple[str, str, int, str]:
    """Return an item's KCO, DCT, DOC and SFX; a number that was used before gets a type of its own."""
    return item.series, "RN" if item.renumbered else item.document_type, item.document_no, item.instalment


def item_row(book: Book, item: Item, zone: tzinfo) -> Row:
    """Return the F03B11 row of an item, in ITEMS' shape."""
    kco, dct, doc, sfx = item_key(item)
    number, payer, parent, name, manager, collector = _people(book, item)
    base, foreign = _amounts(item)
    original = _original(book, item)
    texts = (
        kco, dct, sfx, item.company, _pay_status(item), "D" if item.posted else "", "Y", item.terms,
        INSTRUMENTS.get(item.payment_method, ""), item.reference, item.purchase_order, item.purchase_order,
        item.text, item.dispute_reason or "", "N" if item.dunning_block else "Y", item.business_unit, name,
        manager, collector, "SO" if item.sales_order else "", item.company if item.sales_order else "",
        original[0], original[1], original[3], item.company_currency, item.currency,
        "D" if item.currency == item.company_currency else "F", USER, "P03B2002", "SIM",
    )  # fmt: skip
    day = julian(item.document_on)
    numbers = (
        doc, number, payer, parent, day, julian(item.posted_on or item.document_on), julian(item.due_on),
        julian(item.discount_on), day, julian(item.cleared_on), julian(item.voided_on), item.dunning_level or 0,
        julian(item.last_dunned_on), int(item.from_payment or 0), item.fiscal_year % 100, 20, item.sales_order,
        original[2], *base, *foreign, *stamp(item.changed_at, zone),
    )  # fmt: skip
    return ITEMS.row(texts, numbers)


def moved_row(item: Item, zone: tzinfo) -> Row:
    """Return what may change on an item that is there, in MOVED's shape, and its key behind it."""
    foreign = item.currency != item.company_currency
    texts = (
        _pay_status(item), "D" if item.posted else "", item.dispute_reason or "",
        "N" if item.dunning_block else "Y", USER,
    )  # fmt: skip
    taken = item.discount_taken_minor
    numbers = (
        julian(item.posted_on or item.document_on), julian(item.cleared_on), julian(item.voided_on),
        item.dunning_level or 0, julian(item.last_dunned_on), item.company_open_minor,
        item.open_minor if foreign else 0,
        converted(taken, item.currency, item.company_currency, item.rate_scaled), taken if foreign else 0,
        *stamp(item.changed_at, zone),
    )  # fmt: skip
    return (*MOVED.row(texts, numbers), *item_key(item))


def _pay_status(item: Item) -> str:
    if item.open_minor == 0:
        return "P"
    if item.item_class == "draft":
        return DRAFT_STATUS[item.document_no % len(DRAFT_STATUS)]
    return "R" if item.item_class == "retainage" else "A"


def _people(book: Book, item: Item) -> tuple[int, int, int, str, str, str]:
    """Return customer, payer and parent number, the name, the credit manager and the collector."""
    customer = book.customers.get(item.customer)
    number = int(item.customer)
    if customer is None:
        return number, number, number, "Unknown", "", ""
    account = customer.account(item.company)
    name = item.address[0] if item.address else customer.name
    payer, parent = int(item.payer or number), int(customer.parent or number)
    return number, payer, parent, name, account.credit_manager, account.collector


def _amounts(item: Item) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """Return gross, open, discount, discount taken, tax, taxable and not, own and foreign.

    The foreign ones are 0 on domestic items; the rate and its date end them.
    """
    rate, native = item.rate_scaled, (item.discount_minor, item.discount_taken_minor, item.tax_minor)
    gross, left = item.company_amount_minor, item.company_open_minor
    if item.currency == item.company_currency:
        return (gross, left, *native, *_taxed(gross, native[2])), (0, 0, 0, 0, 0, 0, 0, 0, 0)
    own = [converted(minor, item.currency, item.company_currency, rate) for minor in native]
    foreign = (item.amount_minor, item.open_minor, *native, *_taxed(item.amount_minor, native[2]))
    day = julian(item.document_on)
    return (gross, left, *own, *_taxed(gross, own[2])), (*foreign, rate_text(rate), day)


def _taxed(gross: int, tax: int) -> tuple[int, int]:
    return (gross - tax, 0) if tax else (0, gross)


def rate_text(scaled: int) -> str:
    """Return a rate in ten-millionths as a plain number."""
    return f"{scaled // 10_000_000}.{scaled % 10_000_000:07d}"


def _original(book: Book, item: Item) -> tuple[str, str, int, str]:
    """Return the key of the invoice that a credit belongs to, blank where there is none."""
    original = book.items.get(item.applies_to or "") or book.purged_items.get(item.applies_to or "")
    return ("", "", 0, "") if original is None else item_key(original)


def receipt_row(payment: Payment, zone: tzinfo) -> Row:
    """Return the F03B13 row of a payment, in RECEIPTS' shape.

    A reversal has none of its own: it voids the row of the payment that it takes back.
    """
    own, back = payment.company_currency, payment.reversed_on
    foreign, number, day = payment.currency != own, int(payment.customer), julian(payment.received_on)
    rate = _implied_rate(payment) if foreign else 0
    texts = (
        payment.reference, payment.company, own, payment.currency, "F" if foreign else "D",
        "A" if payment.allocations else "U", "T", payment.method, "00012345", "D", "NSF" if back else "",
        "N" if back else "", USER, "P03B102", "SIM",
    )  # fmt: skip
    numbers = (
        payment.number, number, number, day, day, day, payment.company_amount_minor,
        converted(payment.unapplied_minor, payment.currency, own, rate or 1),
        payment.amount_minor if foreign else 0, payment.unapplied_minor if foreign else 0, rate_text(rate),
        julian(back), *stamp(payment.changed_at, zone),
    )  # fmt: skip
    return RECEIPTS.row(texts, numbers)


def _implied_rate(payment: Payment) -> int:
    if not payment.amount_minor:
        return 10_000_000
    own, foreign = exponent(payment.company_currency), exponent(payment.currency)
    over = payment.company_amount_minor * 10_000_000 * int(10**foreign)
    return int(over // (payment.amount_minor * int(10**own)))


def line_rows(book: Book, payment: Payment, zone: tzinfo) -> list[Row]:
    """Return the F03B14 rows of a payment, one an item; reducing amounts are stored negative.

    A reversal's rows stand under the receipt it takes back, behind that receipt's own.
    """
    groups = _by_item(book, payment)
    first = 1
    if payment.reversal_of:
        first += len(_by_item(book, taken_back(book, payment.reversal_of)))
    return [_line(book, payment, parts, number=first + place, zone=zone) for place, parts in enumerate(groups)]


def taken_back(book: Book, key: str) -> Payment:
    """Return a payment that was reversed, wherever it stands now."""
    return book.payments.get(key) or book.purged_payments[key]


def applied(book: Book, part: Allocation) -> Allocation:
    """Return the application that a part takes back, wherever it stands now; the part itself where it takes none."""
    key = part.reversal_of or part.key
    return book.allocations.get(key) or book.purged_allocations[key]


def _by_item(book: Book, payment: Payment) -> list[list[Allocation]]:
    groups: dict[str, list[Allocation]] = {}
    for key in payment.allocations:
        part = book.allocations.get(key) or book.purged_allocations[key]
        groups.setdefault(part.item, []).append(part)
    return list(groups.values())


def _line(book: Book, payment: Payment, parts: list[Allocation], *, number: int, zone: tzinfo) -> Row:
    item = book.items.get(parts[0].item) or book.purged_items[parts[0].item]
    kco, dct, doc, sfx = item_key(item)
    foreign, day = item.currency != item.company_currency, julian(payment.received_on)
    back = taken_back(book, payment.reversal_of) if payment.reversal_of else None
    last = parts[-1]
    reason = last.reason if back is None else applied(book, last).reason  # why it went back stands on the receipt
    texts = (
        (back or payment).reference, dct, kco, sfx, item.company, item.company_currency, item.currency,
        "F" if foreign else "D", reason or "" if last.kind != "cash" else "", "N" if back else "", "A",
        _type_input(parts), "D", USER, "P03B102", "SIM",
    )  # fmt: skip
    own, other, gain = [0] * 5, [0] * 5, 0
    for part in parts:
        place = _PARTS[part.kind]
        own[place] -= part.company_minor - part.fx_minor
        gain -= part.fx_minor
        other[place] -= part.amount_minor if foreign else 0
    numbers = (
        payment.number, number, doc, int(item.customer), julian(parts[0].allocated_on), day, *own, *other,
        gain, day if back else 0, *stamp(payment.changed_at if back else parts[0].changed_at, zone),
    )  # fmt: skip
    return LINES.row(texts, numbers)


def _type_input(parts: list[Allocation]) -> str:
    code = next((_TYPE_INPUT[part.kind] for part in parts if part.kind in _TYPE_INPUT), "10")
    return "25" if code == "15" and len(parts) == 1 else code
