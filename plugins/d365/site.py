"""One F&O environment as the sources and the target see it: its sets, its companies and its clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final, Self

from duehook.core.connecting.odata_fields import mapping_of, selected
from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.settings.connector import with_codes
from duehook.core.wire.odata import Entity, Listing, Row, Where, all_of, any_of, one_of, pages
from duehook.core.wire.odata.where import CHUNK, in_parts

from . import entities
from .client.service import open_service
from .entities import named
from .fields import LISTS, schema
from .settings import D365Settings

FEW: Final = 10  # so many questions by key at most; more keys are asked for as a span of them
MOST: Final = 10_000  # rows that F&O gives at once
AREA: Final = "dataAreaId"
ERP: Final = "F&O"  # its name in messages
Pair = tuple[str, Any]


@dataclass(frozen=True)
class Joined:
    """Rows of another set that belong to those of a page: by company and the value that joins them."""

    rows: Mapping[Pair, Sequence[Row]]

    @classmethod
    def by(cls, field: str, rows: Iterable[Row]) -> Self:
        """Join rows that are there by a field of theirs, in the order in which they came."""
        found: dict[Pair, list[Row]] = {}
        for row in rows:
            found.setdefault((row[AREA], row[field]), []).append(row)
        return cls(found)

    def of(self, pair: Pair) -> Sequence[Row]:
        """Return the rows that belong to one."""
        return self.rows.get(pair, ())


class D365Site:
    """What is asked of one environment, in words of receivables."""

    def __init__(self, settings: D365Settings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = mapping_of(settings.mapping, schema())
        self.settings = with_codes(settings, self.fields, LISTS)
        self.name = name
        self.service = open_service(settings, name, clock=time.monotonic, sleep=time.sleep)
        sets = settings.sets
        self.transactions = selected(self.fields, entities.transactions(sets), entities.TRANSACTION)
        self.open = self._if_there(entities.OPEN, sets.open_transactions)
        self.open_key = self._if_there(entities.OPEN_KEY, sets.open_transactions)
        self.disputes = self._if_there(entities.DISPUTE, sets.disputes)
        self.settlements = self._if_there(entities.SETTLEMENT, sets.settlements)
        self.attachments = self._if_there(entities.ATTACHMENT, sets.attachments)

    def _if_there(self, entity: Entity, name: str | None) -> Entity | None:
        return selected(self.fields, named(entity, name), entity) if name else None

    @property
    def stamped(self) -> bool:
        """Say whether transactions carry a stamp of their last change."""
        return self.settings.sets.changed_transactions is not None

    def bound(self) -> UpperBound:
        """Return the server's clock."""
        at = self.service.clock(entities.LEGAL_ENTITY)
        return UpperBound({"at": at.isoformat()}, at)

    def history_from(self, bound: datetime) -> date:
        """Return the first day of the history."""
        return bound.date() - timedelta(days=self.settings.history_months * 365 // 12)

    def within(self, *more: Where | None) -> Where:
        """Return the condition of the companies that are read, and these beside it."""
        areas = self.settings.areas
        return all_of(one_of(AREA, areas) if areas else None, *more)

    def listing(self, entity: Entity, where: Where, key: tuple[str, ...] = ()) -> Listing:
        """Return a listing in pages of the size that the settings say."""
        return Listing(entity, where, self.settings.page_size, key)

    def all_rows(self, entity: Entity, where: Where, key: tuple[str, ...] = ()) -> Iterator[Row]:
        """Yield all rows under a condition."""
        for page in pages(self.service, Listing(entity, where, MOST, key)):
            yield from page.rows

    def joined(self, entity: Entity, field: str, pairs: Sequence[Pair], *more: Where) -> Joined:
        """Return the rows whose field has one of these values; texts stand in the order that the server gave them in.

        A few are asked for by key, many as the span from the first to the last of a company.
        """
        wanted = dict.fromkeys(pairs)
        if not wanted:
            return Joined({})
        many = len(wanted) > CHUNK * FEW
        found: dict[Pair, list[Row]] = {}
        for where in self._spans(field, wanted) if many else self._by_key(field, wanted):
            for row in self.all_rows(entity, all_of(where, *more), _ordered(entity, field)):
                pair = row[AREA], row[field]
                if pair in wanted:
                    found.setdefault(pair, []).append(row)
        return Joined(found)

    def by_key(self, entity: Entity, field: str, pairs: Sequence[Pair], *more: Where) -> list[Row]:
        """Return the rows whose field has one of these values, however many they are."""
        wanted = dict.fromkeys(pairs)
        return [
            row for where in self._by_key(field, wanted)
            for row in self.all_rows(entity, all_of(where, *more), _ordered(entity, field))
            if (row[AREA], row[field]) in wanted  # a star in a text stands for any text
        ]  # fmt: skip

    def _by_key(self, field: str, pairs: Iterable[Pair]) -> Iterator[Where]:
        for part in in_parts(list(pairs)):
            found = _by_area(part).items()
            yield any_of(*(all_of(Where.field(AREA, "eq", area), one_of(field, values)) for area, values in found))

    def _spans(self, field: str, pairs: Iterable[Pair]) -> Iterator[Where]:
        for part in in_parts(list(_by_area(pairs).items())):
            yield any_of(*(_span(field, area, values) for area, values in part))

    def sees(self, where: Where) -> bool:
        """Say whether any transaction or customer is seen under a condition."""
        asked = (self.transactions, entities.CUSTOMER_KEY)
        return any(self.service.rows(entity, where, top=1) for entity in asked)

    def expect_seen(self, areas: Iterable[str]) -> None:
        """Raise ConnectorRefused for a company of which nothing can be seen: a lost right looks like that."""
        for area in areas:
            if not self.sees(Where.field(AREA, "eq", area)):
                raise ConnectorRefused(
                    f"Nothing of {area} can be seen any more; nothing of it was taken as settled or gone.",
                    fix="let the F&O admin give the client's user this company back, or take it out of `companies`.",
                )

    def currency(self, area: str) -> str | None:
        """Return a company's currency, by the settings, else by the ledgers where they are published."""
        return self.settings.currency_of(area) or self._ledgers.get(area)

    @cached_property
    def _ledgers(self) -> dict[str, str]:
        name = self.settings.sets.ledgers
        if name is None:
            return {}
        rows = self.all_rows(named(entities.LEDGER, name), Where())
        return {row["LegalEntityId"].lower(): row["AccountingCurrency"] for row in rows if row["AccountingCurrency"]}

    def close(self) -> None:
        """Hang up."""
        self.service.close()


def since(name: str, day: date) -> Where:
    """Ask for a day or later: from midnight, for F&O's days stand at noon or at midnight."""
    return Where.written(f"{name} ge {day.isoformat()}T00:00:00Z")


def before(name: str, day: date) -> Where:
    """Ask for what is earlier than a day."""
    return Where.written(f"{name} lt {day.isoformat()}T00:00:00Z")


def either_since(day: date, *names: str) -> Where:
    """Ask for what has one of these days on this one or later."""
    return any_of(*(since(name, day) for name in names))


def at(mark: Mapping[str, Any]) -> datetime:
    """Return the instant of an upper bound's mark, or of a position."""
    return datetime.fromisoformat(mark["at"])


def _span(field: str, area: str, values: Sequence[Any]) -> Where:
    first, last = (min(values), max(values)) if isinstance(values[0], int) else (values[0], values[-1])
    return all_of(Where.field(AREA, "eq", area), Where.field(field, "ge", first), Where.field(field, "le", last))


def _by_area(pairs: Iterable[Pair]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for area, value in pairs:
        found.setdefault(area, []).append(value)
    return found


def _ordered(entity: Entity, field: str) -> tuple[str, ...]:
    """Return the order that puts what belongs together side by side."""
    return tuple(dict.fromkeys((AREA, field, *entity.key)))
