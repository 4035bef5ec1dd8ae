"""Who did what, when and why: rows written with the act, sealed into a chain, verified.

A row is written in the act's own transaction. The sealer chains committed rows later, in
batches: each row's digest takes in the one before, and each seal's head is appended to an anchor
file beside the books, so that even whoever may write to the database cannot edit, delete,
reorder or cut off sealed rows unseen. Rows are counted as they are committed, so that one that is
deleted before it is sealed is missed. Contact data stays out: texts are redacted on the way in.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books import Books
from duehook.core.books.store import audit as store
from duehook.core.books.tables.base import canonical
from duehook.core.context import Context
from duehook.core.redaction import redact, redacted, without_addresses

START: Final = "0" * 64
BATCH: Final = 5_000
_GAPS: Final = 5  # that are told; PostgreSQL leaves some of its own where an act was rolled back


def record(
    tx: Connection,
    context: Context,
    *,
    act: str,
    subject: str,
    company: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str | None = None,
) -> None:
    """Write down an act in its own transaction.

    `act` is a verb with its object (`hold.release`), `subject` the key of what it was done to:
    never a name; an address that is part of a key is taken out.
    """
    row = {
        "at": context.now(),
        "actor_kind": context.actor.kind,
        "actor_id": context.actor.id,
        "actor_source": context.actor.source,
        "correlation_id": context.correlation_id,
        "act": act,
        "company": company,
        "subject": without_addresses(subject),
        "before": None if before is None else redacted(_plain(before)),
        "after": None if after is None else redacted(_plain(after)),
        "why": None if why is None else redact(why),
    }
    store.add(tx, row)


def seal(books: Books, anchor: Path, now: datetime) -> int:
    """Chain the committed rows that are not sealed yet and anchor the head; return how many.

    Two sealers at once make one seal: the second sees its number taken and leaves.
    """
    sealed = 0
    while count := _seal_batch(books, now):
        sealed += count
    _anchor_head(books, anchor)
    return sealed


@dataclass(frozen=True)
class Fault:
    """One place where the chain does not hold; `row` is the audit row's id where one is left."""

    row: int | None
    message: str


