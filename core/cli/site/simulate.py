"""`duehook simulate TYPE`: a stand-in for an ERP that stays until it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from duehook.core.cli.desk import AsJson, Desk, desk_of

SETTINGS_FILE: Final = "connection.yaml"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    context: typer.Context,
    type: Annotated[str, typer.Argument(help="The ERP's type, such as jde.")],
    customers: Annotated[int | None, typer.Option(min=1, help="How many customers.")] = None,
    items: Annotated[int | None, typer.Option(min=1, help="How many open items.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed makes the same book.")] = None,
    folder: Annotated[Path, typer.Option(help="Where its files go.")] = Path("simulator"),
    start_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The book's first day.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Let the book begin so many days ago and move on to today.")
    ] = None,
    database_url: Annotated[str | None, typer.Option(help="A database for it; else SQLite in the folder.")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="A fault to switch on, as html, slow=2.5 or status=503,count=3; more than one may be."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start a simulated ERP, print the settings that reach it, and stay until interrupted.

    The settings also stand in connection.yaml in its folder, for `duehook init`.

    Example: duehook simulate jde --customers 2000 --items 20000 --days 90
    """
    desk = desk_of(context, as_json=as_json)
    options = _options(
        customers=customers, items=items, seed=seed, database_url=database_url,
        start_on=start_on.date() if start_on else None, days=days, until=desk.context.now().date() if days else None,
    )  # fmt: skip
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    faults = {"faults": tuple(fault)} if fault else {}
    simulator = desk.plugins.simulator(type, {**options, **faults, "folder": str(folder.resolve())})
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _tell(desk, type, simulator.start(), folder / SETTINGS_FILE)
        ended.wait()
    finally:
        simulator.stop()
    desk.screen.note("Stopped.")


def _options(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _tell(desk: Desk, type: str, settings: Mapping[str, str], file: Path) -> None:
    text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in settings.items())
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write(f"type: {type}\n{text}")
    if desk.screen.as_json:
        desk.screen.raw(json.dumps({"type": type, "settings": dict(settings), "file": str(file)}) + "\n")
    else:
        desk.screen.say(f"The simulated {type} is running; its settings are:\n\ntype: {type}\n{text}")
        desk.screen.say(f"They are in {file}, for `duehook init`. It ends when interrupted (Ctrl-C).")
    desk.screen.flush()
