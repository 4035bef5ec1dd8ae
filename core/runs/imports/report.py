"""What an import did, for people and for the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass
class StreamReport:
    """What was read of one stream and what it did to the books."""

    stream: str
    pages: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    parked: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass
class SweepReport:
    """What became of rows that the source no longer lists (rule 15).

    `found` were listed but not held as open, and were read again. `removed` counts, by stream,
    rows other than items that a full import took out of the books.
    """

    listed: int = 0
    vanished: int = 0
    cleared: int = 0
    still_open: int = 0
    deleted: int = 0
    purged: int = 0
    deleted_or_purged: int = 0
    found: int = 0
    removed: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenFault:
    """An item whose open amount is not its original amount less its allocations."""

    company: str
    document: str
    currency: str
    open_amount: Decimal
    expected: Decimal


@dataclass
class ImportReport:
    """One run of one connection.

    `resolved` rows of the quarantine have loaded, `superseded` ones are in the source no more.
    `resumed` says that it finished what a killed run began; `resumes` is the run with which a
    broken full reading began. `stopped` says which guard would stop it, in a dry run only.
    """

    connection: str
    mode: str
    as_of: date
    dry_run: bool = False
    run_id: int = 0
    bound_at: datetime | None = None
    generation: int | None = None
    resumed: bool = False
    resumes: int | None = None
    streams: dict[str, StreamReport] = field(default_factory=dict)
    sweep: SweepReport | None = None
    placeholders: int = 0
    resolved: int = 0
    superseded: int = 0
    waiting_in_quarantine: int = 0
    open_faults: int = 0
    first_open_faults: tuple[OpenFault, ...] = ()
    balances: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    stopped: str | None = None
    error: str | None = None

    def stream(self, name: str) -> StreamReport:
        """Return the stream's own part."""
        return self.streams.setdefault(name, StreamReport(name))

    @property
    def written(self) -> int:
        """Return how many rows became new or different."""
        return sum(part.new + part.changed for part in self.streams.values())

    @property
    def parked(self) -> int:
        """Return how many rows of this run went to quarantine."""
        return sum(part.parked for part in self.streams.values())

    def as_json(self) -> dict[str, Any]:
        """Return it as the books and `--json` give it."""
        return asdict(self)
