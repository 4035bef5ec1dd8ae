"""Who did what is looked up: of one debtor, of one kind of act, of one person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duehook.core.books import Books
from duehook.core.errors import NotFound
from duehook.core.runs.audit import listed
from tests.rigs.delivery_site import Rig, due, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        for name in ("A", "B"):
            made.erp.customer(name)
            made.erp.invoice(f"{name}1", name, "100.00", due(10))
        yield made


def told(rig: Rig, **named: Any) -> list[tuple[str, str]]:
    return [(row.act, row.subject) for row in listed(rig.site.books, **named)]


def test_a_debtors_acts_are_its_own_its_items_and_its_notices(rig: Rig) -> None:
    rig.run()
    numbers = {row.debtor: row.number for row in rig.notices()}
    for debtor in ("A", "B"):
        assert told(rig, debtor=debtor) == [
            ("erp.add_note", debtor),
            ("notice.send", f"notice {numbers[debtor]}"),
            ("notice.approve", debtor),
        ]


def test_acts_are_found_by_kind_and_by_person_the_newest_first(rig: Rig) -> None:
    rig.run()
    every = listed(rig.site.books)
    assert [row.id for row in every] == sorted((row.id for row in every), reverse=True)
    assert {act for act, _ in told(rig, act="notice")} == {"notice.send", "notice.approve"}
    assert {act for act, _ in told(rig, act="notice.send")} == {"notice.send"}
    assert told(rig, act="not") == told(rig, actor="nobody") == told(rig, company="02") == []
    assert {row.actor_id for row in listed(rig.site.books, actor=every[0].actor_id)} == {every[0].actor_id}
    assert len(listed(rig.site.books, most=1)) == 1


def test_a_debtor_that_there_is_not_is_refused(rig: Rig) -> None:
    with pytest.raises(NotFound, match="'Z'"):
        listed(rig.site.books, debtor="Z")
