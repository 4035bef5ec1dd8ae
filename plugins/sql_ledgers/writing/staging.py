"""The site's staging table: one row an event, its key made of ours, so that a second sending is refused as a duplicate.

The site's own program carries a row out and says so in STATUS: N new, P being carried out, D done, E refused with MSG.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
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
    """How far the rows of a command are: the worst of them, and what the program said."""

    status: str
    message: str = ""


def event_id(command: Command, part: int) -> str:
    """Return the key of a command's row: the same command always has the same."""
    return str(uuid5(_SPACE, f"{command.key}|{part}"))


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
        return timedelta(seconds=self.asked.seconds)

    def columns(self) -> frozenset[str]:
        """Return the table's columns; raise ConnectorRefused where it may not be read."""
        text = f"SELECT * FROM {self._table}{self._dialect.hint} WHERE 1 = 0{self._dialect.dirty}"
        return self.client.columns(Sql(text), about=self.asked.table)

    def queue(self, command: Command, events: Sequence[Event]) -> None:
        """Add the rows of a command, all or none; rows that are there already stay as they are."""
        created = f"{self.client.now(Sql(self._clock)):%Y-%m-%d-%H.%M.%S.%f}"
        names = ", ".join(self._dialect.quoted(name) for name in COLUMNS)
        text = f"INSERT INTO {self._table} ({names}) VALUES ({', '.join('?' * len(COLUMNS))})"
        rows = [
            Sql(text, (event_id(command, part), *_cells(event), created, "N", " ")) for part, event in enumerate(events)
        ]
        try:
            self.client.write(rows, about=self.asked.table)
        except Duplicate:  # somebody was quicker with the same rows
            return

    def again(self, command: Command, count: int) -> None:
        """Ask once more for what the program refused."""
        q, keys = self._dialect.quoted, [event_id(command, part) for part in range(count)]
        text = (
            f"UPDATE {self._table} SET {q('STATUS')} = 'N', {q('MSG')} = ' '"
            f" WHERE {q('STATUS')} = 'E' AND {q('EVENTID')} IN ({', '.join('?' * count)})"
        )
        self.client.write([Sql(text, tuple(keys))], about=self.asked.table)

    def standing(self, command: Command, count: int) -> Standing | None:
        """Return how far the rows of a command are, None where none of them is there."""
        keys = [event_id(command, part) for part in range(count)]
        q = self._dialect.quoted
        text = f"SELECT {q('STATUS')}, {q('MSG')} FROM {self._table} WHERE {q('EVENTID')} IN ({', '.join('?' * count)})"
        rows = self.client.rows(Sql(text, tuple(keys)), about=self.asked.table)
        found: Mapping[str, str] = {text_of(status): text_of(message) for status, message in rows}
        worst = next((status for status in ("E", *(found.keys() - {*_ENDED}), "D") if status in found), None)
        return None if worst is None else Standing(worst, found[worst])

    def settled(self, command: Command, count: int) -> Standing | None:
        """Wait for the program, and return how far the rows are when it is done or the patience is."""
        end, pause = time.monotonic() + self.asked.seconds, _POLL
        while True:
            found = self.standing(command, count)
            if found is None or found.status in _ENDED or time.monotonic() + pause > end:
                return found
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)

    def close(self) -> None:
        """Hang up."""
        self.client.close()

    @property
    def _table(self) -> str:
        plain = self._dialect.table(self._schema, self.asked.table)
        return plain[: len(plain) - len(self._dialect.hint)]


def _cells(event: Event) -> tuple[Any, ...]:
    return (
        event.type, event.company, event.customer, event.document or " ", event.code or " ", event.day, event.amount,
        event.currency, event.text or " ",
    )  # fmt: skip
