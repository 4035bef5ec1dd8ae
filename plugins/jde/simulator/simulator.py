"""The simulated JD Edwards site: a database to read through ODBC and an AIS server to write to."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from duehook.core.errors import ConfigError
from duehook.core.money import exponent
from duehook.core.testing.book import Book
from duehook.core.testing.book.postings import instant
from duehook.core.testing.book_simulator import DEFAULTS as OF_EVERY_BOOK
from duehook.core.testing.faults import Fault, Faults
from duehook.core.testing.simulator import ControlRoute, Logged, SimulatorServer

from .ais import ENVIRONMENT, AisOptions, AisServer, error_reply
from .data_service import shrunk
from .database import Database, PostgresDatabase, SqliteDatabase
from .kit_side import BY_ODBC_ALONE, KitSide
from .moving import carry, load_book
from .site_writes import site_writes
from .store import Store

CLOCK: Final = "SELECT VAL FROM {schema}.SIM_STATE WHERE NAME = 'now'"
FILE: Final = "jde.db"
DEFAULTS: Final[Mapping[str, Any]] = {
    **OF_EVERY_BOOK,
    "timezone": "UTC",
    "hold_orchestration": "CM_SetCreditHold",
    "notes": "text",  # or activity, orchestration
    "user_fields": None,  # promises and disputes: orchestration, or form
    "token_life": 1800.0,
    "read_by": "odbc",
}


class JdeSimulator(KitSide):
    """A JD Edwards site over a seeded book.

    `options` are those of DEFAULTS. A folder (or database) that holds a book already is gone on
    with, at the day it had reached; its seed, size and first day must be the same ones.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves.

        Raises ValueError for an unknown option, NoFault for an unknown fault.
        """
        unknown = set(options) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"the JDE simulator has no option {', '.join(sorted(unknown))}")
        self.options = {**DEFAULTS, **{name: value for name, value in options.items() if value is not None}}
        if self.options["read_by"] not in ("odbc", "ais"):
            raise ValueError(f"read_by is odbc or ais, not {self.options['read_by']!r}")
        self.reads_by_ais = self.options["read_by"] == "ais"
        has = (("set_promise", "set_dispute") if self.options["user_fields"] else ()) + (
            BY_ODBC_ALONE if self.reads_by_ais else ()
        )
        if self.reads_by_ais:
            self.settings_called = {**self.settings_called, "page_size": "ais.data_service.page_size"}
        self.lacks = {name: why for name, why in self.lacks.items() if name not in has}
        self.zone = ZoneInfo(self.options["timezone"])
        self._faults = [Fault.read(each) for each in self.options["faults"]]
        self._book: Book | None = None
        self._store: Store | None = None
        self._server: SimulatorServer | None = None
        self._ais: AisServer | None = None
        self.moving = threading.Lock()

    @property
    def book(self) -> Book:
        """Return the book behind it; only after `start`."""
        return _started(self._book)

    @property
    def store(self) -> Store:
        """Return its database; only after `start`."""
        return _started(self._store)

    @property
    def faults(self) -> Faults:
        """Return the AIS server's fault switches."""
        return self.server.faults

    @property
    def log(self) -> list[Logged]:
        """Return the AIS requests that came in."""
        return self.server.log

    @property
    def server(self) -> SimulatorServer:
        """Return the HTTP server before AIS; only after `start`."""
        return _started(self._server)

    @property
    def ais(self) -> AisServer:
        """Return what answers AIS requests."""
        return _started(self._ais)

    def start(self) -> Mapping[str, str]:
        """Make or reopen the database and serve AIS; return the settings that a connection needs."""
        self._store = Store(self._database())
        if self._store.exists():
            self._resume()
        else:
            self._make()
        if self.options["until"] and self.options["until"] > self.book.day:
            self.advance_to(self.options["until"])
        self._store.database.share()
        ais = AisOptions(
            hold_orchestration=self.options["hold_orchestration"], token_life=float(self.options["token_life"])
        )
        self._ais = AisServer(self._store, ais, self._now)
        self._server = SimulatorServer(
            self._ais.handle, error=error_reply, controls=self._controls(), clock=self._clock, shrunk=shrunk,
            about=self._ais.about,
            port=int(self.options["port"]),
        )  # fmt: skip
        for fault in self._faults:
            self._server.faults.add(fault)
        url = self._server.start()
        return {
            **({} if self.reads_by_ais else self._by_odbc(self._store.database)),
            "timezone": self.options["timezone"],
            "ais_url": url,
            "ais_user": "CMSVC",
            "ais_password": "simulator",
            "ais_environment": ENVIRONMENT,
            "ais_role": "*ALL",
            "hold_orchestration": self.options["hold_orchestration"],
            **site_writes(self.options["notes"], self.options["user_fields"]),
        }

    @staticmethod
    def _by_odbc(database: Database) -> dict[str, str]:
        """Return the settings that reach the database."""
        return {
            "odbc": database.odbc,
            "data_schema": database.schema,
            "control_schema": database.schema,
            "clock_query": CLOCK.format(schema=database.schema),
        }

    def stop(self) -> None:
        """End the server and close the database."""
        if self._server:
            self._server.stop()
        if self._store:
            self._store.close()
        self._server = self._store = None

    def advance_to(self, day: date) -> int:
        """Move the book to the end of that day and write what changed; return the number of changes."""
        with self.moving:
            changes = self.book.advance_to(day)
            with self.store.writing():
                carry(self.store, self.book, changes, self.zone)
                self.store.remember(**self._time())
        return len(changes)

    def notes(self, address_number: int | str) -> list[str]:
        """Return the notes on an address number, oldest first."""
        return self.ais.notes.of_address(address_number)

    def note_count(self) -> int:
        """Return how many notes there are on all addresses."""
        return self.ais.notes.count()

    def holds(self) -> dict[tuple[str, str], str]:
        """Return all hold codes that are set, by company (00000: all) and address number."""
        rows = self.store.query("SELECT AICO, AIAN8, AIHOLD FROM F03012 WHERE AIHOLD <> '  ' ORDER BY AICO, AIAN8")
        return {(str(company), str(int(number))): str(code).strip() for company, number, code in rows}

    def open_totals(self) -> dict[tuple[str, str], Decimal]:
        """Return what F03B11 says is open, by company and currency, zeros left out."""
        rows = self.store.query(
            "SELECT RPCO, RPCRCD, SUM(CASE WHEN RPCRRM = 'F' THEN RPFAP ELSE RPAAP END) FROM F03B11 "
            "GROUP BY RPCO, RPCRCD ORDER BY RPCO, RPCRCD"
        )
        return {(co, code): Decimal(int(minor)).scaleb(-exponent(code)) for co, code, minor in rows if minor}

    def _database(self) -> Database:
        if self.options["database_url"]:
            return PostgresDatabase(str(self.options["database_url"]))
        folder = Path(self.options["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        return SqliteDatabase(folder.resolve() / FILE)

    def _identity(self) -> dict[str, str]:
        names = ("seed", "customers", "items", "start_on", "knobs", "timezone")
        return {name: str(self.options[name])[:2000] for name in names}

    def _draw(self) -> Book:
        options = self.options
        return Book.make(
            options["seed"], options["customers"], options["items"], options["start_on"], knobs=options["knobs"]
        )

    def _make(self) -> None:
        if self.options["days"] and self.options["until"]:
            self.options["start_on"] = self.options["until"] - timedelta(days=self.options["days"])
        self._book = self._draw()
        with self.store.writing():
            self.store.create()
            load_book(self.store, self._book, self.zone)
            self.store.index()
            self.store.remember(**self._time(), **self._identity())

    def _resume(self) -> None:
        """Draw the same book again and play it up to the day that the database has reached."""
        kept = self.store.state()
        if self.options["days"]:
            self.options["start_on"] = date.fromisoformat(kept["start_on"])
        for name, wanted in self._identity().items():
            if kept.get(name) != wanted:
                raise ConfigError(
                    f"the simulator's database holds a book with {name} {kept.get(name)}, not {wanted}.",
                    fix="ask for the same book, or name another --folder (or --database-url).",
                )
        self._book = self._draw()
        self._book.advance_to(date.fromisoformat(kept["day"]))

    def _now(self) -> datetime:
        """Return the book's present instant in the server's zone: the end of its day."""
        return instant(self.book.day, 63_000).astimezone(self.zone)

    def _clock(self) -> datetime:
        """Return the instant that a connector shall take for the site's clock, whichever way it reads."""
        return datetime.fromisoformat(self._time()["now"]).replace(tzinfo=UTC)

    def _time(self) -> dict[str, str]:
        """Return the book's day, and the instant (UTC) that a connector shall take for the database's clock."""
        return {"day": self.book.day.isoformat(), "now": f"{self.book.day} 23:45:00"}

    def _controls(self) -> dict[str, ControlRoute]:
        return {
            "advance": self._advance,
            "day": lambda body: {"day": self.book.day.isoformat()},
            "notes": lambda body: self.notes(body["address_number"]),
            "holds": lambda body: [[*key, code] for key, code in self.holds().items()],
            "open_totals": lambda body: [[*key, str(total)] for key, total in self.open_totals().items()],
            "expire_tokens": lambda body: {"ended": self.ais.expire_tokens()},
            "block_table": self._block_table,
        }

    def _advance(self, body: dict[str, Any]) -> Any:
        day = date.fromisoformat(body["to"]) if "to" in body else self.book.day + timedelta(days=body.get("days", 1))
        return {"changes": self.advance_to(day), "day": day.isoformat()}

    def _block_table(self, body: dict[str, Any]) -> Any:
        self.block_table(str(body["table"]), float(body.get("seconds", 10)))
        return {"ok": True}

    def block_table(self, table: str, seconds: float) -> threading.Thread:
        """Let readers of a table wait that long, as a locked file does; PostgreSQL only.

        Returns once the lock is held; the thread ends when it is let go.
        """
        database = self.store.database
        if not isinstance(database, PostgresDatabase):
            raise ValueError("only the PostgreSQL simulator can block a table; give database_url")
        return database.block(table, seconds)


_T = TypeVar("_T")


def _started(part: _T | None) -> _T:
    if part is None:
        raise RuntimeError("the simulator is not started")
    return part
