"""Numbers of JSON stay exact whichever library reads them: money is never a float."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire.reply import Reply


def read(body: bytes) -> Any:
    return Reply(200, {"Content-Type": "application/json"}, body, "https://erp.example/x").json()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"a": 0.1}', {"a": Decimal("0.1")}),
        (b'{"a":-12345678901234.56}', {"a": Decimal("-12345678901234.56")}),
        (b"[1e3, 2]", [Decimal("1E+3"), 2]),
        (b"[123456789012345678901234567890]", [123456789012345678901234567890]),
        (b"0.30", Decimal("0.30")),
        (b'{"a": "0.10", "b": [1, 2], "c": null, "d": true}', {"a": "0.10", "b": [1, 2], "c": None, "d": True}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"text": ", 1.5 pieces"}', {"text": ", 1.5 pieces"}),
    ],
)
def test_a_number_is_exact(body: bytes, told: Any) -> None:
    found = read(body)
    assert found == told
    assert json.dumps(found, default=repr) == json.dumps(told, default=repr)


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}', b'{"a": Infinity}', b"{'a': 1}", b'{"a": "\xff"}', b"[1,]"])
def test_what_is_no_json_is_told(body: bytes) -> None:
    with pytest.raises(ConnectorGarbled):
        read(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, st.booleans())
def test_whatever_is_sent_is_read_as_json_reads_it_with_decimals(value: Any, ascii_only: bool) -> None:
    body = json.dumps(_floats(value), ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    told = json.loads(body.decode("utf-8", "surrogatepass"), parse_float=Decimal)
    try:
        found = read(body)
    except ConnectorGarbled:
        assert "\\ud" in body.decode("utf-8", "replace").lower() or b"\xed" in body
        return
    assert found == told
    assert repr(found) == repr(told)


def _floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_floats(each) for each in value]
    if isinstance(value, dict):
        return {name: _floats(each) for name, each in value.items()}
    return value
