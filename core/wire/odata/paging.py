"""Read a listing in pages that follow each other by key, and prove that it is whole.

The server's own paging is not trusted with the end: a page may shrink, repeat or break off. A
listing ends when nothing stands behind its last key, and is whole when as many rows came as the
service counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled

from .client import ODataClient, Question
from .dialect import Envelope, Unreadable
from .fields import Entity, Row
from .where import Where, after, all_of

KeyValues = tuple[Any, ...]
_PLAIN: Final = re.compile(r"[0-9A-Z]*\Z")


@dataclass(frozen=True)
class Listing:
    """What is read: an entity, which of its rows, and how many at once.

    `key` orders the rows; by default it is the entity's own. It must tell rows apart within the listing.
    """

    entity: Entity
    where: Where = field(default_factory=Where)
    page_size: int = 1_000
    key: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """Return the fields that order the rows."""
        return self.key or self.entity.key


@dataclass(frozen=True)
class Page:
    """Rows with Python's values, and the key that the next page stands behind."""

    rows: Sequence[Row]
    last: KeyValues


def pages(
    client: ODataClient, listing: Listing, start: Sequence[Any] | None = None, *, first: Envelope | None = None
) -> Iterator[Page]:
    """Yield pages behind `start` until none comes; ConnectorGarbled for one that came before.

    The first page says how many rows there are: when it has them all, nothing more is asked. `first` is the
    answer to it where it has been asked already.
    """
    last = tuple(start) if start is not None else None
    seen: set[KeyValues] = set()
    told, came = 0, 0
    while True:
        rows, total = client.counted_rows(_question(listing, last, counted=not seen), None if seen else first)
        told = told if seen else total or 0
        if not rows:
            break
        client.dialect.decode(listing.entity, rows)
        keys = _keys(rows, listing)
        if len(set(keys)) < len(keys) or keys[-1] in seen or last in keys:
            raise ConnectorGarbled(
                f"{listing.entity.name} gave a page of rows that it had given before; nothing of it was kept.",
                fix="it is read again by the next run; see that nothing between here and the ERP keeps old answers.",
            )
        _expect_order(listing, keys if last is None else [last, *keys])
        last, came = keys[-1], came + len(rows)
        seen.add(last)
        yield Page(rows, last)
        if total is not None and came == len(rows) >= total:
            return
    if came < told:
        _expect_nothing(client, listing, last)


def pages_of(client: ODataClient, listings: Sequence[Listing]) -> Iterator[Page]:
    """Yield the pages of several listings, one behind the other; as many first ones are asked for at once as may."""
    left = list(listings)
    while left:
        some, left = left[: client.at_once], left[client.at_once :]
        answers = client.first_answers([_question(listing, None, counted=True) for listing in some])
        for listing, first in zip(some, answers, strict=True):
            yield from pages(client, listing, first=first)


def _question(listing: Listing, last: KeyValues | None, *, counted: bool) -> Question:
    return Question(listing.entity, _behind(listing, last), listing.order, listing.page_size, counted=counted)


def _expect_order(listing: Listing, keys: Sequence[KeyValues]) -> None:
    """Refuse rows out of order: what stands behind the last key would not be all that is left.

    Databases sort marks and small letters each in their own way, so only keys without them are compared.
    """
    behind = [(one, other) for one, other in pairwise(keys) if one > other]
    if any(all(not isinstance(part, str) or _PLAIN.match(part) for key in pair for part in key) for pair in behind):
        raise ConnectorGarbled(
            f"{listing.entity.name} gave rows that are not in the order of {', '.join(listing.order)}; "
            "nothing of them was kept.",
            fix="the service must follow $orderby.",
        )


def _expect_nothing(client: ODataClient, listing: Listing, last: KeyValues | None) -> None:
    """Refuse an end behind which rows stand; where fewer came than were told, they may have gone meanwhile."""
    left = client.count(listing.entity, _behind(listing, last))
    if left:
        raise ConnectorGarbled(
            f"{listing.entity.name} ended although {left} rows stand behind its last one.",
            fix="what came is kept, and the next run goes on behind it.",
        )


def count(client: ODataClient, listing: Listing) -> int:
    """Return how many rows the service says there are."""
    return client.count(listing.entity, listing.where)


def _behind(listing: Listing, last: KeyValues | None) -> Where:
    if last is None:
        return listing.where
    return all_of(listing.where, after(listing.order, last))


def _keys(rows: Sequence[Row], listing: Listing) -> list[KeyValues]:
    """Return the keys' values; a blank text is a value of a key like any other."""
    kinds = listing.entity.kinds
    columns = [
        ["" if row[name] is None else row[name] for row in rows]
        if kinds.get(name) == "text"
        else [row[name] for row in rows]
        for name in listing.order
    ]
    if any({type(None), Unreadable} & set(map(type, column)) for column in columns):
        raise ConnectorGarbled(
            f"{listing.entity.name} gave a row without a part of its key; nothing of it was kept.",
            fix="it is read again by the next run.",
        )
    return list(zip(*columns, strict=True))
