"""Draw the documents that customers get: of every kind and class, in every currency."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from duehook.core.money import exponent
from duehook.core.records import ItemClass, ItemKind

from .knobs import Knobs
from .ledger import Ledger
from .objects import Customer, Item, Payment, Term
from .postings import converted

STRANGER: Final = "9900"
_FACTOR: Final = {"USD": 1.0, "EUR": 0.95, "GBP": 0.8, "JPY": 150.0, "KWD": 0.31}
Place = tuple[str, str]
_TAX: Final = {"EUR": 19, "JPY": 10, "GBP": 20}
_TYPES: Final[dict[str, tuple[str, int]]] = {
    "invoice": ("RI", 100_001),
    "credit_note": ("RM", 400_001),
    "on_account": ("RU", 500_001),
    "fee": ("RF", 600_001),
    "deduction": ("R5", 650_001),
    "chargeback": ("RB", 680_001),
    "draft": ("R1", 690_001),
    "down_payment": ("DP", 695_001),
    "intercompany": ("IC", 697_001),
}
_ODD: Final[tuple[ItemClass, ...]] = ("draft", "retainage", "down_payment", "unposted")
_GOODS: Final = ("pallets", "spare parts", "service visit", "machine lease", "raw material", "tooling")


def draw_document(rng: Random, ledger: Ledger, customer: Customer, *, day: date, knobs: Knobs) -> list[Item]:
    """Return one document's items: one, or one for each instalment. They are not issued yet."""
    term = ledger.terms[customer.account(customer.company).terms]
    if rng.random() < knobs.instalment_share:
        term = ledger.terms["S3"]
    kind, item_class = _kind(rng, customer, knobs)
    place = _place(rng, ledger, customer)
    minor = draw_amount(rng, place[1])
    if kind == "credit_note":
        return [_credit(rng, ledger, customer, day=day, minor=minor, place=place)]
    if term.instalments and kind == "invoice" and item_class == "normal":
        return _split(ledger, customer, day=day, minor=minor, term=term, place=place)
    if term.instalments:
        term = ledger.terms["N30"]
    item = new_item(ledger, customer, kind, minor=minor, day=day, term=term, item_class=item_class, place=place)
    _decorate(rng, item, customer, knobs)
    return [item]


def _place(rng: Random, ledger: Ledger, customer: Customer) -> Place:
    """Draw where a document stands: mostly at home, now and then in another company or currency."""
    draw = rng.random()
    if draw < 0.02:
        return customer.company, ledger.companies[customer.company].currency
    if draw < 0.04:
        return rng.choice(list(ledger.companies)), customer.currency
    return customer.company, customer.currency


def draw_amount(rng: Random, currency: str) -> int:
    """Return a plausible amount in minor units, mostly some hundreds to thousands of dollars' worth."""
    worth = rng.lognormvariate(6.6, 1.2) * _FACTOR[currency]
    return max(int(worth * 10 ** exponent(currency)), 1)


def _kind(rng: Random, customer: Customer, knobs: Knobs) -> tuple[ItemKind, ItemClass]:
    if customer.state == "intercompany":
        return "invoice", "intercompany"
    draw = rng.random()
    if draw < knobs.credit_share:
        return "credit_note", "normal"
    draw -= knobs.credit_share
    if draw < knobs.fee_share:
        return "fee", "normal"
    draw -= knobs.fee_share
    if draw < knobs.oddity_share * len(_ODD):
        return "invoice", _ODD[int(draw / knobs.oddity_share)]
    return "invoice", "direct_debit" if customer.direct_debit else "normal"


def new_item(
    ledger: Ledger, customer: Customer, kind: ItemKind, *, minor: int, day: date, term: Term,
    item_class: ItemClass = "normal", sort: str | None = None, number: int | None = None, instalment: str = "001",
    place: Place | None = None,
) -> Item:  # fmt: skip
    """Return an item with everything that follows from its customer, day and term.

    `place` is the company and currency it stands in: the customer's own when not given. `sort`
    names the kind of number it gets where kind and class do not say it.
    """
    company, currency = place or (customer.company, customer.currency)
    sort = sort or (item_class if item_class in ("draft", "down_payment", "intercompany") else kind)
    document_type, first = _TYPES[sort]
    own = ledger.companies[company].currency
    rate = ledger.rate(currency, own, day)
    number = ledger.next_number(document_type, first) if number is None else number
    bill = kind in ("invoice", "fee")
    money = converted(minor, currency, own, rate)
    item = Item(
        f"{company}-{day.year}-{document_type}-{number}-{instalment}",
        company, company, customer.key, customer.payer, kind, item_class,
        currency, own, minor, minor, money, money, rate, document_type, number, instalment,
        day.year, day, day + timedelta(days=term.net_days) if bill else day, ledger.at, term.key,
        posted_on=None if item_class == "unposted" else day,
        posted=item_class != "unposted",
        payment_method="direct_debit" if item_class == "direct_debit" else "transfer",
        business_unit=f"{ledger.companies[company].code[3:]}{10 + number % 5}",
    )  # fmt: skip
    percent = _TAX.get(currency, 0)
    tax = abs(minor) * percent // (100 + percent)
    item.tax_minor = tax if minor > 0 else -tax
    if bill and term.discount_days is not None and term.discount_percent is not None:
        item.discount_on = day + timedelta(days=term.discount_days)
        item.discount_minor = int(minor * term.discount_percent) // 100
    return item


