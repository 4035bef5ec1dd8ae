"""Changes: by a change column with a look-back where the site names one, else the open list whole."""

from __future__ import annotations

from decimal import Decimal

import pytest

from duehook.core.errors import ConnectorGarbled

from .library import Library, at, keys

STAMPED = {"columns": {"changed": "RLDTE", "changed_time": "RLTME"}}


def test_with_a_change_column_only_what_changed_is_read_again_a_day_looked_back(library: Library) -> None:
    library.document(1, "10.00", RLDTE=20260301)
    library.document(2, "10.00", RLDTE=20260330, RLTME=130000)
    first = library.pages("item", **STAMPED)
    library.document(3, "10.00", RLDTE=20260331, RLTME=90000)
    assert library.source("item", **STAMPED).capabilities.incremental is True
    again = library.pages("item", dict(first[-1].position), **STAMPED)
    assert keys(again) == ["10|2026|IN|1|2", "10|2026|IN|1|3"]
    assert again[-1].whole is False


def test_what_was_changed_past_the_bound_waits_for_the_next_reading(library: Library) -> None:
    library.document(1, "10.00", RLDTE=20260331, RLTME=110000)
    library.document(2, "10.00", RLDTE=20260331, RLTME=130000)
    assert [row["document_no"] for row in library.read("item", **STAMPED)] == ["1"]


def test_without_a_change_column_everything_open_is_read_each_time(library: Library) -> None:
    library.document(1, "10.00")
    first = library.pages("item")
    assert library.source("item").capabilities.incremental is False
    again = library.pages("item", dict(first[-1].position))
    assert keys(again) == ["10|2026|IN|1|1"]
    assert again[-1].whole is True


def test_settled_documents_of_the_history_are_read_and_older_ones_are_not(library: Library) -> None:
    library.document(1, "10.00", rest="0", RDATE=20260101)
    library.document(2, "10.00", rest="0", RDATE=20200101)
    library.document(3, "10.00", RDATE=20200101)
    assert [row["document_no"] for row in library.read("item")] == ["1", "3"]


def test_the_sweep_lists_what_is_open_and_what_went_is_looked_up(library: Library) -> None:
    library.document(1, "10.00")
    library.document(2, "10.00", RDATE=20261399)
    library.document(3, "10.00", rest="0")
    pages = list(library.source("item").keys("item"))
    assert [key for page in pages for _, key in page.keys] == ["10|2026|IN|1|1", "10|2026|IN|1|2"]
    assert [page.complete for page in pages] == [False, True]
    found = library.source("item").lookup("item", [("10", f"10|2026|IN|1|{number}") for number in (1, 2, 3, 4)])
    assert [(row["key"], row["open_amount"]) for row in found.found] == [
        ("10|2026|IN|1|1", Decimal(10)), ("10|2026|IN|1|3", 0),
    ]  # fmt: skip
    assert [row.key for row in found.bad] == ["10|2026|IN|1|2"]
    assert found.missing == [("10", "10|2026|IN|1|4")]


def test_money_that_was_used_up_is_still_found_by_its_key(library: Library) -> None:
    library.document(5, "-80.00", rest="0", ARDTYP=0, ARDPFX="PM")
    assert library.read("item") == []
    found = library.source("item").lookup("item", [("10", "10|2026|PM|0|5")])
    assert [row["open_amount"] for row in found.found] == [0]


@pytest.mark.parametrize("key", ["", "10", "10|2026|IN|1|1|1", "x|2026|IN|1|1", "10|2026|IN|1|01", "10|2026|IN'|1|1"])
def test_a_key_that_no_row_can_have_is_missing(library: Library, key: str) -> None:
    library.document(1, "10.00")
    assert library.source("item").lookup("item", [("10", key)]).missing == [("10", key)]


def test_another_template_has_everything_read_anew(library: Library) -> None:
    library.document(1, "10.00", RLDTE=20260301)
    first = library.pages("item", **STAMPED)
    again = library.pages("item", dict(first[-1].position), **STAMPED, codes={"kind": {"1": "fee"}})
    assert [row["kind"] for page in again for row in page.rows] == ["fee"]


def test_a_position_of_another_version_is_refused(library: Library) -> None:
    with pytest.raises(ConnectorGarbled, match="another version"):
        library.pages("item", {"version": 9, "done": True})


def test_totals_are_what_is_open_and_say_what_changed_past_the_bound(library: Library) -> None:
    library.document(1, "10.00", rest="4.00", RLDTE=20260331, RLTME=110000)
    library.document(2, "10.00", rest="3.00", RLDTE=20260331, RLTME=130000)
    library.document(3, "10.00", rest="2.00", RDATE=20261399)
    library.document(4, "10.00", rest="0")
    totals = [total for page in library.source("item", **STAMPED).totals(at(12)) for total in page]
    assert [(each.document[-1], int(each.open_amount), each.changed_past_bound) for each in totals] == [
        ("1", 4, False), ("2", 3, True), ("3", 2, False),
    ]  # fmt: skip


def test_old_applications_of_what_is_still_open_are_read(library: Library) -> None:
    applied = {"ARDTYP": 0, "ARDPFX": "PM", "RDATE": 20200101, "ARODYR": 2026, "ARODPX": "IN", "ARODTP": 1}
    library.document(1, "100.00", rest="60.00", RDATE=20200101)
    library.document(2, "100.00", rest="0", RDATE=20200101)
    library.document(5, "-40.00", rest="0", RSEQ=1, RINVC=1, **applied)
    library.document(5, "-100.00", rest="0", RSEQ=2, RINVC=2, **applied)
    assert [row["item"] for row in library.read("allocation")] == ["10|2026|IN|1|1"]
