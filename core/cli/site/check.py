"""`duehook check` and `duehook discover`: is all there that is needed, and what else is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, desk_of
from duehook.core.runs.check import Checked, Discovered
from duehook.core.runs.check import check as check_site
from duehook.core.runs.check import discover as discover_site
from duehook.core.runs.suggestions import suggestions

Connections = Annotated[list[str] | None, typer.Argument(metavar="[CONNECTION]...", help="Else all.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("check")(check)
    app.command("discover")(discover)


def check(context: typer.Context, connections: Connections = None, as_json: AsJson = False) -> None:
    """Try every right, setting and channel, and tell what is missing and whom to ask.

    Ends with 4 when a connection or channel fails, 3 when live letters would lack something.

    Example: duehook check
    """
    desk = desk_of(context, as_json=as_json)
    found = check_site(desk.site, connections or ())
    failed = [each for each in found if not each.ok and each.severity == "error"]
    desk.screen.show({"ok": not failed, "findings": found}, lambda: _draw_findings(desk, found))
    if failed:
        outside = any(each.part.startswith(("connection", "channel")) for each in failed)
        raise typer.Exit(Exit.CONNECTION if outside else Exit.CONFIG)


def discover(context: typer.Context, connections: Connections = None, as_json: AsJson = False) -> None:
    """List what a connection's ERP has: companies, tables, code lists, and settings that follow.

    Samples are masked.

    Example: duehook discover jde
    """
    desk = desk_of(context, as_json=as_json)
    found = discover_site(desk.site, connections or ())
    desk.screen.show({"found": found}, lambda: _draw_discoveries(desk, found))


def _draw_findings(desk: Desk, found: Sequence[Checked]) -> None:
    rows = [(_mark(each), each.part, each.subject, each.message, each.advice or "") for each in found]
    desk.screen.table(["", "part", "subject", "finding", "what to do"], rows)
    bad = sum(not each.ok and each.severity == "error" for each in found)
    warnings = sum(not each.ok and each.severity != "error" for each in found)
    desk.screen.say(f"{len(found)} checked: {bad} failed, {warnings} to look at.")


def _mark(each: Checked) -> str:
    return "ok" if each.ok else {"error": "FAILED", "warning": "look"}.get(each.severity, "note")


def _draw_discoveries(desk: Desk, found: Sequence[Discovered]) -> None:
    rows = [(each.connection, each.kind, each.name, each.text, ", ".join(each.samples)) for each in found]
    desk.screen.table(["connection", "kind", "name", "what", "samples"], rows)
    settings = desk.settings
    companied = [name for name in settings.connections if settings.companies_of(name)]
    for place, lines in suggestions(found, companied):
        unfilled = " (… is for you to fill in)" if any("…" in line for line in lines) else ""
        desk.screen.say(f"\nTo write {place}{unfilled}:")
        for line in lines:
            desk.screen.say(f"  {line}")
