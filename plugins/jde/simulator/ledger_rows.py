"""Rows of F03B11, F03B13 and F03B14 for a book's items, payments and allocations."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

from duehook.core.testing.book import Allocation, Book, Item, Payment
from duehook.core.testing.book.ledger import converted

from .codes import DRAFT_STATUS, INSTRUMENTS
from .encoding import julian, stamp
from .tables import TABLES

Row = tuple[Any, ...]
USER: Final = "ARCLERK"
_ITEM, _RECEIPT, _LINE = TABLES["F03B11"], TABLES["F03B13"], TABLES["F03B14"]
_BASE: Final = {"cash": "PAAP", "credit": "PAAP", "discount": "ADSA", "write_off": "AAAJ", "deduction": "DDA",
                "chargeback": "ECBA"}  # fmt: skip
_FOREIGN: Final = {"cash": "PFAP", "credit": "PFAP", "discount": "CDSA", "write_off": "FCHG", "deduction": "FDA",
                   "chargeback": "ECBF"}  # fmt: skip
_TYPE_INPUT: Final = {"write_off": "15", "chargeback": "16", "deduction": "17"}


def item_key(item: Item) -> tuple[str, str, int, str]:
    """Return an item's KCO, DCT, DOC and SFX; a number that was used before gets a type of its own."""
    return item.series, "RN" if item.renumbered else item.document_type, item.document_no, item.instalment


def item_row(book: Book, item: Item, zone: tzinfo) -> Row:
    """Return the F03B11 row of an item."""
    kco, dct, doc, sfx = item_key(item)
    day, time = stamp(item.changed_at, zone)
    return _ITEM.row(
        KCO=kco, DCT=dct, DOC=doc, SFX=sfx, CO=item.company,
        DIVJ=julian(item.document_on), DGJ=julian(item.posted_on or item.document_on), DDJ=julian(item.due_on),
        DDNJ=julian(item.discount_on), DSVJ=julian(item.document_on), JCL=julian(item.cleared_on),
        VDGJ=julian(item.voided_on), PST=_pay_status(item), POST="D" if item.posted else "", BALJ="Y",
        PTC=item.terms, RYIN=INSTRUMENTS.get(item.payment_method), VINV=item.reference, VR01=item.purchase_order,
        PO=item.purchase_order, RMK=item.text, CORC=item.dispute_reason,
        DNLT="N" if item.dunning_block else "Y", RMDS=item.dunning_level or 0, RDSJ=julian(item.last_dunned_on),
        PYID=int(item.from_payment or 0), MCU=item.business_unit, FY=item.fiscal_year % 100, CTRY=20,
        USER=USER, PID="P03B2002", JOBN="SIM", UPMJ=day, UPMT=time,
        **_people(book, item), **_amounts(item), **_links(book, item),
    )  # fmt: skip


def _pay_status(item: Item) -> str:
    if item.open_minor == 0:
        return "P"
    if item.item_class == "draft":
        return DRAFT_STATUS[item.document_no % len(DRAFT_STATUS)]
    return "R" if item.item_class == "retainage" else "A"


def _people(book: Book, item: Item) -> dict[str, Any]:
    customer = book.customers.get(item.customer)
    number = int(item.customer)
    if customer is None:
        return {"AN8": number, "PYR": number, "PA8": number, "ALPH": "Unknown"}
    account = customer.account(item.company)
    return {
        "AN8": number,
        "PYR": int(item.payer or number),
        "PA8": int(customer.parent or number),
        "ALPH": item.address[0] if item.address else customer.name,
        "CMGR": account.credit_manager,
        "CLMG": account.collector,
    }


def _amounts(item: Item) -> dict[str, Any]:
    """Return gross, open, discount and tax; the foreign twins stay 0 on domestic items."""
    rate = item.rate_scaled

    def own(minor: int) -> int:
        return converted(minor, item.currency, item.company_currency, rate)

    tax, gross = own(item.tax_minor), item.company_amount_minor
    cells: dict[str, Any] = {
        "AG": gross, "AAP": item.company_open_minor, "ADSC": own(item.discount_minor),
        "ADSA": own(item.discount_taken_minor), "STAM": tax, "ATXA": gross - tax if tax else 0,
        "ATXN": 0 if tax else gross, "BCRC": item.company_currency, "CRCD": item.currency, "CRRM": "D",
    }  # fmt: skip
    if item.currency == item.company_currency:
        return cells
    tax, gross = item.tax_minor, item.amount_minor
    return cells | {
        "ACR": gross, "FAP": item.open_minor, "CDS": item.discount_minor, "CDSA": item.discount_taken_minor,
        "CTAM": tax, "CTXA": gross - tax if tax else 0, "CTXN": 0 if tax else gross, "CRRM": "F",
        "CRR": rate_text(rate), "ERDJ": julian(item.document_on),
    }  # fmt: skip


