"""The synthetic files of the simulated site: customers, open items, cash and what it was applied to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any, Final

from duehook.core.testing.book import Allocation, Customer, Item, Payment
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.sql_ledger import (
    Column,
    Table,
    amount,
    applied_cash,
    char,
    cyymmdd,
    hhmmss,
    is_netting,
    packed_day,
    whole,
)

TYPES: Final = {"invoice": "IN", "credit_note": "CM", "on_account": "OA", "fee": "FC", "chargeback": "DM"}
APPLIED: Final = {
    "cash": "", "discount": "DS", "write_off": "WO", "deduction": "DE", "chargeback": "CB", "credit": "CR",
}  # fmt: skip
NO_DAY: Final = 9_999_999  # the other way, beside 0, to write no date
BACK: Final = 1_000_000  # receipts that take another back are numbered from here
_DAY: Final = packed_day(cyymmdd, 7)
_MONEY: Final = amount(15, 3)
_of = attrgetter


def company(code: str) -> str:
    """Return a company's code: COMNO is a number."""
    return str(int(code))


def sequence(item: Item) -> int:
    """Return DOCSQ: instalments, and numbers that were used before, share a DOCNO."""
    again = item.renumbered or item.document_type == "RN"
    return int(item.instalment) + (50 if again else 0)


def item_key(item: Item) -> str:
    """Return the key that a connector gives an item."""
    return f"{company(item.company)}|{TYPES[item.kind]}|{item.document_no}|{sequence(item)}"


def receipt_number(payment: Payment) -> int:
    """Return RCPNO."""
    return payment.number + (BACK if payment.reversal_of else 0)


def open_base(item: Item) -> Any:
    """Return what is open in the company's currency: nothing where nothing is open."""
    return to_amount(item.company_open_minor if item.open_minor else 0, item.company_currency)


def _who(field: str) -> Any:
    read = attrgetter(field)
    return lambda line: read(line[1])


def _homes(site: Any, customer: Customer) -> Iterator[tuple[Any, Customer, str]]:
    """Yield a customer in its home company; some are known in another, under the same number."""
    yield site, customer, customer.company
    if int(customer.key) % 3 == 0:
        yield site, customer, next(code for code in site.book.companies if code != customer.company)


_CUSMAS: Final = (
    Column("COMNO", whole(2), "Company Number", lambda line: line[2]),
    Column("CUSNO", char(8), "Customer Number", _who("key")),
    Column("CUSNM", char(35), "Customer Name", _who("name")),
    Column("CADD1", char(35), "Address 1", _who("street")),
    Column("CADD2", char(35), "Address 2"),
    Column("CADD3", char(35), "Address 3"),
    Column("CCITY", char(25), "City", _who("city")),
    Column("CSTATE", char(2), "State"),
    Column("CZIP", char(10), "Postal Code", _who("postal_code")),
    Column("CCTRY", char(3), "Country", _who("country")),
    Column("CTERM", char(3), "Terms Code", lambda line: line[1].accounts[None].terms),
    Column("CLIMT", amount(15, 0), "Credit Limit", lambda line: line[1].accounts[None].credit_limit),
    Column("CHOLD", char(1), "Credit Hold", lambda line: line[0].hold_code(line[1].accounts[None].hold)),
)


def _cusmas_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    yield {"COMNO": 0}
    yield {"COMNO": 99, "CUSNO": "99999999", "CUSNM": "*HIVAL"}


def _items(site: Any, item: Item) -> Iterator[tuple[Any, Item]]:
    if item.posted:
        yield site, item


def _due(line: tuple[Any, Item]) -> Any:
    return line[1].due_on or (NO_DAY if line[1].document_no % 2 else 0)


def _changed(line: tuple[Any, Item]) -> Any:
    return line[0].local(line[1].changed_at)


