"""`duehook init`: at most eight answers make a site that checks out; again changes nothing."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from duehook.core.cli import main
from duehook.core.errors import ConfigError
from duehook.core.plugins import Plugins
from duehook.core.runs.init import Answers, mail_server, read_answers
from duehook.core.settings import load

Out = pytest.CaptureFixture[str]
TOY = """\
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from duehook.core import hookimpl


class Rest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: str
    token: SecretStr


class Toy(BaseModel):
    model_config = ConfigDict(extra="forbid")
    host: str
    schema_name: str = Field(description="the library of the tables")
    password: SecretStr
    rest: Rest | None = None
    lists: dict[str, str] = {}


@hookimpl
def connection_settings(type):
    return Toy if type == "toy" else None
"""
CONNECTION = """\
type: toy
host: 127.0.0.1
schema_name: "NO"
password: "hunter2 pw'"
rest: {url: "http://127.0.0.1:8080/x", token: hunter2-token}
lists: {"1": yes, A B: "c: d"}
"""
ANSWERS = """\
companies: [00001, 00002]
timezone: Europe/Berlin
mail: smtp://127.0.0.1:8025
mailbox: ar@example.com
catch_all: test@example.com
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty site folder with a toy plugin, and stand in it."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "toy.py").write_text(TOY)
    (tmp_path / "connection.yaml").write_text(CONNECTION)
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_answers_make_a_site_that_checks_out(folder: Path, capsys: Out) -> None:
    assert (
        main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml", "--json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == [".env", "duehook.yaml", "the books in the database"]
    settings = load(folder / "duehook.yaml", Plugins.load(folder / "plugins"), environ={})
    assert (settings.mode, settings.catch_all, settings.timezone) == ("shadow", "test@example.com", "Europe/Berlin")
    assert list(settings.companies) == ["00001", "00002"]
    mailbox = settings.company("00002").mailbox
    assert mailbox is not None
    assert mailbox.address == "ar@example.com"
    toy = settings.connection("toy").settings
    assert (toy.host, toy.schema_name, toy.lists) == ("127.0.0.1", "NO", {"1": "yes", "A B": "c: d"})  # type: ignore[attr-defined]
    assert toy.password.get_secret_value() == "hunter2 pw'"  # type: ignore[attr-defined]
    assert toy.rest.token.get_secret_value() == "hunter2-token"  # type: ignore[attr-defined]
    assert settings.channel("mail") == {"host": "127.0.0.1", "port": 8025, "security": "none"}
    assert str(settings.schedule.nightly) == "05:30 Mon,Tue,Wed,Thu,Fri"
    assert main(["config", "check"]) == 0


def test_secrets_go_to_a_file_that_only_its_owner_reads(folder: Path) -> None:
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    assert "hunter2" not in (folder / "duehook.yaml").read_text()
    assert "hunter2-token" in (folder / ".env").read_text()
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600


def test_a_file_of_secrets_that_everybody_reads_is_closed_before_more_are_added(folder: Path) -> None:
    (folder / ".env").write_text("OTHER=1\n")
    (folder / ".env").chmod(0o644)
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    assert (folder / ".env").read_text().startswith("OTHER=1\n")
    assert "hunter2-token" in (folder / ".env").read_text()
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600


@pytest.mark.parametrize("password", ["'quoted'", '"', " blank ", "a#b", "ünï", "a=b", "$x", "back\\slash"])
def test_a_secret_comes_back_out_of_the_file_of_secrets_as_it_went_in(folder: Path, password: str) -> None:
    (folder / "answers.yaml").write_text(f"{ANSWERS}\n".replace("mail: smtp://127.0.0.1:8025", with_password(password)))
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    settings = load(folder / "duehook.yaml", Plugins.load(folder / "plugins"), environ={})
    assert settings.mail["password"].get_secret_value() == password


def with_password(password: str) -> str:
    return f"mail: {{host: h, user: u, password: {json.dumps(password)}}}"


@pytest.mark.parametrize("password", ["line\nOTHER=x", "abc\r\n#x", "abc\x0bdef", "abc\u2028def"])
def test_a_secret_of_several_lines_is_refused_and_nothing_written(folder: Path, capsys: Out, password: str) -> None:
    (folder / "answers.yaml").write_text(f"{ANSWERS}\n".replace("mail: smtp://127.0.0.1:8025", with_password(password)))
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 3
    told = capsys.readouterr().err
    assert "the secret for MAIL_PASSWORD has several lines" in told
    assert "OTHER" not in told
    assert not (folder / ".env").exists()
    assert not (folder / "duehook.yaml").exists()


def test_a_line_end_behind_a_secret_is_no_part_of_it(folder: Path) -> None:
    (folder / "answers.yaml").write_text(f"{ANSWERS}\n".replace("mail: smtp://127.0.0.1:8025", with_password("hush\n")))
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    assert "MAIL_PASSWORD=hush\n" in (folder / ".env").read_text()


def test_plugins_of_a_folder_without_duehook_yaml_are_not_run_unless_init_is_told_to(folder: Path, capsys: Out) -> None:
    (folder / "plugins" / "toy.py").write_text("raise SystemExit('was run')")
    assert main(["plugins", "--json"]) == 0
    (told,) = (each for each in json.loads(capsys.readouterr().out)["plugins"] if each["name"] == "toy")
    assert (told["state"], told["reason"]) == ("failed", "it is not run: there is no duehook.yaml beside plugins/")
    (folder / "plugins" / "toy.py").write_text(TOY)
    assert main(["init", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 3
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    assert main(["plugins", "--strict"]) == 0


def test_running_it_again_changes_no_file(folder: Path, capsys: Out) -> None:
    line = ["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]
    assert main(line) == 0
    before = {name: (folder / name).read_bytes() for name in (".env", "duehook.yaml")}
    (folder / "answers.yaml").write_text("timezone: Asia/Tokyo\n")
    assert main(line) == 0
    assert "kept     duehook.yaml" in capsys.readouterr().out
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_names_that_are_in_dotenv_keep_their_values(folder: Path) -> None:
    (folder / ".env").write_text("TOY_PASSWORD=mine")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    assert (folder / ".env").read_text().splitlines() == ["TOY_PASSWORD=mine", "TOY_REST_TOKEN=hunter2-token"]


def test_a_configuration_that_was_deleted_is_written_anew_and_the_secrets_stay(folder: Path) -> None:
    line = ["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]
    assert main(line) == 0
    before = {name: (folder / name).read_bytes() for name in (".env", "duehook.yaml")}
    (folder / "duehook.yaml").unlink()
    assert main(line) == 0
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_secrets_are_not_added_to_a_file_of_somebody_else_that_everybody_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    def refused(opened: int, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    (folder / ".env").write_text("OTHER=1\n")
    (folder / ".env").chmod(0o644)
    monkeypatch.setattr(os, "fchmod", refused)
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 3
    assert "may be read by everybody and is not ours; no secret was added" in capsys.readouterr().err
    assert (folder / ".env").read_text() == "OTHER=1\n"


def test_what_the_connection_lacks_is_named_and_the_file_stays_to_be_corrected(folder: Path, capsys: Out) -> None:
    (folder / "answers.yaml").write_text("erp: toy\nconnection: {host: x}\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml"]) == 3
    err = capsys.readouterr().err
    assert "`connections.toy.schema_name` is missing" in err
    assert "the environment variable TOY_PASSWORD is not set" in err
    text = (folder / "duehook.yaml").read_text()
    assert "    # schema_name:  # needed; the library of the tables\n" in text
    assert "TOY_PASSWORD=\n" in (folder / ".env").read_text()
    (folder / "duehook.yaml").write_text(text.replace("    # schema_name:  # needed", "    schema_name: PRODDTA  #"))
    (folder / ".env").write_text("TOY_PASSWORD=now-set\n")
    assert main(["init", "--own-plugins"]) == 0
    assert (folder / "duehook.db").exists()


def test_a_password_in_the_database_url_goes_to_dotenv(folder: Path, capsys: Out) -> None:
    (folder / "answers.yaml").write_text("database: postgresql://me:hunter2-db@127.0.0.1:1/books\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 4
    assert "database: {env: DUEHOOK_DATABASE}" in (folder / "duehook.yaml").read_text()
    assert "hunter2-db" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("url", ["postgresql:/me:hunter2-db@127.0.0.1:1/books", "me:hunter2-db@127.0.0.1/books"])
def test_a_database_url_that_cannot_be_read_is_neither_shown_nor_written(folder: Path, capsys: Out, url: str) -> None:
    (folder / "answers.yaml").write_text(f"database: '{url}'\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 3
    told = "".join(capsys.readouterr())
    assert "database: this is no database URL" in told
    assert "hunter2-db" not in told
    assert not (folder / "duehook.yaml").exists()


def test_a_password_with_a_slash_goes_to_dotenv_too(folder: Path) -> None:
    (folder / "answers.yaml").write_text("database: postgresql://me:hunter2/db@127.0.0.1:1/books\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 4
    assert "hunter2" not in (folder / "duehook.yaml").read_text()


def test_companies_may_bring_their_settings(folder: Path) -> None:
    (folder / "answers.yaml").write_text(
        "companies:\n  main: {erp: {connection: toy, code: 00001}, legal_name: 'A: B', "
        "mailbox: {address: a@example.com}, "
        "bank_accounts: [{currency: EUR, bank: B, iban: DE89370400440532013000}]}\nmailbox: b@example.com\n"
    )
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    company = load(folder / "duehook.yaml", Plugins.load(folder / "plugins")).company("main")
    assert (company.erp.code, company.legal_name) == ("00001", "A: B")
    assert company.mailbox is not None
    assert company.mailbox.address == "a@example.com"
    assert company.bank_account("EUR") is not None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("erp: toy\ntimezone: Mars\n", "answers.yaml:2:11: `timezone`: 'Mars' is no time zone"),
        ("erp: toy\nmailboxes: x\n", "answers.yaml:2:1: unknown key 'mailboxes' (did you mean mailbox?)"),
        ("erp: toy\nmail: 'smtp://'\n", "answers.yaml:2:7: `mail`: write a server as host"),
        ("erp: toy\nmail: 'smtp://ann:geheim@mx'\n", "answers.yaml:2:7: `mail`: user and password are told apart"),
        ("erp: toy\nmail: 'mx:25x'\n", "answers.yaml:2:7: `mail`: write a server as host"),
        ("erp: toy\nconnection: list.yaml\n", "list.yaml: these are no settings: keys, each with a value"),
        ("companies: 1\n", "answers.yaml:1:1: `erp` is missing"),
        ("erp: nope\n", "no plugin offers the type 'nope'"),
        ("erp: toy\nconnection: none.yaml\n", "none.yaml does not exist"),
    ],
)
def test_faulty_answers_are_told_and_nothing_is_written(folder: Path, capsys: Out, text: str, fault: str) -> None:
    (folder / "answers.yaml").write_text(text)
    (folder / "list.yaml").write_text("- host: x\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml"]) == 3
    assert fault in capsys.readouterr().err
    assert not (folder / "duehook.yaml").exists()
    assert not (folder / ".env").exists()


def test_without_a_terminal_and_answers_nobody_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["init"]) == 2
    assert "--answers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("mx", {"host": "mx"}),
        ("mx:2525", {"host": "mx", "port": 2525}),
        ("smtps://mx:465", {"host": "mx", "port": 465, "security": "tls"}),
        ("smtp://mx", {"host": "mx", "security": "none"}),
    ],
)
def test_a_mail_server_is_read_from_its_address(text: str, settings: dict[str, object]) -> None:
    assert mail_server(text) == settings


def test_companies_are_read_from_a_line_or_a_list(folder: Path) -> None:
    assert Answers(erp="toy", companies="1, 2 3").companies == {"1": {}, "2": {}, "3": {}}
    with pytest.raises(ConfigError, match="name an answers file that exists"):
        read_answers(folder / "none.yaml")


def asked(*lines: str, options: Sequence[str] = ()) -> tuple[int, str]:
    """Run init on a terminal where a person types these lines; return its exit code and what it said."""
    leader, follower = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "duehook.core.cli", "init", "--own-plugins", *options],
        stdin=follower, stdout=follower, stderr=follower, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(follower)
    os.write(leader, "".join(f"{line}\n" for line in lines).encode())
    said = b""
    try:
        while part := os.read(leader, 4096):
            said += part
    except OSError:
        pass  # the other end is closed
    os.close(leader)
    return running.wait(timeout=60), said.decode()


def questions(text: str) -> list[str]:
    return sorted(set(re.findall(r"(\d)\. [A-Z]", text)))


def test_a_person_is_asked_at_most_eight_questions_and_wrong_answers_again(folder: Path) -> None:
    lines = ["toy", "connection.yaml", "00001", "Mars", "Europe/Berlin", "", "", "ar@example.com", "test@example.com"]
    code, text = asked(*lines)
    assert code == 0, text
    assert questions(text) == list("12345678")
    assert "'Mars' is no time zone" in text
    assert load(folder / "duehook.yaml", Plugins.load(folder / "plugins")).catch_all == "test@example.com"


def test_who_names_the_connections_settings_is_not_asked_which_erp_it_is(folder: Path) -> None:
    code, text = asked("00001", "", "", "", "", "", options=["--connection", "connection.yaml"])
    assert code == 0, text
    assert questions(text) == list("345678")
    assert list(load(folder / "duehook.yaml", Plugins.load(folder / "plugins")).connections) == ["toy"]


@pytest.mark.parametrize("type", ["5", "[toy]", "nope"])
def test_a_connection_of_a_type_that_there_is_not_is_told(folder: Path, capsys: Out, type: str) -> None:
    (folder / "connection.yaml").write_text(f"type: {type}\nhost: x\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 3
    assert "no plugin offers the type" in capsys.readouterr().err


def test_a_connection_without_a_type_leaves_it_to_the_answers(folder: Path) -> None:
    (folder / "connection.yaml").write_text(CONNECTION.removeprefix("type: toy\n"))
    (folder / "answers.yaml").write_text("erp: toy\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml", "--connection", "connection.yaml"]) == 0
    assert load(folder / "duehook.yaml", Plugins.load(folder / "plugins")).connection("toy").type == "toy"


def test_a_secret_that_the_environment_has_is_not_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("TOY_PASSWORD", "hunter2")
    (folder / "answers.yaml").write_text("erp: toy\nconnection: {host: x, schema_name: PRODDTA}\n")
    assert main(["init", "--own-plugins", "--answers", "answers.yaml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "written  .env",
        "written  duehook.yaml",
        "written  the books in the database",
        "Next: duehook check, duehook discover, duehook import.",
    ]
