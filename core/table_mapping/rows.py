"""Map the cells of a row to a record's fields, telling every fault by its column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar, cast

from duehook.core.field_mapping.canonical import Kind, has, kind_of
from duehook.core.records import Stream
from duehook.core.yaml_source import Steps

from .cells import Cells, Wrong
from .model import Skip, Value
from .reading import Columns, NoColumn, Read, Test, origins, reader_of, test_of
from .tally import Tally
from .values import Unreadable
from .writing import Column

IDENTITY: Final[dict[Stream, tuple[str, ...]]] = {
    "company": ("company",),
    "payment_term": ("key",),
    "exchange_rate": ("from_currency", "to_currency", "rate_type", "valid_on"),
}
OF_COMPANY: Final = ("company", "key")
Identity = tuple[str, ...]
Row = dict[str, Any]
Made = TypeVar("Made")


class Unmapped(Exception):
    """A row that cannot be mapped; the message names each column and what to write."""


class NoColumns(Exception):
    """A mapping names columns that a table does not have: where in the mapping, and what it may mean."""

    def __init__(self, faults: Sequence[tuple[Steps, str]]) -> None:
        """Take each fault with the steps to it from the stream on."""
        super().__init__("; ".join(told for _, told in faults))
        self.faults = faults


class RowMapping(Protocol):
    """What is said of a stream's rows."""

    @property
    def fields(self) -> Mapping[str, Value]:
        """Return where each field comes from."""

    @property
    def skip(self) -> Sequence[Skip]:
        """Return which rows are left out."""

    @property
    def latest_by(self) -> Sequence[Value]:
        """Return what says which of many rows with one key is the latest."""

    def named(self) -> Iterator[Column]:
        """Yield the columns that are looked at."""


class RowMapper:
    """The mapping of one stream, made for the columns of one table. Raises NoColumns."""

    def __init__(self, mapping: RowMapping, stream: Stream, columns: Columns) -> None:
        """Make a reader of each field."""
        self.stream = stream
        self.width = len(columns.names)
        self._mapping, self._columns = mapping, columns
        self._missing: list[tuple[Steps, str]] = []
        self._reads = [(name, self._read(name, value)) for name, value in mapping.fields.items()]
        self._plain = [(name, read) for name, read in self._reads if "." not in name]
        self._inner = [(*name.partition(".")[::2], read) for name, read in self._reads if "." in name]
        self._skips = [(skip.reason, self._test(place, skip)) for place, skip in enumerate(mapping.skip)]
        self.newest = [self._order(place, value) for place, value in enumerate(mapping.latest_by)]
        self._round = [(name, value) for name, value in mapping.fields.items() if value.round]
        self._names = [self._reader_by_name(name) for name in IDENTITY.get(stream, OF_COMPANY)]
        if self._missing:
            raise NoColumns(self._missing)
        self._looked_at = list(self._columns_used()) if columns.form.is_typed else []

    def _columns_used(self) -> Iterator[tuple[str, int]]:
        """Yield the columns that the mapping names, those of conditions too: they do not read, they compare."""
        for column in dict.fromkeys(self._mapping.named()):
            yield f"column {column!r}", self._columns.at(column)

    def _read(self, name: str, value: Value) -> Read:
        kind: Kind = kind_of(self.stream, name) or "text"
        return self._made(("fields", name), lambda: reader_of(value, kind, self._columns))

    def _test(self, place: int, skip: Skip) -> Test:
        return self._made(("skip", place), lambda: test_of(skip, self._columns))

    def _order(self, place: int, value: Value) -> Read:
        at = ("one_per_key", "latest_by", place)
        return self._made(at, lambda: reader_of(value, value.as_ or "text", self._columns))

    def _made(self, at: tuple[str | int, ...], make: Callable[[], Made]) -> Made:
        try:
            return make()
        except NoColumn as error:
            self._missing.append((at, str(error)))
            return cast(Made, lambda cells: None)

    def _reader_by_name(self, name: str) -> Read:
        return next((read for own, read in self._reads if own == name), lambda cells: None)

    def place_of(self, column: Column) -> int:
        """Return where a column stands. Raises NoColumn."""
        return self._columns.at(column)

    def origin(self, field: str) -> str:
        """Name where a field comes from, for messages."""
        value = self._mapping.fields.get(field)
        return origins(value) if value is not None else f"field {field}"

    def why_skipped(self, cells: Cells) -> str | None:
        """Return the reason for leaving the row out, None when it counts."""
        if len(cells) < self.width:
            return None
        return next((reason for reason, test in self._skips if test(cells)), None)

    def identity(self, cells: Cells) -> Identity | None:
        """Return what the row is known by; None when that cannot be read."""
        try:
            found = tuple(str(read(cells) or "") for read in self._names)
        except (Unreadable, IndexError):
            return None
        return found if found[-1] else None

    def field(self, name: str, cells: Cells) -> Any:
        """Return one field of a row, None when it is empty or cannot be read."""
        try:
            return self._reader_by_name(name)(cells)
        except (Unreadable, IndexError):
            return None

    def row(self, cells: Cells, tally: Tally) -> Row:
        """Return the row under the canonical names. Raises Unmapped with all its faults."""
        if len(cells) != self.width:
            self._refuse_ragged(cells)
        if self._looked_at:
            self._refuse_wrong(cells)
        row: Row = {}
        try:
            for name, read in self._plain:
                if (value := read(cells)) is not None:
                    row[name] = value
            for outer, inner, read in self._inner:
                if (value := read(cells)) is not None:
                    row.setdefault(outer, {})[inner] = value
        except Unreadable:
            raise Unmapped("; ".join(self._faults(cells))) from None
        for name, value in self._round:
            self._rounded(row, name, (value, tally))
        self._keep_oddities(row, tally)
        return row

    def _faults(self, cells: Cells) -> Iterator[str]:
        for name, read in self._reads:
            try:
                read(cells)
            except Unreadable as error:
                yield f"{self.origin(name)} ({name}): {error}"

    def _refuse_ragged(self, cells: Cells) -> None:
        if len(cells) < self.width or any(cells[self.width :]):
            raise Unmapped(
                f"the row has {len(cells)} columns, the header {self.width}; "
                "is a separator inside a text without quotes?"
            )

    def _refuse_wrong(self, cells: Cells) -> None:
        told = [f"{name}: {cell.why}" for name, at in self._looked_at if isinstance(cell := cells[at], Wrong)]
        if told:
            raise Unmapped("; ".join(told))

    def _rounded(self, row: Row, name: str, by: tuple[Value, Tally]) -> None:
        value, tally = by
        amount = row.get(name)
        if amount is None or value.round is None:
            return
        currency = row.get(_currency_field(name)) or row.get("currency")
        if not currency:
            raise Unmapped(f"{self.origin(name)} ({name}): it cannot be rounded without a currency")
        made = tally.round(name, amount, currency, value.round)
        if made != amount and has(self.stream, "extra"):
            row.setdefault("extra", {})[f"raw_{name}"] = str(amount)
        row[name] = made

    def _keep_oddities(self, row: Row, tally: Tally) -> None:
        due, posted = row.get("due_on"), row.get("posted_on")
        if due is not None and posted is not None and due < posted:
            row.setdefault("extra", {})["due_before_posting"] = str((posted - due).days)
            tally.kept["due dates precede the posting date (kept)"] += 1


def _currency_field(name: str) -> str:
    if name.startswith("company_"):
        return "company_currency"
    return "limit_currency" if name == "credit_limit" else "currency"
