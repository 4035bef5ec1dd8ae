"""Read a stream page by page: files in their order, each from where it was left, each row checked by line.

A position is {"mapping": digest, "files": {name: sha256}, "done": …}, and inside a file also which
one, its content, how many rows of it are behind, and the mark of all files there were. A mapping
that changed has everything read anew, and so has a file that changed: a row it has no more may let
one of an older file count again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import BadRow, KeyPage, Lookup, Page, Position, Row, Total, UpperBound
from duehook.core.records import RECORDS, Stream
from duehook.core.table_mapping.rows import RowMapper, Unmapped
from duehook.core.table_mapping.tally import Tally

from .drop.folder import Drop
from .drop.listing import Listing, mark
from .drop.opened import Line, Opened

_TOLD: Final = 3  # faults of a row that are told
_TURN: Final = ": `negate: true`, or by another column `negate: {column: …, values: […]}`"


class Reading:
    """One stream of a drop folder."""

    def __init__(self, drop: Drop, stream: Stream) -> None:
        self._drop = drop
        self._stream = stream
        self._mapping = drop.mapping(stream)
        self._listing = Listing(drop, stream)

    def pages(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield the pages behind a position; a file whose content is known is not read again."""
        tables = self._listing.tables(bound)
        now = {table.name: self._listing.digest(table) for table in tables}
        at = self._kept(position or {}, now)
        known: dict[str, str] = dict(at.get("files", {}))
        if self._mapping.snapshot and at.get("done"):
            known = dict(now)
        unread = self._listing.beside(tables, [table for table in tables if known.get(table.name) != now[table.name]])
        whole = bool(tables) and len(unread) == len(tables) and not any(self._behind(file, at) for file in unread)
        notes: list[str] = []
        for file in unread:
            tally = Tally()
            yield from self._file(file, at, (known, tally, mark(now)))
            notes += tally.notes(file.name)
            known[file.name] = file.inspection.digest
        notes += [f"{name} is still being written and waits" for name in self._drop.waiting]
        yield Page([], self._position(known, done=True), notes=notes, whole=whole)

    def _kept(self, position: Position, now: Mapping[str, str]) -> Position:
        """Return the position where reading can go on from it, an empty one where it must begin anew."""
        known: Mapping[str, str] = position.get("files", {})
        if position.get("mapping") != self._drop.loaded.digest:
            return {}
        if not position.get("done"):
            goes_on = position.get("among") == mark(now)
        elif self._mapping.snapshot:  # known by content, whatever the names are now
            goes_on = set(known.values()) == set(now.values())
        else:
            goes_on = all(now.get(name, digest) == digest for name, digest in known.items())
        return position if goes_on else {}

    def _file(self, file: Opened, at: Position, state: tuple[dict[str, str], Tally, str]) -> Iterator[Page]:
        known, tally, among = state
        behind = self._behind(file, at)
        if behind:
            kept = Tally.of(at["tally"])
            tally.rounded, tally.kept = kept.rounded, kept.kept
        size, number, lines = self._drop.settings.page_size, 0, list[Line]()
        for number, line in file.numbered(tally):
            if number <= behind:
                continue
            lines.append(line)
            if len(lines) == size:
                yield self._page(file, lines, (known, tally, {"among": among, "rows": number}))
                lines = []
        if lines:
            yield self._page(file, lines, (known, tally, {"among": among, "rows": number}))
        file.table.refuse_changed()

    @staticmethod
    def _behind(file: Opened, at: Position) -> int:
        """Return how many rows of the file are behind the position."""
        is_there = (at.get("file"), at.get("digest")) == (file.name, file.inspection.digest)
        return int(at["rows"]) if is_there else 0

    def _page(self, file: Opened, lines: Sequence[Line], state: tuple[dict[str, str], Tally, Position]) -> Page:
        known, tally, behind = state
        rows, bad = self.checked(file, lines, tally)
        inside = {"file": file.name, "digest": file.inspection.digest, **behind, "tally": tally.as_json()}
        return Page(rows, self._position(known, **inside), bad)

    def _position(self, known: Mapping[str, str], **more: Any) -> Position:
        return {"mapping": self._drop.loaded.digest, "files": dict(known), **more}

    def checked(self, file: Opened, lines: Sequence[Line], tally: Tally) -> tuple[list[Row], list[BadRow]]:
        """Map lines and check them as records, so that each fault is told with its line and column."""
        rows, origins, bad = [], [], []
        for line in lines:
            try:
                rows.append(file.mapped(line, tally))
                origins.append(line)
            except Unmapped as error:
                bad.append(file.bad(line, str(error)))
        try:
            _records(self._stream).validate_python(rows)
        except ValidationError:
            good = []
            for row, line in zip(rows, origins, strict=True):
                try:
                    RECORDS[self._stream].model_validate(row)
                    good.append(row)
                except ValidationError as error:
                    bad.append(file.bad(line, _words(error, file.mapper, row)))
            rows = good
        return rows, bad

    def keys(self) -> Iterator[KeyPage]:
        """Yield the keys of the state: of items those that are open, and those whose row is bad."""
        for file in self.files():
            if file.inspection.unkeyed:
                line = file.inspection.unkeyed[0]
                raise ConnectorGarbled(
                    f"{file.name}:{line}: the row has no readable key, so nobody can tell what has vanished; "
                    "nothing was taken as gone.",
                    fix="correct the row, or leave such rows out with `skip` in the mapping.",
                )
            for lines in self._cut(file):
                yield KeyPage([key for line in lines if (key := self._listed(file, line)) is not None])
        yield KeyPage([], complete=self._mapping.snapshot is not None)

    def _listed(self, file: Opened, line: Line) -> tuple[str, str] | None:
        if self._stream == "item" and file.mapper.field("open_amount", line[1]) == 0:
            return None
        key = file.mapper.identity(line[1]) or ("",)
        return (key[0] if len(key) == 2 else "", key[-1])

    def lookup(self, keys: Sequence[tuple[str, str]]) -> Lookup:
        """Read rows again; the last file that has a key tells, also where its row there is bad."""
        asked = {(company, key) if self._stream != "payment_term" else (key,): (company, key) for company, key in keys}
        found: dict[tuple[str, str], Row] = {}
        unread: dict[tuple[str, str], BadRow] = {}
        open_ones = set(asked)
        for file in self._newest_first():
            wanted = {key for key in open_ones if key in file.inspection.keys}
            lines = [line for line in file.lines() if file.mapper.identity(line[1]) in wanted] if wanted else []
            open_ones.difference_update(file.mapper.identity(line[1]) or () for line in lines)
            rows, bad = self.checked(file, lines, Tally())
            unread |= {(row.company or "", row.key or ""): row for row in bad}
            found |= {(row.get("company") or "", row.get("key", "")): row for row in rows}
            if not open_ones:
                break
        there = {**unread, **found}
        return Lookup(
            [found[key] for key in asked.values() if key in found],
            missing=[key for key in asked.values() if key not in there],
            bad=[unread[key] for key in asked.values() if key in unread.keys() - found.keys()],
        )

    def _newest_first(self) -> Iterator[Opened]:
        if self._mapping.snapshot == "together":
            return reversed(self.files())
        return map(self._listing.open, reversed(self._listing.tables()))

    def totals(self, bound: UpperBound) -> Iterator[Sequence[Total]]:
        """Yield what the files say is open, by item; of several files the last one that has the key."""
        for file in self.files():
            in_flight = file.table.stamp.changed > int(bound.mark["changed"])
            for lines in self._cut(file):
                told = [_total(row, in_flight) for row in self.checked(file, lines, Tally())[0]]
                yield [total for total in told if _is_open(total)]

    def _cut(self, file: Opened) -> Iterator[list[Line]]:
        page: list[Line] = []
        for line in file.lines():
            page.append(line)
            if len(page) == self._drop.settings.page_size:
                yield page
                page = []
        yield page

    def files(self) -> list[Opened]:
        """Look all files over, as `read` would without a position."""
        tables = self._listing.tables()
        return self._listing.beside(tables, tables)


