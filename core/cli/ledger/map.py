"""`duehook map check`: is a mapping file right, and what would it make of the files that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, desk_of
from duehook.core.errors import ConfigError
from duehook.core.plugins import guarded

ROWS: Final = 3
Samples = Mapping[str, Sequence[Mapping[str, Any]]]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Check mapping files.")
    group.command("check")(check)
    app.add_typer(group, name="map")


def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The mapping files.")],
    sample: Annotated[
        Path | None, typer.Option("--sample", help="A drop folder; show its first rows, mapped and masked.")
    ] = None,
    plugin: Annotated[str, typer.Option("--plugin", help="The plugin whose mapping it is.")] = "files",
    as_json: AsJson = False,
) -> None:
    """Check mapping files and tell every fault with its place; with --sample also against the files.

    Example: duehook map check open_items.yaml --sample drop
    """
    desk = desk_of(context, as_json=as_json)
    faults, told = [], {}
    for file in files:
        try:
            told[str(file)] = _checked(desk, plugin, file, sample)
        except ConfigError as error:
            if len(files) == 1:
                raise
            faults.append(str(error))
    found = [{"file": file, "maps": words, "sample": rows} for file, (words, rows) in told.items()]
    desk.screen.show({"files": found, "faults": faults}, lambda: _draw(desk, told))
    if faults:
        desk.screen.error("\n".join(faults), exit_code=int(Exit.CONFIG))
        raise typer.Exit(Exit.CONFIG)


def _checked(desk: Desk, plugin: str, file: Path, sample: Path | None) -> tuple[str, Samples]:
    with guarded(f"plugin {plugin} failed in check_mapping"):
        words = desk.plugins.mapping_check(plugin)(file)
    if sample is None:
        return words, {}
    with guarded(f"plugin {plugin} failed in sample_mapping"):
        return words, desk.plugins.mapping_sample(plugin)(file, sample, ROWS)


def _draw(desk: Desk, told: Mapping[str, tuple[str, Samples]]) -> None:
    for file, (words, samples) in told.items():
        desk.screen.say(f"{file} is well: {words}")
        for stream, rows in samples.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            lines = [(name, *(row.get(name) for row in rows)) for name in names]
            desk.screen.table(["field", *(f"row {number}" for number in range(1, len(rows) + 1))], lines, title=stream)
