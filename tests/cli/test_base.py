"""The command line's promises: exit codes, banner, JSON, --quiet, help with examples."""

from __future__ import annotations

import getpass
import importlib
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from duehook.core import __version__
from duehook.core.cli import app as application
from duehook.core.cli import main
from duehook.core.cli.desk import DryRun, Exit, Yes, desk_of
from duehook.core.cli.summaries import SUMMARIES
from duehook.core.context import Context
from duehook.core.errors import (
    BadRecord,
    Busy,
    ConfigError,
    ConnectorDown,
    ConnectorGarbled,
    ConnectorRefused,
    NotFound,
    RunStopped,
)

Out = pytest.CaptureFixture[str]


pytestmark = pytest.mark.usefixtures("own_logging")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a way to add a command `try` to the application."""

    def add(body: Callable[..., None]) -> None:
        build = application.build

        def built() -> typer.Typer:
            app = build()
            app.command("try")(body)
            return app

        monkeypatch.setattr(application, "build", built)

    return add


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a site in shadow mode, and stand in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "duehook.yaml").write_text("timezone: Asia/Tokyo\n")
    assert main(["--quiet", "migrate"]) == 0
    return tmp_path


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let stdin be a terminal; give the function that types on it."""
    leader, follower = pty.openpty()
    with open(follower, encoding="utf-8") as stdin:

        def type_(text: str) -> None:
            monkeypatch.setattr("sys.stdin", stdin)
            os.write(leader, text.encode())

        yield type_
    os.close(leader)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadRecord("x"), 1),
        (Busy("x"), 1),
        (RunStopped("x"), 1),
        (NotFound("x"), 2),
        (ConfigError("x"), 3),
        (ConnectorDown("x"), 4),
        (ConnectorRefused("x"), 4),
        (ConnectorGarbled("x"), 4),
        (typer.Exit(5), 5),
        (typer.Exit(), 0),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (ZeroDivisionError("x"), 1),
    ],
)
def test_each_error_has_its_exit_code(command: Callable[..., None], error: BaseException, code: int) -> None:
    def body() -> None:
        """Fail."""
        raise error

    command(body)
    assert main(["try"]) == code


def test_an_error_is_told_on_stderr_with_its_fix_and_without_secrets(command: Callable[..., None], capsys: Out) -> None:
    def body() -> None:
        """Fail."""
        raise ConnectorDown("login with PWD=abc9 failed.\x1b[2J", fix="start it.")

    command(body)
    assert main(["try"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "Error: login with PWD=[hidden] failed.\\x1b[2J Fix: start it.\n"


def test_an_error_in_json_is_json(command: Callable[..., None], capsys: Out) -> None:
    def body() -> None:
        """Fail."""
        raise ConnectorDown("down.", fix="wait.")

    command(body)
    assert main(["--json", "try"]) == 4
    told = json.loads(capsys.readouterr().err)["error"]
    assert (told["message"], told["exit_code"], len(told["reference"])) == ("down. Fix: wait.", 4, 32)


def test_an_unexpected_error_gives_a_reference_that_the_log_has_too(command: Callable[..., None], capsys: Out) -> None:
    def body() -> None:
        """Fail."""
        raise ZeroDivisionError("by nought")

    command(body)
    assert main(["--json", "try"]) == 1
    logged, told = map(json.loads, capsys.readouterr().err.splitlines())
    assert logged["correlation_id"] == told["error"]["reference"]
    assert "by nought" in logged["exception"]
    assert "by nought" not in told["error"]["message"]


@pytest.mark.parametrize("line", [["nonsense"], ["plugins", "--nonsense"], ["config"], [], ["simulate"]])
def test_a_wrong_call_ends_with_2_and_names_help(line: list[str], capsys: Out) -> None:
    assert main(line) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--help" in err


def test_version_and_help_end_with_0(capsys: Out) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "duehook 0.1.0\n"
    assert main(["--help"]) == 0
    assert "Commands:" in capsys.readouterr().out


def test_a_missing_configuration_ends_with_3_and_says_init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["config", "check"]) == 3
    assert "run `duehook init`" in capsys.readouterr().err


def test_books_that_are_not_made_end_with_3_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "duehook.yaml").write_text("version: 1\n")
    assert main(["check"]) == 3
    assert "there are no books in the database yet. Fix: run `duehook init`" in capsys.readouterr().err


