"""What the contract kit asks of the simulated site: acts of its users, withdrawn rights, and what they see."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final

from duehook.core.hookspecs import CommandKind
from duehook.core.money import exponent
from duehook.core.records import Stream
from duehook.core.testing.book import Book
from duehook.core.testing.book_simulator import DATE, balances
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import SimulatorServer

from .ais import AisServer
from .encoding import julian
from .given import SITE_SETTINGS, given
from .ledger_rows import item_key
from .moving import carry
from .orchestrations import ADD_ACTIVITY, ADD_NOTE, governing_hold
from .store import Store

TABLES_READ: Final = ("F0010", "F0101", "F03012", "F0111", "F01151", "F03B11", "F03B13", "F03B14")
AIS_RIGHTS: Final = ("notes", "orchestrations")
NOT_WRITTEN: Final = "JDE Receivables has no field for it that is its own"
NO_COLUMN: Final = "the settings name no column and no call for it (`{}`)"
NO_SUFFIX: Final = "no pay item"
NO_DAY: Final = 126_999  # no year has it
NOTES_OF_ADDRESSES: Final = "ABGT"
NOTES_BY: Final = {"text": "file/addtext", "activity": ADD_ACTIVITY, "orchestration": ADD_NOTE}
OVER_ODBC: Final = "reading goes over ODBC, which has no pages on the wire to break"
BY_ODBC_ALONE: Final = ("faults of reading", "a request log", "sign-in that runs out")  # over AIS there is a wire


class KitSide(ABC):
    """The kit's side of the simulator; the rest of it gives the book, the store and the servers."""

    lacks: Mapping[str, str] = {
        "faults of reading": OVER_ODBC,
        "a request log": "the database keeps no list of statements",
        "sign-in that runs out": "a database session does not run out",
        "unknown customers of add_note": "AIS does not look for the address that a text is hung on",
        "set_dunning_block": NOT_WRITTEN,
        "set_dunning_level": NOT_WRITTEN,
        "set_promise": NO_COLUMN.format("promise"),
        "set_dispute": NO_COLUMN.format("dispute"),
        "post_fee": "posting is left to JDE's own programs",
        "post_allocation": "posting is left to JDE's own programs",
    }
    site_settings = SITE_SETTINGS
    variants: Mapping[str, Mapping[str, Any]] = {
        "a server in Tokyo": {"timezone": "Asia/Tokyo"},
        "all by orchestrations": {"notes": "orchestration", "user_fields": "orchestration"},
        "activity log and forms": {"notes": "activity", "user_fields": "form"},
        "AIS data service, no ODBC": {"read_by": "ais"},
    }
    flaws: Mapping[str, bool] = {DATE: True}
    half_references: Sequence[str] = (NO_SUFFIX,)
    about_items: Sequence[CommandKind] = ()
    answers_later: Sequence[CommandKind] = ()
    hold_values = ("C1", "C2")
    settings_called: Mapping[str, str] = {"read_seconds": "ais.read_seconds"}
    reads = Calls("dataservice|gettext", "GET|POST")
    fullest: Mapping[str, Any] = {"read_by": "ais", "user_fields": "orchestration"}
    rights: Mapping[str, str] = {**{table: table for table in TABLES_READ}, "notes": "notes", "orchestrations": "holds"}
    options: dict[str, Any]
    reads_by_ais: bool
    zone: tzinfo
    moving: threading.Lock

    @property
    @abstractmethod
    def book(self) -> Book:
        """Return the book behind it."""

    @property
    @abstractmethod
    def store(self) -> Store:
        """Return its database."""

    @property
    @abstractmethod
    def ais(self) -> AisServer:
        """Return what answers AIS requests."""

    @property
    @abstractmethod
    def server(self) -> SimulatorServer:
        """Return the HTTP server before it."""

    @contextmanager
    def act(self) -> Iterator[Book]:
        """Let things happen to the book today, and write what changed at the end of the block."""
        with self.moving:
            before = len(self.book.changes)
            yield self.book
            carry(self.store, self.book, self.book.changes[before:], self.zone)

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now, under its own keys."""
        return given(self.book, stream)

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let an item's invoice date be none that there is."""
        self._change(item, {"DIVJ": NO_DAY})

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the G/L dates of a receipt and of its applications be none that there is."""
        number = self.book.payments[payment].number
        for table in ("F03B13", "F03B14"):
            self.store.change(table, {"DGJ": NO_DAY}, PYID=number)

    def halve(self, item: str, way: str) -> None:
        """Let an item's original document have no pay item."""
        if way != NO_SUFFIX:
            raise ValueError(f"JDE has no half reference {way!r}")
        self._change(item, {"OSFX": ""})

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return the sums of F03B11's open amounts, foreign ones where the invoice is foreign."""
        rows = self.store.query(
            "SELECT RPCO, RPAN8, RPCRCD, SUM(CASE WHEN RPCRRM = 'F' THEN RPFAP ELSE RPAAP END) FROM F03B11 "
            "GROUP BY RPCO, RPAN8, RPCRCD"
        )
        return balances(
            ((co.strip(), str(int(customer)), code.strip()), Decimal(int(minor)).scaleb(-exponent(code.strip())))
            for co, customer, code, minor in rows
        )

    def own_dunning(self, item: str, level: int) -> None:
        """Let R03B20 count a reminder today, which touches neither user nor time."""
        row = self.book.items[item]
        row.dunning_level, row.last_dunned_on = level, self.book.day
        self._change(item, {"RMDS": level, "RDDJ": julian(self.book.day)})

    def deny(self, right: str) -> None:
        """Withdraw a right: a table cannot be found in the database, or AIS answers 403."""
        if right in AIS_RIGHTS or self.reads_by_ais:
            self.ais.denied.add(right)
        else:
            self.store.hide(right)

    def grant(self, right: str) -> None:
        """Give a right back."""
        if right in AIS_RIGHTS or self.reads_by_ais:
            self.ais.denied.discard(right)
        else:
            self.store.show(right)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which AIS request carries out a command."""
        if kind == "add_note":
            return Calls(NOTES_BY[self.options["notes"]], "POST")
        if kind in ("set_promise", "set_dispute"):
            return Calls("formservice" if self.options["user_fields"] == "form" else "orchestrator/CM_Set", "POST")
        return Calls(f"orchestrator/{self.options['hold_orchestration']}", "POST")

    def meanwhile(self, act: Callable[[], None], requests: Calls) -> None:
        """Let this happen once, just before the next of these requests is carried out."""
        self.server.meanwhile = (act, requests)

    def texts(self, customer: str) -> list[str]:
        """Return the text attachments of an address, each a note."""
        return self.ais.notes.of_address(customer)

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user hang a text on a customer's address."""
        self.ais.notes.add((NOTES_OF_ADDRESSES, customer), {"inputText": text}, "ARCLERK")

    def hold(self, company: str, customer: int | str) -> str | None:
        """Return the hold code that governs a customer in a company, None when there is none."""
        found = governing_hold(self.store, company, int(customer))
        return (found[1] or None) if found else None

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user set or lift the hold code of the row that governs."""
        with self.act() as book:
            book.set_hold(customer, value, company=company)

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return what stands in the columns of an item: the promise, or the dispute; nothing of other kinds."""
        if kind not in ("set_promise", "set_dispute") or item is None:
            return {}
        held = self.ais.orchestrations.fields.seen(item_key(self.book.items[item]))
        return {"code": held["code"]} if kind == "set_dispute" else {name: held[name] for name in ("on", "amount")}

    def _change(self, item: str, cells: Mapping[str, Any]) -> None:
        kco, dct, doc, sfx = item_key(self.book.items[item])
        self.store.change("F03B11", cells, KCO=kco, DCT=dct, DOC=doc, SFX=sfx)
