"""A template as frozen models: which tables a stream stands in, which rows count, what each field is made of.

SQL names a column as ALIAS.COLUMN and a table as {ALIAS}; `:name` is a value that is bound, never written in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from duehook.core.records import Stream
from duehook.core.table_mapping.model import Skip, Value
from duehook.core.table_mapping.writing import Column, Strict, Text, Texts, Writing
from duehook.core.wire.sql import DialectName

DayForm = Literal["yyyymmdd", "cyymmdd", "cyyddd", "date"]
JOIN: Final = "|"
KEY: Final = "own key"  # the cell with the key of a row


class Named(Strict):
    """A column that sites call otherwise: where it stands, its usual name, and words that its text has."""

    table: str = Field(alias="in")
    usual: str = ""
    text: Texts = ()


class Names(Strict):
    """What a site may call otherwise, by the names of its settings `columns` and `tables`."""

    columns: dict[str, Named] = Field(default_factory=dict)
    tables: dict[str, str] = Field(default_factory=dict)


class Changed(Strict):
    """The column that says when a row was changed: an instant, or a day and a time (HHMMSS) as numbers.

    `at` may be several columns, of the tables that a row is joined of: the latest counts. `also` picks rows that they
    say nothing of, by any of its conditions; `:since` is the day from which changes are asked.
    """

    also: Texts = ()
    at: Texts = ()
    day: str | None = None
    time: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (not self.at) == (self.day is None) or (self.day is None) != (self.time is None):
            raise ValueError("write `at`, or `day` and `time`")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Return its columns."""
        return self.at or (self.day or "", self.time or "")


class Made(Strict):
    """A cell that is made of others: their exact product or sum, or all of them with | between, as keys are written.

    `by` are factors of a product that are 1 where they are empty, `per` divides it; `scaled` is an amount without its
    decimals, and the cell that says how many it has.
    """

    product: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    scaled: tuple[str, str] | None = None
    join: tuple[str, ...] = ()
    ending: Text | None = None

    @property
    def of(self) -> tuple[str, ...]:
        """Return the cells that it is made of."""
        return (*self.product, *self.by, *self.per, *self.sum, *(self.scaled or ()), *self.join)


class Part(Strict):
    """One selection of a stream. The first of `tables` is the one whose key the rows have.

    `open` picks what is open now, `history` what else a first reading gives; `reads` holds for what is read or listed,
    not for what is looked up by its key. `key` is unique and stable; `ending` stands behind it where another part has
    the same rows. With `group` the plain columns are grouped by. A part is left out where the
    site lacks a name that it `needs`.
    """

    tables: dict[str, str] = Field(min_length=1)
    joins: tuple[str, ...] = ()
    where: Texts = ()
    reads: str | None = None
    open: str | None = None
    history: str | None = None
    changed: Changed | None = None
    key: Texts = Field(min_length=1)
    ending: Text | None = None
    needs: Texts = ()
    group: bool = False
    select: dict[str, str] = Field(default_factory=dict)
    cells: dict[str, Made] = Field(default_factory=dict)
    fields: dict[str, Value]
    skip: tuple[Skip, ...] = ()

    @property
    def main(self) -> str:
        """Return the alias of the table that the rows are of."""
        return next(iter(self.tables))

    @property
    def latest_by(self) -> tuple[Value, ...]:
        """Return nothing: a key is unique here."""
        return ()

    def named(self) -> Iterator[Column]:
        """Yield the cells that fields and conditions look at."""
        for value in self.fields.values():
            yield from value.named()
        yield from (skip.column for skip in self.skip)

    def cells_read(self) -> list[str]:
        """Return the cells that are asked of the database, each once, the key first."""
        looked_at = [str(cell) for cell in self.named()]
        made = [name for cell in self.cells.values() for name in cell.of]
        changed = self.changed.columns if self.changed else ()
        return list(dict.fromkeys(name for name in (*self.key, *changed, *looked_at, *made) if name not in self.cells))

    def texts(self) -> Iterator[str]:
        """Yield everything in which a column may be named."""
        yield from (*self.joins, *self.where, *self.select.values(), *self.cells_read())
        yield from self.changed.also if self.changed else ()
        yield from (text for text in (self.reads, self.open, self.history) if text)


class Proof(Strict):
    """A count of rows that are not as they must be; `told` says what is wrong, {count} of it."""

    tables: dict[str, str]
    count: str
    told: str
    advice: str


class Offer(Strict):
    """What a setting may name: `rows` selects each value with a count; `told` has {count} in it, `suggests` {value}."""

    stream: Stream
    tables: dict[str, str]
    rows: str
    told: str
    suggests: str


class Template(Strict):
    """The whole template of a type of ERP, or a site's own copy of it.

    `offers` are values that `discover` lists, by what they are called.
    `lists` are what codes mean, by a name that a field's `codes` and the setting `codes` have.
    """

    version: Literal[1] = 1
    erp: str
    dialects: tuple[DialectName, ...]
    days: DayForm = "date"
    format: Writing = Writing()
    names: Names = Names()
    lists: dict[str, dict[str, Text | None]] = Field(default_factory=dict)
    streams: dict[Stream, tuple[Part, ...]]
    proofs: dict[str, Proof] = Field(default_factory=dict)
    offers: dict[str, Offer] = Field(default_factory=dict)

    @field_validator("streams", mode="before")
    @classmethod
    def _parts(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: parts if isinstance(parts, (list, tuple)) else [parts] for name, parts in given.items()}