def test_a_database_that_is_down_ends_with_4(tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "duehook.yaml"
    file.write_text("database: postgresql://nobody@127.0.0.1:1/books\n")
    assert main(["-c", str(file), "check"]) == 4
    told = capsys.readouterr().err
    assert told.startswith("Error: The books (books at 127.0.0.1:1) cannot be read: there is no connection to")
    assert "nobody" not in told


def test_every_output_says_that_it_is_shadow_mode(site: Path, capsys: Out) -> None:
    assert main(["config", "check"]) == 0
    assert capsys.readouterr().out.startswith("SHADOW MODE: no ERP is written to")
    assert main(["--quiet", "config", "check"]) == 0
    assert capsys.readouterr().out.startswith("SHADOW MODE")
    assert main(["config", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mode"] == "shadow"
    (site / "duehook.yaml").write_text("mode: live\n")
    assert main(["config", "check"]) == 0
    assert capsys.readouterr().out.startswith("duehook.yaml is well")


def test_a_command_knows_who_acts_and_which_day_it_is(site: Path, command: Callable[..., None]) -> None:
    seen: dict[str, Any] = {}

    def body(context: typer.Context) -> None:
        """Look."""
        desk = desk_of(context)
        seen.update(context=desk.context, today=desk.today(), books=desk.site.books)

    command(body)
    assert main(["--actor", "ann", "try"]) == 0
    who: Context = seen["context"]
    assert (who.actor.kind, who.actor.id, who.actor.source) == ("person", "ann", "cli")
    assert who.now().tzinfo is not None
    assert seen["today"] in {who.now().date(), who.now().date() + timedelta(days=1)}  # Tokyo is ahead
    assert main(["try"]) == 0
    assert seen["context"].actor.id == getpass.getuser()


def test_nobody_at_the_terminal_needs_yes(command: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[bool] = []

    def body(context: typer.Context, yes: Yes = False, dry_run: DryRun = False) -> None:
        """Ask."""
        desk_of(context).confirm("Send 3 letters?", yes=yes)
        done.append(dry_run)

    command(body)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["try"]) == Exit.USAGE
    assert done == []
    assert main(["try", "--yes", "--dry-run"]) == 0
    assert done == [True]


@pytest.mark.parametrize(("answer", "code", "sent"), [("y\n", 0, 3), ("n\n", 1, 0), ("\n", 1, 0), ("\x04", 130, 0)])
def test_a_person_at_the_terminal_is_asked_and_only_a_yes_goes_on(
    command: Callable[..., None], keyboard: Callable[[str], None], capsys: Out, answer: str, code: int, sent: int
) -> None:
    letters: list[int] = []

    def body(context: typer.Context) -> None:
        """Ask."""
        desk_of(context).confirm("Send 3 letters?", yes=False)
        letters.extend(range(3))

    command(body)
    keyboard(answer)
    assert main(["try"]) == code
    assert len(letters) == sent
    assert "Send 3 letters? [y/N]: " in capsys.readouterr().out


def test_a_user_that_the_machine_has_no_name_for_acts_as_unknown(
    command: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def body(context: typer.Context) -> None:
        """Look."""
        seen.append(desk_of(context).context.actor.id)

    command(body)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "DUEHOOK_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 987_654_321)  # as a container is run under any number
    assert main(["try"]) == 0
    assert seen == ["unknown"]


@pytest.mark.parametrize("line", [["--version"], ["config", "schema"]])  # little to say, and more than a pipe holds
def test_a_reader_that_stops_early_ends_a_command_quietly(site: Path, line: list[str]) -> None:
    script = f"from duehook.core.cli import main; import sys; sys.exit(main({line}))"
    env = {**os.environ, "PYTHONUNBUFFERED": ""}  # as a person's shell has it
    asked = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    assert asked.stdout is not None
    asked.stdout.close()  # as `| head` does when it has seen enough
    _, err = asked.communicate(timeout=60)
    assert (asked.returncode, err) == (1, b"")


def commands(group: Any, path: str = "duehook") -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        if hasattr(found, "commands"):
            yield from commands(found, f"{path} {name}")
        else:
            yield f"{path} {name}", found


ALL = dict(commands(typer.main.get_command(application.build())))


@pytest.mark.parametrize("path", ALL)
def test_every_command_has_help_with_an_example(path: str) -> None:
    text = ALL[path].help or ""
    assert text.splitlines()[0].endswith(".")
    assert "Example: duehook " in text
    for parameter in ALL[path].params:
        assert getattr(parameter, "help", None), f"{path} {parameter.name}"


@pytest.mark.parametrize("path", [(), *{(each.split()[1],) for each in ALL if each.count(" ") > 1}])
def test_a_list_of_commands_says_each_in_a_whole_sentence_within_the_width(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    assert main([*path, "--help"]) == 0
    out = capsys.readouterr().out
    listed = out[out.index("Commands:") :]
    assert "..." not in listed
    assert max(map(len, listed.splitlines())) <= 80
    said = " ".join(listed.split())
    for name, command in ALL.items():
        words = name.split()[1:]
        if tuple(words[:-1]) == path:
            assert f"{words[-1]} {' '.join((command.help or '').partition(chr(10) * 2)[0].split())}" in said


def test_the_list_of_commands_is_what_they_say_of_themselves_and_imports_none() -> None:
    group: Any = typer.main.get_command(application.build())
    assert {name: group.get_command(None, name).short_help for name in application.COMMANDS} == SUMMARIES
    script = (
        "import sys; from duehook.core.cli import main; main(['--help']);"
        "print([name for name in sys.modules if name.startswith(('duehook.core.runs', 'sqlalchemy'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_each_command_stands_in_the_file_that_is_named_for_it() -> None:
    for name, file in application.COMMANDS.items():
        part = typer.Typer()
        importlib.import_module(f"duehook.core.cli.{file}").register(part)
        groups = [each.name for each in part.registered_groups]
        given = {*groups, *(each.name for each in part.registered_commands)}
        assert given == {each for each, of in application.COMMANDS.items() if of == file}, name


def test_the_version_is_told_without_what_opens_a_site() -> None:
    script = (
        "import sys; from duehook.core.cli import main; main(['--version']);"
        "print(*sorted({'alembic', 'sqlalchemy', 'typst', 'requests', 'holidays', 'ruamel.yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"duehook {__version__}", ""]


def test_alembic_is_left_alone_until_the_books_are_migrated(site: Path) -> None:
    script = "import sys; from duehook.core.cli import main; main(['aging', '--json']); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_plugins_are_listed_with_what_is_wrong(site: Path, capsys: Out) -> None:
    (site / "plugins").mkdir()
    (site / "plugins" / "bad.py").write_text("import nothing_like_it\n")
    assert main(["plugins"]) == 0
    out = capsys.readouterr().out
    assert "No module named 'nothing_like_it'" in out
    assert main(["--log-level", "error", "plugins", "--json", "--strict"]) == 1
    listed = {each["name"]: each for each in json.loads(capsys.readouterr().out)["plugins"]}
    assert listed["bad"]["state"] == "failed"
    assert listed["jde"]["state"] == "ok"


def test_the_schema_is_written_where_it_is_asked_for(site: Path, capsys: Out) -> None:
    assert main(["config", "schema", "--output", "schema.json"]) == 0
    written = (site / "schema.json").read_text()
    assert main(["config", "schema"]) == 0
    assert capsys.readouterr().out == written
    assert json.loads(written)["properties"]["mode"]["enum"] == ["shadow", "pilot", "live"]
