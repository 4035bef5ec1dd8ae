"""What a source gave in one import, kept in a file, and given again: the same import without the connector."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

from duehook.core.hookspecs import KeyPage, Lookup, Page, Position, Source, Total, UpperBound
from duehook.core.records import Stream

from .item_rows import RowSource

_END: Final = "end"


class Recorded(RowSource):
    """A source whose answers are written down as they pass; `own_seconds` is the CPU that this took."""

    def __init__(self, source: Source, file: BinaryIO) -> None:
        super().__init__()
        self.streams, self.capabilities = source.streams, source.capabilities
        self.positions: dict[Stream, Position] = {}
        self.own_seconds = 0.0
        self._source, self._file = source, file

    def upper_bound(self) -> UpperBound:
        bound = self._source.upper_bound()
        self._keep(bound)
        return bound

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        for page in self._source.read(stream, position, bound):
            self._keep(page)
            self.positions[stream] = page.position
            yield page
        self._keep(_END)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        for page in self._source.keys(stream):
            self._keep(page)
            yield page
        self._keep(_END)

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        found = self._source.lookup(stream, keys)
        self._keep(found)
        return found

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        return self._source.totals(bound)

    def close(self) -> None:
        self._source.close()

    def _keep(self, given: Any) -> None:
        begun = time.process_time()
        pickle.dump(given, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self.own_seconds += time.process_time() - begun


class Replayed(RowSource):
    """A source that gives what another gave, call by call; `own_seconds` is the CPU that reading the file took."""

    def __init__(self, like: Source, file: BinaryIO) -> None:
        super().__init__()
        self.streams, self.capabilities = like.streams, like.capabilities
        self.own_seconds = 0.0
        self._file = file

    def upper_bound(self) -> UpperBound:
        bound: UpperBound = self._next()
        return bound

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        yield from self._given_pages()

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        yield from self._given_pages()

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        found: Lookup = self._next()
        return found

    def _given_pages(self) -> Iterator[Any]:
        while (page := self._next()) != _END:
            yield page

    def _next(self) -> Any:
        begun = time.process_time()
        given = pickle.load(self._file)  # noqa: S301 - written by the process before, into a folder of its own
        self.own_seconds += time.process_time() - begun
        return given