@dataclass(frozen=True)
class Verdict:
    """What a walk over the chain found."""

    rows: int
    seals: int
    anchors: int
    unsealed: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing was found."""
        return not self.faults


def verify(books: Books, anchor: Path) -> Verdict:
    """Walk the chain and the anchors; name every row that was edited, deleted, moved or cut off."""
    with books.read() as tx:
        seals = store.seals(tx)
        walk = _Walk()
        faults = [fault for entry in store.chain(tx) for fault in walk.step(*entry)]
        faults += _seal_faults(seals, walk)
        anchors, torn = _read_anchors(anchor)
        faults += torn
        faults += _anchor_faults(seals, anchors)
        unsealed = store.count_unsealed(tx)
        sealed = max((place for place, _ in walk.heads.values()), default=0)
        sealed = max([sealed, *(row.last_place for row in seals), *(entry["place"] for entry in anchors)])
        faults += _count_faults(tx, store.written(tx) - sealed - unsealed)
        return Verdict(walk.rows, len(seals), len(anchors), unsealed, tuple(faults))


def _plain(value: Mapping[str, Any]) -> Any:
    return json.loads(canonical(value))


def _chained(previous: str, place: int, facts: Sequence[Any]) -> str:
    text = canonical([place, *(_stable(value) for value in facts)])
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def _stable(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def _seal_batch(books: Books, now: datetime) -> int:
    with books.write() as tx:
        last = store.last_seal(tx)
        number, place, digest = (last.id + 1, last.last_place, last.digest) if last else (1, 0, START)
        rows = store.unsealed(tx, BATCH)
        if not rows or not store.open_seal(tx, number, previous=digest, sealed_at=now):
            return 0
        chained = []
        for row in rows:
            place += 1
            digest = _chained(digest, place, row)
            chained.append((row.id, place, digest))
        store.close_seal(tx, number, chained)
        return len(rows)


def _anchor_head(books: Books, anchor: Path) -> None:
    """Append the newest seal to the anchor file unless it stands there already."""
    with books.read() as tx:
        last = store.last_seal(tx)
    if last is None:
        return
    anchors, _ = _read_anchors(anchor)
    if anchors and anchors[-1]["seal"] >= last.id:
        return
    line = canonical(
        {"seal": last.id, "place": last.last_place, "digest": last.digest, "sealed_at": last.sealed_at.isoformat()}
    )
    _append(anchor, f"{line}\n".encode())


def _append(anchor: Path, line: bytes) -> None:
    anchor.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(anchor, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        whole = anchor.read_bytes().rfind(b"\n") + 1
        os.ftruncate(handle, whole)  # a line that a lost machine cut short
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_anchors(anchor: Path) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Read the anchor file; a last line that was cut short by a crash is passed over."""
    if not anchor.exists():
        return [], []
    anchors: list[dict[str, Any]] = []
    faults = []
    lines = anchor.read_text("utf-8").split("\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            entry = json.loads(line)
            anchors.append({"seal": int(entry["seal"]), "place": int(entry["place"]), "digest": str(entry["digest"])})
        except (ValueError, KeyError, TypeError):
            faults.append(Fault(None, f"{anchor.name}:{number} is no anchor"))
    return anchors, faults


class _Walk:
    """The state of one walk over the chain."""

    def __init__(self) -> None:
        self.rows = 0
        self.heads: dict[int, tuple[int, str]] = {}  # seal → place and digest of its last row
        self.counts: dict[int, int] = {}
        self._place = 0
        self._digest: str | None = START

    def step(self, facts: Row[Any], seal: int, place: int | None, digest: str | None) -> Iterator[Fault]:
        """Take the next row in; yield what does not hold."""
        self.rows += 1
        row = int(facts[0])
        if place is None or digest is None:
            yield Fault(row, f"audit row {row} was put under seal {seal} without its place in the chain")
            return
        if place != self._place + 1:
            yield Fault(None, f"{_rows_missing(self._place + 1, place - 1)} before audit row {row}: deleted")
            self._digest = None
        if self._digest is not None and _chained(self._digest, place, facts) != digest:
            yield Fault(row, f"audit row {row} (place {place}) was edited or moved: its digest does not follow")
        self._place, self._digest = place, digest
        self.heads[seal] = place, digest
        self.counts[seal] = self.counts.get(seal, 0) + 1


def _rows_missing(first: int, last: int) -> str:
    return f"place {first} is missing" if first == last else f"places {first} to {last} are missing"


def _seal_faults(seals: Sequence[Row[Any]], walk: _Walk) -> Iterator[Fault]:
    previous, number = START, 0
    for row in seals:
        if row.id != number + 1:
            yield Fault(None, f"seal {number + 1} is missing: deleted")
        elif row.previous != previous:
            yield Fault(None, f"seal {row.id} does not follow seal {number}")
        if walk.heads.get(row.id) != (row.last_place, row.digest) or walk.counts.get(row.id) != row.rows:
            yield Fault(None, f"seal {row.id} does not close its rows, which end at place {row.last_place}")
        previous, number = row.digest, row.id
    for seal in sorted(set(walk.heads) - {row.id for row in seals}):
        yield Fault(None, f"rows name seal {seal}, which does not exist")


def _count_faults(tx: Connection, missing: int) -> Iterator[Fault]:
    """Yield what the count of rows ever written says of those that no seal covers."""
    if missing > 0:
        gaps = [str(first) if first == last else f"{first} to {last}" for first, last in store.id_gaps(tx, _GAPS)]
        told = f"; ids that are not there: {', '.join(gaps)}" if gaps else ""
        yield Fault(None, f"{missing} audit rows are gone that no seal covers: deleted before they were sealed{told}")
    if missing < 0:
        yield Fault(None, f"there are {-missing} audit rows more than were written: put in, or taken out of a seal")


def _anchor_faults(seals: Sequence[Row[Any]], anchors: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    held = {row.id: (row.last_place, row.digest) for row in seals}
    if seals and not anchors:
        yield Fault(None, "no seal is anchored: the anchor file is missing or empty, so a cut-off end would not show")
    for entry in anchors:
        found = held.get(entry["seal"])
        if found is None:
            yield Fault(None, f"seal {entry['seal']} was anchored at place {entry['place']} and is gone: rows cut off")
        elif found != (entry["place"], entry["digest"]):
            yield Fault(None, f"seal {entry['seal']} is not the one that was anchored: rows up to it were rewritten")
