"""Compare what a connector read with what the ERP holds, and say where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from duehook.core.records import Stream

from .erp import Row

SHOWN: Final = 5
# A connector may give an ERP's one allocation as several of its own: their sums are compared.
SUMMED: Final[Mapping[Stream, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "allocation": (("company", "item", "payment", "kind", "currency"), ("amount", "company_amount")),
}
NAMED_BY: Final[Mapping[Stream, tuple[str, ...]]] = {
    "exchange_rate": ("from_currency", "to_currency", "valid_on"),
    "company": ("company",),
    "payment_term": ("key",),
}


def differences(stream: Stream, given: Iterable[Row], read: Iterable[Row]) -> list[str]:
    """Return in words what differs, at most a few; nothing where all that the ERP gives was read so."""
    theirs, ours = named(stream, given), named(stream, read)
    found = [f"{stream} {_say(name)} was not read" for name in theirs if name not in ours]
    found += [f"{stream} {_say(name)} was read, but is not in the ERP" for name in ours if name not in theirs]
    for name, row in theirs.items():
        found += [f"{stream} {_say(name)}: {told}" for told in _fields(row, ours[name])] if name in ours else []
    return [*found[:SHOWN], *([f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else [])]


def named(stream: Stream, rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    """Return the rows by what names them; those that are only compared as sums, summed."""
    fields, summed = SUMMED.get(stream, (NAMED_BY.get(stream, ("company", "key")), ()))
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        name = tuple(row.get(each) for each in fields)
        if not summed:
            found[name] = row
            continue
        sums = found.setdefault(name, dict.fromkeys(summed, Decimal(0)))
        for each in summed:
            sums[each] += row.get(each) or Decimal(0)
    return {name: row for name, row in found.items() if not summed or any(row.values())}


def _fields(given: Row, read: Row) -> list[str]:
    return [
        f"{name} is {read.get(name)!r}, the ERP has {held!r}"
        for name, held in given.items()
        if not _same(held, read.get(name))
    ]


def _same(held: Any, read: Any) -> bool:
    """Say whether two values mean the same: an address is compared by what the ERP gives of it."""
    if isinstance(held, Mapping) and isinstance(read, Mapping):
        return all(_same(each, read.get(name)) for name, each in held.items())
    if isinstance(held, list | tuple) and isinstance(read, list | tuple):
        return list(held) == list(read)
    return bool(held == read)


def _say(name: tuple[Any, ...]) -> str:
    return "/".join(str(part) for part in name if part is not None)
