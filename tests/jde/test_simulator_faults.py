"""The JDE simulator's faults, its request log, and other processes beside it."""

from __future__ import annotations

import json
import multiprocessing
import re
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

from duehook.core.money import exponent
from duehook.core.testing import simulator
from duehook.core.testing.faults import Fault, NoFault
from duehook.plugins.jde.simulator import JdeSimulator
from duehook.plugins.jde.simulator.encoding import julian, stamp
from duehook.plugins.jde.simulator.tables import TABLES

from .simulated import START, Site, site, small


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("html", Fault("html")),
        ("slow", Fault("slow")),
        ("slow=2.5", Fault("slow", seconds=2.5)),
        ("status=503, path=addtext, count=3", Fault("status", "addtext", count=3, status=503)),
        ("status,after=2", Fault("status", after=2)),
        ({"kind": "reset", "path": "v2"}, Fault("reset", "v2")),
    ],
)
def test_a_fault_is_said_with_or_without_a_value(written: str | dict[str, str], meant: Fault) -> None:
    assert Fault.read(written) == meant


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("htm", "there are slow, status, lost_reply, half_page, html, garbage, charset, repeat, shrink, reset."),
        ("", "there is no fault ''"),
        ("html=2", "'html' has no value of its own"),
        ("slow,time=2", "'slow' has no 'time'; it has path, method, count, after, status, seconds, retry_after."),
        ("slow=soon", "seconds of a fault is a number, not 'soon'."),
        ("html,path=(", "path of a fault is a pattern of a path, not '('."),
    ],
)
def test_a_fault_that_there_is_not_is_a_usage_error(written: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(NoFault, match=re.escape(told)) as caught:
        JdeSimulator({"folder": str(tmp_path), "faults": (written,)})
    assert caught.value.exit_code == 2


def test_the_faults_of_the_options_hit_the_first_requests(tmp_path: Path) -> None:
    simulator = JdeSimulator({"folder": str(tmp_path), "customers": 5, "items": 5, "faults": ("status=503", "html")})
    try:
        url = f"{simulator.start()['ais_url']}/jderest/v2/tokenrequest"
        answers = [requests.post(url, json={}, timeout=10) for _ in range(2)]
        assert [(answer.status_code, answer.headers["Content-Type"]) for answer in answers] == [
            (503, "application/json"),
            (200, "text/html"),
        ]
    finally:
        simulator.stop()


def test_a_lost_reply_comes_after_the_effect(small: Site) -> None:
    headers = small.signed_in()
    small.simulator.faults.set("lost_reply", "addtext")
    body = {"moStructure": "ABGT", "moKey": ["1001"], "inputText": "once"}
    with pytest.raises(requests.ConnectionError):
        small.post("/jderest/v2/file/addtext", body, **headers)
    assert small.simulator.notes("1001") == ["once"]
    assert small.post("/jderest/v2/file/addtext", body, **headers).json()["sequence"] == 2


def test_a_reset_comes_before_the_effect(small: Site) -> None:
    headers = small.signed_in()
    small.simulator.faults.set("reset", "addtext")
    body = {"moStructure": "ABGT", "moKey": ["1001"], "inputText": "never"}
    with pytest.raises(requests.ConnectionError):
        small.post("/jderest/v2/file/addtext", body, **headers)
    assert small.simulator.notes("1001") == []


def test_half_a_page_html_and_garbage_are_no_json(small: Site) -> None:
    headers = small.signed_in()
    body = {"moStructure": "ABGT", "moKey": ["1001"], "multipleMode": True}
    small.simulator.faults.set("half_page", "gettext")
    with pytest.raises(requests.RequestException):
        small.post("/jderest/v2/file/gettext", body, **headers).json()
    small.simulator.faults.set("html", "gettext")
    page = small.post("/jderest/v2/file/gettext", body, **headers)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html")
    small.simulator.faults.set("garbage", "gettext")
    with pytest.raises(ValueError):
        small.post("/jderest/v2/file/gettext", body, **headers).json()
    assert small.post("/jderest/v2/file/gettext", body, **headers).status_code == 200


def test_a_fault_hits_the_next_requests_and_only_those(small: Site) -> None:
    headers = small.signed_in()
    body = {"moStructure": "ABGT", "moKey": ["1001"]}
    small.simulator.faults.set("status", "gettext", status=444, count=2, after=1)
    statuses = [small.post("/jderest/v2/file/gettext", body, **headers).status_code for _ in range(4)]
    assert statuses == [200, 444, 444, 200]
    small.simulator.faults.set("slow", "gettext", seconds=0.3)
    before = time.monotonic()
    small.post("/jderest/v2/file/gettext", body, **headers)
    assert time.monotonic() - before >= 0.3
    small.simulator.faults.set("status")
    small.simulator.faults.clear()
    assert small.post("/jderest/v2/file/gettext", body, **headers).status_code == 200
    with pytest.raises(NoFault, match="no fault"):
        small.simulator.faults.set("flood")  # type: ignore[arg-type]


def test_the_log_holds_requests_without_their_secrets(small: Site) -> None:
    headers = small.signed_in()
    small.post("/jderest/v2/file/gettext", {"moStructure": "ABGT", "moKey": ["1001"]}, **headers)
    entries = small.simulator.log
    assert [entry.path for entry in entries] == ["/jderest/v2/tokenrequest", "/jderest/v2/file/gettext"]
    written = json.dumps([[entry.body, dict(entry.headers)] for entry in entries])
    assert "simulator" not in written
    assert headers["jde-AIS-Auth"] not in written


def test_the_log_forgets_the_oldest_requests(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "KEPT", 3)
    for number in range(7):
        small.post(f"/jderest/v2/tokenrequest/{number}", {})
    assert [entry.path[-1] for entry in small.simulator.log] == ["4", "5", "6"]


def test_another_process_moves_it_and_sets_its_faults(small: Site) -> None:
    url = small.settings["ais_url"] + "/_control/"

    def ask(name: str, **body: Any) -> Any:
        return requests.post(url + name, json=body, timeout=30).json()

    assert ask("advance", to="2026-03-04")["day"] == "2026-03-04"
    assert ask("advance", days=1)["day"] == ask("day")["day"] == "2026-03-05"
    assert len(ask("open_totals")) == len(small.simulator.open_totals())
    assert ask("notes", address_number="1001") == []
    small.signed_in()
    assert ask("expire_tokens") == {"ended": 1}
    ask("faults", kind="status", path="tokenrequest", status=503)
    assert small.post("/jderest/v2/tokenrequest", {}).status_code == 503
    assert ask("log")[-1]["fault"] == "status"
    assert requests.post(url + "faults", json={"kind": "flood"}, timeout=10).status_code == 400
    assert requests.post(url + "nothing", timeout=10).status_code == 404


def _read_often(odbc: str, answers: Any) -> None:
    connection = pyodbc.connect(odbc, autocommit=True)
    try:
        for _ in range(60):
            connection.execute("SELECT RPKCO, RPDOC, RPAAP, RPRMK FROM F03B11 ORDER BY RPKCO, RPDCT, RPDOC").fetchall()
        answers.put("fine")
    except pyodbc.Error as wrong:
        answers.put(str(wrong))


def test_another_process_reads_while_the_simulator_writes(tmp_path: Path) -> None:
    simulator = JdeSimulator({"folder": str(tmp_path), "customers": 100, "items": 800})
    settings = simulator.start()
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    readers = [spawn.Process(target=_read_often, args=(settings["odbc"], answers)) for _ in range(2)]
    for reader in readers:
        reader.start()
    day = START
    while any(reader.is_alive() for reader in readers):
        day += timedelta(days=1)
        simulator.advance_to(day)
    assert [answers.get(timeout=10) for _ in readers] == ["fine", "fine"]
    for reader in readers:
        reader.join()
    answers.close()
    simulator.stop()
