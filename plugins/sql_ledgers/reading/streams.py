"""Reads one stream part by part: resumable, bounded, and proved whole at its end.

A position holds the bound that reading began with, where it began from, the part and the key behind the last page,
and which template the rows went through: after another one all is read anew. It is JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Row, Total, UpperBound
from duehook.core.records import Stream
from duehook.core.table_mapping.tally import Tally

from .parts import PartReader, Read
from .statements import Wanted

VERSION: Final = 1


class StreamReader:
    """One stream of a ledger. `digest` is the template's; with `lookback` only what changed since is read again."""

    def __init__(
        self, stream: Stream, parts: Sequence[PartReader], *, digest: str, limit: int, lookback: timedelta
    ) -> None:
        self.stream = stream
        self._parts, self._digest, self._limit, self._lookback = parts, digest, limit, lookback

    @property
    def is_stamped(self) -> bool:
        """Say whether every part says when its rows were changed."""
        return all(part.part.changed is not None for part in self._parts)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield mapped pages; the last one, empty, says `done`."""
        start = self._begun(position, bound)
        since = datetime.fromisoformat(start["since"]) if "since" in start else None
        wanted = Wanted(until=bound.at, since=since, recent=since is None)
        first, after = self._place_in(position) if self._goes_on(position) else (0, None)
        tally = Tally()
        for number, part in enumerate(self._parts):
            if number < first:
                continue
            for raws, last in part.pages(wanted, self._limit, after if number == first else None):
                read = part.read(raws, tally)
                yield Page(read.rows, start | {"part": number, "after": list(last)}, read.bad)
        kept = {name: start[name] for name in ("version", "start", "template")}
        whole = since is None and not self._goes_on(position)
        yield Page([], kept | {"done": True}, notes=tally.notes(self.stream), whole=whole)

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of what is open (items) or there, whenever it was changed; what cannot be read too."""
        for part in self._parts:
            for raws, _ in part.pages(Wanted(open=self.stream == "item"), self._limit):
                yield KeyPage(part.identities(raws))
        yield KeyPage([], complete=True)

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what is open by item."""
        for part in self._parts:
            for raws, _ in part.pages(Wanted(open=True), self._limit):
                yield list(part.totals(raws, bound.at))

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read these rows again; an asked company "" is any."""
        there: dict[str, Read] = {}
        for part in self._parts:
            there |= part.looked_up([key for _, key in dict.fromkeys(keys) if key not in there])
        found: list[Row] = []
        bad: list[BadRow] = []
        missing: list[tuple[str, str]] = []
        for company, key in keys:
            held = there.get(key, Read([], []))
            rows = [row for row in held.rows if not company or row.get("company", company) == company]
            unread = [row for row in held.bad if not company or row.company in {None, company}]
            found += rows
            bad += [BadRow(row.reason, row.payload, key, company) for row in unread if not rows]
            missing += [] if rows or unread else [(company, key)]
        return Lookup(found, missing=missing, bad=bad)

    def _begun(self, position: Position | None, bound: UpperBound) -> dict[str, Any]:
        """Return what every position of this reading holds."""
        if self._goes_on(position):
            assert position is not None
            return {name: position[name] for name in ("version", "start", "template", "since") if name in position}
        fresh = {"version": VERSION, "start": bound.at.isoformat(), "template": self._digest}
        if position is None or not self._is_ours(position) or not self.is_stamped:
            return fresh
        since = _instant(position.get("start")) - self._lookback
        return fresh | {"since": since.isoformat()}

    def _is_ours(self, position: Position) -> bool:
        if position.get("version") != VERSION:
            told = f"The position {position!r} is of another version."
            raise ConnectorGarbled(told, fix="run `duehook import --full`.")
        return position.get("template") == self._digest

    def _goes_on(self, position: Position | None) -> bool:
        return position is not None and self._is_ours(position) and not position.get("done")

    @staticmethod
    def _place_in(position: Position | None) -> tuple[int, tuple[Any, ...]]:
        held: Mapping[str, Any] = position or {}
        if not isinstance(held.get("after"), list) or not isinstance(held.get("part"), int):
            raise ConnectorGarbled(f"The position {position!r} names no row.", fix="run `duehook import --full`.")
        return held["part"], tuple(held["after"])


def _instant(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as error:
        raise ConnectorGarbled(f"{text!r} is no instant of a position.", fix="run `duehook import --full`.") from error
