"""Amounts go over the wire as the numbers that they are."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.wire.exact_json import exact_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=4),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_an_amount_keeps_all_its_digits() -> None:
    values = {"amount": Decimal("12345678901234567.8901"), "none": Decimal("0.00"), "small": Decimal("1E-4")}
    assert exact_json(values) == '{"amount": 12345678901234567.8901, "none": 0.00, "small": 0.0001}'


@given(VALUES)
def test_what_is_written_is_read_as_it_was(value: Any) -> None:
    assert json.loads(exact_json(value), parse_float=Decimal) == value


@pytest.mark.parametrize("odd", ["NaN", "Infinity"])
def test_what_is_no_number_is_refused(odd: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        exact_json({"amount": Decimal(odd)})
