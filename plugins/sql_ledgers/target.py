"""Writes by the site's staging table: notes, holds and whatever else its program carries out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from duehook.core.connecting.writing import Writer, Writers, WritingTarget
from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import CommandKind, Finding
from duehook.plugins.sql_ledgers.writing.events import KINDS, EventWriter, HoldWriter, NoteWriter
from duehook.plugins.sql_ledgers.writing.staging import COLUMNS, Staging

from .settings import EventType, SqlLedgerSettings
from .site import SqlSite


class SqlTarget(WritingTarget):
    """What the site's program carries out, by the writer of each kind."""

    def __init__(self, settings: SqlLedgerSettings, name: str, home: Path) -> None:
        """Take the connection's settings, its name for the messages, and where its template is."""
        self._site = SqlSite(settings, name, home)
        self._staging = Staging(settings, name) if settings.staging else None
        super().__init__(Writers(self._site.template.erp, self._made()))

    def check(self) -> Iterable[Finding]:
        """Look whether the staging table has its columns; nothing is queued for a trial."""
        if self._staging is None:
            yield Finding("write", True, "no staging table is named: nothing is written", severity="info")
            return
        table = self._staging.asked.table
        try:
            lacks = sorted(set(COLUMNS) - self._staging.columns())
        except ConnectorRefused as error:
            yield Finding(f"write {table}", False, f"{table} cannot be read: {error.message}", error.fix)
            return
        if lacks:
            advice = "let the site's programmers add them; docs/how-to/connect-by-sql.md has the table."
            yield Finding(f"write {table}", False, f"{table} lacks the columns {', '.join(lacks)}", advice)
            return
        yield Finding(f"write {table}", True, f"{table} has the columns that events are queued in")

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold of the customer. Raises ConnectorRefused where there is none of that key."""
        found = self._site.stream("customer").lookup([("", customer)])
        if not found.found:
            raise ConnectorRefused(f"There is no customer {customer}.", fix="import the customers again.")
        held: str | None = found.found[0].get("hold")
        return held

    def close(self) -> None:
        """Hang up."""
        self._site.close()
        if self._staging is not None:
            self._staging.close()

    def _made(self) -> dict[CommandKind, Writer]:
        if self._staging is None:
            return {}
        made: dict[EventType, Writer] = {
            "NOTE": NoteWriter(self._site, self._staging), "HOLD": HoldWriter(self._site, self._staging)
        }  # fmt: skip
        other = EventWriter(self._site, self._staging)
        given = [event for event in self._staging.asked.events if event != "HOLD" or self._has_holds()]
        return {kind: made.get(event, other) for event in given for kind in KINDS[event]}

    def _has_holds(self) -> bool:
        """Say whether the template reads a hold: one that cannot be read is never set."""
        return any("hold" in part.fields for part in self._site.template.streams.get("customer", ()))
