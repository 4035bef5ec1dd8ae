"""The kit against what is not its simulator: a live ERP that is only read, one customer written to, and a cassette."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core.plugins import Plugins
from duehook.core.scaffold.connector.simulator import AcmeSimulator
from duehook.core.testing.contract.grading.grades import CaseResult, graded, missing_of
from duehook.core.testing.contract.live.cassette import Cassette, NotRecorded, Player, Recorder
from duehook.core.testing.contract.live.veil import Veil
from duehook.core.testing.contract.scenes.acts import company_of, issue
from duehook.core.wire import Call, Reply
from duehook.core.wire.tapes import Sent

TEMPLATE = "--duehook-plugin=duehook.core.scaffold.connector"
START = date(2026, 3, 2)
BOOK = {"customers": 6, "items": 12, "start_on": START}
Kit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """Give a function that runs the kit in a process of its own."""

    def run(*options: str, ends: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
        done = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={**kept, "ACME": "key-1"},
        )
        assert done.returncode == ends, done.stdout + done.stderr
        return done

    return run


def written(file: Path, settings: Mapping[str, Any]) -> str:
    file.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items()))
    return str(file)


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[tuple[AcmeSimulator, dict[str, Any]]]:
    made = AcmeSimulator({"folder": str(tmp_path / "erp"), **BOOK})
    yield made, dict(made.start())
    made.stop()


def test_a_live_erp_is_only_read_and_the_grade_says_what_was_not_asked(
    acme: tuple[AcmeSimulator, dict[str, Any]], kit: Kit, tmp_path: Path
) -> None:
    erp, settings = acme
    file, tapes, grade = tmp_path / "live.yaml", tmp_path / "tapes", tmp_path / "grade.json"
    live = [f"--duehook-live={written(file, settings)}", "--duehook-against=Acme 7.2", f"--duehook-record={tapes}"]
    # The template has no README.md beside it, so that gold is failed and the run ends with 1.
    told = kit("--duehook-connector=acme", TEMPLATE, *live, f"--duehook-grade={grade}", ends=1).stdout
    assert "silver, as far as it was asked (against live Acme 7.2, " in told
    assert "only a simulator can" in told
    found = json.loads(grade.read_text())
    assert found["against"] == "live Acme 7.2"
    assert found["not_asked"]["bronze"] > 20
    assert {entry.method for entry in erp.log} == {"GET"}
    kept = "".join(each.read_text() for each in tapes.glob("*.json"))
    assert settings["api_key"] not in kept
    assert settings["base_url"] not in kept
    erp.stop()
    played = [f"--duehook-cassette={tapes}", f"--duehook-grade={grade}"]
    again = kit("--duehook-connector=acme", TEMPLATE, *played, ends=1).stdout
    held = Cassette.open(tapes)
    assert f"(against cassette of {held.recorded_on}, live Acme 7.2, " in again
    assert json.loads(grade.read_text())["passed"] == found["passed"]


def test_one_customer_of_a_live_erp_is_written_to_and_is_then_as_before_but_for_a_note(
    kit: Kit, tmp_path: Path
) -> None:
    erp: Any = Plugins.load().simulator("sap", {"folder": str(tmp_path / "erp"), **BOOK})
    settings = {**erp.start(), **erp.site_settings}
    with erp.act() as book:
        invoice = issue(book, "100.00")
    whom = f"{company_of(erp, invoice)}/{invoice.customer}"
    file, tapes = tmp_path / "live.yaml", tmp_path / "tapes"
    live = [f"--duehook-live={written(file, settings)}", f"--duehook-record={tapes}", "-k", "test_any_write"]
    kit("--duehook-connector=sap", *live, f"--duehook-write-to={whom}", f"--duehook-hold={erp.hold_values[0]}")
    assert erp.hold(invoice.company, invoice.customer) is None
    (note,) = erp.notes(invoice.customer)
    assert "Duehook's contract kit" in note
    erp.stop()
    played = kit("--duehook-connector=sap", f"--duehook-cassette={tapes}", "-k", "test_any_write").stdout
    assert "2 passed" in played


def test_nothing_is_written_where_no_customer_is_named(kit: Kit, tmp_path: Path) -> None:
    erp: Any = Plugins.load().simulator("sap", {"folder": str(tmp_path / "erp"), **BOOK})
    file = written(tmp_path / "live.yaml", {**erp.start(), **erp.site_settings})
    told = kit("--duehook-connector=sap", f"--duehook-live={file}", "-k", "test_any_write").stdout
    erp.stop()
    assert "2 skipped" in told
    assert "it writes, and --duehook-write-to names no test customer" in told
    assert {entry.method for entry in erp.log} <= {"GET"}


def test_a_secret_of_the_settings_may_stand_in_the_environment(
    acme: tuple[AcmeSimulator, dict[str, Any]], kit: Kit, tmp_path: Path
) -> None:
    _, settings = acme
    file = tmp_path / "live.yaml"
    written(file, {name: value for name, value in settings.items() if name != "api_key"})
    file.write_text(f"{file.read_text()}api_key: {{env: ACME}}\n")
    told = kit(
        "--duehook-connector=acme", TEMPLATE, f"--duehook-live={file}", "-k", "test_the_erps_clock", ends=1
    ).stdout
    assert "does not know the key" in told
    assert "key-1" not in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--duehook-live=a.yaml", "--duehook-cassette=b"], "--duehook-live and --duehook-cassette contradict each"),
        (["--duehook-record=tapes"], "--duehook-record is for a live ERP. Fix: give --duehook-live too."),
        (["--duehook-cassette=nowhere"], "nowhere holds no cassette"),
        (["--duehook-live=nowhere.yaml"], "name a file with the settings of a connection"),
    ],
)
def test_options_that_contradict_or_lead_nowhere_are_a_mistake_of_the_caller(
    options: list[str], told: str, kit: Kit
) -> None:
    assert told in kit("--duehook-connector=acme", TEMPLATE, *options, ends=4).stderr


def test_a_cassette_without_exchanges_says_that_there_is_nothing_to_play(kit: Kit, tmp_path: Path) -> None:
    held = Cassette(connector="jde", recorded_on=START, against="live JDE 9.2", mark="1", settings={})
    held.write(tmp_path / "tapes")
    assert (
        "asked nothing that can be recorded"
        in kit("--duehook-connector=jde", "--duehook-cassette=tapes", ends=4).stderr
    )


def test_what_nobody_may_read_stands_in_no_cassette(tmp_path: Path) -> None:
    settings = {"base_url": "https://erp.acme.test:8443/api", "user": "DUEHOOK"}
    recorder = Recorder(Veil(settings, ["Name"]))
    body = (
        '{"next": "https://erp.acme.test:8443/api/2", "access_token": "s3cret-token", "Name": "Anna Berg",'
        ' "mail": "anna@berg.example"}'
    )
    call = Call("GET", "https://erp.acme.test:8443/api/1", params={"b": "2", "a": "1"})
    reply = Reply(200, {"Date": "Mon, 02 Mar 2026 06:00:00 GMT", "Set-Cookie": "session=1"}, body.encode(), "")
    assert recorder.exchange(Sent(call, call.url), lambda: reply) is reply
    recorder.write(tmp_path / "case.json")
    (kept,) = json.loads((tmp_path / "case.json").read_text())
    assert kept == {
        "method": "GET",
        "url": "https://base-url.example/api/1?a=1&b=2",
        "status": 200,
        "headers": {"Date": "Mon, 02 Mar 2026 06:00:00 GMT"},
        "text": '{"next": "https://base-url.example/api/2", "access_token": "[hidden]", "Name": "Axxx Bxxx",'
        ' "mail": "[mail]"}',
    }


def kept_of(folder: Path, call: Call, body: bytes, fields: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return how an exchange stands in a cassette."""
    recorder = Recorder(Veil({}, fields))
    recorder.exchange(Sent(call, call.url), lambda: Reply(200, {}, body, ""))
    recorder.write(folder / "case.json")
    (kept,) = json.loads((folder / "case.json").read_text())
    found: dict[str, Any] = kept
    return found


