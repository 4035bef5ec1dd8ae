"""Reads Acme's resources: whole, or what changed since; resumable, bounded, and proved whole at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from duehook.core.errors import BadRecord, ConnectorError, ConnectorGarbled
from duehook.core.field_mapping.masking import masked
from duehook.core.hookspecs import (
    BadRow,
    Counted,
    Discovery,
    Finding,
    KeyPage,
    Lookup,
    Page,
    Position,
    Row,
    SourceCapabilities,
    Total,
    UpperBound,
)
from duehook.core.records import Stream

from .client import AcmeClient, Raw
from .mapping import RESOURCES, Name, id_of, mapped, name_of, total
from .settings import AcmeSettings

BATCH: Final = 100  # ids asked for at once: more would make an address that servers refuse
SAMPLES: Final = 3


class AcmeSource:
    """Some streams of one Acme connection."""

    def __init__(self, settings: AcmeSettings, name: str, streams: tuple[Stream, ...]) -> None:
        """Take the connection's settings, its name for the messages, and what is to be read."""
        self.streams = streams
        self.capabilities = SourceCapabilities(allocations="allocation" in streams)
        self._lookback = timedelta(hours=settings.lookback_hours)
        self._client = AcmeClient(settings, name)

    def check(self) -> Iterable[Finding]:
        """Try each right by reading a page, and tell what of it cannot be mapped."""
        for stream in self.streams:
            subject = f"read {RESOURCES[stream]}"
            try:
                raws = self._first(stream)
            except ConnectorError as error:
                yield Finding(subject, False, error.message, error.fix)
                continue
            yield Finding(subject, True, f"{len(raws)} rows came with the first page")
            _, bad = mapped(stream, raws)
            if bad:
                counted = Counted(stream, len(raws), len(bad))
                yield Finding(subject, False, bad[0].reason, "complete the mapping.", "warning", counted)

    def discover(self) -> Iterable[Discovery]:
        """List the companies, and every field there is with masked samples."""
        for stream in self.streams:
            raws = self._first(stream)
            for code, name in [(raw["id"], raw.get("name", "")) for raw in raws if stream == "company"]:
                yield Discovery("company", code, name)
            for field in dict.fromkeys(field for raw in raws for field in raw):
                held = [masked(str(raw[field])) for raw in raws if raw.get(field) not in (None, "")]
                yield Discovery("field", f"{RESOURCES[stream]}.{field}", samples=tuple(held[:SAMPLES]))

    def upper_bound(self) -> UpperBound:
        """Read Acme's clock."""
        now = self._client.now(RESOURCES[self.streams[0]])
        return UpperBound({"now": now.isoformat()}, now)

    def read(self, stream: Stream, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield mapped pages in the order of the ids; the last one, empty, says `done`."""
        place = self._place(position, bound)
        after = place.pop("after", "")
        since = {"changed_from": place["since"]} if "since" in place else {}
        for raws in self._client.pages(RESOURCES[stream], after, **since, changed_to=bound.mark["now"]):
            rows, bad = mapped(stream, raws)
            yield Page(rows, {**place, "after": raws[-1]["id"]}, bad)
        yield Page([], {"start": place["start"], "done": True})

    def keys(self, stream: Stream) -> Iterator[KeyPage]:
        """Yield the keys of what is open (invoices) or exists; the client proves page by page that none is left out."""
        for raws in self._client.pages(RESOURCES[stream], **_open_only(stream)):
            yield KeyPage([name_of(stream, raw) for raw in raws])
        yield KeyPage([], complete=True)

    def lookup(self, stream: Stream, keys: Sequence[Name]) -> Lookup:
        """Read these rows again; Acme does not tell what it deleted from what it never had."""
        there: dict[Name, Row] = {}
        bad: dict[Name, BadRow] = {}
        for start in range(0, len(keys), BATCH):
            ids = ",".join(id_of(stream, name) for name in keys[start : start + BATCH])
            for raw in (raw for raws in self._client.pages(RESOURCES[stream], ids=ids) for raw in raws):
                rows, unread = mapped(stream, [raw])
                there |= {name_of(stream, raw): row for row in rows}
                bad |= {name_of(stream, raw): row for row in unread}
        asked = dict.fromkeys(keys)
        missing = [name for name in asked if name not in there and name not in bad]
        return Lookup([there[n] for n in asked if n in there], missing=missing, bad=[bad[n] for n in asked if n in bad])

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what Acme says is open, invoice by invoice, whenever it changed; unreadable ones wait in quarantine."""
        for raws in self._client.pages(RESOURCES["item"], **_open_only("item")) if "item" in self.streams else ():
            yield [*_totals(raws, bound.at)]

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _first(self, stream: Stream) -> list[Raw]:
        return next(self._client.pages(RESOURCES[stream]), [])

    def _place(self, position: Position | None, bound: UpperBound) -> dict[str, Any]:
        """Return where to begin: at everything, behind a page, or with what changed since the last reading began."""
        if position is None:
            return {"start": bound.mark["now"]}
        try:
            since = datetime.fromisoformat(position["start"]) - self._lookback
        except (KeyError, TypeError, ValueError) as error:
            told = f"The position {position!r} is none of this connector's."
            raise ConnectorGarbled(told, fix="run `duehook import --full`.") from error
        return {"start": bound.mark["now"], "since": since.isoformat()} if position.get("done") else dict(position)


def _open_only(stream: Stream) -> Mapping[str, str]:
    return {"open": "true"} if stream == "item" else {}


def _totals(raws: Sequence[Raw], past: datetime) -> Iterator[Total]:
    for raw in raws:
        with suppress(BadRecord):
            yield total(raw, past)
