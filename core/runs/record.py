"""Record how a connection is read now, for whoever mends its connector; the books are not touched."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duehook.core.books.store.imports import import_runs
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.hookspecs import ConnectionConfig, Position
from duehook.core.plugins import Plugins
from duehook.core.records import Stream
from duehook.core.testing import flight
from duehook.core.testing.contract.live.veil import Veil, shown
from duehook.core.testing.flight import Flight, Heard

from .imports.site import distinct
from .site import Site

__all__ = ["Heard", "Kept", "record", "replay"]
OWN_FILES: Final = ("mapping", "template")  # settings that name a file of the site's own


@dataclass(frozen=True)
class Kept:
    """What stands in a recorded reading: how much was read of each stream, and how many answers were kept."""

    folder: Path
    heard: tuple[Heard, ...]
    answers: int


def record(
    site: Site, context: Context, connection: str, folder: Path, *, full: bool = False, masked: Collection[str] = ()
) -> Kept:
    """Read a connection as its next import would, or with `full` as its first, and keep it in a new folder.

    What is named as people's and firms' data are is masked, and the fields that are `masked`. Raises NotFound for a
    folder that is there, NotRecorded where nothing goes over HTTP, ODBC or RFC.
    """
    if folder.exists():
        raise NotFound(f"{folder} is there already.", fix="name another folder with --to.")
    config = site.settings.connection(connection)
    veil = Veil(config.settings.model_dump(), masked, personal=True)
    positions = {} if full else _positions(site, connection)
    with ExitStack() as opened:
        sources = [opened.enter_context(closing(source)) for source in distinct(site, connection)]
        heard, recorder = flight.recorded(sources, positions, veil)
    kept = Flight(
        connector=config.type,
        connection=config.name,
        recorded_at=context.now(),
        settings=shown(config.settings, veil),
        positions={stream: dict(position) for stream, position in positions.items()},
        heard=tuple(heard),
    )
    folder.mkdir(parents=True)
    flight.write(folder, _with_files(kept, config, folder), recorder)
    return Kept(folder, kept.heard, len(recorder.kept))


def replay(folder: Path, plugins: Plugins) -> tuple[Flight, list[Heard]]:
    """Read a recorded reading again with the connector as it is now; return what was recorded, and what comes now."""
    return Flight.open(folder), flight.replayed(folder, plugins)


def _positions(site: Site, connection: str) -> dict[Stream, Position]:
    with site.books.read() as tx:
        return {row.stream: row.position for row in import_runs.positions(tx, connection).values()}


def _with_files(kept: Flight, config: ConnectionConfig, folder: Path) -> Flight:
    """Take the site's own field mapping and template along: without them other columns would be asked for."""
    taken = dict[str, str]()
    for name in OWN_FILES:
        named = kept.settings.get(name)
        file = Path(config.base) / named if isinstance(named, str) else None
        if file is not None and file.is_file():
            shutil.copyfile(file, folder / f"{name}.yaml")
            taken[name] = f"{name}.yaml"
    return kept.model_copy(update={"settings": {**kept.settings, **taken}})
