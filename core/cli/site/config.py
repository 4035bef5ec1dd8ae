"""`duehook config`: check duehook.yaml, and its schema for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from duehook.core.cli.desk import AsJson, desk_of
from duehook.core.settings.schema import json_schema


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Check duehook.yaml; print its schema.")
    group.command("check")(check)
    group.command("schema")(schema)
    app.add_typer(group, name="config")


def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Check duehook.yaml and tell every fault with its place; nothing outside is touched.

    Example: duehook --config /etc/duehook/duehook.yaml config check
    """
    desk = desk_of(context, as_json=as_json)
    settings = desk.settings
    found = {"file": desk.config, "companies": list(settings.companies), "connections": list(settings.connections)}
    text = (
        f"{desk.config} is well. Companies: {len(settings.companies)}, connections: {len(settings.connections)}, "
        f"mode: {settings.mode}."
    )
    desk.screen.show(found, lambda: desk.screen.say(text))


def schema(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
) -> None:
    """Print the JSON Schema of duehook.yaml, with the settings of every installed connection type.

    Point an editor at it with `# yaml-language-server: $schema=duehook.schema.json`.

    Example: duehook config schema --output duehook.schema.json
    """
    desk = desk_of(context)
    text = json.dumps(json_schema(desk.plugins), indent=2) + "\n"
    if output is None:
        desk.screen.raw(text)
        return
    output.write_text(text, encoding="utf-8")
    desk.screen.note(f"Written to {output}.")
