"""`duehook plugins`: what is installed, and what is wrong with it."""

from __future__ import annotations

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, desk_of


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.command("plugins")(plugins)


def plugins(
    context: typer.Context,
    as_json: AsJson = False,
    strict: bool = typer.Option(False, "--strict", help="End with 1 when a plugin is not ok."),
) -> None:
    """List the plugins, each ok or with the reason why not.

    A plugin is an installed package with an entry point in the group `duehook`, or one file in
    `plugins/` beside duehook.yaml.

    Example: duehook plugins --json
    """
    desk = desk_of(context, as_json=as_json)
    desk.screen.show({"plugins": desk.plugins.report}, lambda: _draw(desk))
    if strict and any(each.state != "ok" for each in desk.plugins.report):
        raise typer.Exit(Exit.FAILED)


def _draw(desk: Desk) -> None:
    rows = [
        (each.name, each.state, each.version or each.origin, ", ".join(each.hooks), each.reason)
        for each in desk.plugins.report
    ]
    desk.screen.table(["plugin", "state", "from", "hooks", "reason"], rows)
