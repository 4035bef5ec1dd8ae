"""Read items of BICC's extracts: of each payment schedule what its newest run says, the newest run first.

What is open now, look-ups and totals are asked over REST: an extract is as old as its run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, Final

from duehook.core.errors import BadRecord, ConnectorGarbled
from duehook.core.hookspecs import BadRow, Page, Position, Row, UpperBound
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.extracts import Extracts, Run
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.fields import patch_of
from duehook.plugins.oracle_fusion.mapping.items import ON_ACCOUNT, ItemMapping
from duehook.plugins.oracle_fusion.mapping.schedules import CHANGED, CLASS, ID, MONEY, ScheduleMapping
from duehook.plugins.oracle_fusion.resources import is_id
from duehook.plugins.oracle_fusion.site import FusionSite
from duehook.plugins.oracle_fusion.values import bad_row

VERSION: Final = 1
NEVER: Final = 0


@dataclass(frozen=True)
class ExtractPlace:
    """Where a reading of extracts stands: behind how many schedules of the runs between two."""

    reads: str
    upto: int
    behind: int = NEVER
    told: int = 0

    @classmethod
    def at(cls, position: Position | None, upto: int, reads: str) -> ExtractPlace:
        """Take up a reading, or begin the next one behind the runs of the last."""
        if position is None or position.get("reads") != reads:
            return cls(reads, upto)
        if position.get("version") != VERSION:
            told = f"{position!r} is no position of this connector."
            raise ConnectorGarbled(told, fix="run `duehook import --full`.")
        if position["done"]:
            return cls(reads, upto, int(position["upto"]))
        return cls(reads, int(position["upto"]), int(position["behind"]), int(position["told"]))

    def position(self, told: int) -> Position:
        """Return it as JSON, behind so many schedules."""
        return {**self._written, "done": False, "told": told}

    @property
    def done(self) -> Position:
        """Return where the next reading begins."""
        return {**self._written, "done": True}

    @property
    def _written(self) -> dict[str, Any]:
        return {"version": VERSION, "reads": self.reads, "upto": self.upto, "behind": self.behind}


class ExtractReading:
    """Reads payment schedules as items."""

    def __init__(self, site: FusionSite, folder: str) -> None:
        """Take the site, and the folder."""
        self._site, self.extracts = site, Extracts(folder)
        self._items = ItemMapping(site.settings, patch_of(site.fields, "item"))
        self._schedules = ScheduleMapping(site.settings, self._account)

    def bound(self) -> UpperBound:
        """Return when the newest run was made: nothing behind it is known."""
        newest = self.extracts.runs()[-1]
        at = newest.at or self._site.bound().at
        return UpperBound({"at": at.isoformat(), "run": newest.number}, at)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield items; the last page is empty and done."""
        reads = "/".join(("bicc", self._site.fields.digest, *sorted(self._site.currencies)))
        place = ExtractPlace.at(position, int(bound.mark["run"]), reads)
        first = self._site.history_from(bound.at) if place.behind == NEVER else None
        told, size = place.told, self._site.settings.page_size
        rows = islice(self._newest(place), told, None)
        while chunk := list(islice(rows, size)):
            told += len(chunk)
            made, bad = self._made(chunk, first)
            yield Page(made, place.position(told), bad)
        yield Page([], place.done)

    def unit_ids(self, run: Run) -> list[str]:
        """Return the ids of business units in a run that the settings do not name."""
        rows = self.extracts.rows(run)
        return sorted({row.get("OrgId", "none") for row in rows if self._schedules.unit(row) is None})

    def _newest(self, place: ExtractPlace) -> Iterator[Row]:
        """Yield each schedule of the runs that are read, as the newest of them has it."""
        seen = set[str]()
        runs: list[Run] = [run for run in self.extracts.runs() if place.behind < run.number <= place.upto]
        for run in reversed(runs):
            for row in self.extracts.rows(run):
                key = row.get(ID, "")
                if key not in seen:
                    seen.add(key)
                    yield row

    def _made(self, rows: list[Row], first: datetime | None) -> tuple[list[Row], list[BadRow]]:
        made: list[Row] = []
        bad: list[BadRow] = []
        for row in rows:
            if self._schedules.unit(row) is None or _is_over(row, first):
                continue
            found, faults = self._money(row) if row.get(CLASS) == MONEY else self._instalment(row)
            made, bad = made + found, bad + faults
        return made, bad

    def _instalment(self, row: Row) -> tuple[list[Row], list[BadRow]]:
        return self._items.rows(self._schedules.document(row))

    def _money(self, row: Row) -> tuple[list[Row], list[BadRow]]:
        """Return what a receipt has left; nothing of money whose customer nobody knows."""
        if "CustomerId" not in row:
            return [], []
        try:
            made = self._items.on_account(self._schedules.receipt(row))
        except BadRecord as error:
            key = f"{ON_ACCOUNT}{row.get('CashReceiptId', '')}"
            return [], [bad_row(error, key, self._schedules.unit(row), row)]
        return [made] if made["open_amount"] else [], []

    def _account(self, number: str) -> str | None:
        """Return the number of an account by its id; one that was made since they were listed is asked for once."""
        if number not in self._accounts and number.isdigit():
            asked = Asked(self._site.activities, [is_id(self._site.activities.id, "=", number)])
            self._accounts[number] = values.text(self._site.service.only(asked) or {}, self._site.activities.account)
        return self._accounts.get(number)

    @cached_property
    def _accounts(self) -> dict[str, str | None]:
        resource = self._site.activities
        rows = self._site.service.every(Asked(resource, fields=[resource.id, resource.account]))
        return {values.number_of(row, resource.id): values.text(row, resource.account) for row in rows}


def _is_over(row: Row, first: datetime | None) -> bool:
    """Say whether a schedule is settled and last changed before the history."""
    try:
        changed, left = values.instant(row, CHANGED), values.amount(row, "AmountDueRemaining")
    except BadRecord:
        return False
    return bool(first and changed and changed < first and not left)
