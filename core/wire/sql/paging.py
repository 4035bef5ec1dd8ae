"""Pages in key order, each behind the last key of the one before, and the proof that none is missing or came twice.

A short page is taken for the last one only after a look behind it found nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from duehook.core.errors import ConnectorGarbled

from .client import RawRow

Key = tuple[Any, ...]


class KeyProof:
    """What must hold of the keys of a table's pages; `name` is the table, for the messages."""

    def __init__(self, name: str) -> None:
        self._name = name

    def demand(self, holds: bool, otherwise: str) -> None:
        """Raise ConnectorGarbled unless it holds."""
        if not holds:
            raise self.garbled(otherwise)

    def distinct(self, keys: Sequence[Key]) -> frozenset[Key]:
        """Return the keys of a page; raise ConnectorGarbled where two rows have one."""
        seen = frozenset(keys)
        if len(seen) != len(keys):
            key, _ = Counter(keys).most_common(1)[0]
            raise self.garbled(f"two rows have one key ({'|'.join(str(part).strip() for part in key)})")
        return seen

    def garbled(self, what: str) -> ConnectorGarbled:
        """Return the fault of a page that is not kept."""
        return ConnectorGarbled(
            f"{self._name}: {what}; nothing of that page was kept.",
            fix="run the import again; it goes on behind the last good page.",
        )


def in_key_order(
    page: Callable[[Key | None], list[RawRow]],
    keys_of: Callable[[Sequence[RawRow]], list[Key]],
    proof: KeyProof,
    *,
    limit: int,
    after: Key | None = None,
) -> Iterator[tuple[list[RawRow], Key]]:
    """Yield raw pages, each with its last key, until nothing is left behind the last.

    `page` asks for the rows behind a key. A row with a NULL in its key stands behind no key, so that it may come on
    more than one page.
    """
    before, short = frozenset[Key](), False
    while raws := page(after):
        keys = [key for key in keys_of(raws) if None not in key]
        proof.demand(len(raws) <= limit, "a page is larger than was asked for")
        if not keys:
            proof.demand(len(raws) < limit and after is not None, "a page has no row with a key")
            yield raws, after or ()
            return
        proof.demand(not short, "a page ended early and rows came behind it")
        seen = proof.distinct(keys)
        proof.demand(seen.isdisjoint(before) and after not in seen, "a page came again")
        short, before = len(raws) < limit, seen
        yield raws, keys[-1]
        after = keys[-1]
