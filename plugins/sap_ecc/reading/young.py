"""Which cleared lines a reading asks for: those cleared or entered since a day, some months a question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.site import EccSite
from duehook.plugins.sap_ecc.where import Where, both, compare, either, one_of
from duehook.plugins.sap_lines.place import Place

MONTHS: Final = timedelta(days=92)


def cleared(site: EccSite, place: Place) -> list[Where]:
    """Ask for what was cleared since the last reading, or in the months of the first one.

    A clearing may be dated back: what documents entered since then have cleared is asked for by these.
    """
    within = site.in_companies()
    if place.since is None:
        return [both(within, *part) for part in _parts("AUGDT", place.history_from, place.bound)]
    stamped = either(compare("AUGDT", ">=", place.since), compare("CPUDT", ">=", place.since))
    return [both(within, stamped), *(both(within, part) for part in _dated_back(site, place.since))]


def together(site: EccSite, place: Place, column: str, *more: Where) -> Where | None:
    """Return what a first reading's questions ask together; None for a later one, which has few."""
    return (
        None if place.since is not None else both(site.in_companies(), *more, compare(column, ">=", place.history_from))
    )


def paid(site: EccSite, place: Place, types: Where) -> list[Where]:
    """Ask for payments' lines that were posted in the months of the first reading, or stamped since the last one."""
    within = both(site.in_companies(), types)
    if place.since is None:
        return [both(within, *part) for part in _parts("BUDAT", place.history_from, place.bound)]
    stamped = either(compare("AUGDT", ">=", place.since), compare("CPUDT", ">=", place.since))
    return [both(within, stamped)]


def _parts(column: str, first: date, last: date) -> Iterator[tuple[Where, ...]]:
    """Yield spans of months; the last has no end, as a day may lie ahead."""
    while first + MONTHS < last:
        yield compare(column, ">=", first), compare(column, "<", first + MONTHS)
        first += MONTHS
    yield (compare(column, ">=", first),)


def _dated_back(site: EccSite, since: date) -> Iterator[Where]:
    entered = both(site.in_companies(), compare("CPUDT", ">=", since), compare("AUGDT", "<", since))
    rows = site.rows(tables.CLEARING, entered)
    numbers = sorted({(row["BUKRS"], row["AUGBL"]) for row in rows if row["AUGBL"] == row["BELNR"]})
    for company in sorted({each for each, _ in numbers}):
        mine = [number for each, number in numbers if each == company]
        yield both(compare("BUKRS", "=", company), one_of("AUGBL", mine))
