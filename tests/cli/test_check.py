"""`duehook check`, `discover` and `simulate`: what is missing is known before users find out."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from duehook.core.books import Books
from duehook.core.books.tables.ledger import item
from duehook.core.cli import main

Out = pytest.CaptureFixture[str]
DAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, tzinfo=UTC)
TOY = """\
from pydantic import BaseModel

from duehook.core import ConnectorDown, ConnectorRefused, Finding, hookimpl
from duehook.core.hookspecs import Discovery


class Toy(BaseModel):
    trouble: str = ""


class Source:
    capabilities = None

    def __init__(self, stream, settings):
        self.streams = (stream,)
        self.settings = settings

    def check(self):
        yield Finding("sign-in", True, "as ANN")
        if self.settings.trouble == "rights":
            yield Finding("read F03B11", False, "no right", "grant SELECT on F03B11 to ANN")
        if self.settings.trouble == "down":
            raise ConnectorDown("no answer from 10.0.0.1.", fix="start it.")
        if self.settings.trouble == "dunning":
            yield Finding("the ERP's own dunning", False, "is active for 12 customers", "switch it off", "warning")

    def discover(self):
        yield Discovery("company", "00001", "Ours", ("4***", "A***"))
        if self.settings.trouble == "twin":
            yield Discovery("company", "1", "Another")
        if self.settings.trouble == "codes":
            yield Discovery("type", "RN", "", (), "codes.kind: {RN: …}")
            yield Discovery("type in 2", "RN", "", (), "codes.kind: {RN: …}")
            yield Discovery("type", "DP", "", (), "codes.kind: {DP: …}")
            yield Discovery("column", "ABURL", "", (), "extra: {item: {email: ABURL}}")
        yield Discovery("table", "F03B11", self.streams[0])

    def upper_bound(self): ...
    def read(self, stream, position, bound): ...
    def keys(self, stream): ...
    def lookup(self, stream, keys): ...
    def totals(self, bound): ...
    def close(self): ...


class Simulator:
    def __init__(self, options):
        self.options = options

    def start(self):
        return {"host": "127.0.0.1", "told": repr(sorted(self.options.items()))}

    def stop(self):
        print("simulator stopped", flush=True)


@hookimpl
def connection_settings(type):
    return Toy if type == "toy" else None


@hookimpl
def invoice_source(connection):
    if connection.settings.trouble == "bug":
        raise KeyError("bug")
    return Source("item", connection.settings)


@hookimpl
def customer_source(connection):
    return Source("customer", connection.settings)


