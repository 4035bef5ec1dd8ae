"""What OData's values become in Python: exact, each by itself however often it comes, and set aside where it is odd."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.wire import Reply
from duehook.core.wire.odata import V2, V4, Dialect, Entity
from duehook.core.wire.odata.dialect import Unreadable

SET = Entity.of("Set", "key", text="key name", day="on", amount="amount tax", flag="blocked", whole="count")
NOTHING: dict[str, Any] = dict.fromkeys(SET.kinds)
DIALECTS = pytest.mark.parametrize("dialect", [V2(), V4()], ids=["v2", "v4"])


def decoded(dialect: Dialect, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rows as a page gives them."""
    found = [dict(row) for row in rows]
    dialect.decode(SET, found)
    return found


@pytest.mark.parametrize("written", ["12345678901234.567", "0.1", "-9007199254740993.01", "9007199254740993", "1E+3"])
def test_an_amount_that_is_sent_as_a_number_keeps_each_digit(written: str) -> None:
    body = f'{{"d":{{"results":[{{"key":"1","amount":{written},"tax":"{written}","name":{written}}}]}}}}'
    rows = V2().envelope(Reply(200, {}, body.encode(), "http://erp").json()).rows
    (row,) = decoded(V2(), *rows)
    assert [str(Decimal(row[name])) for name in ("amount", "tax", "name")] == [str(Decimal(written))] * 3
    assert not any(isinstance(value, float) for value in row.values())


@DIALECTS
def test_what_is_blank_or_missing_is_nothing(dialect: Dialect) -> None:
    assert decoded(dialect, {}, dict.fromkeys(SET.kinds, ""), dict.fromkeys(SET.kinds)) == [NOTHING] * 3


@DIALECTS
def test_a_value_is_read_anew_for_each_row_and_field_that_holds_it(dialect: Dialect) -> None:
    row = {"on": "2026-03-02", "amount": "12.50", "tax": "12.50", "count": "12", "name": "12.50"}
    read = {"on": date(2026, 3, 2), "amount": Decimal("12.50"), "tax": Decimal("12.50"), "count": 12, "name": "12.50"}
    assert decoded(dialect, row, row) == [NOTHING | read] * 2


@DIALECTS
def test_what_is_alike_to_python_is_still_told_apart(dialect: Dialect) -> None:
    rows = decoded(dialect, {"blocked": True, "amount": 1}, {"blocked": 1, "amount": True}, {"blocked": "true"})
    assert (rows[0]["blocked"], rows[0]["amount"]) == (True, Decimal(1))
    odd = [rows[1]["blocked"], rows[1]["amount"], rows[2]["blocked"]]
    assert odd == [Unreadable("blocked", 1), Unreadable("amount", True), Unreadable("blocked", "true")]


@DIALECTS
def test_what_cannot_be_read_names_the_field_that_holds_it(dialect: Dialect) -> None:
    (row,) = decoded(dialect, {"amount": "x", "tax": "x", "on": ["2026-03-02"], "count": 1.5})
    assert row == NOTHING | {
        "amount": Unreadable("amount", "x"), "tax": Unreadable("tax", "x"),
        "on": Unreadable("on", ["2026-03-02"]), "count": Unreadable("count", 1.5),
    }  # fmt: skip


def test_what_a_v2_row_says_of_itself_is_let_go_and_its_version_is_told_before() -> None:
    row = {"key": "1", "__metadata": {"uri": "http://erp/Set('1')", "etag": 'W/"7"'}}
    assert (V2().etag(row), decoded(V2(), row)) == ('W/"7"', [NOTHING | {"key": "1"}])
