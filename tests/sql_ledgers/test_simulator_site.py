"""What every simulated site of the family does: rights, the catalogue, restarts, and the program behind CMOUT."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyodbc  # type: ignore[import-not-found, unused-ignore]
import pytest
import requests

from duehook.core.testing.book_simulator import DEFAULTS
from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.testing.sql_ledger import EVENTS, SqlLedgerSimulator, cyyddd, cyymmdd, yyyymmdd
from duehook.plugins.infor_lx.simulator import InforLxSimulator

from .simulator_site import NEW, START, Site, running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(InforLxSimulator, tmp_path) as made:
        yield made


def test_dates_are_packed_in_three_forms() -> None:
    first, leap, last = START.replace(1999, 12, 31), START.replace(2024, 2, 29), START.replace(2026, 3, 31)
    assert [yyyymmdd(day) for day in (first, leap, last, None)] == [19991231, 20240229, 20260331, 0]
    assert [cyymmdd(day) for day in (first, leap, last, None)] == [991231, 1240229, 1260331, 0]
    assert [cyyddd(day) for day in (first, leap, last, None)] == [99365, 124060, 126090, 0]


def test_an_option_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no_such"):
        InforLxSimulator({"no_such": 1})
    assert {"timezone", "staging", *DEFAULTS} <= {*InforLxSimulator({}).options}


def test_the_catalogue_tells_columns_with_label_type_and_scale(site: Site) -> None:
    found = site.select(
        "SELECT COLUMN_NAME, COLUMN_TEXT, DATA_TYPE, LENGTH, NUMERIC_SCALE FROM SYSCOLUMNS "
        "WHERE TABLE_SCHEMA = 'main' AND TABLE_NAME = 'RAR' AND COLUMN_NAME IN ('RAMT', 'RREF', 'RDATE') ORDER BY 1"
    )
    assert found == [
        ("RAMT", "Amount", "DECIMAL", 15, 3),
        ("RDATE", "Document Date", "DECIMAL", 8, 0),
        ("RREF", "Reference Number", "CHAR", 15, 0),
    ]


def test_text_compares_as_in_db2_without_the_blanks_at_its_end(site: Site) -> None:
    assert site.select("SELECT TTERM, LENGTH(TDESC) FROM RTM WHERE TDESC = 'Net 30 days'") == [("N30", 30)]


def test_the_clock_is_late_in_the_evening_of_the_books_day(site: Site) -> None:
    assert site.select(site.settings["clock_query"]) == [("2026-03-02 23:45:00",)]
    site.simulator.advance_to(START + timedelta(days=3))
    assert site.select(site.settings["clock_query"]) == [("2026-03-05 23:45:00",)]


def test_a_right_that_is_missing_makes_a_table_unknown(site: Site) -> None:
    assert {*site.simulator.rights} == {"RAR", "RCM", "EST", "RTM", "CMOUT"}
    for right in site.simulator.rights:
        site.simulator.deny(right)
        with pytest.raises(pyodbc.Error, match=f"no such table: {right}"):
            site.select(f"SELECT * FROM {right}")
        site.simulator.grant(right)
        site.select(f"SELECT * FROM {right}")


def test_what_is_not_readable_is_written_all_the_same(site: Site) -> None:
    site.simulator.deny("RAR")
    with site.simulator.act() as book:
        invoice = issue(book, "10.00")
    site.simulator.grant("RAR")
    assert site.select("SELECT RREM FROM RAR WHERE ARDOCN = ?", invoice.document_no) == [("10",)]


def test_nobody_reaches_the_database_of_a_site_that_is_stopped(site: Site) -> None:
    site.simulator.stop()
    with pytest.raises(pyodbc.Error):
        pyodbc.connect(site.settings["odbc"])


def test_a_site_that_is_started_again_is_where_it_was_with_its_notes_and_holds(tmp_path: Path) -> None:
    with running(InforLxSimulator, tmp_path, items=50) as site:
        site.simulator.advance_to(START + timedelta(days=3))
        site.stage(1, "NOTE", "1003", TEXT="Called")
        site.stage(2, "HOLD", "1003", CODE="Y")
        assert (site.ended(1), site.ended(2)) == (("D", ""), ("D", ""))
        balances, rows = site.simulator.open_balances(), site.select("SELECT * FROM RAR ORDER BY ARDTYP, ARDOCN, RSEQ")
    with running(InforLxSimulator, tmp_path, items=50) as again:
        assert (again.simulator.open_balances(), again.simulator.notes("1003")) == (balances, ["Called"])
        assert again.select("SELECT * FROM RAR ORDER BY ARDTYP, ARDOCN, RSEQ") == rows
        assert again.select("SELECT CHOLD FROM RCM WHERE CCUST = 1003") == [("Y",)]
        assert again.status(1) == ("D", "")


def test_the_tables_of_a_site_that_moved_are_those_of_one_that_was_drawn_at_that_day(tmp_path: Path) -> None:
    day = START + timedelta(days=14)
    every = "SELECT * FROM RAR ORDER BY RRID, ARDTYP, ARDPFX, ARDYR, ARDOCN, RSEQ"
    with running(InforLxSimulator, tmp_path / "one", customers=60, items=300) as site:
        for step in range(1, 15):
            site.simulator.advance_to(START + timedelta(days=step))
        stepped = site.select(every)
    with running(InforLxSimulator, tmp_path / "two", customers=60, items=300, until=day) as site:
        jumped = site.select(every)
    with running(InforLxSimulator, tmp_path / "two", customers=60, items=300) as site:
        drawn = site.select(every)
    assert len(stepped) > 300
    assert stepped == jumped == drawn


class TestProgram:
    """The site's program: it turns N into D or E, once for each event."""

    def test_a_note_is_hung_on_the_customer(self, site: Site) -> None:
        site.stage(1, "NOTE", "1003", TEXT="Called; will pay on Friday.")
        assert site.ended(1) == ("D", "")
        note = ("1", "1003", NEW.format(1), "Called; will pay on Friday.")
        assert [tuple(str(cell).strip() for cell in row) for row in site.select("SELECT * FROM CMNOTE")] == [note]
        assert site.simulator.notes("1003") == ["Called; will pay on Friday."]

    def test_a_second_row_of_the_same_event_violates_the_primary_key(self, site: Site) -> None:
        site.stage(1, "NOTE", "1003", TEXT="once")
        with pytest.raises(pyodbc.Error, match="UNIQUE constraint failed: CMOUT.EVENTID"):
            site.stage(1, "NOTE", "1003", TEXT="once")

    def test_a_hold_is_set_where_the_expected_one_stands_and_lifted_by_a_blank(self, site: Site) -> None:
        site.stage(1, "HOLD", "1003", CODE="Y")
        assert (site.ended(1), site.simulator.hold("1", "1003")) == (("D", ""), "Y")
        assert site.select("SELECT CHOLD FROM RCM WHERE CCUST = 1003") == [("Y",)]
        site.stage(2, "HOLD", "1003", CODE="", TEXT="Y")
        assert (site.ended(2), site.simulator.hold("1", "1003")) == (("D", ""), None)

    def test_a_hold_that_another_set_stands(self, site: Site) -> None:
        site.simulator.user_sets_hold("00010", "1003", "M")
        site.stage(1, "HOLD", "1003", CODE="Y")
        assert (site.ended(1), site.simulator.hold("1", "1003")) == (("E", "hold is M"), "M")

    @pytest.mark.parametrize(
        ("kind", "customer", "document", "said"),
        [
            ("NOTE", "99999999", "", "customer 99999999 is not there"),
            ("HOLD", "0", "", "customer 0 is not there"),
            ("PROMISE", "1003", "no|such", "document no|such of customer 1003 is not there"),
            ("DISPUTE", "1003", "", "document  of customer 1003 is not there"),
            ("PAYMENT", "1003", "", "PAYMENT is no EVTYPE that this site knows"),
        ],
    )
    def test_what_cannot_be_done_is_refused_with_a_reason(
        self, kind: str, customer: str, document: str, said: str, *, site: Site
    ) -> None:
        site.stage(1, kind, customer, DOCKEY=document)
        assert site.ended(1) == ("E", said)

    def test_promises_disputes_blocks_and_levels_are_kept_with_what_they_are_about(self, site: Site) -> None:
        with site.simulator.act() as book:
            invoice = issue(book, "100.00")
        key, whom = site.simulator.item_key(invoice), invoice.customer
        site.stage(1, "PROMISE", whom, DOCKEY=key, DUEDATE8=20260309, AMOUNT="100.00", CURR="EUR", TEXT="by phone")
        site.stage(2, "DISPUTE", whom, DOCKEY=key, AMOUNT="40.00", CODE="price", TEXT="wrong price")
        site.stage(3, "BLOCK", whom, CODE="A", TEXT="agreed with sales")
        site.stage(4, "LEVEL", whom, CODE="2")
        assert [site.ended(number) for number in (1, 2, 3, 4)] == [("D", "")] * 4
        seen = {kind: site.simulator.seen(kind, "1", whom, invoice.key) for kind in EVENTS if kind.startswith("set_d")}
        promise: Any = site.simulator.seen("set_promise", "1", whom, invoice.key)
        assert (promise["day"], promise["amount"], promise["text"]) == (20260309, "100", "by phone")
        assert [seen[kind]["code"] for kind in ("set_dispute", "set_dunning_block", "set_dunning_level")] == [
            "price", "A", "2",
        ]  # fmt: skip

    def test_a_row_that_was_refused_may_be_asked_for_again(self, site: Site) -> None:
        site.simulator.faults.set("status", "NOTE", status=503)
        site.stage(1, "NOTE", "1003", TEXT="again")
        assert site.ended(1) == ("E", "status 503: the program did not carry it out")
        site.connection.execute("UPDATE CMOUT SET STATUS = 'N', MSG = '' WHERE EVENTID = ?", NEW.format(1))
        assert (site.ended(1), site.simulator.notes("1003")) == (("D", ""), ["again"])

    @pytest.mark.parametrize(
        ("fault", "meanwhile", "after", "done"),
        [
            ("lost_reply", "P", "D", True), ("half_page", "P", "D", True), ("charset", "?", "D", True),
            ("reset", "P", "E", False), ("html", "?", "E", False), ("garbage", "?", "E", False),
        ],
    )  # fmt: skip
    def test_a_program_that_dies_says_later_what_became_of_the_row(
        self, fault: Any, meanwhile: str, after: str, *, done: bool, site: Site
    ) -> None:
        site.simulator.faults.set(fault, "CMOUT/NOTE", method="POST")
        site.stage(1, "NOTE", "1003", TEXT="died")
        time.sleep(0.2)
        assert site.status(1)[0] == meanwhile
        assert (site.simulator.notes("1003"), site.status(1)[0]) == (["died"] if done else [], after)

    def test_a_program_that_died_comes_round_by_itself(self, site: Site) -> None:
        site.simulator.faults.set("lost_reply", "CMOUT/NOTE")
        site.stage(1, "NOTE", "1003", TEXT="died")
        assert site.ended(1) == ("D", "")

    def test_a_slow_program_begins_late(self, site: Site) -> None:
        site.simulator.faults.set("slow", "CMOUT/NOTE", seconds=0.4)
        site.stage(1, "NOTE", "1003", TEXT="slow")
        time.sleep(0.15)
        assert site.status(1)[0] == "N"
        assert site.ended(1) == ("D", "")

    def test_what_happens_meanwhile_happens_before_the_event_it_waits_for(self, site: Site) -> None:
        def act() -> None:
            other = pyodbc.connect(site.settings["odbc"], autocommit=True)
            columns = "EVENTID, EVTYPE, COMPANY, CUSTNO, DOCKEY, CODE, DUEDATE8, AMOUNT, CURR, TEXT, CREATED, STATUS"
            other.execute(
                f"INSERT INTO CMOUT ({columns}, MSG) VALUES (?, 'NOTE', '1', '1003', '', '', 0, 0, '', 'theirs', '', "
                "'N', '')", NEW.format(2),
            )  # fmt: skip
            other.close()

        site.simulator.meanwhile(act, site.simulator.writes("add_note"))
        site.stage(1, "NOTE", "1003", TEXT="ours")
        assert (site.ended(1), site.ended(2)) == (("D", ""), ("D", ""))
        assert site.simulator.notes("1003") == ["theirs", "ours"]

    def test_a_program_that_runs_now_and_then_waits_until_it_is_told(self, tmp_path: Path) -> None:
        with running(InforLxSimulator, tmp_path / "slow", staging_seconds=60.0) as site:
            site.stage(1, "NOTE", "1003", TEXT="waits")
            time.sleep(0.1)
            assert site.status(1)[0] == "N"
            assert site.simulator.controls()["run_program"]({}) == {"taken": 1}
            assert site.status(1)[0] == "D"

    def test_without_staging_nothing_can_be_written(self, tmp_path: Path) -> None:
        with running(InforLxSimulator, tmp_path / "silver", staging=False) as site:
            assert [name for name in site.settings if name.startswith("staging")] == []
            assert set(EVENTS) <= set(site.simulator.lacks)
            assert "CMOUT" not in site.simulator.rights


def test_controls_are_served_to_other_processes(site: Site) -> None:
    url = f"http://127.0.0.1:{_port(site.simulator)}"
    assert requests.post(f"{url}/_control/advance", json={"days": 1}, timeout=5).json()["day"] == "2026-03-03"
    assert requests.post(f"{url}/_control/deny", json={"right": "RAR"}, timeout=5).json() == {"denied": ["RAR"]}
    assert requests.get(f"{url}/anything", timeout=5).status_code == 404


def _port(simulator: SqlLedgerSimulator) -> int:
    server: Any = simulator._started()
    return int(server._server.server_address[1])


def test_others_read_while_the_book_moves(tmp_path: Path) -> None:
    with running(InforLxSimulator, tmp_path, customers=60, items=300) as site:
        failed: list[BaseException] = []

        def move() -> None:
            try:
                for day in range(1, 10):
                    site.simulator.advance_to(START + timedelta(days=day))
            except sqlite3.Error as error:
                failed.append(error)

        thread = threading.Thread(target=move)
        thread.start()
        while thread.is_alive():
            assert len(site.select("SELECT * FROM RAR WHERE RSEQ = 0")) >= 300
        thread.join()
        assert failed == []
