"""Going live: every open item gets its opening level, the rehearsal is taken back, nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store import facts
from duehook.core.books.store.delivery import outbox
from duehook.core.books.tables.dunning import debtor_dunning
from duehook.core.books.tables.ops import audit, fact
from duehook.core.errors import Busy, ConfigError, RunStopped
from duehook.core.runs.dunning.acts import set_level
from duehook.core.runs.go_live import go_live
from tests.rigs.delivery_site import NOW, TODAY, Rig, due, policy, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "test.yaml").write_text(policy().canonical)
        company = made.site.settings.companies["01"].model_copy(update={"policy": "test"})
        made.set(companies={"01": company})
        with made.site.books.write() as tx:
            tx.execute(fact.delete())
        made.erp.customer("A")
        made.erp.customer("B")
        made.erp.invoice("young", "A", "100.00", due(3))
        made.erp.invoice("ripe", "A", "100.00", due(10))
        made.erp.invoice("old", "B", "100.00", due(90))
        made.load()
        yield made


def clocks(rig: Rig) -> dict[str, date]:
    with rig.site.books.read() as tx:
        return {row.debtor: row.last_sent_on for row in tx.execute(select(debtor_dunning))}


def levels_file(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "levels.csv"
    file.write_text("\n".join(["company,item,level,last_dunned_on", *lines, ""]))
    return file


def test_without_any_history_an_item_gets_the_level_of_its_age_and_nothing_goes_out(rig: Rig) -> None:
    gone = go_live(rig.site, rig.context)
    assert (gone.from_age, gone.from_erp, gone.from_file, gone.first_run_notices) == (3, 0, 0, 100)
    assert rig.levels() == {"young": 0, "ripe": 1, "old": 3}
    assert clocks(rig) == {}
    assert rig.approve() == []
    assert rig.catcher.mails == []


def test_an_item_goes_on_from_its_opening_level(rig: Rig) -> None:
    go_live(rig.site, rig.context)
    rig.clock.at += timedelta(days=4)
    assert rig.run().sent == 1
    assert rig.levels()["young"] == 1


def test_the_erps_own_level_and_date_open_the_item(rig: Rig) -> None:
    rig.erp.items["old"] |= {"dunning_level": 2, "last_dunned_on": due(5), "changed_at": rig.clock.at}
    rig.load()
    gone = go_live(rig.site, rig.context)
    assert (gone.from_erp, gone.from_age) == (1, 2)
    assert rig.levels()["old"] == 2
    assert clocks(rig) == {"B": due(5)}
    assert rig.approve() == []  # seven days have to lie between


def test_a_file_outranks_the_erp_and_names_items_by_key_or_document(rig: Rig, tmp_path: Path) -> None:
    rig.erp.items["old"] |= {"dunning_level": 2, "document_no": "RI-77", "changed_at": rig.clock.at}
    rig.load()
    gone = go_live(rig.site, rig.context, levels=levels_file(tmp_path, "01,RI-77,1,2026-02-20", " ,,", "01,ripe,0,"))
    assert (gone.from_file, gone.from_age) == (2, 1)
    assert rig.levels() == {"young": 0, "ripe": 0, "old": 1}
    assert clocks(rig) == {"B": date(2026, 2, 20)}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("01,nowhere,1,", "levels.csv:2:1: 01/nowhere is no open item"),
        ("01,old,two,", "levels.csv:2:8: level 'two' is no whole number from 0 to 999"),
        ("01,old,-1,", "levels.csv:2:8: level '-1' is no whole number"),
        ("01,old,1_0,", "levels.csv:2:8: level '1_0' is no whole number"),
        ("01,old", "levels.csv:2:8: level '' is no whole number"),
        ("01,old,1,02/20/2026", "levels.csv:2:10: last_dunned_on '02/20/2026' is no date"),
        ("01,old,1,20260220", "levels.csv:2:10: last_dunned_on '20260220' is no date"),
        ("01,old,1,\n01,old,2,", "levels.csv:3:4: 01/old stands in line 2 too"),
        ('01,"old', "levels.csv:1:1: this is no CSV"),
    ],
)
def test_a_faulty_file_changes_nothing_and_says_where(rig: Rig, tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ConfigError) as told:
        go_live(rig.site, rig.context, levels=levels_file(tmp_path, line))
    assert says in str(told.value)
    assert rig.levels() == {}


def test_a_file_without_its_columns_is_refused(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "levels.csv"
    file.write_text("company;item;level\n")
    with pytest.raises(ConfigError, match="the column company is missing"):
        go_live(rig.site, rig.context, levels=file)


def test_a_levels_file_that_is_not_there_is_told(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv cannot be read: No such file or directory"):
        go_live(rig.site, rig.context, levels=tmp_path / "none.csv")


def test_a_file_of_another_encoding_is_refused(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "levels.csv"
    file.write_bytes("company,item,level,last_dunned_on\n01,Größe,1,\n".encode("cp1252"))
    with pytest.raises(ConfigError, match=r"levels.csv:1:1: this is not UTF-8. Fix: save it as"):
        go_live(rig.site, rig.context, levels=file)


def test_the_rehearsal_is_taken_back_but_not_what_a_person_set(rig: Rig) -> None:
    rig.set(mode="shadow")
    rig.erp.invoice("more", "B", "30.00", due(95))
    rig.run()
    set_level(rig.site, rig.context, "more", 0, on=TODAY, why="talked")
    assert set(clocks(rig)) == {"A", "B"}
    rig.clock.later(days=21)
    rig.load()
    rig.approve()
    rig.clock.later(days=-21)
    rig.set(mode="live")
    gone = go_live(rig.site, rig.context)
    assert gone.by_hand == 1
    assert gone.cancelled >= 1
    assert rig.levels() == {"young": 0, "ripe": 1, "old": 3, "more": 0}
    assert clocks(rig) == {}
    assert ("notice", "new") not in rig.effects()
    assert str(rig.deliver()) == "nothing to deliver"


def test_while_a_letter_of_the_rehearsal_is_going_out_nothing_is_opened(rig: Rig) -> None:
    rig.set(mode="shadow")
    rig.approve()
    with rig.site.books.write() as tx:
        another = outbox.Worker("another")
        for entry in outbox.claim(tx, another, rig.clock.at, kinds=["notice"], most=10):
            assert outbox.begin_sending(tx, entry, another, now=rig.clock.at)
    rig.set(mode="live")
    with pytest.raises(Busy, match="letters are being delivered at this moment; nothing was changed"):
        go_live(rig.site, rig.context)
    assert (rig.levels(), {state for _, state in rig.effects({"notice"})}) == ({}, {"sending"})
    rig.clock.later(minutes=11)  # whoever sent it was killed
    assert go_live(rig.site, rig.context).cancelled == 2


def test_what_letters_lack_is_said_and_nothing_changes(rig: Rig) -> None:
    company = rig.site.settings.companies["01"].model_copy(update={"mailbox": None, "bank_accounts": ()})
    rig.set(companies={"01": company})
    with pytest.raises(ConfigError) as told:
        go_live(rig.site, rig.context)
    assert "mailbox" in str(told.value)
    assert "bank account EUR" in str(told.value)
    assert rig.levels() == {}


def test_shadow_does_not_go_live(rig: Rig) -> None:
    rig.set(mode="shadow")
    with pytest.raises(ConfigError, match="mode is shadow"):
        go_live(rig.site, rig.context)


def test_a_dry_run_counts_and_changes_nothing(rig: Rig) -> None:
    gone = go_live(rig.site, rig.context, dry_run=True)
    assert (gone.from_age, gone.dry_run) == (3, True)
    assert rig.levels() == {}
    with rig.site.books.read() as tx:
        assert facts.get(tx, "go_live") is None


def test_again_it_only_sets_the_size_of_the_first_run(rig: Rig) -> None:
    go_live(rig.site, rig.context, first_run_notices=0)
    rig.clock.at += timedelta(days=4)
    rig.load()
    rig.approve()
    with pytest.raises(RunStopped, match="would send 1 notices, and 0 are allowed"):
        rig.deliver()
    assert go_live(rig.site, rig.context, first_run_notices=1, dry_run=True).again
    with pytest.raises(RunStopped, match="0 are allowed"):
        rig.deliver()
    assert go_live(rig.site, rig.context, first_run_notices=1).again
    assert rig.deliver().sent == 1
    with pytest.raises(RunStopped, match="live already"):
        go_live(rig.site, rig.context, first_run_notices=5)


def test_going_live_is_in_the_audit(rig: Rig) -> None:
    go_live(rig.site, rig.context)
    with rig.site.books.read() as tx:
        row = tx.execute(select(audit).where(audit.c.act == "site.go_live")).one()
    assert (row.actor_id, row.at, row.after["from_age"]) == ("ann", NOW, 3)


def test_a_line_of_the_levels_file_by_document_number_counts_for_all_its_pay_items(rig: Rig, tmp_path: Path) -> None:
    for key in ("77|001", "77|002"):
        rig.erp.invoice(key, "A", "50.00", due(90), document_no="77")
    rig.load()
    go_live(rig.site, rig.context, levels=levels_file(tmp_path, "01,77,1,2026-02-20"))
    assert (rig.levels()["77|001"], rig.levels()["77|002"]) == (1, 1)
