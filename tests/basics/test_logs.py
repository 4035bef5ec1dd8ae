"""Logs: one line a line, redacted, with actor and correlation id; thirty canaries are never heard."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import subprocess
import sys
import threading
import warnings
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog

from duehook.core.books import Books
from duehook.core.cli import main
from duehook.core.context import Actor, Context
from duehook.core.errors import ConfigError
from duehook.core.ops import logs
from duehook.core.redaction import remember

CONTEXT = Context(Actor("person", "ann", "cli"), lambda: datetime(2026, 3, 2, tzinfo=UTC), "c0ffee")


pytestmark = pytest.mark.usefixtures("own_logging")


def json_log(level: logs.Level = "debug") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(level, stream=stream)
    return stream


def text_log() -> io.StringIO:
    stream = io.StringIO()
    logs.configure("debug", style="text", stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_carry_actor_and_correlation_id_of_their_context() -> None:
    stream = json_log()
    with logs.bound(CONTEXT, job="import"):
        structlog.get_logger("duehook.x").info("page merged", rows=3)
    structlog.get_logger("duehook.x").info("after")
    inside, after = lines(stream)
    assert inside["event"] == "page merged"
    assert (inside["actor"], inside["correlation_id"], inside["source"]) == ("person:ann", "c0ffee", "cli")
    assert (inside["rows"], inside["job"], inside["level"]) == (3, "import", "info")
    assert "actor" not in after


def test_other_libraries_lines_and_warnings_come_the_same_way() -> None:
    stream = json_log()
    logging.getLogger("urllib3").info("GET /x?access_token=%s", "t0ken-value")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old password=abc9 way", stacklevel=1)
    first, second = lines(stream)
    assert (first["event"], first["logger"]) == ("GET /x?access_token=[hidden]", "urllib3")
    assert "password=[hidden]" in str(second["event"])


def test_lines_below_the_level_are_not_written() -> None:
    stream = json_log("warning")
    structlog.get_logger("x").info("quiet")
    logging.getLogger("x").info("quiet")
    structlog.get_logger("x").warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_configuring_again_does_not_double_lines() -> None:
    first, second = json_log(), json_log()
    structlog.get_logger("x").warning("once")
    assert (first.getvalue(), len(lines(second))) == ("", 1)


def test_lines_go_to_what_stderr_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    logs.configure("info")
    monkeypatch.setattr(sys, "stderr", later := io.StringIO())
    structlog.get_logger("duehook.x").info("page merged")
    assert [line["event"] for line in lines(later)] == ["page merged"]


def test_an_unknown_level_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="debug, info, warning, error"):
        logs.level_of("loud")
    assert logs.level_of("INFO") == "info"


@pytest.mark.parametrize("evil", ["\nerror forged", "\r\nx", "\x1b[2J", "\u2028x", "\u202etxt.exe", "\x9b31m"])
def test_a_value_cannot_write_a_line_of_its_own(evil: str) -> None:
    for start in (text_log, json_log):
        stream = start()
        structlog.get_logger("x").warning(f"name {evil}", **{f"key{evil}": evil, "nested": {"a": [evil]}})
        written = stream.getvalue()
        assert written.count("\n") == 1
        assert written.endswith("\n")
        assert not set(written[:-1]) & set("\n\r\x1b\u2028\u202e\x9b")


def test_a_traceback_on_a_terminal_stays_behind_its_bar() -> None:
    stream = text_log()
    try:
        raise ValueError("bad\n12:00:00 error forged")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("error   failed")
    assert rest
    assert all(line.startswith("    | ") for line in rest)


def test_what_nobody_catches_is_logged_in_any_thread() -> None:
    stream = json_log()
    logs.log_uncaught()

    def fail() -> None:
        raise RuntimeError("password=abc9")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    sys.excepthook(KeyError, KeyError("x"), None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    first, second = lines(stream)
    assert "RuntimeError: password=[hidden]" in str(first["exception"])
    assert "KeyError" in str(second["exception"])


def test_a_foreign_traceback_is_redacted_too() -> None:
    stream = json_log()
    try:
        raise RuntimeError("PWD=abc9;")
    except RuntimeError:
        logging.getLogger("odbc").exception("lost")
    assert "abc9" not in stream.getvalue()
    assert "PWD=[hidden]" in stream.getvalue()


PLUGIN = """\
import logging

import structlog
from pydantic import BaseModel, SecretStr, field_validator

from duehook.core import hookimpl
from duehook.core.errors import ConnectorRefused


class Deep(BaseModel):
    secret: SecretStr
    plain: str = ""


class ToySettings(BaseModel):
    host: str
    password: SecretStr
    key: SecretStr
    deep: Deep
    many: dict[str, SecretStr]
    fail: str

    @field_validator("host")
    @classmethod
    def _shout(cls, host):
        if host == "bad":
            raise ValueError("bad host; " + host)
        return host


