"""What every simulator that answers HTTP has in common: a moving book, a server, faults and rights.

A connector's simulator derives from `BookSimulator` and says how its ERP answers a request. What is
asked for is read straight from the book, so what happens there is in the ERP at once. What was written
into the ERP from outside (notes, holds) stands in `kept`, and in a file of the simulator's folder.
"""

from __future__ import annotations

import json
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream

from .book import Book, Change
from .book.objects import to_amount
from .faults import READS, Calls, Fault, Faults
from .simulator import ControlRoute, Logged, Reply, Request, SimulatorServer, json_reply

FILE: Final = "erp.json"
DEFAULTS: Final[Mapping[str, Any]] = {
    "folder": ".",
    "seed": 1,
    "customers": 200,
    "items": 2000,
    "start_on": date(2026, 3, 2),
    "days": None,  # with `until`: how many days before it the book starts, instead of `start_on`
    "until": None,  # the day the book has come to; it is moved on to it
    "database_url": None,
    "faults": (),
    "port": 0,
    "knobs": None,
}
DATE: Final = "date"  # the flaw that every ERP's rows may have: a date that is none
_EVENING: Final = time(23, 45, tzinfo=UTC)


def balances(lines: Iterable[tuple[tuple[str, str, str], Decimal]]) -> dict[tuple[str, str, str], Decimal]:
    """Add up lines by company, customer and currency, and leave out what comes to nothing."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for name, amount in lines:
        sums[name] = sums.get(name, Decimal(0)) + amount
    return {name: amount for name, amount in sums.items() if amount}


class BookSimulator(ABC):
    """An ERP over a seeded book, that answers HTTP on loopback.

    `more_options` are options beside DEFAULTS. `lacks`, `site_settings`, `variants`, `flaws`,
    `half_references` and `settings_called` are what `contract.erp.SimulatedErp` says, `reads` and `fullest` what
    `FaultyErp` does, `about_items` and `answers_later` what `WrittenErp` does. `as_normal` are classes that it lacks
    and whose documents it has all the same, as plain ones, so that `same-book` counts them. `rights` names what the
    ERP's admin can grant, with the words that `check` must use of each; `denied` are those that are withdrawn now.
    """

    more_options: ClassVar[Mapping[str, Any]] = {}
    lacks: Mapping[str, str] = {}
    site_settings: Mapping[str, Any] = {}
    variants: Mapping[str, Mapping[str, Any]] = {}
    flaws: Mapping[str, bool] = {DATE: True}
    half_references: Sequence[str] = ()
    as_normal: Sequence[str] = ()
    settings_called: Mapping[str, str] = {}
    about_items: Sequence[CommandKind] = ()
    answers_later: Sequence[CommandKind] = ()
    rights: Mapping[str, str] = {}
    reads = READS
    fullest: Mapping[str, Any] = {}

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        known = {**DEFAULTS, **self.more_options}
        unknown = set(options) - set(known)
        if unknown:
            raise ValueError(f"{type(self).__name__} has no option {', '.join(sorted(unknown))}")
        self.options = {**known, **{name: value for name, value in options.items() if value is not None}}
        self.denied: set[str] = set()
        self.kept: dict[str, Any] = {}
        self._waiting = [Fault.read(each) for each in self.options["faults"]]
        self._book: Book | None = None
        self._server: SimulatorServer | None = None
        self.moving = threading.RLock()

    @abstractmethod
    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection to the server at this URL."""

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Answer a request; called under the lock, so that the book stands still."""

    @abstractmethod
    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let the ERP's row of an item hold what cannot be read; see `contract.erp.SimulatedErp`."""

    @abstractmethod
    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the ERP's rows of a payment hold what cannot be read."""

    def halve(self, item: str, way: str) -> None:
        """Let an item refer by half; only where there are `half_references`."""
        raise ValueError(f"{type(self).__name__} has no half reference {way!r}")

    def tls(self) -> ssl.SSLContext | None:
        """Return what the server shows itself with, where it answers HTTPS."""
        return None

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with fewer rows that looks like the last one; as it is where an ERP has no pages."""
        return reply

    def about(self, request: Request) -> str:
        """Say for the log what a request asks about: its path, where an ERP does not put that into the body."""
        return request.path

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for, as this ERP would."""
        return json_reply({"message": f"fault {status}"}, status)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command: all that are no reads, where an ERP does not say more."""
        return Calls("", "POST|PUT|PATCH|MERGE|DELETE")

    def deny(self, right: str) -> None:
        """Withdraw a right; ValueError for one that there is not."""
        if right not in self.rights:
            raise ValueError(f"there is no right {right!r}; there is {', '.join(self.rights)}")
        self.denied.add(right)

    def grant(self, right: str) -> None:
        """Give a right back."""
        self.denied.discard(right)

    def own_dunning(self, item: str, level: int) -> None:
        """Let the ERP's own dunning raise an item's level today without touching its change stamp."""
        with self.moving:
            row = self.book.items[item]
            row.dunning_level, row.last_dunned_on = level, self.book.day
            self.carried([Change(row.changed_at, "changed", "item", item)])

    def meanwhile(self, act: Callable[[], None], requests: Calls) -> None:
        """Let this happen once, just before the next of these requests is carried out."""
        self._started().meanwhile = (act, requests)

    def carried(self, changes: Sequence[Change]) -> None:  # noqa: B027  (most derive nothing)
        """Learn that the book moved, where something is derived from it."""

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now; those of the book where an ERP has no keys of its own."""
        return self.book.as_rows(stream)

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return what is open by company, customer and currency: the book's, where the ERP's lines are its items."""
        return balances(
            ((item.company, item.customer, item.currency), to_amount(item.open_minor, item.currency))
            for item in self.book.items.values()
        )

    @property
    def book(self) -> Book:
        """Return the book behind it; only after `start`."""
        if self._book is None:
            raise RuntimeError("the simulator is not started")
        return self._book

    @property
    def server(self) -> SimulatorServer:
        """Return what serves it and its controls; only after `start`."""
        return self._started()

    @property
    def faults(self) -> Faults:
        """Return the fault switches; only after `start`."""
        return self._started().faults

    @property
    def log(self) -> list[Logged]:
        """Return the requests that came in; only after `start`."""
        return self._started().log

    @property
    def request_count(self) -> int:
        """Return how many requests came in, also those that the log has forgotten; only after `start`."""
        return self._started().request_count

    @property
    def now(self) -> datetime:
        """Return the ERP's clock: late in the evening of the book's day."""
        return datetime.combine(self.book.day, _EVENING)

    def start(self) -> Mapping[str, str]:
        """Draw the book, or go on with the folder's; serve; return the settings that a connection needs."""
        options = self.options
        start_on = options["start_on"]
        if options["days"] and options["until"]:
            start_on = options["until"] - timedelta(days=options["days"])
        self._resume(start_on)
        if options["until"] and options["until"] > self.book.day:
            self.advance_to(options["until"])
        self._server = SimulatorServer(
            self._answered, error=self.error, controls=self.controls(), clock=lambda: self.now,
            shrunk=self.shrunk, about=self.about, port=int(options["port"]), tls=self.tls(),
        )  # fmt: skip
        for fault in self._waiting:
            self._server.faults.add(fault)
        return self.connection(self._server.start())

    def stop(self) -> None:
        """End the server."""
        if self._server:
            self._server.stop()

    def advance_to(self, day: date) -> int:
        """Move the book to the end of that day; return the number of changes."""
        with self.moving:
            changes = self.book.advance_to(day)
            self.carried(changes)
            self.keep()
        return len(changes)

    @contextmanager
    def act(self) -> Iterator[Book]:
        """Let things happen to the book today."""
        with self.moving:
            before = len(self.book.changes)
            yield self.book
            self.carried(self.book.changes[before:])

    def keep(self) -> None:
        """Write down what must survive a restart: the book's day, and `kept`."""
        held = {"drawn": self._drawn, "day": self.book.day.isoformat(), "kept": self.kept}
        file = Path(self.options["folder"]) / FILE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".new").write_text(json.dumps(held), encoding="utf-8")
        file.with_suffix(".new").replace(file)

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes, by the name behind `/_control/`."""
        return {
            "advance": self._advance,
            "day": lambda body: {"day": self.book.day.isoformat()},
            "deny": lambda body: {"denied": sorted(self._deny(body["right"]))},
            "grant": lambda body: {"denied": sorted(self._grant(body["right"]))},
            "open_totals": lambda body: [[*key, str(total)] for key, total in self.book.open_totals().items()],
        }

    def _resume(self, start_on: date) -> None:
        options = self.options
        self._drawn = [options["seed"], options["customers"], options["items"], start_on.isoformat()]
        file = Path(options["folder"]) / FILE
        held = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        if held and held["drawn"][:3] != self._drawn[:3]:
            raise ValueError(f"{file} holds another book: seed, customers, items {held['drawn'][:3]}")
        if held:
            self._drawn, self.kept = held["drawn"], held["kept"]
        seed, customers, items, first = self._drawn
        self._book = Book.make(seed, customers, items, date.fromisoformat(first), knobs=options["knobs"])
        if held:
            self._book.advance_to(date.fromisoformat(held["day"]))
        self.carried(self._book.changes)

    def _answered(self, request: Request) -> Reply:
        with self.moving:
            return self.answer(request)

    def _advance(self, body: dict[str, Any]) -> Any:
        day = date.fromisoformat(body["to"]) if "to" in body else self.book.day + timedelta(days=body.get("days", 1))
        return {"changes": self.advance_to(day), "day": day.isoformat()}

    def _deny(self, right: str) -> set[str]:
        self.deny(right)
        return self.denied

    def _grant(self, right: str) -> set[str]:
        self.grant(right)
        return self.denied

    def _started(self) -> SimulatorServer:
        if self._server is None:
            raise RuntimeError("the simulator is not started")
        return self._server
