"""The four sources of a drop folder; each gives what the mapping has of its streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from duehook.core.connecting.streams import expect_given
from duehook.core.hookspecs import (
    Discovery,
    Finding,
    KeyPage,
    Lookup,
    Page,
    Position,
    SourceCapabilities,
    Total,
    UpperBound,
)
from duehook.core.records import Stream

from . import check
from .drop.folder import Drop
from .reading import Reading

SWEPT: tuple[Stream, ...] = ("customer", "contact", "item", "payment", "allocation")


class FilesSource:
    """Reads some streams of a drop folder."""

    def __init__(self, drop: Drop, streams: tuple[Stream, ...]) -> None:
        self.streams = streams
        self._drop = drop
        self._readings: dict[Stream, Reading] = {}
        whole = [drop.mapping(stream).snapshot is not None for stream in streams if stream in SWEPT]
        self.capabilities = SourceCapabilities(sweeps=all(whole), allocations="allocation" in streams)

    def check(self) -> Iterable[Finding]:
        """Read every file through and say what is wrong with it, and what rounding does."""
        return check.findings(self._drop, {stream: self._reading(stream) for stream in self.streams})

    def discover(self) -> Iterable[Discovery]:
        """List files, columns and codes, with masked samples."""
        return check.discoveries(self._drop, {stream: self._reading(stream) for stream in self.streams})

    def upper_bound(self) -> UpperBound:
        """Return the instant of the newest complete file."""
        return self._drop.bound()

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the pages of files that are new or changed, the last one empty and `done`."""
        return self._reading(stream).pages(position, bound)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys of a snapshot; of files that are only news a listing is never complete."""
        return self._reading(stream).keys()

    def lookup(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again."""
        return self._reading(stream).lookup(keys)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what the files say is open, by item, rounded as the mapping says."""
        return self._reading("item").totals(bound) if "item" in self.streams else iter(())

    def close(self) -> None:
        """Forget what was looked over."""
        self._readings.clear()

    def _reading(self, stream: Stream) -> Reading:
        expect_given(stream, self.streams)
        if stream not in self._readings:
            self._readings[stream] = Reading(self._drop, stream)
        return self._readings[stream]
