"""A debtor in two ERPs: found, confirmed or rejected by a person, undone, and joined on the list of work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.tables.ops import audit
from duehook.core.cli import main
from duehook.core.collect.parties import bank_account_hash
from duehook.core.errors import NotFound
from duehook.core.runs.health.status import status
from duehook.core.runs.health.worklist import Work
from duehook.core.runs.imports import import_connection
from duehook.core.runs.parties import Told, decide, find, told, undo
from tests.rigs.delivery_site import NOW, Rig, due, rigged
from tests.rigs.mail_catcher import breaking
from tests.rigs.small_erp import SmallErp, SmallSource

VAT = "DE811234567"


@pytest.fixture
def rig(tmp_path: Path, books: Books, database_url: str) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def other(rig: Rig) -> SmallErp:
    """Give a second ERP beside the rig's own, with one customer that both know."""
    rig.erp.customer("C1", name="Alder Tools GmbH", tax_id=VAT)
    erp = SmallErp(at=NOW)
    erp.customer("9001", name="ALDER TOOLS", tax_id="DE 811 234 567")
    erp.customer("9002", name="Birch")
    load(rig, erp)
    return erp


def load(rig: Rig, erp: SmallErp) -> None:
    rig.load()
    import_connection(rig.site.books, "second", [SmallSource(erp)], rig.context, as_of=rig.today, accept_drop=True)


def only(rig: Rig) -> Told:
    (match,) = told(rig.site.books, ["proposed", "confirmed", "rejected"])
    return match


def acts(rig: Rig) -> list[str]:
    with rig.site.books.read() as tx:
        wanted = select(audit.c.act).where(audit.c.act.like("party.%")).order_by(audit.c.id)
        return [row.act for row in tx.execute(wanted)]


def test_a_match_waits_for_a_person(rig: Rig, other: SmallErp) -> None:
    found = find(rig.site.books, rig.context)
    assert (found.new, found.gone, found.waiting) == (1, 0, 1)
    match = only(rig)
    assert (match.state, match.one, match.other, match.evidence) == (
        "proposed",
        "second/9001",
        "small/C1",
        ("vat_id", "name"),
    )
    assert "1 matches of customers across ERPs wait: see `duehook party list`." in status(rig.site, rig.context).advice


def test_a_second_search_finds_nothing_new(rig: Rig, other: SmallErp) -> None:
    find(rig.site.books, rig.context)
    found = find(rig.site.books, rig.context)
    assert (found.new, found.gone, found.waiting) == (0, 0, 1)
    assert acts(rig) == ["party.find"]


def test_what_nothing_speaks_for_any_more_is_no_longer_proposed(rig: Rig, other: SmallErp) -> None:
    find(rig.site.books, rig.context)
    other.customer("9001", name="Cedar", tax_id="DE999888777")
    load(rig, other)
    assert find(rig.site.books, rig.context).gone == 1
    assert told(rig.site.books) == []


def test_a_decision_stays_whatever_a_search_finds(rig: Rig, other: SmallErp) -> None:
    find(rig.site.books, rig.context)
    decide(rig.site.books, rig.context, only(rig).number, "rejected", why="mother and daughter")
    assert find(rig.site.books, rig.context).new == 0
    assert told(rig.site.books) == []
    assert only(rig).state == "rejected"
    other.customer("9001", name="Cedar", tax_id="DE999888777")
    load(rig, other)
    assert find(rig.site.books, rig.context).gone == 0


def test_a_decision_is_taken_down_and_can_be_undone(rig: Rig, other: SmallErp) -> None:
    find(rig.site.books, rig.context)
    number = only(rig).number
    decide(rig.site.books, rig.context, number, "confirmed")
    assert (only(rig).state, only(rig).decided_by) == ("confirmed", "ann")
    undo(rig.site.books, rig.context, number, why="a mistake")
    assert (only(rig).state, only(rig).decided_by) == ("proposed", None)
    assert acts(rig) == ["party.find", "party.confirm", "party.reopen"]


def test_what_is_not_there_or_is_so_already_is_told(rig: Rig, other: SmallErp) -> None:
    find(rig.site.books, rig.context)
    number = only(rig).number
    with pytest.raises(NotFound, match="there is no match 99"):
        decide(rig.site.books, rig.context, 99, "confirmed")
    with pytest.raises(NotFound, match="was not decided yet"):
        undo(rig.site.books, rig.context, number)
    decide(rig.site.books, rig.context, number, "confirmed")
    with pytest.raises(NotFound, match="is confirmed already"):
        decide(rig.site.books, rig.context, number, "confirmed")


def test_the_account_that_an_erp_gives_is_compared_with_the_hash_that_another_gives(rig: Rig) -> None:
    rig.erp.customer("C1", name="Alder", extra={"bank_accounts": "DE89 3704 0044 0532 0130 00"})
    erp = SmallErp(at=NOW)
    erp.customer(
        "9001", name="Elm", extra={"bank_accounts": [bank_account_hash("DE89370400440532013000")], "duns": 150483782}
    )
    load(rig, erp)
    find(rig.site.books, rig.context)
    assert only(rig).evidence == ("bank_account",)


def test_the_work_of_a_party_stands_on_one_line_once_it_is_confirmed(rig: Rig, other: SmallErp) -> None:
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    other.invoice("J1", "9001", "40.50", due(30))
    load(rig, other)
    rig.propose()
    find(rig.site.books, rig.context)
    apart = Work("Alder Tools GmbH", ("small/C1",), {"proposal": 1}, {"EUR": Decimal("100.00")})
    assert status(rig.site, rig.context).work == (apart,)
    decide(rig.site.books, rig.context, only(rig).number, "confirmed")
    (one,) = status(rig.site, rig.context).work
    assert one.members == ("second/9001", "small/C1")
    assert (one.waits, one.overdue) == ({"proposal": 1}, {"EUR": Decimal("140.50")})


def test_a_letter_in_doubt_is_the_work_of_its_debtor(rig: Rig) -> None:
    rig.erp.customer("C1", name="Alder")
    rig.erp.invoice("I1", "C1", "100.00", due(10))
    with breaking("reply") as server:
        rig.set(mail={**rig.site.settings.mail, "port": server.port})
        assert rig.run().in_doubt == 1
    (work,) = status(rig.site, rig.context).work
    assert (work.party, work.members) == ("Alder", ("small/C1",))
    assert work.waits["in doubt"] == 1


def test_the_commands_say_what_they_did(
    rig: Rig, other: SmallErp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("duehook.core.cli.desk.Desk.site", rig.site)
    monkeypatch.chdir(tmp_path)
    assert main(["party", "find"]) == 0
    assert "1 new, 0 gone, 1 wait for a person" in capsys.readouterr().out
    assert main(["party", "list"]) == 0
    out = capsys.readouterr().out
    assert "second/9001" in out
    assert "VAT id, name and place" in out
    number = str(only(rig).number)
    assert main(["party", "confirm", number]) == 0
    assert main(["party", "undo", number, "--why", "a mistake"]) == 0
    assert main(["party", "reject", number]) == 0
    capsys.readouterr()
    assert main(["party", "list", "--rejected", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["matches"]
    assert (shown["state"], shown["decided_by"] is not None) == ("rejected", True)
    assert main(["party", "list"]) == 0
    assert "None: `duehook party find` looks for them." in capsys.readouterr().out
