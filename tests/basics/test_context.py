"""Who acts, and at which instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from duehook.core.context import Actor, Context


def at(instant: datetime) -> Context:
    return Context(Actor("person", "ann", "cli"), lambda: instant, "c-1")


def test_an_instant_of_any_zone_is_told_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert at(datetime(2026, 3, 2, 8, 0, tzinfo=tokyo)).now().isoformat() == "2026-03-01T23:00:00+00:00"


def test_an_instant_without_a_zone_is_refused_not_taken_for_the_machines_own() -> None:
    with pytest.raises(ValueError, match="aware"):
        at(datetime(2026, 3, 2, 8, 0)).now()  # noqa: DTZ001 - what a careless clock gives
    assert at(datetime(2026, 3, 2, 8, 0, tzinfo=UTC)).now().hour == 8
