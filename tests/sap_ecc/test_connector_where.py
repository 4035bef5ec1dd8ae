"""Conditions: numbers that lie close together are asked for as a range, all others one by one."""

from __future__ import annotations

from duehook.plugins.sap_ecc.where import any_named


def told(*values: str) -> list[str]:
    return [" ".join(where) for where in any_named("BELNR", values)]


def test_numbers_that_lie_close_together_are_a_range() -> None:
    assert told("0103", "0101", "0102", "0105", "") == ["BELNR >= '0101' AND BELNR <= '0105'"]


def test_a_number_that_lies_apart_is_asked_for_by_itself() -> None:
    assert told("0101", "0102", "0900") == ["( BELNR >= '0101' AND BELNR <= '0102' ) OR BELNR = '0900'"]


def test_what_is_no_number_or_of_another_length_is_in_no_range() -> None:
    assert told("A1", "A2") == ["BELNR = 'A1' OR BELNR = 'A2'"]
    assert told("99", "100") == ["BELNR = '100' OR BELNR = '99'"]


def test_a_question_names_at_most_two_hundred_values_and_spans_at_most_five_thousand() -> None:
    apart = [f"{number:05}" for number in range(0, 2010, 10)]
    assert [where.count("=") for where in told(*apart)] == [200, 1]
    assert told(*(f"{number:05}" for number in range(6000))) == [
        "BELNR >= '00000' AND BELNR <= '04999'", "BELNR >= '05000' AND BELNR <= '05999'",
    ]  # fmt: skip


def test_nothing_asks_nothing() -> None:
    assert told() == []