_OPNITM: Final = (
    Column("COMNO", whole(2), "Company Number", _who("company")),
    Column("CUSNO", char(8), "Customer Number", _who("customer")),
    Column("DOCTY", char(2), "Document Type", lambda line: TYPES[line[1].kind]),
    Column("DOCNO", whole(8), "Document Number", _who("document_no")),
    Column("DOCSQ", whole(3), "Document Sequence", lambda line: sequence(line[1])),
    Column("INVDT", _DAY, "Invoice Date", _who("document_on")),
    Column("DUEDT", _DAY, "Due Date", _due),
    Column("ORGAM", _MONEY, "Original Amount", lambda line: to_amount(line[1].amount_minor, line[1].currency)),
    Column("OPNAM", _MONEY, "Open Amount", _who("open_amount")),
    Column("BASAM", _MONEY, "Open Amount, Local Currency", lambda line: open_base(line[1])),
    Column("CURCD", char(3), "Currency Code", _who("currency")),
    Column("CHGDT", _DAY, "Date Last Changed", lambda line: _changed(line).date()),
    Column("CHGTM", whole(6), "Time Last Changed", lambda line: hhmmss(_changed(line))),
)


def _opnitm_odd(site: Any) -> Iterator[Mapping[str, Any]]:
    """Dummies with a key of nothing and of nines."""
    yield {"OPNAM": 1, "ORGAM": 1, "BASAM": 1, "CURCD": "USD"}
    yield {"COMNO": 99, "CUSNO": "99999999", "DOCTY": "ZZ", "DOCNO": 99_999_999, "OPNAM": 1, "CURCD": "USD"}


def _receipts(site: Any, payment: Payment) -> Iterator[tuple[Any, Payment]]:
    """Yield a receipt: what of a payment was applied, and the one of nothing by which a credit is applied."""
    if applied_cash(site.book, payment) or is_netting(payment):
        yield site, payment


def _taken_back(line: tuple[Any, Payment]) -> int | None:
    return line[1].number if line[1].reversal_of else None


_CSHRCP: Final = (
    Column("COMNO", whole(2), "Company Number", _who("company")),
    Column("CUSNO", char(8), "Customer Number", _who("customer")),
    Column("RCPNO", whole(8), "Receipt Number", lambda line: receipt_number(line[1])),
    Column("RCPDT", _DAY, "Receipt Date", _who("received_on")),
    Column("RCPAM", _MONEY, "Receipt Amount", lambda line: applied_cash(line[0].book, line[1])),
    Column("CURCD", char(3), "Currency Code", _who("currency")),
    Column("REVNO", whole(8), "Reversed Receipt", _taken_back),
)


def _applications(site: Any, payment: Payment) -> Iterator[tuple[Payment, Allocation, int, Item]]:
    for place, key in enumerate(payment.allocations, 1):
        part = site.book.allocations.get(key)
        if part is not None:
            yield payment, part, place, site.book.items[part.item]


_CSHAPP: Final = (
    Column("RCPNO", whole(8), "Receipt Number", lambda line: receipt_number(line[0])),
    Column("RCPSQ", whole(5), "Receipt Sequence", lambda line: line[2]),
    Column("DOCTY", char(2), "Document Type", lambda line: TYPES[line[3].kind]),
    Column("DOCNO", whole(8), "Document Number", lambda line: line[3].document_no),
    Column("DOCSQ", whole(3), "Document Sequence", lambda line: sequence(line[3])),
    Column("APPAM", _MONEY, "Applied Amount", lambda line: line[1].amount),
    Column("APPTY", char(2), "Application Type", lambda line: APPLIED[line[1].kind]),
)
TABLES: Final = (
    Table("CUSMAS", "Customer Master", "COMNO CUSNO", _CUSMAS, {"customer": _homes}, _cusmas_odd, ("CUSNO",)),
    Table(
        "OPNITM", "Open Items", "COMNO DOCTY DOCNO DOCSQ", _OPNITM, {"item": _items}, _opnitm_odd,
        ("CHGDT CHGTM", "OPNAM"),
    ),
    Table("CSHRCP", "Cash Receipts", "RCPNO", _CSHRCP, {"payment": _receipts}),
    Table("CSHAPP", "Applied Cash", "RCPNO RCPSQ", _CSHAPP, {"payment": _applications}, indexes=("DOCNO DOCTY",)),
)  # fmt: skip
