"""The one simulator of ERPs that are read by SQL: a book behind tables, and the site's program behind CMOUT.

An ERP derives from `SqlLedgerSimulator`, and says which tables it has, how it names the book's rows and where money
stands open. HTTP serves its controls alone.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Change, Company, Item
from duehook.core.testing.book_simulator import DATE, BookSimulator, balances
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import ControlRoute, Reply, Request, json_reply

from .cells import local
from .inactive import owing
from .moving import Carrier
from .site_writes import SiteWrites
from .staging import PATH, Program, settings
from .store import SCHEMA, Store
from .tables import Table

Row = dict[str, Any]
FILE: Final = "ledger.db"
CLOCK: Final = f"SELECT VAL FROM {SCHEMA}.SIM_STATE WHERE NAME = 'now'"
EVENTS: Final[Mapping[CommandKind, str]] = {
    "add_note": "NOTE", "set_credit_hold": "HOLD", "release_credit_hold": "HOLD", "set_promise": "PROMISE",
    "set_dispute": "DISPUTE", "set_dunning_block": "BLOCK", "set_dunning_level": "LEVEL",
}  # fmt: skip
LACKS: Final[Mapping[str, str]] = {
    "faults of reading": "reading goes over ODBC, which has no pages on the wire to break",
    "a request log": "the database keeps no list of statements",
    "sign-in that runs out": "a database session does not run out",
    "post_fee": "posting is left to the ERP's own programs",
    "post_allocation": "posting is left to the ERP's own programs",
}
UNWRITTEN: Final = "the site has no staging table, and nothing else may be written"


class SqlLedgerSimulator(BookSimulator):
    """A site over a seeded book whose database is asked by ODBC.

    `tables` are what the ERP keeps; `spoilt` and `spoilt_payment` name the tables and cells of a row that cannot be
    read; `open_lines` selects company, customer, currency and amount of what is open. `gives` says how the ERP gives
    a book's row of a stream; None leaves it out.
    """

    more_options: ClassVar[Mapping[str, Any]] = {"timezone": "UTC", "staging": True, "staging_seconds": 0.0}
    tables: ClassVar[Sequence[Table]]
    spoilt: ClassVar[Mapping[str, Mapping[str, Any]]]
    spoilt_payment: ClassVar[Mapping[str, Mapping[str, Any]]]
    open_lines: ClassVar[str]
    own_lacks: ClassVar[Mapping[str, str]] = {}
    site_settings: Mapping[str, Any] = {}
    variants: Mapping[str, Mapping[str, Any]] = {"nothing is written": {"staging": False}}
    flaws: Mapping[str, bool] = {DATE: True}
    settings_called: Mapping[str, str] = {"read_seconds": "statement_seconds"}
    hold_values: tuple[str, str] = ("Y", "M")
    as_normal: Sequence[str] = ("draft", "down_payment", "direct_debit")  # classes whose documents are there without it
    look_seconds = 0.8  # that a write of the kit's connection looks for the site's program

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and fills the database."""
        super().__init__(options)
        self.zone = ZoneInfo(self.options["timezone"])
        self.store = Store(Path(self.options["folder"]) / FILE, self.tables)
        self.carrier = Carrier(self.store, self)
        self.site = SiteWrites(self)
        self.owing: frozenset[str] = frozenset()  # who owes as `given` begins
        self._loaded = False
        self._program: Program | None = None

    @property
    def lacks(self) -> Mapping[str, str]:  # type: ignore[override]
        """What this ERP has not: what each reads over ODBC lacks, its own, and writing where nothing is staged."""
        unwritten = {} if self.options["staging"] else {str(kind): UNWRITTEN for kind in EVENTS}
        return {**LACKS, **self.own_lacks, **unwritten}

    @property
    def rights(self) -> Mapping[str, str]:  # type: ignore[override]
        """What the database's admin can grant: each table that is read, and the one that is written."""
        staging = {"CMOUT": "CMOUT"} if self.options["staging"] else {}
        return {**{table.name: table.name for table in self.tables if table.readable}, **staging}

    @abstractmethod
    def own_settings(self) -> Mapping[str, str]:
        """Return what a connection to this ERP needs beside what reaches the database."""

    @abstractmethod
    def item_key(self, item: Item) -> str:
        """Return the key that a connector gives an item."""

    @abstractmethod
    def gives(self, stream: Stream) -> Callable[[Any, Row], Row | None]:
        """Say how this ERP gives a book's row of a stream."""

    def company_code(self, company: str) -> str:
        """Return the code that a connector gives a company: a number, in most of these ERPs."""
        return str(int(company))

    def customer_key(self, customer: str) -> str:
        """Return the key that a connector gives a customer: the book's, where the ERP's has one part."""
        return customer

    def hold_code(self, hold: str | None) -> str:
        """Return what the ERP's column holds for a hold of the book."""
        return hold or ""

    @property
    def started(self) -> date:
        """Return the day on which the book began: what is effective-dated counts from it."""
        return date.fromisoformat(self._drawn[3])

    def local(self, at: datetime) -> datetime:
        """Return an instant as the database's clock shows it."""
        return local(at, self.zone)

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection; the URL is of the controls alone."""
        return {
            "odbc": self.store.odbc,
            "dialect": "sqlite",
            "data_schema": SCHEMA,
            "timezone": self.options["timezone"],
            "clock_query": CLOCK,
            "companies": json.dumps([self._described(each) for each in self.book.companies.values()]),
            **(settings(self.site.events, self.look_seconds) if self.options["staging"] else {}),
            **self.own_settings(),
        }

    def start(self) -> Mapping[str, str]:
        """Draw the book, or go on with the folder's; fill the database, and let the site's program look into CMOUT."""
        reached = super().start()
        self._program = Program(self.store, self.site.carry_out, self.faults, wait=self.options["staging_seconds"])
        if self.options["staging"]:
            self._program.start()
        return reached

    def stop(self) -> None:
        """End the server, the program and the database, which is not to be found until the next start."""
        super().stop()
        if self._program:
            self._program.stop()
        self.store.close()
        self._loaded = False

    def answer(self, request: Request) -> Reply:
        """Answer nothing: the ERP is asked by ODBC."""
        return json_reply({"message": "this ERP is asked by ODBC; only /_control/ is served here"}, 404)

    def carried(self, changes: Sequence[Change]) -> None:
        """Write what changed into the tables, all of them at first."""
        if self._loaded:
            self.site.learn(changes)
            self.carrier.carry(self.book, changes)
        else:
            self.store.open()
            self.site.restore()
            self.carrier.load(self.book)
            self.store.share()
            self._loaded = True
        self.store.remember(now=f"{self.book.day} 23:45:00")

    def given(self, stream: Stream) -> Iterator[Row]:
        """Yield the stream's rows as a connector shall read them."""
        if stream in self.lacks:
            return
        own = self.gives(stream)
        self.owing = owing(self.book) if stream in ("customer", "contact") else frozenset()
        for row in self.book.as_rows(stream):
            made = own(self, row)
            if made is not None:
                yield made

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return what is open by company, customer and currency, line by line of the ERP's own."""
        rows = self.store.query(self.open_lines)
        return balances(
            ((str(company).strip(), str(customer).strip(), str(currency).strip()), self.money(amount, currency))
            for company, customer, currency, amount in rows
        )

    def money(self, held: Any, currency: str) -> Decimal:
        """Return an amount of the tables; one with true decimals is what it looks like."""
        return Decimal(repr(held) if isinstance(held, float) else str(held))

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let the row of an item hold a date that is none."""
        self._spoil(self.spoilt, item)

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the rows of a payment hold dates that are none."""
        self._spoil(self.spoilt_payment, payment)

    def deny(self, right: str) -> None:
        """Let a table be none that the connection's user may see."""
        super().deny(right)
        self.store.hide(right)

    def grant(self, right: str) -> None:
        """Let it be seen again."""
        super().grant(right)
        self.store.show(right)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which work of the site's program carries out a command."""
        return Calls(f"{PATH}{EVENTS[kind]}$", "POST")

    def meanwhile(self, act: Callable[[], None], requests: Calls) -> None:
        """Let this happen once, just before the site's program carries out the next of these."""
        self.program.meanwhile = (act, requests)

    @property
    def program(self) -> Program:
        """Return the site's program; only after `start`."""
        if self._program is None:
            raise RuntimeError("the simulator is not started")
        return self._program

    def notes(self, customer: str) -> list[str]:
        """Return the notes on a customer, oldest first."""
        self.program.catch_up()
        return self.site.notes(customer)

    texts = notes

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user of the ERP write a note."""
        self.site.write_note(customer, text)

    def hold(self, company: str, customer: str) -> str | None:
        """Return the hold of a customer, which is one in all companies."""
        self.program.catch_up()
        return self.site.hold(customer) or None

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user of the ERP set or lift the hold."""
        with self.act() as book:
            book.set_hold(customer, value)

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return what the ERP holds of a block, level, promise or dispute."""
        self.program.catch_up()
        return self.site.seen(EVENTS[kind], customer, item)

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes: also the site's program, and the notes and holds."""
        return {
            **super().controls(),
            "run_program": lambda body: {"taken": self.program.catch_up(everything=True)},
            "notes": lambda body: self.notes(str(body["customer"])),
            "hold": lambda body: self.hold("", str(body["customer"])),
        }

    def _described(self, company: Company) -> dict[str, str]:
        return {"code": self.company_code(company.code), "name": company.name, "currency": company.currency}

    def _spoil(self, cells: Mapping[str, Mapping[str, Any]], subject: str) -> None:
        for name, flawed in cells.items():
            self.store.change(name, dict(flawed), self.carrier.keys_of(name, subject))
