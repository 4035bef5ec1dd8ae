"""A set of keys that takes some bits each: it may name a key that it does not have, and never misses one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from duehook.core.table_mapping.rows import Identity
from duehook.plugins.files.forms.table import Table

_LEAST: Final = 10
_MOST: Final = 26  # 8 MB: of a million keys some 300 are named in vain


class Sieve:
    """Keys in a bitmap, two bits each."""

    def __init__(self, size: int = 0) -> None:
        """Make room for the keys of so many bytes of CSV: a bit or two for each byte."""
        bits = min(max(size.bit_length(), _LEAST), _MOST)
        self._mask = (1 << bits) - 1
        self._seen = bytearray(1 << (bits - 3))

    @classmethod
    def of(cls, tables: Iterable[Table]) -> Self:
        """Make one with room for the keys of these files."""
        return cls(sum(table.stamp.size for table in tables))

    def add(self, key: Identity) -> bool:
        """Note a key; True when it may have been there before."""
        seen, made = self._seen, hash(key)
        one, two = made & self._mask, (made >> 32) & self._mask
        one_bit, two_bit = 1 << (one & 7), 1 << (two & 7)
        if seen[one >> 3] & one_bit and seen[two >> 3] & two_bit:
            return True
        seen[one >> 3] |= one_bit
        seen[two >> 3] |= two_bit
        return False

    def __contains__(self, key: Identity) -> bool:
        """Say whether the key may have been noted; False is certain."""
        seen, made = self._seen, hash(key)
        one, two = made & self._mask, (made >> 32) & self._mask
        return bool(seen[one >> 3] & (1 << (one & 7)) and seen[two >> 3] & (1 << (two & 7)))