def test_a_secret_and_a_mail_address_in_a_url_stand_in_no_cassette_and_are_found_again(tmp_path: Path) -> None:
    url = "https://erp.example/Contacts('anna%40berg.example')"
    call = Call("GET", url, params={"api_key": "hunter2x", "$filter": "mail eq 'anna@berg.example'"})
    kept = kept_of(tmp_path, call, b"{}")
    assert kept["url"] == (
        "https://erp.example/Contacts('[mail]')?%24filter=mail+eq+%27%5Bmail%5D%27&api_key=%5Bhidden%5D"
    )
    played = Call("GET", url, params={**call.params, "api_key": "recorded"})
    assert Player(tmp_path / "case.json").exchange(Sent(played, url), _never).body == b"{}"


def test_an_answer_that_is_no_utf_8_is_veiled_all_the_same(tmp_path: Path) -> None:
    body = '{"mail": "anna@berg.example", "access_token": "s3cret-token", "city": "Köln"}'.encode("latin-1")
    kept = kept_of(tmp_path, Call("GET", "https://erp.example/rows"), body)
    veiled = '{"mail": "[mail]", "access_token": "[hidden]", "city": "Köln"}'
    assert base64.b64decode(kept["base64"]).decode("latin-1") == veiled


@pytest.mark.parametrize(
    ("told", "veiled"),
    [
        (r'{"Name": "Anna \"Ann\" Berg", "N": 1}', r'{"Name": "Axxx \"Axx\" Bxxx", "N": 1}'),
        (r'{"Name": "\u00c4nne", "N": 1}', '{"Name": "Äxxx", "N": 1}'),
        ('{"Name":4930123,"N":1}', '{"Name":9999999,"N":1}'),
        ('<d:Name m:type="Edm.String">Berg &amp; Son</d:Name>', '<d:Name m:type="Edm.String">Bxxx &amp; Sxx</d:Name>'),
        ('<d:Name m:null="true"/><d:N>one</d:N>', '<d:Name m:null="true"/><d:N>one</d:N>'),
    ],
)
def test_a_masked_field_is_masked_whole_however_it_is_written(told: str, veiled: str, tmp_path: Path) -> None:
    assert kept_of(tmp_path, Call("GET", "https://erp.example/rows"), told.encode(), ("Name",))["text"] == veiled


