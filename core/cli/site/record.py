"""`duehook record` and `replay`: a reading that fails is kept without secrets, and read again elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, desk_of
from duehook.core.runs import record as use_case
from duehook.core.runs.record import Heard


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("record")(record)
    app.command("replay")(replay)


def record(
    context: typer.Context,
    connection: Annotated[str, typer.Argument(help="The connection's name in duehook.yaml.")],
    to: Annotated[Path, typer.Option(help="A new folder for what is recorded.")] = Path("flight"),
    full: Annotated[bool, typer.Option("--full", help="Read everything, as a first import does.")] = False,
    mask: Annotated[
        list[str] | None, typer.Option(help="Mask the values of this field too; more than one may be.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a connection as the next import would and keep what the ERP answers, without secrets, for a test.

    Nothing is written into the books or the ERP. Addresses, secrets, mail addresses, IBANs and fields that are named as
    people's data are masked; look the folder through before you give it away.

    Example: duehook record prod --to flight
    """
    desk = desk_of(context, as_json=as_json)
    kept = use_case.record(desk.site, desk.context, connection, to, full=full, masked=mask or ())
    words = f"{kept.answers} answers stand in {kept.folder}: `duehook replay {kept.folder}` reads them again."
    _show(desk, kept.heard, words)


def replay(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder of a recorded reading.")],
    as_json: AsJson = False,
) -> None:
    """Read a recorded reading again with the connectors that are installed; no ERP is asked.

    Ends with 1 where a stream breaks. In the folder `pytest` does the same.

    Example: duehook replay flight
    """
    desk = desk_of(context, as_json=as_json)
    flight, heard = use_case.replay(folder, desk.plugins)
    changed = " It comes out otherwise than when it was recorded." if tuple(heard) != flight.heard else ""
    _show(desk, heard, f"Recorded from {flight.connector} on {flight.recorded_at:%Y-%m-%d}.{changed}")
    if any(each.error for each in heard):
        raise typer.Exit(Exit.FAILED)


def _show(desk: Desk, heard: Sequence[Heard], words: str) -> None:
    def draw() -> None:
        rows = [
            (each.stream, each.rows, "" if each.keys is None else each.keys, each.error or "; ".join(each.bad))
            for each in heard
        ]
        desk.screen.table(["stream", "rows", "keys", "what went wrong"], rows, right=[1, 2])
        desk.screen.say(words)

    desk.screen.show({"streams": [each.model_dump() for each in heard]}, draw)
