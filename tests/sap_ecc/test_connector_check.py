"""What `check` says of tables, currencies and functions, and what it advises."""

from __future__ import annotations

from typing import Any

from duehook.core.hookspecs import Finding, Source, Target

from .answering import LINE, ABAPApplicationError, Ecc


def findings(ecc: Ecc, **other: Any) -> dict[str, Finding]:
    """Return what is found, by its subject."""
    connector = ecc.connector(**other)
    assert connector.target is not None
    parts: list[Source | Target] = [*connector.sources(), connector.target]
    return {each.subject: each for part in parts for each in part.check()}


def test_a_system_in_order_has_nothing_wrong() -> None:
    found = findings(Ecc(BSID=[LINE]))
    assert [each for each in found.values() if not each.ok] == []
    assert found["TCURX"].message == "amounts are shifted for no currency of a company code"


def test_a_table_that_may_not_be_read_is_named_with_the_right_to_ask_for() -> None:
    class Closed(Ecc):
        def call(self, function: str, **parameters: Any) -> dict[str, Any]:
            if parameters.get("QUERY_TABLE") == "BSID":
                raise ABAPApplicationError("NOT_AUTHORIZED")
            return super().call(function, **parameters)

    found = findings(Closed())["table BSID"]
    assert not found.ok
    assert "S_TABU_NAM" in (found.advice or "")
    assert "BSID" in (found.advice or "")


def test_an_empty_tcurx_is_told_for_amounts_would_be_wrong_by_a_hundred() -> None:
    found = findings(Ecc(BSID=[LINE], TCURX=[]))["TCURX"]
    assert (found.ok, found.message.partition(":")[0]) == (False, "TCURX is empty")


def test_columns_that_the_system_lacks_are_named() -> None:
    ecc = Ecc(BSID=[LINE])
    ecc.lacks = {"ZLSCH"}
    assert findings(ecc)["table BSID"].message == (
        "can be read by RFC_READ_TABLE, without ZLSCH, which this system does not have"
    )


def test_amounts_in_the_users_own_notation_are_told() -> None:
    found = findings(Ecc(BSID=[LINE | {"WRBTR": "1.234,56"}]))["amounts"]
    assert (found.ok, found.message) == (False, "WRBTR holds '1.234,56', which is no number with a point")


def test_a_reader_is_tried_and_what_writes_is_not_called() -> None:
    ecc = Ecc(BSID=[LINE])
    ecc.functions["Z_NOTES"] = lambda given: {"NOTES": []}
    named = {"add_note": {"name": "Z_NOTE"}, "read_notes": {"name": "Z_NOTES"}}
    assert findings(ecc, functions=named)["functions.read_notes"].ok
    assert "Z_NOTE" not in [name for name, _ in ecc.called]
