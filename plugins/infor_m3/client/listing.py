"""Lists that begin at a key: page by page behind the last one, and never ended by an answer that may be cut off.

M3 counts no rows. A page begins with the row that ended the one before, so a page that is another's is seen; the
list ends when nothing but that row comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire.reply import SENSELESS
from duehook.plugins.infor_m3.entities import Transaction

from .answers import Rows
from .service import Asking, M3Service, Values

FEW: Final = 5  # rows: of fewer, an answer that lost its second half can look like the end
TRIES: Final = 3
LIMITS: Final = 50  # servers cut answers off at round numbers: 100, 500, 1,000
SMALLEST: Final = 100


@dataclass(frozen=True)
class Listing:
    """What is listed, and by which field its rows stand in order.

    A row that does not hold what `within` says ends it: M3 may go on with what stands behind.
    """

    transaction: Transaction
    key: str
    values: Values
    page_size: int
    within: Values = field(default_factory=dict)

    def holds(self, row: Values) -> bool:
        """Say whether a row belongs to it."""
        return all(row.get(name, "").strip() == held for name, held in self.within.items())


def pages(service: M3Service, listing: Listing, start: str | None = None) -> Iterator[Rows]:
    """Yield the pages behind a key, none of them empty; ConnectorGarbled for one that does not follow."""
    last, few = start, True
    seen = set[str]()
    while True:
        rows = _behind(listing, last, _ask(service, listing, last, listing.page_size + 1))
        if not rows:
            _expect_end(service, listing, last, few=few)
            return
        keys = [row[listing.key] for row in rows]
        if len(set(keys)) < len(keys) or seen & {*keys}:
            raise _garbled(listing, "gave rows that it had given before")
        yield rows
        few, last = len(rows) < FEW, keys[-1]
        seen.add(last)


def _ask(service: M3Service, listing: Listing, start: str | None, most: int) -> Rows:
    values = {**listing.values, **({} if start is None else {listing.key: start})}
    return list(takewhile(listing.holds, service.rows(listing.transaction, values, Asking(most))))


def _behind(listing: Listing, last: str | None, rows: Rows) -> Rows:
    """Return the rows behind the one that is repeated."""
    if any(not row.get(listing.key) for row in rows):
        raise _garbled(listing, f"gave a row without {listing.key}")
    if last is None:
        return rows
    if not rows or rows[0][listing.key] != last:
        raise _garbled(listing, f"does not begin with {last}, at which it was asked to begin")
    return rows[1:]


def _expect_end(service: M3Service, listing: Listing, last: str | None, *, few: bool) -> None:
    """Where little was left, see that one row is given when one is asked for: half of one is none."""
    if last is not None and few:
        _behind(listing, last, _ask(service, listing, last, 1))


def whole(ask: Callable[[int], Rows], identity: Callable[[dict[str, str]], str], *, about: str) -> Rows:
    """Return a list that M3 gives at once, asked for a second time with room for one row more.

    An answer that was cut off differs then, and so does one that changed meanwhile: both are asked for anew.
    """
    for _ in range(TRIES):
        rows = ask(0)
        again = ask(len(rows) + 1)
        same = [identity(row) for row in rows] == [identity(row) for row in again]
        if same and (len(rows) != 1 or ask(1)):
            return rows
    raise ConnectorGarbled(f"{about} gave another list each time it was asked.", fix=SENSELESS)


def looks_cut(rows: Sized, more: int = 0) -> bool:
    """Say whether there are so many rows as servers usually end an answer at."""
    count = len(rows) + more
    return count >= SMALLEST and count % LIMITS == 0


def _garbled(listing: Listing, told: str) -> ConnectorGarbled:
    return ConnectorGarbled(f"{listing.transaction.title} {told}; nothing of it was kept.", fix=SENSELESS)