def on_account_item(ledger: Ledger, payment: Payment) -> Item:
    """Issue the item that stands for what a payment left unapplied."""
    customer = ledger.customers[payment.customer]
    item = new_item(ledger, customer, "on_account", minor=-payment.unapplied_minor, day=ledger.at.date(),
                    term=ledger.terms["N30"], place=(payment.company, payment.currency))  # fmt: skip
    item.from_payment, item.text, item.payer = payment.key, "on account", None
    return ledger.issue(item)


def _decorate(rng: Random, item: Item, customer: Customer, knobs: Knobs) -> None:
    """Add what only some documents have: references, oddities of keys and dates, one-time addresses."""
    draw = rng.random()
    item.purchase_order = f"PO-{item.document_no % 9973:05d}" if draw < 0.8 else ""
    item.sales_order = 300_000 + item.document_no % 90_000 if draw < 0.7 else 0
    item.reference = f"V{item.document_no:07d}"
    item.text = _GOODS[item.document_no % len(_GOODS)]
    if customer.state == "one_time":
        city = ("Basel", "4051", "CH") if item.document_no % 2 else ("Graz", "8010", "AT")
        item.address = (f"Walk-in customer {item.document_no}", city[0], city[1], city[2])
    odd = rng.random()
    if odd < knobs.missing_customer_share:
        item.customer, item.payer = f"{STRANGER}{item.document_no % 10_000:04d}", None
    elif odd < knobs.missing_customer_share + 0.001:
        item.due_on = None
    elif odd < knobs.missing_customer_share + 0.002:
        item.due_on = item.document_on - timedelta(days=5)
    elif odd < knobs.missing_customer_share + 0.012:
        item.series = "00001"
        item.key = f"00001{item.key[5:]}"


def _split(ledger: Ledger, customer: Customer, *, day: date, minor: int, term: Term, place: Place) -> list[Item]:
    """Return the instalments of a split term; the last takes what rounding leaves."""
    number = ledger.next_number(*_TYPES["invoice"])
    made: list[Item] = []
    left = max(minor, 1000)
    for count, percent in enumerate(term.instalments, 1):
        part = left if count == len(term.instalments) else max(minor, 1000) * percent // 100
        left -= part
        item = new_item(ledger, customer, "invoice", minor=part, day=day, term=term,
                        number=number, instalment=f"{count:03d}", place=place)  # fmt: skip
        item.due_on = day + timedelta(days=30 * count)
        item.purchase_order = f"PO-{number % 9973:05d}"
        item.text = _GOODS[number % len(_GOODS)]
        item.reference = f"V{number:07d}"
        made.append(item)
    return made


def _credit(rng: Random, ledger: Ledger, customer: Customer, *, day: date, minor: int, place: Place) -> Item:
    """Return a credit note, half of them for an open invoice of the customer."""
    item = new_item(ledger, customer, "credit_note", minor=-max(minor // 4, 1), day=day,
                    term=ledger.terms["N30"], place=place)  # fmt: skip
    item.text = "credit note"
    if rng.random() < 0.5:
        for key in ledger.open_of.get(customer.key, ()):
            bill = ledger.items[key]
            if bill.open_minor > -item.open_minor and bill.kind == "invoice" and _side_by_side(bill, item):
                item.applies_to, item.text = key, f"credit for {bill.document_type} {bill.document_no}"
                break
    return item


def _side_by_side(one: Item, other: Item) -> bool:
    return (one.company, one.currency) == (other.company, other.currency)


def draw_renumbered(ledger: Ledger, older: Item, *, day: date) -> Item | None:
    """Return an invoice that carries an older one's number in a later fiscal year, if its customer is known."""
    customer = ledger.customers.get(older.customer)
    if customer is None:
        return None
    item = new_item(ledger, customer, "invoice", minor=abs(older.amount_minor), day=day,
                    term=ledger.terms["N30"], number=older.document_no,
                    place=(older.company, older.currency))  # fmt: skip
    item.renumbered, item.text = True, "number used last year too"
    return item