class Loud:
    streams = ("item",)
    capabilities = None

    def __init__(self, settings):
        self.secrets = [settings.password, settings.key, settings.deep.secret, *settings.many.values()]
        self.fail = settings.fail

    def check(self):
        told = [each.get_secret_value() for each in self.secrets]
        structlog.get_logger("toy").warning("sent " + " ".join(told), body={"x": told}, raw=told[0].encode())
        logging.getLogger("urllib3").warning("GET /login?p=%s", told[1])
        if self.fail == "refused":
            raise ConnectorRefused(f"the ERP said: {told[0]} {told[2]} is wrong", fix=f"not {told[1]}")
        raise RuntimeError("sent " + " ".join(told))

    def discover(self): ...
    def upper_bound(self): ...
    def read(self, stream, position, bound): ...
    def keys(self, stream): ...
    def lookup(self, stream, keys): ...
    def totals(self, bound): ...
    def close(self): ...


@hookimpl
def connection_settings(type):
    return ToySettings if type == "toy" else None


@hookimpl
def invoice_source(connection):
    return Loud(connection.settings)
"""


def canaries() -> list[str]:
    """Return thirty secrets of the kinds that sites have, none of them found by its look alone."""
    odd = [
        "pa ss wörd",
        'quo"te',
        "back\\slash",
        "a&b=c;d",
        "per%cent",
        "tab\tbed",
        "<tag>",
        "{brace}",
        "ümläut",
        "a'b",
    ]
    return [f"canary{number:02}-{odd[number % len(odd)]}" for number in range(30)]


def write_site(folder: Path, secrets: list[str], *, host: str, fail: str) -> dict[str, str]:
    """Plant the secrets by environment, .env and files; return the environment."""
    (folder / "plugins").mkdir()
    (folder / "plugins" / "toy.py").write_text(PLUGIN)
    environ = {f"CANARY{number}": secret for number, secret in enumerate(secrets[:10])}
    (folder / ".env").write_text("".join(f'DOT{number}="{secret}"\n' for number, secret in enumerate(secrets[10:20])))
    for number, secret in enumerate(secrets[20:]):
        (folder / f"file{number}").write_text(secret)
    many = [f"e{n}: {{env: CANARY{n}}}" for n in range(3, 10)]
    many += [f"d{n}: {{env: DOT{n}}}" for n in range(10)] + [f"f{n}: {{file: file{n}}}" for n in range(10)]
    (folder / "duehook.yaml").write_text(
        "connections:\n  main:\n    type: toy\n"
        f"    host: {host}\n    fail: {fail}\n    password: {{env: CANARY0}}\n    key: {{env: CANARY1}}\n"
        "    deep: {secret: {env: CANARY2}}\n" + "    many: {" + ", ".join(many) + "}\n    serves: [invoices]\n"
    )
    return environ


def duehook(folder: Path, environ: dict[str, str], *command: str) -> str:
    """Run the command line at its most talkative and return all it wrote anywhere."""
    ran = subprocess.run(
        [sys.executable, "-m", "duehook.core.cli", "--log-level", "debug", *command],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout + ran.stderr


def found_in(text: str, secrets: list[str]) -> list[str]:
    """Return the secrets that can be read in a text, in any writing."""
    return [
        secret
        for secret in secrets
        for form in (secret, quote(secret), json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode())
        if form in text
    ]


@pytest.mark.parametrize("fail", ["refused", "bug"])
def test_thirty_canaries_are_never_heard_from_a_connection(tmp_path: Path, fail: str) -> None:
    secrets = canaries()
    environ = write_site(tmp_path, secrets, host="good", fail=fail)
    books = Books.open("sqlite:///duehook.db", tmp_path)
    books.migrate()
    books.close()
    heard = duehook(tmp_path, environ, *(["--json"] if fail == "refused" else []), "check", "main")
    assert "[hidden]" in heard
    assert ("the ERP said" if fail == "refused" else "RuntimeError: sent") in heard
    assert found_in(heard, secrets) == []


def test_thirty_canaries_are_never_heard_from_a_faulty_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    secrets = canaries()
    for name, secret in write_site(tmp_path, secrets, host="bad", fail="bug").items():
        monkeypatch.setenv(name, secret)
    file = tmp_path / "duehook.yaml"
    assert main(["-c", str(file), "config", "check"]) == 3
    plain = file.read_text()
    for number in range(3, 10):
        plain = plain.replace(f"{{env: CANARY{number}}}", json.dumps(secrets[number], ensure_ascii=False))
    file.write_text(plain)
    assert main(["--json", "-c", str(file), "config", "check"]) == 3
    heard = "".join(capfd.readouterr())
    assert "bad host" in heard
    assert "plain text" in heard
    assert found_in(heard, secrets) == []


def test_thirty_canaries_are_never_heard_in_tracebacks() -> None:
    secrets = canaries()
    remember(*secrets)
    for start in (json_log, text_log):
        stream = start()
        for secret in secrets:
            try:
                try:
                    raise KeyError(secret)
                except KeyError as error:
                    raise ValueError(f"while {secret}") from error
            except ValueError:
                structlog.get_logger("x").exception("failed", secret=secret, data={secret: [secret]})
                logging.getLogger("y").exception("failed with %r", secret)
        assert stream.getvalue().count("[hidden]") >= 8 * len(secrets)
        assert found_in(stream.getvalue(), secrets) == []