@hookimpl
def simulator(type, options):
    return Simulator(options)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a site folder with a toy plugin, and stand in it."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "toy.py").write_text(TOY)
    (tmp_path / "duehook.yaml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def site(folder: Path, text: str) -> None:
    (folder / "duehook.yaml").write_text(text)
    books = Books.open("sqlite:///duehook.db", folder)
    books.migrate()
    books.close()


def findings(capsys: Out, *line: str) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
    """Check, and return the exit code and the findings by part and subject."""
    capsys.readouterr()
    code = main([*line, "--json"])
    listed = json.loads(capsys.readouterr().out)["findings"]
    return code, {(each["part"], each["subject"]): each for each in listed}


WELL = """\
connections: {main: {type: toy}}
letters: {folder: print}
companies:
  "1":
    erp: {connection: main, code: "00001"}
    legal_name: Ours
    address: {lines: [Street 1]}
    mailbox: {address: ar@example.com}
    bank_accounts: [{currency: EUR, bank: Bank, account: 1}]
"""


def test_a_site_that_is_well_ends_with_0_and_says_each_thing_once(folder: Path, capsys: Out) -> None:
    site(folder, WELL)
    code, found = findings(capsys, "check")
    assert code == 0
    assert {part for part, _ in found} == {"connection main", "channel mail", "channel letter", "live"}
    assert found[("connection main", "sign-in")]["ok"]
    assert not found[("channel mail", "settings")]["ok"]
    assert main(["check"]) == 0
    assert capsys.readouterr().out.count("sign-in") == 1


@pytest.mark.parametrize(
    ("trouble", "subject", "message", "advice"),
    [
        ("rights", "read F03B11", "no right", "grant SELECT on F03B11 to ANN"),
        ("down", "customers", "no answer from 10.0.0.1.", "start it."),
        ("bug", "plugin", "plugin toy failed in invoice_source: KeyError: 'bug'.", None),
    ],
)
def test_what_fails_outside_ends_with_4_and_names_the_advice(
    folder: Path, capsys: Out, trouble: str, subject: str, message: str, advice: str | None
) -> None:
    site(folder, f"connections: {{main: {{type: toy, trouble: {trouble}}}, well: {{type: toy}}}}\n")
    code, found = findings(capsys, "check")
    assert code == 4
    failed = found[("connection main", subject)]
    assert (failed["ok"], failed["message"], failed["advice"]) == (False, message, advice)
    assert found[("connection well", "sign-in")]["ok"]


def test_the_erps_own_dunning_is_a_warning(folder: Path, capsys: Out) -> None:
    site(folder, WELL.replace("{type: toy}", "{type: toy, trouble: dunning}"))
    code, found = findings(capsys, "check", "main")
    assert code == 0
    warning = found[("connection main", "the ERP's own dunning")]
    assert (warning["ok"], warning["severity"]) == (False, "warning")


def test_live_without_an_account_for_an_owed_currency_ends_with_3(folder: Path, capsys: Out) -> None:
    site(folder, f"mode: live\n{WELL}")
    assert findings(capsys, "check")[0] == 0
    books = Books.open("sqlite:///duehook.db", folder)
    with books.write() as tx:
        for key, currency, state in (("I1", "USD", "open"), ("I2", "JPY", "cleared")):
            tx.execute(item.insert().values(**row(key, currency, state)))
    books.close()
    code, found = findings(capsys, "check")
    assert code == 3
    assert found[("live", "company 1: bank account USD")]["advice"] == "add USD to companies.1.bank_accounts"
    assert ("live", "company 1: bank account JPY") not in found


def row(key: str, currency: str, state: str) -> dict[str, Any]:
    """Return a row of the item table with what it may not be without."""
    texts = dict.fromkeys(("customer", "debtor"), "C1") | {"company": "1", "connection": "main", "key": key}
    days = dict.fromkeys(("due_on", "document_on"), DAY)
    kinds = {"currency": currency, "state": state, "item_class": "normal", "kind": "invoice"}
    rest = {"open_amount": 100, "amount": 100, "due_derived": False, "document_no": key, "document_type": ""}
    return {**texts, **days, **kinds, **rest, "known_from": NOW, "run_id": 1}


def test_an_erp_company_that_has_the_code_of_another_one_of_ours_is_told(folder: Path, capsys: Out) -> None:
    site(folder, WELL.replace("type: toy", "type: toy, trouble: twin"))
    code, found = findings(capsys, "check")
    told = found["connection main", "company main:1"]
    assert (code, told["ok"], told["severity"]) == (0, False, "warning")
    assert told["message"].startswith("the ERP's company '1' is not in duehook.yaml, whose '1' is another one")


def test_a_company_that_the_erp_does_not_have_is_told_with_those_it_has(folder: Path, capsys: Out) -> None:
    site(folder, WELL.replace('"00001"', "99999"))
    code, found = findings(capsys, "check")
    failed = found[("connection main", "company 1")]
    assert (code, failed["ok"]) == (4, False)
    assert failed["message"] == "the ERP has no company '99999'; it has 00001"
    assert failed["advice"] == "correct companies.1.erp.code"
    site(folder, WELL.replace('"00001"', '"0001"'))
    assert findings(capsys, "check")[1]["connection main", "company 1"]["advice"] == (
        "correct companies.1.erp.code: did you mean 00001?"
    )


def test_a_connection_that_nobody_configured_ends_with_2(folder: Path, capsys: Out) -> None:
    site(folder, WELL)
    assert main(["check", "mian"]) == 2
    assert "there is no connection 'mian'" in capsys.readouterr().err


def test_a_connection_that_serves_nothing_its_plugin_has_is_told(folder: Path, capsys: Out) -> None:
    site(folder, "connections: {main: {type: toy, serves: [payments]}}\n")
    code, found = findings(capsys, "check")
    assert code == 4
    assert found[("connection main", "serves")]["advice"] == "correct connections.main.serves"


def test_broken_plugins_and_channels_are_told(folder: Path, capsys: Out) -> None:
    (folder / "plugins" / "worse.py").write_text("import nothing_like_it\n")
    site(folder, "catch_all: a@example.com\nmail: {host: 127.0.0.1, port: 1, security: none}\n")
    code, found = findings(capsys, "--log-level", "error", "check")
    assert code == 4
    assert "nothing_like_it" in found[("plugins", "worse")]["message"]
    assert not found[("channel mail", "mail by 127.0.0.1")]["ok"]


def test_discover_lists_each_thing_once_with_what_follows(folder: Path, capsys: Out) -> None:
    site(folder, WELL)
    assert main(["discover", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["found"]
    assert [(each["kind"], each["name"], each["text"]) for each in found] == [
        ("company", "00001", "Ours"),
        ("table", "F03B11", "customer"),
    ]


def test_discover_says_where_what_it_found_may_be_written(folder: Path, capsys: Out) -> None:
    site(folder, "connections: {main: {type: toy, trouble: codes}}\n")
    assert main(["discover"]) == 0
    assert capsys.readouterr().out.split("samples\n")[1].splitlines()[6:] == [
        "",
        "To write under `companies:` in duehook.yaml:",
        '  "00001": {erp: {connection: main, code: "00001"}}',
        "",
        "To write under `main:` in duehook.yaml (… is for you to fill in):",
        "  codes.kind: {RN: …, DP: …}",
        "",
        "To write in the mapping file of main:",
        "  extra: {item: {email: ABURL}}",
    ]


def test_discover_does_not_offer_companies_to_a_site_that_has_some(folder: Path, capsys: Out) -> None:
    site(folder, WELL)
    assert main(["discover"]) == 0
    assert "To write" not in capsys.readouterr().out


def test_a_simulator_stays_until_it_is_interrupted(folder: Path) -> None:
    line = ["simulate", "toy", "--customers", "3", "--seed", "7", "--start-on", "2026-01-05", "--fault", "slow"]
    running = subprocess.Popen(
        [sys.executable, "-m", "duehook.core.cli", "--json", *line], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    told = json.loads(running.stdout.readline())
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 0
    assert running.stdout.read() == "simulator stopped\n"
    running.stdout.close()
    assert told["type"] == "toy"
    assert told["settings"]["told"] == repr(
        [
            ("customers", 3),
            ("faults", ("slow",)),
            ("folder", str(folder / "simulator")),
            ("seed", 7),
            ("start_on", DAY),
        ]
    )
    written = folder / told["file"]
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert written.read_text().startswith('type: toy\nhost: "127.0.0.1"\n')


def test_a_simulator_tells_a_person_its_settings_and_how_to_end_it(folder: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "duehook.core.cli", "simulate", "toy", "--folder", "sim"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    said = [running.stdout.readline() for _ in range(7)]
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (0, "simulator stopped\n", "Stopped.\n")
    assert said[0] == "The simulated toy is running; its settings are:\n"
    assert said[2:4] == ["type: toy\n", 'host: "127.0.0.1"\n']
    assert said[6] == "They are in sim/connection.yaml, for `duehook init`. It ends when interrupted (Ctrl-C).\n"


@pytest.mark.parametrize(("type", "code"), [("nope", 3), ("", 2)])
def test_a_simulator_that_is_not_there_is_told(folder: Path, type: str, code: int) -> None:
    assert main(["simulate", *([type] if type else [])]) == code
    assert not (folder / "simulator" / "connection.yaml").exists()


def test_faults_of_one_mapping_file_do_not_hide_that_another_is_well(folder: Path, capsys: Out) -> None:
    (folder / "plugins" / "sheets.py").write_text(
        "from duehook.core.errors import ConfigError\n\n\n"
        "def check_mapping(file):\n"
        "    if file.name == 'bad.yaml':\n"
        "        raise ConfigError('no such column', where='bad.yaml:3:5')\n"
        "    return '3 columns of item'\n\n\n"
        "def sample_mapping(file, folder, rows):\n"
        "    return {'item': [{'key': '1'}, {'key': '2', 'amount': 3}]}\n"
    )
    line = ["map", "check", "bad.yaml", "good.yaml", "--sample", "drop", "--plugin", "sheets"]
    assert main(line) == 3
    told = capsys.readouterr()
    assert told.err == "Error: bad.yaml:3:5: no such column\n"
    first, title, *rows = told.out.splitlines()
    assert (first, title) == ("good.yaml is well: 3 columns of item", "item")
    assert [row.split() for row in rows] == [["field", "row", "1", "row", "2"], ["key", "1", "2"], ["amount", "3"]]


def test_a_mapping_file_is_checked_by_the_plugin_whose_it_is(folder: Path, capsys: Out) -> None:
    (folder / "plugins" / "sheets.py").write_text(
        "from duehook.core.errors import ConfigError\n\n\n"
        "def check_mapping(file):\n"
        "    if file.name == 'bad.yaml':\n"
        "        raise ConfigError('no such column', where='bad.yaml:3:5')\n"
        "    return '3 columns of item'\n"
    )
    assert main(["map", "check", "good.yaml", "--plugin", "sheets"]) == 0
    assert capsys.readouterr().out == "good.yaml is well: 3 columns of item\n"
    assert main(["map", "check", "bad.yaml", "--plugin", "sheets"]) == 3
    assert capsys.readouterr().err == "Error: bad.yaml:3:5: no such column\n"
    assert main(["map", "check", "good.yaml", "--plugin", "toy"]) == 2
