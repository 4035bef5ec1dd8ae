"""Payments and what they took off items: by reference, by clearing, with discounts, and taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from .answering import LINE, Ecc

OLD = {"history_months": 600}
CLEARED = {"AUGDT": "20260310", "AUGBL": "0000000200", "AUGGJ": "2026"}
PAYMENT = LINE | CLEARED | {
    "BELNR": "0000000200", "BLART": "DZ", "SHKZG": "H", "BUDAT": "20260310", "BLDAT": "20260310",
}  # fmt: skip


def taken(ecc: Ecc) -> list[tuple[Any, ...]]:
    """Return what was taken off items."""
    names = ("item", "payment", "kind", "amount", "allocated_on")
    return [tuple(row.get(name) for name in names) for row in ecc.connector(**OLD).rows("allocation")]


def test_a_payment_that_clears_an_invoice_is_allocated_to_it() -> None:
    ecc = Ecc(BSAD=[LINE | CLEARED, PAYMENT])
    assert [(row["key"], row["amount"], row["unapplied_amount"]) for row in ecc.connector(**OLD).rows("payment")] == [
        ("1000|2026|0000000200", Decimal("100.00"), Decimal(0))
    ]
    assert taken(ecc) == [
        ("1000|2026|0000000100|001", "1000|2026|0000000200", "cash", Decimal("100.00"), date(2026, 3, 10))
    ]


def test_a_part_that_refers_to_its_invoice_is_allocated_to_it() -> None:
    refers = {"REBZG": "0000000100", "REBZJ": "2026", "REBZZ": "001", "WRBTR": "40.00", "DMBTR": "40.00"}
    part = PAYMENT | refers | {"AUGDT": "00000000", "AUGBL": "", "AUGGJ": "0000"}
    assert taken(Ecc(BSID=[LINE, part])) == [
        ("1000|2026|0000000100|001", "1000|2026|0000000200", "cash", Decimal("40.00"), date(2026, 3, 10))
    ]


def test_the_year_of_a_clearing_is_that_of_its_day_where_there_is_no_auggj() -> None:
    ecc = Ecc(BSAD=[LINE | CLEARED, PAYMENT])
    ecc.lacks = {"AUGGJ"}
    assert [row[1] for row in taken(ecc)] == ["1000|2026|0000000200"]


def test_a_reversal_names_the_payment_that_it_takes_back_and_that_one_names_nothing() -> None:
    back = PAYMENT | {"BELNR": "0000000201", "SHKZG": "S", "BUDAT": "20260312"}
    head = {"BUKRS": "1000", "GJAHR": "2026", "CPUTM": "100000"}
    headers = [
        head | {"BELNR": "0000000200", "CPUDT": "20260310", "STBLG": "0000000201"},
        head | {"BELNR": "0000000201", "CPUDT": "20260312", "STBLG": "0000000200"},
    ]
    rows = Ecc(BSAD=[PAYMENT, back], BKPF=headers).connector(**OLD).rows("payment")
    assert [(row["key"], row["amount"], row["reversal_of"]) for row in rows] == [
        ("1000|2026|0000000200", Decimal("100.00"), None),
        ("1000|2026|0000000201", Decimal("-100.00"), "1000|2026|0000000200"),
    ]


def test_a_clearing_that_is_dated_back_is_found_by_the_document_that_was_entered_since() -> None:
    """Its day lies before the last reading; only the payment's line was entered since."""
    ecc = Ecc(BSID=[LINE])
    connector = ecc.connector()
    done = list(connector.pages("allocation"))[-1].position | {"bound": "2026-04-20"}
    back = {"AUGDT": "20260301", "AUGBL": "0000000200", "AUGGJ": "2026"}
    ecc.tables |= {"BSID": [], "BSAD": [LINE | back, PAYMENT | back | {"CPUDT": "20260420"}]}
    rows = [dict(row) for page in connector.pages("allocation", done) for row in page.rows]
    assert [(row["item"], row["amount"]) for row in rows if row["kind"] == "cash"] == [
        ("1000|2026|0000000100|001", Decimal("100.00"))
    ]
