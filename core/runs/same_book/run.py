"""Read one book through each of several connectors, and hold what each read against the book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from duehook.core.context import Context
from duehook.core.errors import ConfigError, DuehookError
from duehook.core.plugins import Plugins, guarded
from duehook.core.redaction import mask_secrets
from duehook.core.testing.contract.running import NotSimulated, over_the_book

from .book import Balance, Shape, added_up, balances, open_items
from .reading import Reading, read_through

_NONE: Final = Decimal(0)


@dataclass(frozen=True)
class Unlike:
    """A sum that the book and a connector's books tell differently; `name` is a company, or a class."""

    name: str
    currency: str
    in_book: Decimal
    read: Decimal


@dataclass(frozen=True)
class Compared:
    """One connector's reading beside the book.

    `differs` are companies, `other_classes` classes under which an ERP tells the same money as the book tells
    under others. `same` is whether nothing differs and everything tied out.
    """

    reading: Reading
    differs: tuple[Unlike, ...] = ()
    other_classes: tuple[Unlike, ...] = ()

    @property
    def same(self) -> bool:
        """Say whether the connector's books hold the same as the book, but for what the ERP cannot tell."""
        return not (self.reading.error or self.reading.unexplained or self.differs)


@dataclass(frozen=True)
class SameBook:
    """The book as it stands at the end, and every connector beside it."""

    shape: Shape
    documents: int
    balances: tuple[Balance, ...]
    connectors: tuple[Compared, ...]

    @property
    def same(self) -> bool:
        """Say whether all connectors hold the same."""
        return all(each.same for each in self.connectors)


def simulated(plugins: Plugins) -> list[str]:
    """Name the connectors that have a simulator over the book."""
    return [type for type in sorted(plugins.connection_types()) if _has_book(plugins, type)]


def same_book(plugins: Plugins, types: Sequence[str], shape: Shape, context: Context) -> SameBook:
    """Read the book through these connectors, one after the other; one that fails is told and stops no other.

    Raises ConfigError, before anything is read, for a type that nobody offers.
    """
    for type in types:
        plugins.claimant(type)
    items = open_items(shape.drawn())
    found = []
    with TemporaryDirectory(prefix="duehook-same-book-") as folder:
        for type in types:
            reading = _read(plugins, type, shape, context, folder=Path(folder) / type)
            absent = {each.item_class for each in reading.left_out}
            found.append(compared(reading, balances(item for item in items if item.item_class not in absent)))
    return SameBook(shape, len(items), balances(items), tuple(found))


def compared(reading: Reading, expected: Sequence[Balance]) -> Compared:
    """Hold what was read against what the ERP can tell of the book."""
    if reading.error:
        return Compared(reading)
    differs = _unlike(expected, reading.balances, lambda each: each.company)
    return Compared(
        reading, differs, () if differs else _unlike(expected, reading.balances, lambda each: each.item_class)
    )


def _read(plugins: Plugins, type: str, shape: Shape, context: Context, *, folder: Path) -> Reading:
    try:
        with guarded(f"the connector {type} failed"):
            return read_through(plugins, type, shape, context, folder=folder)
    except DuehookError as error:
        return Reading(type, error=mask_secrets(str(error)))


def _unlike(expected: Sequence[Balance], read: Sequence[Balance], by: Callable[[Balance], str]) -> tuple[Unlike, ...]:
    theirs, ours = added_up(expected, by), added_up(read, by)
    return tuple(
        Unlike(*name, theirs.get(name, _NONE), ours.get(name, _NONE))
        for name in sorted({*theirs, *ours})
        if theirs.get(name) != ours.get(name)
    )


def _has_book(plugins: Plugins, type: str) -> bool:
    try:
        over_the_book(plugins.simulator(type, {}))
    except (ConfigError, NotSimulated):
        return False
    return True
