"""Waiting before another try: by a session's own sleep, or by what stands in its place for a while."""

from __future__ import annotations

from duehook.core.wire.retry import rest, resting_by


def test_a_rest_is_slept_or_given_to_what_stands_in_its_place() -> None:
    slept: list[float] = []
    counted: list[float] = []
    rest(1.0, slept.append)
    with resting_by(counted.append):
        rest(2.0, slept.append)
    rest(3.0, slept.append)
    assert (slept, counted) == ([1.0, 3.0], [2.0])


def test_the_innermost_is_asked() -> None:
    outer: list[float] = []
    inner: list[float] = []
    with resting_by(outer.append):
        with resting_by(inner.append):
            rest(1.0, outer.append)
        rest(2.0, inner.append)
    assert (outer, inner) == ([2.0], [1.0])
