"""`duehook init` and `duehook migrate`: from nothing to a configuration and books."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from duehook.core.cli.desk import AsJson, Desk, Usage, desk_of
from duehook.core.plugins import Plugins
from duehook.core.runs import init as setting_up
from duehook.core.runs.init import Answers, Made, read_answers, read_connection
from duehook.core.runs.site import load_plugins, open_books


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("migrate")(migrate)


def init(
    context: typer.Context,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="Take the answers from this YAML file; ask nothing.")
    ] = None,
    connection: Annotated[
        Path | None, typer.Option("--connection", help="The connection's settings, as the simulator writes them.")
    ] = None,
    own_plugins: Annotated[
        bool, typer.Option("--own-plugins", help="Run the files in plugins/ here: a connector of your own.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask at most eight questions, write duehook.yaml, and make the database.

    Nothing that is there is overwritten, so it may be run again at any time. What lies in plugins/ is run by
    other commands once duehook.yaml is there; before that only --own-plugins does.

    Example: duehook init --answers answers.yaml --connection simulator/connection.yaml
    """
    desk = desk_of(context, as_json=as_json)
    if own_plugins:
        desk.plugins = load_plugins(desk.config, new=True)
    found = None if desk.config.exists() else _answers(desk, answers, connection)
    made = setting_up.init(desk.config, desk.plugins, found)
    told = {"written": made.written, "kept": made.kept}
    desk.screen.show(told, lambda: _draw(desk, made))


def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring the books to this version's tables; make a backup first.

    Example: duehook migrate
    """
    desk = desk_of(context, as_json=as_json)
    books = open_books(desk.settings)
    try:
        books.migrate()
    finally:
        books.close()
    desk.screen.show({"migrated": True}, lambda: desk.screen.say("The books are at this version."))


def _answers(desk: Desk, file: Path | None, connection: Path | None) -> Answers:
    given: dict[str, Any] = {}
    if connection is not None:
        given["connection"] = read_connection(connection)
        if kind := given["connection"].get("type"):
            given["erp"] = str(kind)
    if file is not None:
        return read_answers(file, given=given)
    if not sys.stdin.isatty():
        raise Usage("there is nobody to ask.", fix="give the answers in a file: duehook init --answers FILE.")
    return _ask_all(desk.plugins, given)


def _ask_all(plugins: Plugins, given: dict[str, Any]) -> Answers:
    types = ", ".join(plugins.connection_types()) or "none installed"
    if "erp" not in given:
        given["erp"] = _ask(f"1. Which ERP is read? ({types})", "erp")
    if "connection" not in given:
        text = typer.prompt("2. A file with the connection's settings (empty: write them later)", default="")
        given["connection"] = read_connection(Path(text)) if text else {}
    given["companies"] = typer.prompt(
        "3. The codes of the companies in the ERP, with commas (empty: later)", default=""
    )
    given["timezone"] = _ask("4. The time zone, such as Europe/Berlin", "timezone", default="UTC")
    given["database"] = typer.prompt("5. The database", default="sqlite:///duehook.db")
    given["mail"] = _ask("6. The mail server, host:port (empty: later)", "mail", default="")
    given["mailbox"] = _ask("7. The mailbox that letters come from (empty: later)", "mailbox", default="")
    given["catch_all"] = _ask("8. Where all mail goes until go-live", "catch_all", default="")
    return Answers.model_validate({key: value for key, value in given.items() if value != ""})


def _ask(question: str, key: str, *, default: str | None = None) -> str:
    """Ask until the answer can be read; an empty one leaves the key out."""

    def readable(text: str) -> str:
        if text:
            Answers.model_validate({"erp": "x", key: text})
        return text

    return str(typer.prompt(question, default=default, value_proc=_explained(readable), show_default=bool(default)))


def _explained(read: Callable[[str], str]) -> Callable[[str], str]:
    def reading(text: str) -> str:
        try:
            return read(text)
        except ValidationError as error:
            raise typer.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from error

    return reading


def _draw(desk: Desk, made: Made) -> None:
    for name in made.kept:
        desk.screen.say(f"kept     {name}")
    for name in made.written:
        desk.screen.say(f"written  {name}")
    desk.screen.say("Next: duehook check, duehook discover, duehook import.")
