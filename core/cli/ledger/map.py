"""`duehook map check`: is a mapping file right, and what would it make of what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, Usage, desk_of
from duehook.core.errors import ConfigError, NotFound
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
        str | None,
        typer.Option(help="A drop folder, or a connection to an ERP; show its first rows, mapped and masked."),
    ] = None,
    plugin: Annotated[str, typer.Option("--plugin", help="The plugin whose mapping it is.")] = "files",
    as_json: AsJson = False,
) -> None:
    """Check mapping files and tell every fault with its place; with --sample also against what is there.

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


def _checked(desk: Desk, plugin: str, file: Path, sample: str | None) -> tuple[str, Samples]:
    with guarded(f"plugin {plugin} failed in check_mapping"):
        words = desk.plugins.mapping_check(plugin)(file)
    if sample is None:
        return words, {}
    with guarded(f"plugin {plugin} failed in sample_mapping"):
        return words, _sampled(desk, plugin, file, sample)


def _sampled(desk: Desk, plugin: str, file: Path, sample: str) -> Samples:
    """Sample a folder by the plugin's own function; without one, the connection of that name by its sources."""
    try:
        of_folder = desk.plugins.mapping_sample(plugin)
    except NotFound:
        from duehook.core.runs import mapping_sample

        connection = desk.settings.connection(sample)
        if desk.plugins.claimant(connection.type) != plugin:
            text = f"connection {sample} is of the type {connection.type}, which is not the plugin {plugin}'s."
            raise Usage(text, fix="name another connection, or another --plugin.") from None
        return mapping_sample.sample(desk.plugins, connection, file, ROWS)
    return of_folder(file, Path(sample), ROWS)


def _draw(desk: Desk, told: Mapping[str, tuple[str, Samples]]) -> None:
    for file, (words, samples) in told.items():
        desk.screen.say(f"{file} is well: {words}")
        for stream, rows in samples.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            lines = [(name, *(row.get(name) for row in rows)) for name in names]
            desk.screen.table(["field", *(f"row {number}" for number in range(1, len(rows) + 1))], lines, title=stream)
