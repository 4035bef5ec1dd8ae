"""The flight recorder: one reading of a connection kept without secrets, and read again where there is no ERP.

A folder holds `flight.json` (what was read, from where on, and what came of it), `exchanges.json` (what the ERP
answered) and `test_flight.py`, which fails as the reading did until the connector is mended. Nothing of it depends on
the books: each stream is read from the position it had, and its keys are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ConfigDict

from duehook.core import __version__
from duehook.core.errors import ConnectorError, DuehookError
from duehook.core.hookspecs import ConnectionConfig, Position, Source
from duehook.core.plugins import Plugins, SourceHook
from duehook.core.records import Stream
from duehook.core.wire.retry import resting_by
from duehook.core.wire.tapes import taped_by

from .contract.live.cassette import NotRecorded, Player, Recorder, kept
from .contract.live.veil import Veil

FILE: Final = "flight.json"
EXCHANGES: Final = "exchanges.json"
TEST: Final = "test_flight.py"
SWEPT: Final[tuple[Stream, ...]] = ("customer", "contact", "item")
BROKEN: Final = (ConnectorError, NotRecorded)
_TOLD: Final = 5  # bad rows of a stream that are told
_CASE: Final = '''"""A recorded reading of the connector {type}: it fails as it did until the connector is mended."""

from pathlib import Path

from duehook.core.plugins import Plugins
from duehook.core.testing.flight import replayed


def test_the_recorded_reading_comes_through() -> None:
    heard = replayed(Path(__file__).parent, Plugins.load())
    assert [(each.stream, each.error) for each in heard if each.error] == []
    assert [(each.stream, each.bad) for each in heard if each.bad] == []
'''


class Heard(BaseModel):
    """What came of one stream: rows, the first reasons of bad ones, keys where they were listed, and what broke it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stream: Stream
    rows: int = 0
    bad: tuple[str, ...] = ()
    keys: int | None = None
    error: str | None = None


class Flight(BaseModel):
    """One recorded reading: of which connector, when, by which Duehook, from which positions, and what came of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connector: str
    connection: str = "recorded"
    recorded_at: datetime
    duehook: str = __version__
    settings: dict[str, Any]
    positions: dict[Stream, dict[str, Any]]
    heard: tuple[Heard, ...]

    @classmethod
    def open(cls, folder: Path) -> Flight:
        """Read a recorded reading; NotRecorded where there is none."""
        return kept(cls, folder / FILE, "recorded reading", fix="record one with `duehook record`.")


def recorded(
    sources: Iterable[Source], positions: Mapping[Stream, Position], veil: Veil
) -> tuple[list[Heard], Recorder]:
    """Read every stream from its position on; return what came of it, and what the ERP answered."""
    recorder = Recorder(veil)
    with taped_by(recorder):
        heard = [*_read(sources, positions, recorder.words.took)]
    return [_veiled(each, recorder) for each in heard], recorder


def _veiled(heard: Heard, recorder: Recorder) -> Heard:
    bad = tuple(recorder.text(reason) for reason in heard.bad)
    return heard.model_copy(update={"bad": bad, "error": heard.error and recorder.text(heard.error)})


def write(folder: Path, flight: Flight, recorder: Recorder) -> None:
    """Write a recorded reading into a folder; NotRecorded where nothing went over a wire that can be recorded."""
    if not recorder.kept:
        told = f"nothing that {flight.connector} asked goes over HTTP, ODBC or RFC, so there is nothing to record."
        raise NotRecorded(told, fix="`duehook import --dry-run` tells what fails.")
    recorder.write(folder / EXCHANGES)
    (folder / FILE).write_text(flight.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (folder / TEST).write_text(_CASE.format(type=flight.connector), encoding="utf-8")


def replayed(folder: Path, plugins: Plugins) -> list[Heard]:
    """Read a recorded reading again, the ERP's answers being those that were kept."""
    flight = Flight.open(folder)
    settings = plugins.connection_settings(flight.connector).model_validate(flight.settings)
    config = ConnectionConfig(flight.connection, flight.connector, settings, str(folder))
    with ExitStack() as opened:
        found = [plugins.source(hook, config) for hook in get_args(SourceHook)]
        sources = {id(source): source for source in found if source is not None}.values()
        for source in sources:
            opened.enter_context(closing(source))
        opened.enter_context(taped_by(Player(folder / EXCHANGES)))
        opened.enter_context(resting_by(lambda seconds: None))
        return [*_read(sources, flight.positions, lambda row: None)]


def _read(
    sources: Iterable[Source], positions: Mapping[Stream, Position], took: Callable[[Mapping[str, Any]], None]
) -> Iterator[Heard]:
    """Yield what comes of each stream; one that breaks keeps no other back. Each row is told to `took`."""
    for source in sources:
        try:
            bound = source.upper_bound()
        except BROKEN as error:
            yield from (Heard(stream=stream, error=_words(error)) for stream in source.streams)
            continue
        for stream in source.streams:
            rows, bad, keys = 0, list[str](), None
            try:
                for page in source.read(stream, positions.get(stream), bound):
                    rows += len(page.rows)
                    bad += [row.reason for row in page.bad]
                    for row in page.rows:
                        took(row)
                if stream in SWEPT:
                    keys = sum(len(page.keys) for page in source.keys(stream))
                yield Heard(stream=stream, rows=rows, bad=tuple(bad[:_TOLD]), keys=keys)
            except BROKEN as error:
                yield Heard(stream=stream, rows=rows, bad=tuple(bad[:_TOLD]), error=_words(error))


def _words(error: DuehookError) -> str:
    return f"{type(error).__name__}: {error.message}"
