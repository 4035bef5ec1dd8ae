"""The mapping file as frozen models: which files, how they are written, which column fills which field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from duehook.core.field_mapping.canonical import Kind
from duehook.core.money import Rounding

from .form import Column, Format, Strict, Text, Texts
from .values import date_pattern
from .write_back import WriteBack


class When(Strict):
    """A condition on one column of a row."""

    column: Column
    equals: Texts | None = None
    filled: bool | None = None
    matches: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.equals, self.filled, self.matches)) != 1:
            raise ValueError("write one of equals, filled and matches")
        if self.matches is not None:
            try:
                re.compile(self.matches)
            except re.error as error:
                raise ValueError(f"{self.matches!r} is no regular expression: {error}") from None
        return self


class Skip(When):
    """Rows that are left out, with the reason that the report counts them under."""

    reason: str = Field(min_length=1)


class Turn(Strict):
    """Texts of another column that turn the sign; with `others` a text in neither is a bad row."""

    column: Column
    values: Texts
    others: Texts | None = None

    @field_validator("values")
    @classmethod
    def _some(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if not values:
            raise ValueError("name at least one text that turns the sign")
        return values

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for text in self.others or ():
            if text in self.values:
                raise ValueError(f"{text!r} is in values and in others")
        return self


def _always(given: Any) -> Any:
    if not isinstance(given, bool):
        raise ValueError("write true, or {column: …, values: […]}")
    return given


def _branch(given: Any) -> str:
    return "by_column" if isinstance(given, (dict, Turn)) else "always"


Negate = Annotated[
    Annotated[bool, BeforeValidator(_always), Tag("always")] | Annotated[Turn, Tag("by_column")], Discriminator(_branch)
]


class Value(Strict):
    """Where one field comes from. A plain name is a column; a plain number its place, from 1."""

    column: Column | None = None
    columns: tuple[Value, ...] | None = None
    constant: Text | None = None
    sign_of: Column | None = None
    join: str = "|"
    as_: Kind | None = Field(None, alias="as")
    date: Texts | None = None
    decimal: Literal[".", ","] | None = None
    thousands: str | None = Field(None, max_length=1)
    implied_decimals: int | None = Field(None, ge=1, le=6)
    negate: Negate = False
    round: Rounding | None = None
    codes: dict[str, Text | None] | None = None
    default: Text | None = None
    empty: Texts | None = None
    split: str | None = Field(None, min_length=1)
    zero_when: When | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, (str, int)) and not isinstance(given, bool) else given

    @field_validator("date")
    @classmethod
    def _dates(cls, forms: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for form in forms or ():
            date_pattern(form)
        return forms

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(each is not None for each in (self.column, self.columns, self.constant, self.sign_of)) != 1:
            raise ValueError("write one of column, columns, constant and sign_of")
        return self

    def named(self) -> Iterator[Column]:
        """Yield the columns that the value is made of, and those that its conditions look at."""
        beside = (self.zero_when, self.negate if isinstance(self.negate, Turn) else None)
        found = (self.column, self.sign_of, *(each.column for each in beside if each is not None))
        yield from (each for each in found if each is not None)
        for part in self.columns or ():
            yield from part.named()


class OnePerKey(Strict):
    """Many rows make one record: the latest one wins, other values of the field `aliases` are kept beside it."""

    latest_by: tuple[Value, ...] = ()
    aliases: str | None = None


class Control(Strict):
    """What a file must hold, stated by hand or in a control file beside it (one row under a header).

    With `file` (a name, {stem} stands for the data file's), `count` and `sum` name its columns; else they are figures.
    """

    file: str | None = None
    count: Text | None = None
    sum: Text | None = None
    column: Column | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.count is None and self.sum is None:
            raise ValueError("write count, sum or both")
        if (self.sum is None) != (self.column is None):
            raise ValueError("sum and column (the one that is summed) belong together")
        return self


class Sum(Strict):
    """The column of a manifest that holds a sum, and the column of the files that adds up to it."""

    column: Column
    of: Column


class Manifest(Strict):
    """The file that names the files of one export, a row each: its columns for the name and for what the file holds.

    It is for the streams with a `snapshot`; the newest manifest says which files are the state.
    """

    files: Texts
    order: Literal["name", "time"] = "name"
    format: Format | None = None
    name: Column
    rows: Column | None = None
    sha256: Column | None = None
    sum: Sum | None = None

    def named(self) -> Iterator[Column]:
        """Yield the columns of the manifest that are looked at."""
        found = (self.name, self.rows, self.sha256, self.sum.column if self.sum else None)
        yield from (column for column in found if column is not None)


class StreamMapping(Strict):
    """One stream: its files, and the field each column fills.

    `snapshot`: `newest` (or true) takes the newest file as the full state, so that what it lacks has
    vanished; `together` takes all files as it; false takes each file as news. `order` says which file is newer.
    """

    files: Texts
    snapshot: Literal["newest", "together"] | None = None
    order: Literal["name", "time"] = "name"
    format: Format | None = None
    skip: tuple[Skip, ...] = ()
    fields: dict[str, Value]
    one_per_key: OnePerKey | None = None
    control: Control | None = None

    @field_validator("snapshot", mode="before")
    @classmethod
    def _yes_or_no(cls, given: Any) -> Any:
        return {True: "newest", False: None}[given] if isinstance(given, bool) else given

    def named(self) -> Iterator[Column]:
        """Yield the columns that the stream is made of, some more than once."""
        for value in (*self.fields.values(), *(self.one_per_key.latest_by if self.one_per_key else ())):
            yield from value.named()
        yield from (skip.column for skip in self.skip)
        if self.control is not None and self.control.column is not None:
            yield self.control.column


class Mapping(Strict):
    """The whole mapping file."""

    version: Literal[1] = 1
    format: Format = Format()
    manifest: Manifest | None = None
    write_back: WriteBack | None = None
    streams: dict[str, StreamMapping] = Field(min_length=1)

    def patterns(self) -> Iterator[str]:
        """Yield the patterns of all files that are read, control files and answers too."""
        for stream in self.streams.values():
            yield from stream.files
            if stream.control is not None and stream.control.file is not None:
                yield stream.control.file.replace("{stem}", "*")
        if self.write_back is not None and self.write_back.answers is not None:
            yield from self.write_back.answers.files

    def format_of(self, stream: str) -> Format:
        """Return how the stream's files are written: its own words over those for all."""
        return self.format.under(self.streams[stream].format)