@cache
def _records(stream: Stream) -> TypeAdapter[list[Any]]:
    record: Any = RECORDS[stream]
    return TypeAdapter(list[record])


def _words(error: ValidationError, mapper: RowMapper, row: Row) -> str:
    """Say what is wrong with a row, by column and field."""
    told = []
    for fault in error.errors(include_url=False, include_context=False)[:_TOLD]:
        text = fault["msg"].removeprefix("Value error, ")
        name = ".".join(map(str, fault["loc"])) or _blamed(row, text.split(" ", 1)[0])
        if fault["type"] == "missing":
            told.append(f"{mapper.origin(name)} ({name}) is empty")
        else:
            text += _TURN if text.endswith("turn its sign") else ""
            told.append(f"{mapper.origin(name)} ({name}): {text}" if name else text)
    return "; ".join(told)


def _blamed(row: Row, word: str) -> str:
    """Name the first field that holds the value which a fault of the whole record begins with."""
    return next((name for name, value in row.items() if str(value) == word), "")


def _total(row: Row, in_flight: bool) -> Total:
    return Total(
        company=row["company"],
        document=row["key"],
        item_class=row.get("item_class", "normal"),
        currency=row["currency"],
        open_amount=row["open_amount"],
        company_currency=row.get("company_currency"),
        company_open_amount=row.get("company_open_amount"),
        changed_past_bound=in_flight,
    )


def _is_open(total: Total) -> bool:
    """Say whether something is left, be it in company currency alone."""
    return bool(total.open_amount or total.company_open_amount)
