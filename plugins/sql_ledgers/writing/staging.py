"""The site's staging table: one row an event, its key made of ours, so that a second sending is refused as a duplicate.

The site's own program carries a row out and says so in STATUS: N new, P being carried out, D done, E refused with MSG.
It may run at night only. What it refused is asked for once more, by a row of its own key; the second refusal stays.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from duehook.core.hookspecs import Command
from duehook.core.wire.sql import DIALECTS, Duplicate, OdbcClient, Sql
from duehook.plugins.sql_ledgers.reading.cells import text_of
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings, StagingSettings

_SPACE: Final = UUID("6c1d2f5e-0d53-5a3c-9a53-6f3e7a9b1c20")
_POLL: Final = 0.05  # seconds at first, twice as long each time
_LONGEST: Final = 2.0
COLUMNS: Final = (
    "EVENTID", "EVTYPE", "COMPANY", "CUSTNO", "DOCKEY", "CODE", "DUEDATE8", "AMOUNT", "CURR", "TEXT", "CREATED",
    "STATUS", "MSG",
)  # fmt: skip
WIDEST: Final = 500  # of TEXT
_ENDED: Final = ("D", "E")


@dataclass(frozen=True)
class Event:
    """One row: what shall be done to whom. Nothing is a blank, no day and no amount a 0."""

    type: str
    company: str
    customer: str
    document: str = " "
    code: str = " "
    day: int = 0
    amount: Decimal = Decimal(0)
    currency: str = " "
    text: str = " "


@dataclass(frozen=True)
class Standing:
    """How far the rows of a command are: the worst status, what the program said, and the keys of the rows of it.

    `rows` says how many of them are there. Some may be missing: without commitment control, as on files that are not
    journaled, rows are kept one by one. `was_asked_again` says that one of these was refused before.
    """

    status: str
    message: str = ""
    keys: tuple[str, ...] = ()
    rows: int = 1
    was_asked_again: bool = False


class _Cell(NamedTuple):
    key: str
    status: str
    message: str
    is_second: bool


def event_id(command: Command, part: int, *, is_second: bool = False) -> str:
    """Return the key of a command's row, or of the one that asks again: the same command always has the same."""
    return str(uuid5(_SPACE, f"{command.key}|{part}{'|again' if is_second else ''}"))


class Staging:
    """Adds rows and looks how far they are."""

    def __init__(self, settings: SqlLedgerSettings, name: str) -> None:
        """Take the connection's settings; `staging` must be among them."""
        asked = settings.staging
        assert asked is not None
        self.asked: StagingSettings = asked
        own: dict[str, Any] = {
            "connection_string": asked.connection_string,
            "user": asked.user,
            "password": asked.password,
        }
        access = settings.model_copy(update={key: held for key, held in own.items() if held is not None})
        self.client = OdbcClient(access, name, writes=True)
        self._dialect = DIALECTS[settings.dialect]
        self._schema = asked.schema_ or settings.data_schema
        self._clock = settings.clock_query or self._dialect.clock

    @property
    def patience(self) -> timedelta:
        """Return how long the site's program may take."""
        return timedelta(hours=self.asked.patience_hours)

    @property
    def name(self) -> str:
        """Return the table as a person looks for it."""
        return f"{self._schema}.{self.asked.table}"

    def columns(self) -> frozenset[str]:
        """Return the table's columns; raise ConnectorRefused where it may not be read."""
        text = f"SELECT * FROM {self._table}{self._dialect.hint} WHERE 1 = 0{self._dialect.dirty}"
        return self.client.columns(Sql(text), about=self.asked.table)

    def queue(self, command: Command, events: Sequence[Event]) -> None:
        """Add the rows of a command that are missing, all or none; those that are there stay as they are."""
        there = self._parts(command, len(events))
        self._add({event_id(command, part): event for part, event in enumerate(events) if part not in there})

    def again(self, command: Command, events: Sequence[Event]) -> None:
        """Ask once more for what the program refused, by rows of their own: what it has said stays as it is."""
        refused = [
            part
            for part, cell in self._parts(command, len(events)).items()
            if cell.status == "E" and not cell.is_second
        ]
        self._add({event_id(command, part, is_second=True): events[part] for part in refused})

    def standing(self, command: Command, count: int) -> Standing | None:
        """Return how far the rows of a command are, None where none of them is there."""
        parts = self._parts(command, count)
        found = {cell.status for cell in parts.values()}
        worst = next((status for status in ("E", *sorted(found - {*_ENDED}), "D") if status in found), None)
        if worst is None:
            return None
        cells = [cell for _, cell in sorted(parts.items()) if cell.status == worst]
        was_asked_again = any(cell.is_second for cell in cells)
        return Standing(worst, cells[0].message, tuple(cell.key for cell in cells), len(parts), was_asked_again)

    def settled(self, command: Command, count: int) -> Standing | None:
        """Look for a while whether the program carries it out, and return how far the rows are then."""
        end, pause = time.monotonic() + self.asked.look_seconds, _POLL
        while True:
            found = self.standing(command, count)
            if found is None or found.status in _ENDED or time.monotonic() + pause > end:
                return found
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)

    def close(self) -> None:
        """Hang up."""
        self.client.close()

    def _add(self, keyed: Mapping[str, Event]) -> None:
        created = f"{self.client.now(Sql(self._clock)):%Y-%m-%d-%H.%M.%S.%f}"
        names = ", ".join(self._dialect.quoted(name) for name in COLUMNS)
        text = f"INSERT INTO {self._table} ({names}) VALUES ({', '.join('?' * len(COLUMNS))})"
        rows = [Sql(text, (key, *_cells(event), created, "N", " ")) for key, event in keyed.items()]
        try:
            self.client.write(rows, about=self.asked.table)
        except Duplicate:  # somebody was quicker with the same rows
            return

    def _parts(self, command: Command, count: int) -> dict[int, _Cell]:
        """Return the rows that are there, by the part of the command that they are; the one that asks again counts."""
        both = [(part, is_second) for is_second in (False, True) for part in range(count)]
        keys = {event_id(command, part, is_second=is_second): (part, is_second) for part, is_second in both}
        asked, marks = ", ".join(map(self._dialect.quoted, ("EVENTID", "STATUS", "MSG"))), ", ".join("?" * len(keys))
        text = f"SELECT {asked} FROM {self._table} WHERE {self._dialect.quoted('EVENTID')} IN ({marks})"
        rows = self.client.rows(Sql(text, tuple(keys)), about=self.asked.table)
        found = {key: (status, message) for key, status, message in (map(text_of, row) for row in rows)}
        return {part: _Cell(key, *found[key], is_second) for key, (part, is_second) in keys.items() if key in found}

    @property
    def _table(self) -> str:
        plain = self._dialect.table(self._schema, self.asked.table)
        return plain[: len(plain) - len(self._dialect.hint)]


def _cells(event: Event) -> tuple[Any, ...]:
    return (
        event.type, event.company, event.customer, event.document or " ", event.code or " ", event.day, event.amount,
        event.currency, event.text or " ",
    )  # fmt: skip
