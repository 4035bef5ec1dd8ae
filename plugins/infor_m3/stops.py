"""M3's own stops beside the customer stop and the reminder stop: one digit each, whose meaning the site's lists say.

What a list says nothing of stops nothing: `discover` counts the codes, and `check` names those that were met and are
in no list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from duehook.core.connecting.discovering import counted
from duehook.core.hookspecs import Discovery, Finding

from .settings import CodeLists
from .values import Row, text

NONE: Final = "0"  # a digit that nobody filled


class Stop(NamedTuple):
    """A field that may stop reminders, the list in `codes` that says which of its values do, and M3's word for it."""

    field: str
    setting: str
    words: str

    def listed(self, codes: CodeLists) -> Mapping[str, str]:
        """Return what the site says of its values."""
        found: Mapping[str, str] = getattr(codes, self.setting)
        return found

    def code(self, row: Row) -> str:
        """Return its value in a row."""
        return text(row, self.field) or NONE


# In the order in which they are looked at: what a collector has goes before what he may get.
OF_CUSTOMERS: Final = (
    Stop("BLPR", "block_by_reminder_code", "payment reminder code"),
    Stop("CLCD", "block_by_customer_collection", "collection of customers"),
)
OF_ITEMS: Final = (
    Stop("CLST", "block_by_collection_status", "debt collection status"),
    Stop("CLCD", "block_by_collection", "collection of invoices"),
)


class Stops:
    """Finds the block that a row's fields stand for."""

    def __init__(self, stops: Iterable[Stop], codes: CodeLists) -> None:
        """Take the fields; those of which the site says nothing are not looked at."""
        self._listed = [(stop, listed) for stop in stops if (listed := stop.listed(codes))]

    def of(self, row: Row) -> str | None:
        """Return the block, None for none."""
        return next((block for stop, listed in self._listed if (block := listed.get(stop.code(row)))), None)


def unlisted(rows: Sequence[Row], stops: Iterable[Stop], codes: CodeLists) -> Iterator[Finding]:
    """Yield the codes that rows hold and no list says anything of; 0 needs no word."""
    for stop in stops:
        listed = stop.listed(codes)
        found = sorted({code for row in rows if (code := stop.code(row)) != NONE and code not in listed})
        if found:
            told = f"{stop.field} holds {', '.join(found)}, of which `codes.{stop.setting}` says nothing: stops nothing"
            advice = f'write `codes: {{{stop.setting}: {{"{found[0]}": …}}}}`: a word for the block, "" for none.'
            yield Finding(stop.words, False, told, advice, "warning")


def discovered(rows: Sequence[Row], stops: Iterable[Stop], codes: CodeLists) -> Iterator[Discovery]:
    """Yield the codes that rows hold with their counts, 0 too: it may be the one that stops."""
    for stop in stops:
        suggests = f'codes: {{{{{stop.setting}: {{{{"{{0}}": …}}}}}}}}'
        yield from counted(stop.words, map(stop.code, rows), suggests, known=stop.listed(codes))
