"""Transactions that every account has and that are no receivable, and a refund, which the book does not know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from .codes import BANK, EXPENSE, PRIMARY_BOOK, RECEIVABLE, REFUND, SALES
from .database import Database
from .values import MARK, day

_ON: Final = date(2025, 6, 30)
_STAMP: Final = f"{MARK}2025-06-30 10:15:00"
_FIRST_ID: Final = 901
_PAYABLE: Final = 210
# type, tranid, entity's place (0 the customer, 1 a vendor), posting, account, amount, what is unpaid of it
_ROWS: Final = (
    ("SalesOrd", "SO77", 0, "F", SALES, 500.0, None),
    ("CashSale", "CS12", 0, "T", BANK, 48.5, None),
    ("VendBill", "B-4711", 1, "T", _PAYABLE, -900.0, -900.0),
    ("Journal", "JE9", None, "T", EXPENSE, 33.0, None),
    (REFUND, "R31", 0, "T", RECEIVABLE, 25.0, None),
)
VENDOR: Final = 501


def add_others(database: Database, customer: str) -> None:
    """Put them into the tables, in dollars in the first subsidiary, on one day."""
    for table, row in _rows(int(customer)):
        database.put(table, [row])


def _rows(customer: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "account", {"id": _PAYABLE, "acctnumber": "2000", "accttype": "AcctPay", "fullname": "Accounts Payable",
                      "isinactive": "F"}  # fmt: skip
    for key, (kind, number, whose, posting, account, amount, unpaid) in enumerate(_ROWS, _FIRST_ID):
        entity = None if whose is None else (customer, VENDOR)[whose]
        yield "transaction", {
            "id": key, "tranid": number, "transactionnumber": f"{kind.upper()}{key}", "type": kind, "entity": entity,
            "trandate": day(_ON), "currency": 1, "exchangerate": 1, "foreigntotal": amount, "total": amount,
            "status": "B", "posting": posting, "voided": "F", "isreversal": "F", "approvalstatus": "2",
            "createddate": _STAMP, "lastmodifieddate": _STAMP,
        }  # fmt: skip
        for place, sign, on in ((0, 1, account), (1, -1, SALES if amount > 0 else EXPENSE)):
            yield "transactionline", {
                "id": place, "transaction": key, "uniquekey": key * 10 + place, "linesequencenumber": place,
                "mainline": "F" if place or kind == "Journal" else "T", "taxline": "F", "entity": entity,
                "subsidiary": 1, "expenseaccount": on, "foreignamount": sign * amount, "netamount": sign * amount,
                "foreignamountunpaid": None if place else unpaid,
            }  # fmt: skip
            yield "transactionaccountingline", {
                "transaction": key, "transactionline": place, "accountingbook": PRIMARY_BOOK, "account": on,
                "amount": sign * amount, "netamount": sign * amount, "posting": posting, "exchangerate": 1,
                "amountunpaid": None if place else unpaid,
            }  # fmt: skip
