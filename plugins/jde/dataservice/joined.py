"""What SQL would join: names, addresses and parents of customers, and who was changed by them.

AIS reads one table a request, so each page asks for what belongs to its address numbers, a list at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from duehook.core.errors import BadRecord
from duehook.plugins.jde import tables
from duehook.plugins.jde.reading.reader import RawRow
from duehook.plugins.jde.tables import Table
from duehook.plugins.jde.values import Stamp, text, whole

from .conditions import Condition, among
from .history import column_of
from .rows import From

_LATEST: Final[Stamp] = (999_365, 235_959)


class Numbered:
    """Rows of a table by their address number."""

    def __init__(self, source: From, *, list_size: int, page_size: int) -> None:
        self.source, self._list_size, self._page_size = source, list_size, page_size
        self.column = column_of(source.table, "AN8")
        self._place = source.places[self.column.name]

    def of(self, numbers: Iterable[int], *conditions: Condition, proved: bool = False) -> dict[int, list[RawRow]]:
        """Return the rows of these numbers, by number and in key order."""
        wanted, found = sorted(set(numbers)), defaultdict[int, list[RawRow]](list)
        for start in range(0, len(wanted), self._list_size):
            some = among(self.column, wanted[start : start + self._list_size])
            for raw in self.source.all((some, *conditions), limit=self._page_size, proved=proved):
                found[int(raw[self._place])].append(raw)
        return found

    def stamped(self, since: Stamp, *conditions: Condition) -> set[int]:
        """Return the numbers of the rows that were changed since; none where the release does not stamp them."""
        stamp, source = self.source.table.stamp, self.source
        if stamp is None or not source.lacking.isdisjoint(stamp):
            return set()
        day, time = (source.places[name] for name in stamp)
        recent = Condition(source.column(stamp[0]), "GREATER_EQUAL", (since[0],))
        rows = source.all((recent, *conditions), limit=self._page_size, proved=True)
        return {int(raw[self._place]) for raw in rows if _at(raw[day], raw[time]) >= since}

    def begun(self, alias: str, since: int, today: int) -> set[int]:
        """Return the numbers of the rows whose date in this column lies between these days."""
        column = column_of(self.source.table, alias)
        between = Condition(column, "GREATER_EQUAL", (since,)), Condition(column, "LESS_EQUAL", (today,))
        rows = self.source.all(between, limit=self._page_size, proved=True)
        return {int(raw[self._place]) for raw in rows}

    def each(self, after: int) -> Iterator[int]:
        """Yield every number behind one, rising."""
        last, behind = None, Condition(self.column, "GREATER", (after,))
        for raw in self.source.all((behind,) if after >= 0 else (), limit=self._page_size, proved=True):
            number = int(raw[self._place])
            if number != last:
                last = number
                yield number


class Customers:
    """Adds name, mailing name, the address in force and the parent to raw rows of F03012."""

    def __init__(self, numbered: Callable[[Table], Numbered], *, today: int, structure: str) -> None:
        self._today, self._structure = today, structure
        self._names, self._mailing = numbered(tables.ADDRESS_BOOK), numbered(tables.WHO)
        self._postal, self._parents = numbered(tables.POSTAL), numbered(tables.PARENT)

    def dressed(self, raws: Sequence[RawRow]) -> list[RawRow]:
        """Return rows in the order of CUSTOMER_ROW and then what the site's file takes; none without a name."""
        raws = [raw for raw in raws if raw[0] is not None]
        numbers = [int(raw[0]) for raw in raws]
        names, parents = self._names.of(numbers, proved=True), self._parents.of(numbers)
        line = Condition(column_of(tables.WHO, "IDLN"), "EQUAL", (0,))
        mailing, postal = self._mailing.of(numbers, line), self._postal.of(numbers)
        found: list[RawRow] = []
        for raw, number in zip(raws, numbers, strict=True):
            for name in names.get(number, [])[:1]:
                who = next(iter(mailing.get(number, ())), self._nothing(self._mailing))
                address = self._in_force(postal.get(number, ()))
                found.append(self._row(raw, name, who, address, parent=self._parent(parents.get(number, ()))))
        return found

    def _row(self, raw: RawRow, name: RawRow, who: RawRow, address: RawRow, *, parent: int | None) -> RawRow:
        """Put the tables side by side, what is only the site's file's of each behind them all."""
        own, book, post = (len(each.columns) for each in (tables.CUSTOMER, tables.ADDRESS_BOOK, tables.POSTAL))
        mailing = who[self._mailing.source.places["WWMLNM"]]
        beside = (*raw[own:], *name[book:], *who[len(tables.WHO.columns) :], *address[post:])
        return (*raw[:own], *name[:book], mailing, *address[:post], parent, *beside)

    def _in_force(self, addresses: Sequence[RawRow]) -> RawRow:
        """Return the newest address that has begun."""
        begins = self._postal.source.places["ALEFTB"]
        begun = [raw for raw in addresses if isinstance(raw[begins], int) and raw[begins] <= self._today]
        return max(begun, key=lambda raw: int(raw[begins]), default=self._nothing(self._postal))

    def _parent(self, rows: Sequence[RawRow]) -> int | None:
        places = self._parents.source.places
        ours = [raw for raw in rows if (text(raw[places["MAOSTP"]]) or "") == self._structure]
        return min((int(raw[places["MAPA8"]]) for raw in ours), default=None)

    @staticmethod
    def _nothing(of: Numbered) -> RawRow:
        return (None,) * len(of.source.columns)


def _at(day: object, time: object) -> Stamp:
    """Return a row's stamp; one that cannot be read counts as changed just now."""
    try:
        return whole(day), whole(time or 0)
    except BadRecord:
        return _LATEST