def test_a_secret_inside_another_setting_stands_in_no_cassette(kit: Kit, tmp_path: Path) -> None:
    ais = {"base_url": "http://127.0.0.1:9", "username": "DUEHOOK", "password": {"env": "ACME"}}
    file = written(tmp_path / "live.yaml", {"ais": ais})
    live = [f"--duehook-live={file}", "--duehook-record=tapes", "-k", "test_the_erps_clock"]
    told = kit("--duehook-connector=jde", *live, ends=1).stdout
    assert "cannot be reached" in told
    held = Cassette.open(tmp_path / "tapes").settings
    assert held == {"ais": {"base_url": "https://ais.base-url.example", "username": "DUEHOOK", "password": "recorded"}}


def test_settings_that_are_wrong_are_told_without_the_password_beside_them(kit: Kit, tmp_path: Path) -> None:
    file = written(tmp_path / "live.yaml", {"ais": {"base_url": "http://127.0.0.1:9", "password": "hunter2x"}})
    done = kit("--duehook-connector=jde", f"--duehook-live={file}", "-k", "test_the_erps_clock", ends=1)
    assert "ais.username" in done.stdout
    assert "hunter2x" not in done.stdout + done.stderr


def test_a_cassette_answers_in_the_order_of_the_recording_and_then_no_more(tmp_path: Path) -> None:
    recorder = Recorder(Veil({}))
    call = Call("GET", "https://erp.example/rows")
    for body in (b"1", b"\xff2"):
        recorder.exchange(Sent(call, call.url), lambda body=body: Reply(200, {}, body, ""))  # type: ignore[misc]
    recorder.write(tmp_path / "case.json")
    player = Player(tmp_path / "case.json")
    assert [player.exchange(Sent(call, call.url), _never).body for _ in range(2)] == [b"1", b"\xff2"]
    with pytest.raises(NotRecorded, match=r"no answer to GET https://erp.example/rows. Fix: record it again"):
        player.exchange(Sent(call, call.url), _never)


def _never() -> Reply:
    raise AssertionError("a cassette asks nobody")


def test_what_was_not_asked_stands_in_no_grades_way_but_earns_none() -> None:
    reads = CaseResult(name="reads", grade="bronze", outcome="passed")
    faults = CaseResult(name="faults", grade="silver", outcome="not asked", reason="it breaks the wire")
    assert missing_of([reads, faults], "silver") == []
    assert graded([reads, faults]) == "bronze"
