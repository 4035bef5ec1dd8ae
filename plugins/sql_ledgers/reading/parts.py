"""One part of a stream: its pages of records, its keys, its rows by their keys, and what is open by item."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from duehook.core.field_mapping.canonical import has
from duehook.core.hookspecs import BadRow, Row, Total
from duehook.core.records import Stream
from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.reading import Columns
from duehook.core.table_mapping.rows import IDENTITY, OF_COMPANY, RowMapper, Unmapped
from duehook.core.table_mapping.tally import Tally
from duehook.core.table_mapping.writing import Writing
from duehook.core.wire.sql import Key, KeyProof, OdbcClient, RawRow, in_key_order
from duehook.plugins.sql_ledgers.template.model import JOIN, Part

from .catalogue import Known
from .cells import CellReader, text_of
from .statements import Place, Statements, Wanted

BATCH: Final = 100  # keys that one statement names
_SPELLINGS: Final = 32  # of one key: each text of it may stand padded or bare
_TELL_PADDED: Final = frozenset({"sqlite", "oracle"})
_TOTALLED: Final = frozenset(
    {"company", "key", "item_class", "currency", "open_amount", "company_currency", "company_open_amount"}
)


@dataclass(frozen=True)
class Read:
    """Records of a page, what of it could not be read, and what a person should know."""

    rows: list[Row]
    bad: list[BadRow]


class PartReader:
    """Reads one part of a stream."""

    def __init__(self, stream: Stream, part: Part, place: Place, *, client: OdbcClient, writing: Writing) -> None:
        self.stream, self.part = stream, part
        self._place, self._client, self._writing = place, client, writing
        self._statements = Statements(place, part)
        self._cells = CellReader(part, self._statements.names)
        self._proof = KeyProof(part.tables[part.main])

    @cached_property
    def _mapper(self) -> RowMapper:
        return RowMapper(self.part, self.stream, Columns(self._cells.names, self._writing))

    @cached_property
    def _telling(self) -> Callable[[RawRow], Cells]:
        """Return what gives the cells that tell who a row is and whether it is skipped."""
        fields = [self.part.fields[name] for name in IDENTITY.get(self.stream, OF_COMPANY) if name in self.part.fields]
        columns = [*(name for field in fields for name in field.named()), *(skip.column for skip in self.part.skip)]
        return self._cells.only(map(str, columns))

    @cached_property
    def _totalled(self) -> RowMapper:
        """Return the mapping of what a total says alone: a row that lacks anything else counts all the same."""
        fields = {name: value for name, value in self.part.fields.items() if name in _TOTALLED}
        part = self.part.model_copy(update={"fields": fields})
        return RowMapper(part, self.stream, Columns(self._cells.names, self._writing))

    def pages(self, wanted: Wanted, limit: int, after: Key | None = None) -> Iterator[tuple[list[RawRow], Key]]:
        """Yield raw pages in key order, each with its last key."""

        def page(behind: Key | None) -> list[RawRow]:
            return self._client.rows(self._statements.page(wanted, self._bound(behind), limit), about=self._about)

        return in_key_order(page, self._keys_of, self._proof, limit=limit, after=after)

    def read(self, raws: Sequence[RawRow], tally: Tally) -> Read:
        """Return the records of raw rows; what is skipped is told to the tally."""
        found = Read([], [])
        for raw in raws:
            self._take(self._cells(raw), found, tally)
        return found

    def _take(self, cells: Cells, found: Read, tally: Tally) -> None:
        why = self._mapper.why_skipped(cells)
        if why is not None:
            tally.skipped[why] += 1
            return
        try:
            row = self._mapper.row(cells, tally)
        except Unmapped as error:
            found.bad.append(self._bad(cells, str(error)))
            return
        if self.part.changed is not None and has(self.stream, "changed_at"):
            row["changed_at"] = self._changed_at(cells)
        found.rows.append(row)

    def identities(self, raws: Sequence[RawRow]) -> list[tuple[str, str]]:
        """Return (company, key) of raw rows, also of those that cannot be read otherwise."""
        kept = (cells for raw in raws if self._mapper.why_skipped(cells := self._telling(raw)) is None)
        found = (self._mapper.identity(cells) for cells in kept)
        return [_pair(identity) for identity in found if identity]

    def totals(self, raws: Sequence[RawRow], bound: datetime) -> Iterator[Total]:
        """Yield what is open of each; a row whose amount or key cannot be read is in none."""
        for raw in raws:
            cells = self._cells(raw)
            if self._mapper.why_skipped(cells) is not None:
                continue
            try:
                row = self._totalled.row(cells, Tally())
            except Unmapped:
                continue
            if row.get("open_amount") or row.get("company_open_amount"):
                changed = self._changed_at(cells)
                yield _total(row, changed is not None and changed > bound)

    def looked_up(self, keys: Sequence[str]) -> dict[str, Read]:
        """Return what is there under these keys, each read by itself."""
        asked = {tuple(key): own for own in keys if (key := self._parsed(own)) is not None}
        found: dict[str, Read] = {}
        for start in range(0, len(asked), BATCH):
            batch = list(asked)[start : start + BATCH]
            spelled = [each for key in batch for each in self._spellings(self._bound(key) or ())]
            for raw in self._client.rows(self._statements.rows(spelled), about=self._about):
                key = self._mapper.identity(self._cells(raw))
                if key is not None:
                    one = self.read([raw], Tally())
                    before = found.setdefault(key[-1], Read([], []))
                    before.rows.extend(one.rows)
                    before.bad.extend(one.bad)
        return found

    @property
    def _about(self) -> str:
        return self.part.tables[self.part.main]

    @cached_property
    def _kinds(self) -> list[Known]:
        """Return what is known of the columns of the key."""
        places = [name.partition(".") for name in self.part.key]
        return [
            self._place.known(self.part.tables[alias]).get(column, Known()) if alias in self.part.tables else Known()
            for alias, _, column in places
        ]

    def _keys_of(self, raws: Sequence[RawRow]) -> list[Key]:
        numbers = [known.kind == "number" for known in self._kinds]
        return [
            tuple(_bindable(value, is_number) for value, is_number in zip(raw, numbers, strict=False)) for raw in raws
        ]

    def _bound(self, key: Key | None) -> Key | None:
        """Return a key as it is bound: an instant stands in it as text, which SQLite alone takes for one."""
        if key is None or self._place.dialect.name == "sqlite":
            return key
        pairs = zip(key, self._kinds, strict=True)
        return tuple(datetime.fromisoformat(part) if known.kind == "moment" else part for part, known in pairs)

    def _parsed(self, key: str) -> Key | None:
        """Return the values of a canonical key, None where no row of this part can have it."""
        parts = key.split(JOIN)
        if self.part.ending is not None:
            if parts[-1] != self.part.ending:
                return None
            parts = parts[:-1]
        if len(parts) != len(self._kinds):
            return None
        made = [
            _number(part) if known.kind == "number" else part for part, known in zip(parts, self._kinds, strict=True)
        ]
        return None if any(each is None for each in made) else tuple(made)

    def _spellings(self, key: Key) -> list[Key]:
        """Return a key as it may stand: SQLite and Oracle tell a padded text from a bare one."""
        if self._place.dialect.name not in _TELL_PADDED:
            return [key]
        ways = [_ways(value, known) for value, known in zip(key, self._kinds, strict=True)]
        return list(itertools.islice(itertools.product(*ways), _SPELLINGS))

    def _changed_at(self, cells: Cells) -> datetime | None:
        if self.part.changed is None:
            return None
        return self._place.stamps.instant(self.part.changed, [cells[place] for place in self._stamped])

    @cached_property
    def _stamped(self) -> list[int]:
        """Return where the cells stand that say when a row was changed."""
        columns = self.part.changed.columns if self.part.changed else ()
        return [self._cells.names.index(name) for name in columns]

    def _bad(self, cells: Cells, reason: str) -> BadRow:
        payload: Mapping[str, Any] = dict(zip(self._cells.names, cells, strict=True))
        identity = self._mapper.identity(cells)
        company, key = _pair(identity) if identity else ("", None)
        return BadRow(f"{self._about}: {reason}", payload, key, company or None)


def _pair(identity: tuple[str, ...]) -> tuple[str, str]:
    return (identity[0] if len(identity) == 2 else "", identity[-1])


def _bindable(value: Any, is_number: bool) -> Any:
    """Return a part of a key as it is bound and kept in a position: a whole number, or the text as it came."""
    if value is None:
        return None
    if is_number:
        found = _number(text_of(value))
        return text_of(value) if found is None else found
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value if isinstance(value, (str, int)) else text_of(value)


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return (
        int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 and str(int(text)) == text else None
    )


def _ways(value: Any, known: Known) -> list[Any]:
    if known.kind == "number" or not known.width:
        return [value] if value != "" else ["", " "]
    return list(dict.fromkeys([value.ljust(known.width), value]))


def _total(row: Row, is_past: bool) -> Total:
    return Total(
        company=row["company"],
        document=row["key"],
        item_class=row.get("item_class", "normal"),
        currency=row["currency"],
        open_amount=row["open_amount"],
        company_currency=row.get("company_currency"),
        company_open_amount=row.get("company_open_amount"),
        changed_past_bound=is_past,
    )
