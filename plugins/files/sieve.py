"""A set of keys that takes some bits each: it may name a key that it does not have, and never misses one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from .rows import Identity
from .table import Table

_LEAST: Final = 10
_MOST: Final = 26  # 8 MB: of a million keys some 8,000 are named in vain


class Sieve:
    """Keys in a bitmap."""

    def __init__(self, size: int = 0) -> None:
        """Make room for the keys of so many bytes of CSV: a bit or two for each byte."""
        self._bits = 1 << min(max(size.bit_length(), _LEAST), _MOST)
        self._seen = bytearray(self._bits >> 3)

    @classmethod
    def of(cls, tables: Iterable[Table]) -> Self:
        """Make one with room for the keys of these files."""
        return cls(sum(table.stamp.size for table in tables))

    def add(self, key: Identity) -> bool:
        """Note a key; True when it may have been there before."""
        spot = hash(key) % self._bits
        byte, bit = spot >> 3, 1 << (spot & 7)
        if self._seen[byte] & bit:
            return True
        self._seen[byte] |= bit
        return False

    def __contains__(self, key: Identity) -> bool:
        """Say whether the key may have been noted; False is certain."""
        spot = hash(key) % self._bits
        return bool(self._seen[spot >> 3] & (1 << (spot & 7)))
