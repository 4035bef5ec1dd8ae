"""Takes the keys of a table out of raw rows, numbers as int whatever the driver gave."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.wire.sql import Key, KeyProof, RawRow
from duehook.plugins.jde.tables import Table
from duehook.plugins.jde.values import whole

_INTS: Final = frozenset({int})


class Keys(KeyProof):
    """The keys of one table's rows."""

    def __init__(self, table: Table) -> None:
        super().__init__(table.name)
        places = [table.columns.index(column) for column in table.key]
        self._numbers = [place for place, column in enumerate(table.key) if column.width is None]
        self._parts = [_as_it_is if column.width else _day if column.is_day else _number for column in table.key]
        self._taken = itemgetter(*places) if len(places) > 1 else lambda raw, place=places[0]: (raw[place],)

    def of(self, raws: Sequence[RawRow]) -> list[Key]:
        """Return the rows' keys, a NULL in one as None; raise ConnectorGarbled when one cannot be read.

        A day that is none counts as a NULL: its row is left to the mapping, and stops no other.
        """
        return self.plain(list(map(self._taken, raws)))

    def plain(self, keys: Sequence[Sequence[Any]]) -> list[Key]:
        """Return keys that stand alone."""
        if all({type(key[place]) for key in keys} <= _INTS for place in self._numbers):
            return list(map(tuple, keys))
        try:
            return [tuple(each(value) for each, value in zip(self._parts, key, strict=True)) for key in keys]
        except BadRecord as error:
            raise self.garbled(f"a key cannot be read: {error}") from error


def _as_it_is(value: Any) -> Any:
    return value


def _number(value: Any) -> int | None:
    return None if value is None else whole(value)


def _day(value: Any) -> int | None:
    try:
        return _number(value)
    except BadRecord:
        return None
