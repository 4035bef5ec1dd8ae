"""Nothing is proposed or sent as of a day that has not come yet, by the company's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from duehook.core.books import Books
from duehook.core.books.tables.dunning import block, item_dunning, notice
from duehook.core.cli import main
from duehook.core.errors import RunStopped
from duehook.core.runs.days import day_at
from duehook.core.runs.dunning.acts import block as add_block
from duehook.core.runs.dunning.acts import set_level
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.dunning.manual import propose_manual
from duehook.core.runs.imports.site import import_by_name
from tests.rigs.delivery_site import TODAY, Rig, due, policy, rigged
from tests.rigs.loop_site import LoopSite, loop_site

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        made.govern(policy())
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        made.load()
        yield made


@pytest.fixture
def behind(books: Books, database_url: str, tmp_path: Path) -> Iterator[LoopSite]:
    """A company whose day is the one before the site's, at any hour."""
    with loop_site(tmp_path, database_url, zone="Pacific/Kiritimati") as made:
        text = made.config.read_text().replace('"01": {erp:', '"01": {timezone: Pacific/Niue, erp:')
        made.config.write_text(text)
        made.site.close()
        made.site = type(made.site).open(made.config)
        made.clock.at = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)  # the 3rd in Niue, the 5th in Kiritimati
        import_by_name(made.site, made.context, "north", as_of=made.clock.at.date())
        yield made


def its_day(behind: LoopSite) -> date:
    return day_at(behind.site.settings, "01", behind.clock.at)


def test_a_run_for_tomorrow_is_refused_with_the_way_to_look_at_it(rig: Rig) -> None:
    with pytest.raises(RunStopped, match="has not come yet.*--dry-run"):
        dun(rig.site, rig.context, "01", as_of=TOMORROW)
    assert rig.notices() == []


def test_a_dry_run_may_look_ahead(rig: Rig) -> None:
    ahead = dun(rig.site, rig.context, "01", as_of=TODAY + timedelta(days=30), dry_run=True)
    assert [one.debtor for one in ahead.notices] == ["A"]
    assert rig.notices() == []


def test_a_notice_by_hand_for_tomorrow_is_refused(rig: Rig) -> None:
    with pytest.raises(RunStopped, match="has not come yet"):
        propose_manual(rig.site, rig.context, "A", as_of=TOMORROW)
    assert rig.notices() == []


def test_a_run_is_for_the_companys_day_when_the_site_is_ahead(behind: LoopSite) -> None:
    with pytest.raises(RunStopped, match="has not come yet"):
        dun(behind.site, behind.context, "01", as_of=its_day(behind) + timedelta(days=1))
    assert dun(behind.site, behind.context, "01", as_of=its_day(behind)).as_of == its_day(behind)


def test_a_notice_of_a_day_to_come_is_not_sent(rig: Rig) -> None:
    rig.approve()
    with rig.site.books.write() as tx:
        tx.execute(update(notice).values(as_of=TOMORROW))
    rig.deliver()
    assert rig.catcher.mails == []
    assert rig.only().state == "cancelled"
    assert "has not come yet" in rig.only().reason


def test_a_notice_by_hand_is_of_the_companys_day(behind: LoopSite) -> None:
    number = propose_manual(behind.site, behind.context, "01/A")
    with behind.site.books.read() as tx:
        assert tx.execute(select(notice.c.as_of).where(notice.c.id == number)).scalar_one() == its_day(behind)


def test_block_and_level_count_from_the_companys_day(behind: LoopSite) -> None:
    behind.clock.at = datetime.now(UTC)
    assert main(["-c", str(behind.config), "block", "01/A", "--why", "sued us"]) == 0
    assert main(["-c", str(behind.config), "block", "--item", "01/A1", "--why", "sued us"]) == 0
    assert main(["-c", str(behind.config), "level", "set", "01/A1", "1", "--why", "agreed"]) == 0
    with behind.site.books.read() as tx:
        assert set(tx.execute(select(block.c.from_on)).scalars()) == {its_day(behind)}
        assert tx.execute(select(item_dunning.c.level_on)).scalar_one() == its_day(behind)


def test_a_block_can_be_given_another_first_day(rig: Rig) -> None:
    add_block(rig.site, rig.context, "A", reason="x", from_on=TOMORROW)
    set_level(rig.site, rig.context, "1", 1, why="agreed", on=TODAY - timedelta(days=3))
    with rig.site.books.read() as tx:
        assert tx.execute(select(block.c.from_on)).scalar_one() == TOMORROW
        assert tx.execute(select(item_dunning.c.level_on)).scalar_one() == TODAY - timedelta(days=3)
