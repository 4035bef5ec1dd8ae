"""The connector that is looked at: its plugin, one connection of it, and what is read through that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from duehook.core.hookspecs import ConnectionConfig, Page, Position, Source, Target
from duehook.core.plugins import Plugins, SourceHook
from duehook.core.records import RECORDS, Record, Stream

from .erp import Row

NAME: Final = "erp"
HOOKS: Final[tuple[SourceHook, ...]] = get_args(SourceHook)


@dataclass
class Connector:
    """One connection of the connector under test; what it opened is closed by `close`.

    `settings` are as a person writes them; they are validated by the plugin's own model each time. With
    `read_only` it has no target: a target's `check` may leave a marked note.
    """

    plugins: Plugins
    type: str
    settings: Mapping[str, Any] = field(repr=False)  # a test that fails prints what it was given
    base: str
    read_only: bool = False
    _sources: dict[SourceHook, Source] = field(default_factory=dict)
    _target: Target | None = None

    @property
    def config(self) -> ConnectionConfig:
        """Return what the plugin is given to build its objects of."""
        model = self.plugins.connection_settings(self.type)
        return ConnectionConfig(NAME, self.type, model.model_validate(dict(self.settings)), self.base)

    def sources(self) -> list[Source]:
        """Open whatever the plugin offers to read."""
        for hook in HOOKS:
            if hook not in self._sources:
                found = self.plugins.source(hook, self.config)
                if found is not None:
                    self._sources[hook] = found
        return list(self._sources.values())

    def streams(self) -> list[Stream]:
        """Return what can be read."""
        return [stream for source in self.sources() for stream in source.streams]

    def source(self, stream: Stream) -> Source:
        """Return the source of a stream."""
        for source in self.sources():
            if stream in source.streams:
                return source
        raise LookupError(f"the connector {self.type} does not read {stream}")

    def pages(self, stream: Stream, position: Position | None = None) -> Iterator[Page]:
        """Read a stream up to now."""
        source = self.source(stream)
        return source.read(stream, position, source.upper_bound())

    def rows(self, stream: Stream, position: Position | None = None) -> list[Row]:
        """Read a stream up to now and return its rows, by nobody looked at yet."""
        return [dict(row) for page in self.pages(stream, position) for row in page.rows]

    def records(self, stream: Stream, position: Position | None = None) -> list[Any]:
        """Read a stream up to now and validate it as the core does; a row that does not hold raises."""
        return validated(stream, self.rows(stream, position))

    @property
    def target(self) -> Target | None:
        """Open what writes back, where the plugin offers it and it may be written to."""
        if self._target is None and not self.read_only:
            self._target = self.plugins.write_back_target(self.config)
        return self._target

    def close(self) -> None:
        """Let go of everything that was opened."""
        for source in self._sources.values():
            source.close()
        if self._target:
            self._target.close()
        self._sources.clear()
        self._target = None


def validated(stream: Stream, rows: Sequence[Row]) -> list[Any]:
    """Return the rows as records; pydantic's ValidationError says which row does not hold, and why."""
    return _adapter(stream).validate_python(list(rows))


@cache
def _adapter(stream: Stream) -> TypeAdapter[list[Any]]:
    record: type[Record] = RECORDS[stream]
    return TypeAdapter(list[record])  # type: ignore[valid-type]
