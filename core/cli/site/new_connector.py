"""`duehook new-connector NAME`: the package of a connector of one's own, as a small one that works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from duehook.core.cli.desk import AsJson, Desk, desk_of
from duehook.core.runs import new_connector as making


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new-connector")(new_connector)


def new_connector(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The ERP's name, as `type` will have it: lower case, such as acme.")],
    folder: Annotated[
        Path | None, typer.Option("--folder", help="The folder to make; when not given, one of that name here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the package of a connector of your own: a small one that works, to be changed step by step.

    `pytest` in it runs the contract kit and prints the grade. docs/how-to/write-a-connector.md leads on.

    Example: duehook new-connector acme --folder ../duehook-acme
    """
    desk = desk_of(context, as_json=as_json)
    home = folder or Path(name)
    made = making.new_connector(name, home, desk.plugins)
    desk.screen.show({"folder": str(home), "files": made}, lambda: _draw(desk, home, made))


def _draw(desk: Desk, home: Path, made: list[str]) -> None:
    for name in made:
        desk.screen.say(f"written  {home / name}")
    desk.screen.say(f"Next: cd {home} && pytest")
