"""What `check` and `discover` say of a drop folder, and the masked sample of `duehook map check --sample`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from duehook.core.errors import DuehookError
from duehook.core.field_mapping import masked, masked_row
from duehook.core.hookspecs import Counted, Discovery, Finding, Row
from duehook.core.records import Stream
from duehook.core.table_mapping.tally import Tally

from .drop.folder import Drop
from .drop.opened import Opened
from .reading import Reading

_SHOWN: Final = 5
Readings = Mapping[Stream, Reading]


def findings(drop: Drop, readings: Readings) -> Iterator[Finding]:
    """Read every file through as an import would, and tell what it would tell."""
    for stream, reading in readings.items():
        try:
            opened = reading.files()
        except DuehookError as error:
            yield Finding(f"{stream} files", False, error.message, error.fix)
            continue
        if not opened:
            yield Finding(f"{stream} files", True, "none are there now", severity="info")
        counts = []
        for file in opened:
            counts.append(counted := _counted(reading, file, tally := Tally()))
            notes = [*tally.notes(file.name), *(f"no row has {column}" for column in file.table.never())]
            yield from _told(f"{stream} {file.name}", counted, notes)
        read, bad = sum(each.good + each.bad for each in counts), sum(each.bad for each in counts)
        if bad:
            text = f"{bad:,} of {read:,} cannot be read and would wait in quarantine"
            advice = "correct the rows or the mapping"
            yield Finding(f"{stream} rows", False, text, advice, "warning", Counted(stream, read, bad))
    for name in drop.waiting:
        yield Finding(name, True, "is still being written and waits", severity="info")


class _Rows(NamedTuple):
    """How many rows of a file are well and bad, and why the first of those are."""

    good: int
    bad: int
    reasons: Sequence[str]


def _counted(reading: Reading, file: Opened, tally: Tally) -> _Rows:
    """Read a file as an import would, and count."""
    good, bad, reasons = 0, 0, list[str]()
    lines = file.lines(tally)
    while page := list(islice(lines, 5_000)):
        rows, faults = reading.checked(file, page, tally)
        good, bad = good + len(rows), bad + len(faults)
        reasons += [fault.reason for fault in faults][: _SHOWN - len(reasons)]
    return _Rows(good, bad, reasons)


def _told(subject: str, counted: _Rows, notes: Sequence[str]) -> Iterator[Finding]:
    """Tell of one file: the rows that are well, the first that are not, and what should be known."""
    yield Finding(subject, True, f"{counted.good:,} rows are well")
    for reason in counted.reasons:
        yield Finding(subject, False, reason, "correct the row or the mapping", "warning")
    more = counted.bad - len(counted.reasons)
    if more:
        yield Finding(subject, False, f"… and {more:,} more that cannot be read", severity="warning")
    for note in notes:
        yield Finding(subject, True, note, severity="info")


def discoveries(drop: Drop, readings: Readings) -> Iterator[Discovery]:
    """List each file with its columns, those that are not mapped, and the codes of fields with code lists."""
    for stream, reading in readings.items():
        for file in reading.files():
            text = f"{file.inspection.rows:,} rows for {stream}, {file.table.told()}"
            yield Discovery("file", file.name, text)
            yield from _columns(drop, stream, file)
            yield from _companies(stream, file)


def _columns(drop: Drop, stream: Stream, file: Opened) -> Iterator[Discovery]:
    first = [line[1] for line in islice(file.table.lines(), 3)]
    used = set(chain.from_iterable(value.named() for value in drop.mapping(stream).fields.values()))
    for at, name in enumerate(file.table.header):
        samples = tuple(masked(cells[at]) for cells in first if at < len(cells) and cells[at])
        is_used = name in used or at + 1 in used
        yield Discovery(
            "column", f"{file.name}: {name or at + 1}", "" if is_used else f"not mapped to {stream}", samples
        )


def _companies(stream: Stream, file: Opened) -> Iterator[Discovery]:
    if stream != "item":
        return
    found = Counter(file.mapper.field("company", cells) for _, cells, _ in file.lines())
    for code, rows in sorted((str(code), rows) for code, rows in found.items() if code):
        yield Discovery("company", code, f"{rows:,} items")


def sample(reading: Reading, most: int) -> list[Row]:
    """Return the first rows as they would be imported, names and numbers masked. Bad rows tell their reason."""
    found: list[Row] = []
    for file in reading.files():
        good, bad = reading.checked(file, list(islice(file.lines(), most)), Tally())
        found += [{"bad row": fault.reason} for fault in bad]
        found += [masked_row(row) for row in good]
    return found[:most]
