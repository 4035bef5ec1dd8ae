"""The simulated JD Edwards: real tables through real ODBC, AIS over HTTP, and its faults."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyodbc  # type: ignore[import-not-found, unused-ignore]
import pytest
import requests

from duehook.core.errors import ConfigError
from duehook.core.money import exponent
from duehook.plugins.jde.simulator import JdeSimulator
from duehook.plugins.jde.simulator.encoding import julian, stamp
from duehook.plugins.jde.simulator.tables import TABLES

from .simulated import START, Site, site, small


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(1999, 12, 31), 99365), (date(2000, 1, 1), 100001), (date(2024, 2, 29), 124060),
        (date(2026, 3, 31), 126090), (date(2026, 12, 31), 126365), (None, 0),
    ],
)  # fmt: skip
def test_dates_are_written_as_cyyddd(day: date | None, written: int) -> None:
    assert julian(day) == written


def test_stamps_are_in_the_servers_own_zone() -> None:
    at = JdeSimulator({}).zone
    from datetime import UTC, datetime

    noon = datetime(2026, 3, 31, 23, 30, 5, tzinfo=UTC)
    assert stamp(noon, at) == (126090, 233005)
    assert stamp(noon, ZoneInfo("Europe/Berlin")) == (126091, 13005)


def test_the_open_totals_read_through_odbc_are_the_books(site: Site) -> None:
    rows = site.select("SELECT RPCO, RPCRCD, RPCRRM, RPAAP, RPFAP FROM {s}.F03B11 WHERE RPAAP <> 0 OR RPFAP <> 0")
    sums: dict[tuple[str, str], int] = {}
    for company, currency, mode, own, foreign in rows:
        pair = (company, currency)
        sums[pair] = sums.get(pair, 0) + int(foreign if mode == "F" else own)
    found = {pair: Decimal(minor).scaleb(-exponent(pair[1])) for pair, minor in sums.items() if minor}
    assert found == site.simulator.book.open_totals() == site.simulator.open_totals()


def test_amounts_beyond_two_to_the_31_come_through(site: Site) -> None:
    ((total,),) = site.select("SELECT SUM(RPAG) FROM {s}.F03B11")
    book = site.simulator.book
    assert int(total) == sum(item.company_amount_minor for item in book.items.values()) > 0
    ((largest,),) = site.select("SELECT MAX(RPAG) FROM {s}.F03B11 WHERE RPCO = '00020'")
    assert not isinstance(largest, float)


def test_text_is_blank_padded_and_business_units_are_right_justified(site: Site) -> None:
    kco, unit, order, sfx = site.select("SELECT RPKCO, RPMCU, RPVR01, RPSFX FROM {s}.F03B11 WHERE RPDCT = 'RI'")[0]
    assert (len(kco), len(unit), len(order), len(sfx)) == (5, 12, 25, 3)
    assert unit == unit.strip().rjust(12)
    assert order == order.strip().ljust(25)
    keys = site.select("SELECT DRSY, DRRT, DRKY FROM {s}.F0005 WHERE DRRT = 'PS'")
    assert ("00  ", "PS", "         P") in [tuple(row) for row in keys]


def test_open_is_the_original_less_what_f03b14_says_in_both_currencies(site: Site) -> None:
    lines: dict[tuple[Any, ...], list[int]] = {}
    columns = "RZPAAP, RZADSA, RZAAAJ, RZECBA, RZDDA, RZAGL, RZPFAP, RZCDSA, RZFCHG, RZECBF, RZFDA"
    for kco, dct, doc, sfx, *amounts in site.select(f"SELECT RZKCO, RZDCT, RZDOC, RZSFX, {columns} FROM {{s}}.F03B14"):
        own, foreign = sum(map(int, amounts[:6])), sum(map(int, amounts[6:]))
        kept = lines.setdefault((kco, dct, int(doc), sfx), [0, 0])
        kept[0] += own
        kept[1] += foreign
    items = site.select("SELECT RPKCO, RPDCT, RPDOC, RPSFX, RPAG, RPAAP, RPACR, RPFAP FROM {s}.F03B11")
    assert len(lines) > 100
    for kco, dct, doc, sfx, gross, left, foreign_gross, foreign_left in items:
        own, foreign = lines.pop((kco, dct, int(doc), sfx), [0, 0])
        assert int(left) == int(gross) + own
        assert int(foreign_left) == int(foreign_gross) + foreign
    assert not lines


def test_a_receipt_is_the_negative_sum_of_its_lines_and_what_it_left_on_account(site: Site) -> None:
    sums: dict[int, int] = {}
    for number, applied in site.select("SELECT RZPYID, RZPAAP FROM {s}.F03B14 WHERE RZNFVD = ' '"):
        sums[int(number)] = sums.get(int(number), 0) - int(applied)
    on_account = {int(number) for (number,) in site.select("SELECT RPPYID FROM {s}.F03B11 WHERE RPDCT = 'RU'")}
    receipts = site.select("SELECT RYPYID, RYCKAM FROM {s}.F03B13")
    assert len(receipts) > 100
    for number, amount in receipts:
        if int(number) not in on_account:
            assert int(amount) == sums.get(int(number), 0)


def test_a_bounced_receipt_is_voided_and_its_lines_are_reversed(site: Site) -> None:
    book = site.simulator.book
    if not any(payment.reversed_on for payment in book.payments.values()):
        paid = next(key for key in book.payments if book.reversible(key))
        book.reverse(paid)
        from duehook.plugins.jde.simulator.moving import carry

        carry(site.simulator.store, book, book.changes[-10:], site.simulator.zone)
    rows = site.select("SELECT RYPYID, RYVDGJ, RYNFVD FROM {s}.F03B13 WHERE RYVDGJ <> 0")
    assert rows
    for number, voided, mark in rows:
        assert int(voided) > 126000
        assert mark == "N"
        lines = site.select("SELECT RZPAAP, RZVDGJ FROM {s}.F03B14 WHERE RZPYID = ?", int(number))
        assert sum(int(applied) for applied, _ in lines) == 0
        assert any(int(back) for _, back in lines)


@pytest.mark.parametrize(
    "oddity",
    [
        "SELECT 1 FROM {s}.F03B11 WHERE RPDCT = 'R1' AND RPPST IN ('D', 'E', 'G', 'X')",
        "SELECT 1 FROM {s}.F03B11 WHERE RPPST = 'R'",
        "SELECT 1 FROM {s}.F03B11 WHERE RPDCT = 'RU' AND RPAAP < 0",
        "SELECT 1 FROM {s}.F03B11 WHERE RPPST = 'P' AND RPAAP = 0",
        "SELECT 1 FROM {s}.F03B11 WHERE RPRYIN = 'B'",
        "SELECT 1 FROM {s}.F03B11 WHERE RPSFX = '003'",
        "SELECT 1 FROM {s}.F03B11 WHERE RPKCO <> RPCO",
        "SELECT 1 FROM {s}.F03B11 WHERE RPDCT = 'RN'",
        "SELECT 1 FROM {s}.F03B11 WHERE RPODOC <> 0",
        "SELECT 1 FROM {s}.F03B11 WHERE RPCORC <> '  '",
        "SELECT 1 FROM {s}.F03B11 WHERE RPDNLT = 'N'",
        "SELECT 1 FROM {s}.F03B11 WHERE RPCRRM = 'F' AND RPACR <> 0 AND RPAG <> 0",
        "SELECT 1 FROM {s}.F0101 WHERE ABAT1 = 'OT '",
        "SELECT 1 FROM {s}.F0101 WHERE ABCM = 'I '",
        "SELECT 1 FROM {s}.F0111 WHERE WWIDLN > 0 AND WWTYC = 'D'",
        "SELECT 1 FROM {s}.F0115 WHERE WPPH1 <> ' '",
        "SELECT 1 FROM {s}.F01151 WHERE EAETP = 'I   '",
        "SELECT 1 FROM {s}.F0116 WHERE ALEFTB > 129000",
        "SELECT 1 FROM {s}.F0150 a JOIN {s}.F0150 b ON a.MAPA8 = b.MAAN8 AND a.MAAN8 = b.MAPA8",
        "SELECT 1 FROM {s}.F03012 WHERE AICO <> '00000'",
        "SELECT 1 FROM {s}.F03B14 WHERE RZADSA <> 0",
        "SELECT 1 FROM {s}.F03B14 WHERE RZAGL <> 0",
        "SELECT 1 FROM {s}.F0006 WHERE MCMCU = '        1010'",
        "SELECT 1 FROM {s}.F0013 WHERE CVCRCD = 'KWD' AND CVCDEC = '3'",
        "SELECT 1 FROM {s}.F0015 WHERE CXCRR <> 1",
        "SELECT 1 FROM {s}.F0010 WHERE CCCO = '00020' AND CCCRCD = 'JPY'",
    ],
)
def test_the_tables_hold_what_real_ones_hold(site: Site, oddity: str) -> None:
    assert site.select(oddity)


def test_a_customer_without_a_master_row_has_items(site: Site) -> None:
    rows = site.select("SELECT 1 FROM {s}.F03B11 WHERE NOT EXISTS (SELECT 1 FROM {s}.F0101 WHERE ABAN8 = RPAN8)")
    book = site.simulator.book
    assert len(rows) == sum(1 for item in book.items.values() if item.customer not in book.customers)


def test_only_changed_rows_are_written_and_they_carry_the_days_stamp(small: Site) -> None:
    before = {tuple(row[:4]): tuple(row) for row in small.select("SELECT * FROM F03B11")}
    small.simulator.advance_to(START + timedelta(days=1))
    after = {tuple(row[:4]): tuple(row) for row in small.select("SELECT * FROM F03B11")}
    changed = {key for key, row in after.items() if before.get(key) != row}
    stamped = small.select("SELECT RPKCO, RPDCT, RPDOC, RPSFX FROM F03B11 WHERE RPUPMJ >= ?", julian(START))
    noted = {change.key for change in small.simulator.book.changes if change.stream == "item"}
    assert len(changed) == len(noted)
    assert changed <= {tuple(row) for row in stamped}


def test_unposted_documents_are_deleted_and_old_ones_purged(tmp_path: Path) -> None:
    simulator = JdeSimulator({"folder": str(tmp_path), "seed": 3, "customers": 150, "items": 1500})
    site = Site(simulator, simulator.start())
    simulator.advance_to(date(2026, 4, 8))
    book = simulator.book
    acts = {(change.act, change.stream) for change in book.changes}
    assert {("deleted", "item"), ("purged", "item")} <= acts
    counts = [
        int(site.select(f"SELECT COUNT(*) FROM {name}")[0][0]) for name in ("F03B11", "F03B11P", "F03B13P", "F03B14P")
    ]
    assert counts[:2] == [len(book.items), len(book.purged_items)]
    assert counts[2] == len(book.purged_payments) > 0
    assert counts[3] > 0
    assert simulator.open_totals() == book.open_totals()
    simulator.stop()


def test_a_token_is_tied_to_its_device(site: Site) -> None:
    headers = site.signed_in()
    body = {"moStructure": "ABGT", "moKey": ["1001"], "multipleMode": True}
    assert site.post("/jderest/v2/file/gettext", body, **headers).status_code == 200
    other = headers | {"jde-AIS-Auth-Device": "dev-2"}
    refused = site.post("/jderest/v2/file/gettext", body, **other)
    assert refused.status_code == 444
    assert set(refused.json()) == {
        "message", "exception", "timeStamp", "errorText", "status", "userDefinedErrorText",
    }  # fmt: skip


def test_a_session_is_validated_and_ends_at_logout(site: Site) -> None:
    headers = site.signed_in()
    check = "/jderest/v2/tokenrequest/validate"
    assert site.post(check, {}, **headers).json() == {"isValidSession": True}
    url = site.settings["ais_url"] + "/jderest/v2/orchestrator/jde-validate-session"
    assert requests.get(url, headers=headers, timeout=10).json() == {"isValidSession": True}
    site.post("/jderest/v2/tokenrequest/logout", {"token": headers["jde-AIS-Auth"]})
    assert site.post(check, {}, **headers).json() == {"isValidSession": False}


def test_a_token_expires(tmp_path: Path) -> None:
    simulator = JdeSimulator({"folder": str(tmp_path), "customers": 5, "items": 10, "token_life": 0.2})
    site = Site(simulator, simulator.start())
    headers = site.signed_in()
    body = {"moStructure": "ABGT", "moKey": ["1001"]}
    assert site.post("/jderest/v2/file/gettext", body, **headers).status_code == 200
    time.sleep(0.3)
    assert site.post("/jderest/v2/file/gettext", body, **headers).status_code == 444
    simulator.stop()


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [("{", "application/json", 400), ("[]", "application/json", 400), ("{}", "text/plain", 415)],
)
def test_bad_requests_are_told_so(site: Site, data: str, kind: str, status: int) -> None:
    url = site.settings["ais_url"] + "/jderest/v2/file/gettext"
    answer = requests.post(url, data=data, headers={"Content-Type": kind}, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_wrong_passwords_and_missing_rights_are_403(site: Site) -> None:
    wrong = site.post("/jderest/v2/tokenrequest", {"username": "CMSVC", "password": "guess"})
    assert wrong.status_code == 403
    reader = site.signed_in("READER")
    note = {"moStructure": "ABGT", "moKey": ["1001"], "inputText": "x"}
    assert site.post("/jderest/v2/file/addtext", note, **reader).status_code == 403
    assert site.post("/jderest/v3/orchestrator/CM_SetCreditHold", {}, **reader).status_code == 403


def test_the_capabilities_are_given(site: Site) -> None:
    answer = requests.get(site.settings["ais_url"] + "/jderest/defaultconfig", timeout=10).json()
    assert answer["defaultEnvironment"] == site.settings["ais_environment"]
    assert answer["capabilityList"]


def test_only_multiple_mode_gives_all_notes(site: Site) -> None:
    headers = site.signed_in()
    key: dict[str, Any] = {"moStructure": "ABGT", "moKey": ["1003"]}
    for count, text in enumerate(("first", "second"), 1):
        body = key | {"inputText": text, "itemName": "Collections", "formName": "P01012_W01012A"}
        assert site.post("/jderest/v2/file/addtext", body, **headers).json() == {
            "addTextStatus": "Success", "sequence": count,
        }  # fmt: skip
    single = site.post("/jderest/v2/file/gettext", key, **headers)
    assert "second" not in single.text
    assert single.json()["text"] == "first"
    assert "second" in site.post("/jderest/v2/file/gettext", key | {"multipleMode": True}, **headers).text
    assert site.post("/jderest/v2/file/gettext", key | {"sequence": 2}, **headers).json()["text"] == "second"
    assert site.simulator.notes("1003") == ["first", "second"]


def test_the_hold_orchestration_sets_the_row_that_governs(site: Site) -> None:
    book = site.simulator.book
    own = next(c for c in book.customers.values() if len(c.accounts) > 1 and not c.account(c.company).hold)
    plain = next(c for c in book.customers.values() if len(c.accounts) == 1 and not c.account(c.company).hold)
    headers = site.signed_in()
    for customer, row in ((own, own.company), (plain, "00000")):
        body = {
            "AddressNumber": customer.key, "Company": customer.company, "HoldCode": "C1", "ExpectedHoldCode": "",
        }  # fmt: skip
        answer = site.post("/jderest/v3/orchestrator/CM_SetCreditHold", body, **headers).json()
        assert (answer["Status"], answer["PreviousHoldCode"], answer["HoldCode"]) == ("Success", "", "C1")
        assert site.simulator.hold(customer.company, customer.key) == "C1"
        assert site.simulator.holds()[row, customer.key] == "C1"
        number = int(customer.key)
        stamps = "SELECT AIUPMJ, AIUPMT, AIUSER FROM {s}.F03012 WHERE AIAN8 = ? AND AICO = ?"
        ((day, _, user),) = site.select(stamps, number, row)
        assert (int(day), user.strip()) == (julian(book.day), "CMSVC")
        again = site.post("/jderest/v3/orchestrator/CM_SetCreditHold", body, **headers).json()
        assert (again["Status"], again["PreviousHoldCode"]) == ("Error", "C1")
        released = body | {"HoldCode": "", "ExpectedHoldCode": "C1"}
        assert site.post("/jderest/v3/orchestrator/CM_SetCreditHold", released, **headers).json()["Status"] == "Success"
        assert site.simulator.hold(customer.company, customer.key) is None


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("v3/orchestrator/CM_SetCreditHold", {"Company": "00001", "HoldCode": "C1"}, 400, "AddressNumber"),
        ("v3/orchestrator/CM_SetCreditHold", {"AddressNumber": "x", "Company": "1", "HoldCode": ""}, 400, "no number"),
        ("v2/file/gettext", {"moStructure": "ABGT"}, 400, "moKey are required"),
        ("v2/file/delete", {}, 404, "There is no /jderest/v2/file/delete"),
    ],
)
def test_what_ais_does_not_understand_is_refused_in_its_words(
    site: Site, path: str, body: dict[str, str], status: int, told: str
) -> None:
    answer = site.post(f"/jderest/{path}", body, **site.signed_in())
    assert (answer.status_code, told in answer.json()["message"]) == (status, True)


def test_what_breaks_off_in_the_middle_of_a_day_is_not_there(small: Site) -> None:
    store = small.simulator.store
    with pytest.raises(ZeroDivisionError), store.writing():
        with store.writing():
            store.change("F0101", {"ALPH": "Half a day"}, AN8=1001)
        raise ZeroDivisionError
    assert small.select("SELECT COUNT(*) FROM {s}.F0101 WHERE ABALPH LIKE 'Half a day%'")[0][0] == 0


def test_a_simulator_that_was_not_started_says_so(tmp_path: Path) -> None:
    simulator = JdeSimulator({"folder": str(tmp_path)})
    with pytest.raises(RuntimeError, match="the simulator is not started"):
        simulator.notes(1001)
    simulator.stop()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"AddressNumber": "99", "Company": "00001", "HoldCode": "C1"}, "no master row"),
        ({"AddressNumber": "1001", "Company": "00001", "HoldCode": "??"}, "not in UDC 42/HC"),
    ],
)
def test_a_hold_that_makes_no_sense_is_refused(site: Site, body: dict[str, str], message: str) -> None:
    answer = site.post("/jderest/v3/orchestrator/CM_SetCreditHold", body, **site.signed_in()).json()
    assert answer["Status"] == "Error"
    assert message in answer["Message"]


def test_orchestrations_have_the_name_that_the_site_gave_them(tmp_path: Path) -> None:
    options = {"folder": str(tmp_path), "customers": 5, "items": 10, "hold_orchestration": "HOLD_IT"}
    simulator = JdeSimulator(options)
    site = Site(simulator, simulator.start())
    body = {"AddressNumber": "1001", "Company": "00001", "HoldCode": "H9"}
    assert site.post("/jderest/v3/orchestrator/HOLD_IT", body, **site.signed_in()).json()["Status"] == "Success"
    assert site.post("/jderest/v3/orchestrator/CM_SetCreditHold", body, **site.signed_in()).status_code == 404
    simulator.stop()


def test_a_restarted_simulator_still_has_its_notes_holds_and_day(tmp_path: Path) -> None:
    options = {"folder": str(tmp_path), "customers": 20, "items": 60}
    first = JdeSimulator(options)
    site = Site(first, first.start())
    first.advance_to(date(2026, 3, 6))
    headers = site.signed_in()
    customer = next(c for c in first.book.customers.values() if not c.account("00001").hold)
    note = {"moStructure": "ABGT", "moKey": [customer.key], "inputText": "kept"}
    site.post("/jderest/v2/file/addtext", note, **headers)
    hold = {"AddressNumber": customer.key, "Company": "00001", "HoldCode": "C1"}
    site.post("/jderest/v3/orchestrator/CM_SetCreditHold", hold, **headers)
    totals = first.open_totals()
    first.stop()

    second = JdeSimulator(options)
    second.start()
    assert second.notes(customer.key) == ["kept"]
    assert second.note_count() == 1
    assert second.hold("00001", customer.key) == "C1"
    assert second.book.day == date(2026, 3, 6)
    assert second.open_totals() == totals == second.book.open_totals()
    second.advance_to(date(2026, 3, 10))
    assert second.open_totals() == second.book.open_totals()
    assert second.hold("00001", customer.key) == "C1"
    second.stop()


def test_a_folder_with_another_book_is_refused(tmp_path: Path) -> None:
    first = JdeSimulator({"folder": str(tmp_path), "customers": 5, "items": 10})
    first.start()
    first.stop()
    other = JdeSimulator({"folder": str(tmp_path), "customers": 6, "items": 10})
    with pytest.raises(ConfigError, match=r"customers 5, not 6\.(.|\n)*another --folder"):
        other.start()
    other.stop()


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ValueError, match="no option colour"):
        JdeSimulator({"colour": "blue"})


def test_a_table_can_be_blocked_on_postgresql(site: Site) -> None:
    if "SQLite" in site.settings["odbc"]:
        with pytest.raises(ValueError, match="only the PostgreSQL"):
            site.simulator.block_table("F03B11", 1)
        return
    thread = site.simulator.block_table("F03B11", 0.6)
    before = time.monotonic()
    assert site.select("SELECT COUNT(*) FROM {s}.F03B11")
    assert time.monotonic() - before > 0.3
    thread.join()


def test_upper_case_names_work_quoted_too(site: Site) -> None:
    assert site.select('SELECT "RPKCO" FROM {s}."F03B11" WHERE "RPCO" = \'00001\'')


def test_every_table_of_the_dossier_is_there(site: Site) -> None:
    assert set(TABLES) == {
        "F0101", "F03012", "F0111", "F0115", "F01151", "F0116", "F0150", "F0014", "F0010", "F0013", "F0015", "F0005",
        "F0006", "F03B11", "F03B13", "F03B14", "F03B11P", "F03B13P", "F03B14P", "F03B31",
    }  # fmt: skip
    for name in TABLES:
        site.select(f"SELECT COUNT(*) FROM {{s}}.{name}")


def test_the_clock_query_gives_the_books_own_time(site: Site) -> None:
    ((now,),) = site.select(site.settings["clock_query"])
    assert now == f"{site.simulator.book.day} 23:45:00"
    ((latest,),) = site.select("SELECT MAX(RPUPMJ) FROM {s}.F03B11")
    assert int(latest) <= julian(site.simulator.book.day)


def test_a_cell_of_no_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="F0014 has no PNXYZ"):
        TABLES["F0014"].row(XYZ=1)
