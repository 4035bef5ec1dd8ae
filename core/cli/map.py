"""`duehook map check`: is a mapping file right, before any row is read with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from duehook.core.plugins import guarded

from .desk import AsJson, desk_of


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Check mapping files.")
    group.command("check")(check)
    app.add_typer(group, name="map")


def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The mapping file.")],
    plugin: Annotated[str, typer.Option("--plugin", help="The plugin whose mapping it is.")] = "files",
    as_json: AsJson = False,
) -> None:
    """Check a mapping file and tell every fault with its place.

    Example: duehook map check mappings/open_items.yaml
    """
    desk = desk_of(context, as_json=as_json)
    checking = desk.plugins.mapping_check(plugin)
    with guarded(f"plugin {plugin} failed in check_mapping"):
        told = checking(file)
    desk.screen.show({"file": file, "maps": told}, lambda: desk.screen.say(f"{file} is well: {told}"))
