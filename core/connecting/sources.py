"""A source over three readings, as connectors to ledgers have them: masters, items and cash.

What each stream is read by stands here once; a connector's sources say which streams they have, what they check and
what they discover.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

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

from .streams import expect_given

_MASTERS: Final = frozenset({"customer", "contact"})
Keys = Sequence[tuple[str, str]]
LookUps = Mapping[Stream, Callable[[Keys], Lookup]]
Small = Mapping[Stream, Callable[[UpperBound], Iterator[Page]]]


class Site(Protocol):
    """What is asked of an ERP."""

    def bound(self) -> UpperBound:
        """Read the server's clock."""

    def close(self) -> None:
        """Hang up."""


class Masters(Protocol):
    """Reads customers and contacts."""

    def pages(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield their pages."""

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are."""

    def lookup(self, stream: Stream, keys: Keys) -> Lookup:
        """Read these again."""


class Items(Protocol):
    """Reads items."""

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield their pages."""

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open."""

    def lookup(self, keys: Keys) -> Lookup:
        """Read these again."""

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item."""


class Cash(Protocol):
    """Reads payments, and what they took off items."""

    def payments(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield payments."""

    def allocations(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield allocations."""


class LedgerSource(ABC):
    """What a connector's four sources have in common.

    `small` are the streams that are read whole each time; `looked_up` what reads payments or allocations again, where
    an ERP can.
    """

    streams: tuple[Stream, ...]
    capabilities: SourceCapabilities

    def __init__(
        self, site: Site, masters: Masters, items: Items, cash: Cash, *,
        small: Small, looked_up: LookUps | None = None,
    ) -> None:  # fmt: skip
        """Take what reads."""
        self._at, self._masters, self._items, self._cash = site, masters, items, cash
        self._small, self._looked_up = small, looked_up or {}

    @abstractmethod
    def check(self) -> Iterable[Finding]:
        """Try the rights and settings of this source."""

    def discover(self) -> Iterable[Discovery]:
        """List nothing, where a source has nothing of its own."""
        return ()

    def upper_bound(self) -> UpperBound:
        """Read the server's clock."""
        return self._at.bound()

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the stream's pages, the last one done."""
        expect_given(stream, self.streams)
        if stream in self._small:
            return self._small[stream](bound)
        if stream in _MASTERS:
            return self._masters.pages(stream, position, bound)
        ledger = {"item": self._items.pages, "payment": self._cash.payments, "allocation": self._cash.allocations}
        return ledger[stream](position, bound)

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys that there are; payments and allocations never vanish."""
        expect_given(stream, self.streams)
        if stream in _MASTERS:
            return self._masters.keys(stream)
        return self._items.keys() if stream == "item" else iter(())

    def lookup(self, stream: Stream, keys: Keys) -> Lookup:
        """Read these rows again, now."""
        expect_given(stream, self.streams)
        if stream in _MASTERS:
            return self._masters.lookup(stream, keys)
        if stream == "item":
            return self._items.lookup(keys)
        return self._looked_up[stream](keys) if stream in self._looked_up else Lookup(missing=list(keys))

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item; nothing of a source without items."""
        return self._items.totals(bound) if "item" in self.streams else iter(())

    def close(self) -> None:
        """Hang up."""
        self._at.close()
