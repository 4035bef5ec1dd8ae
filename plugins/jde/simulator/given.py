"""How EnterpriseOne gives a book's rows: under its own keys and codes, without what its tables have no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book import Book
from duehook.core.testing.book.objects import to_amount

from .codes import CONTACT_TYPES, CREDIT_MESSAGES, INSTRUMENTS, SEARCH_TYPES
from .ledger_rows import applied, item_key

Row = dict[str, Any]
VOID: Final = "void"
# F0010 has a name and a currency; the rest of a company is written into duehook.yaml.
_ABSENT: Final[Mapping[Stream, frozenset[str]]] = {
    "company": frozenset({"legal_name", "vat_id", "register_number", "timezone", "country", "address"}),
    "customer": frozenset({"group", "state_since"}),
    "contact": frozenset({"language"}),
    "item": frozenset({"fiscal_year", "address"}),
}
NO_NOTICES: Final = "no notices ({} N)"
DISPUTES: Final = {"PR": "price", "QL": "quality", "DM": "damaged goods"}
SITE_SETTINGS: Final[Mapping[str, Any]] = {
    "ais.calls_per_second": 1_000,  # a simulator need not be spared
    "ais.test_address": 1001,  # the first customer of every book
    "codes.class_by_instrument": {INSTRUMENTS["direct_debit"]: "direct_debit"},
    "codes.state_by_credit_message": {code: state for state, code in CREDIT_MESSAGES.items()},
    "codes.state_by_search_type": {code: state for state, code in SEARCH_TYPES.items()},
    "codes.purpose_by_contact_type": {code: purpose for purpose, code in CONTACT_TYPES.items()},
    "codes.dispute_by_reason": DISPUTES,
    "codes.kind_by_document_type": {
        "RI": "invoice", "RN": "invoice", "RM": "credit_note", "RU": "on_account", "RF": "fee", "RB": "chargeback",
        "R5": "chargeback", "R1": "invoice", "DP": "invoice", "IC": "invoice",
    },
    "codes.class_by_document_type": {
        "RB": "chargeback", "R5": "chargeback", "R1": "draft", "DP": "down_payment", "IC": "intercompany",
    },
}  # fmt: skip


def given(book: Book, stream: Stream) -> Iterator[Row]:
    """Yield the stream's rows as a connector shall read them."""
    absent = _ABSENT.get(stream, frozenset())
    for row in book.as_rows(stream):
        own = {name: held for name, held in row.items() if name not in absent}
        yield from _OWN[stream](book, own) if stream in _OWN else (own,)


def _customer(book: Book, row: Row) -> Iterator[Row]:
    """A limit of 0 says that there is none."""
    limit = {} if row.get("credit_limit") else {"credit_limit": None}
    block = {"dunning_block": NO_NOTICES.format("AIDNLT")} if "dunning_block" in row else {}
    yield {name: held for name, held in row.items() if name != "limit_currency"} | limit | block


def _contact(book: Book, row: Row) -> Iterator[Row]:
    yield row | {"key": row["key"].replace("-", "|")}


def _item(book: Book, row: Row) -> Iterator[Row]:
    own: Row = {name: _key(book, row[name]) for name in ("key", "applies_to") if name in row}
    own["document_type"] = item_key(book.items[row["key"]])[1]
    own["payment_method"] = INSTRUMENTS.get(row.get("payment_method", ""))
    if "dispute_reason" in row:
        own |= {"dispute_reason": DISPUTES[row["dispute_reason"]], "disputed_amount": row["open_amount"]}
    if "dunning_block" in row:
        own["dunning_block"] = NO_NOTICES.format("RPDNLT")
    if "sales_order" in row:
        own["sales_order"] = f"SO {row['sales_order']}"
    yield row | own


def _payment(book: Book, row: Row) -> Iterator[Row]:
    number, _, reversal = row["key"].partition("-")
    yield row | {"key": f"{number}|{VOID}" if reversal else number, "method": INSTRUMENTS["transfer"]}


def _allocation(book: Book, row: Row) -> Iterator[Row]:
    """What the rate made of it stands in a line of its own, in the company's currency alone.

    Why a receipt went back stands on the receipt; the lines keep the reasons of what they take back.
    """
    made = book.allocations[row["key"]]
    lost = to_amount(made.fx_minor, made.company_currency)
    number, _, reversal = (made.payment or "").partition("-")
    payment = f"{number}|{VOID}" if reversal else number
    own = row | {"item": _key(book, row["item"]), "payment": payment, "reason": applied(book, made).reason}
    yield own | {"company_amount": row["company_amount"] - lost}
    if lost:
        yield own | {"kind": "fx", "amount": Decimal(0), "company_amount": lost}


def _key(book: Book, key: str) -> str:
    return "|".join(map(str, item_key(book.items.get(key) or book.purged_items[key])))


_OWN: Final[Mapping[Stream, Callable[[Book, Row], Iterator[Row]]]] = {
    "customer": _customer,
    "contact": _contact,
    "item": _item,
    "payment": _payment,
    "allocation": _allocation,
}
