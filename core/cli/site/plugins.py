"""`duehook plugins` and `duehook connectors`: what is installed, what is wrong with it, and how good it proved."""

from __future__ import annotations

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, desk_of
from duehook.core.runs.connectors import Graded
from duehook.core.runs.connectors import connectors as graded


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.command("plugins")(plugins)
    app.command("connectors")(connectors)


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


def connectors(context: typer.Context, as_json: AsJson = False) -> None:
    """List the connectors with the grade that each earned, when and against what, and what the next one asks for.

    The grade is given by the contract kit alone: `pytest --duehook-connector=TYPE --duehook-grade=grade.json`.

    Example: duehook connectors
    """
    desk = desk_of(context, as_json=as_json)
    found = graded(desk.plugins)
    desk.screen.show({"connectors": [_plain(each) for each in found]}, lambda: _draw_grades(desk, found))


def _plain(each: Graded) -> dict[str, object]:
    record = each.record.model_dump(mode="json") if each.record else {}
    return {**record, "connector": each.connector, "changed_since": each.changed_since, "fault": each.fault}


def _draw_grades(desk: Desk, found: list[Graded]) -> None:
    rows = [(each.connector, *_earned(each)) for each in found]
    desk.screen.table(["connector", "grade", "earned on", "against", "missing for the next"], rows)
    for each in found:
        if each.changed_since:
            desk.screen.say(f"{each.connector}: its code has changed since; run the kit again.")
        if each.fault:
            desk.screen.say(f"{each.connector}: {each.fault}")


def _earned(each: Graded) -> tuple[str, str, str, str]:
    if each.record is None:
        return "none", "", "", "" if each.fault else "the contract kit never looked at it"
    return each.record.grade or "none", each.record.earned_on.isoformat(), each.record.told_against, each.missing