def rate_text(scaled: int) -> str:
    """Return a rate in ten-millionths as a plain number."""
    return f"{scaled // 10_000_000}.{scaled % 10_000_000:07d}"


def _links(book: Book, item: Item) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    if item.sales_order:
        cells = {"SDOC": item.sales_order, "SDCT": "SO", "SKCO": item.company}
    original = book.items.get(item.applies_to or "") or book.purged_items.get(item.applies_to or "")
    if original is not None:
        kco, dct, doc, sfx = item_key(original)
        cells |= {"ODOC": doc, "ODCT": dct, "OKCO": kco, "OSFX": sfx}
    return cells


def receipt_row(payment: Payment, zone: tzinfo) -> Row:
    """Return the F03B13 row of a payment; a reversal has none, it voids the row of what it takes back."""
    day, time = stamp(payment.changed_at, zone)
    foreign = payment.currency != payment.company_currency
    rate = _implied_rate(payment) if foreign else 0
    open_own = converted(payment.unapplied_minor, payment.currency, payment.company_currency, rate or 1)
    cells: dict[str, Any] = {"FCAM": payment.amount_minor, "FAP": payment.unapplied_minor, "CRR": rate_text(rate)}
    return _RECEIPT.row(
        PYID=payment.number, CKNU=payment.reference, AN8=int(payment.customer), PYR=int(payment.customer),
        CO=payment.company, DMTJ=julian(payment.received_on), DGJ=julian(payment.received_on),
        VLDT=julian(payment.received_on), CKAM=payment.company_amount_minor, AAP=open_own,
        BCRC=payment.company_currency, CRCD=payment.currency, CRRM="F" if foreign else "D",
        TYIN="A" if payment.allocations else "U", RYIN="T", EXR=payment.method, GLBA="00012345", POST="D",
        VDGJ=julian(payment.reversed_on), VRE="NSF" if payment.reversed_on else "",
        NFVD="N" if payment.reversed_on else "", USER=USER, PID="P03B102", JOBN="SIM", UPMJ=day, UPMT=time,
        **(cells if foreign else {}),
    )  # fmt: skip


def _implied_rate(payment: Payment) -> int:
    from duehook.core.money import exponent

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
        first += len(_by_item(book, book.payments[payment.reversal_of]))
    return [_line(book, payment, parts, number=first + place, zone=zone) for place, parts in enumerate(groups)]


def _by_item(book: Book, payment: Payment) -> list[list[Allocation]]:
    groups: dict[str, list[Allocation]] = {}
    for key in payment.allocations:
        part = book.allocations.get(key) or book.purged_allocations[key]
        groups.setdefault(part.item, []).append(part)
    return list(groups.values())


def _line(book: Book, payment: Payment, parts: list[Allocation], *, number: int, zone: tzinfo) -> Row:
    item = book.items.get(parts[0].item) or book.purged_items[parts[0].item]
    kco, dct, doc, sfx = item_key(item)
    foreign = item.currency != item.company_currency
    cells: dict[str, Any] = {}
    for part in parts:
        cells[_BASE[part.kind]] = -(part.company_minor - part.fx_minor)
        if part.fx_minor:
            cells["AGL"] = cells.get("AGL", 0) - part.fx_minor
        if foreign:
            cells[_FOREIGN[part.kind]] = -part.amount_minor
    day, time = stamp(payment.changed_at if payment.reversal_of else parts[0].changed_at, zone)
    back = payment.reversal_of is not None
    return _LINE.row(
        PYID=payment.number, RC5=number, CKNU=payment.reference, DOC=doc, DCT=dct, KCO=kco, SFX=sfx,
        AN8=int(item.customer), CO=item.company, DGJ=julian(parts[0].allocated_on),
        DMTJ=julian(payment.received_on), BCRC=item.company_currency, CRCD=item.currency,
        CRRM="F" if foreign else "D", RSCO=parts[-1].reason if parts[-1].kind != "cash" else "",
        VDGJ=julian(payment.received_on) if back else 0, NFVD="N" if back else "", TYIN="A", POST="D",
        UTIC=_type_input(parts), USER=USER, PID="P03B102", JOBN="SIM", UPMJ=day, UPMT=time, **cells,
    )  # fmt: skip


def _type_input(parts: list[Allocation]) -> str:
    code = next((_TYPE_INPUT[part.kind] for part in parts if part.kind in _TYPE_INPUT), "10")
    return "25" if code == "15" and len(parts) == 1 else code
