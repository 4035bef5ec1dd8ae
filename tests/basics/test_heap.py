"""What the garbage collector need not walk: set apart by the first job, given back by the last."""

from __future__ import annotations

import gc

import pytest

from duehook.core.ops.heap import settled, without_cycles


def test_what_a_process_holds_is_set_apart_for_the_length_of_a_job() -> None:
    held = [[number] for number in range(100)]
    before = gc.get_freeze_count()
    with settled():
        assert gc.get_freeze_count() > before
        assert not any(each is held for each in gc.get_objects())
    assert any(each is held for each in gc.get_objects())


def test_a_job_in_a_job_gives_nothing_back() -> None:
    held: list[list[int]] = [[]]
    with settled():
        with settled():
            pass
        assert not any(each is held for each in gc.get_objects())
    assert any(each is held for each in gc.get_objects())


def test_a_job_that_fails_gives_back_what_it_set_apart() -> None:
    held: list[list[int]] = [[]]

    @settled()
    def job() -> None:
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        job()
    assert any(each is held for each in gc.get_objects())


def test_a_page_is_taken_without_collections() -> None:
    assert gc.isenabled()
    with without_cycles():
        assert not gc.isenabled()
        with without_cycles():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
