"""The mapping file as frozen models: which files, how they are written, which column fills which field."""

from __future__ import annotations

import codecs
import re
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from duehook.core.field_mapping.canonical import Kind
from duehook.core.money import Rounding

from .values import date_pattern

TAB: Final = "tab"


def _text(value: Any) -> Any:
    """Take numbers as the text they were written as; refuse words that YAML reads as something else."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, bool):
        raise ValueError(f'YAML reads this as {value}; write it between quotes, such as "NULL" or "true"')
    return value


def _texts(value: Any) -> Any:
    return [_text(each) for each in (value if isinstance(value, (list, tuple)) else [value])]


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Column = Annotated[int, Field(ge=1)] | str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Strict):
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


class Turn(_Strict):
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


class Value(_Strict):
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


class Format(_Strict):
    """How files are written. `empty` are texts that mean nothing, such as NULL or 1900-01-01."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    skip_lines: int = Field(0, ge=0, le=1000)
    date: Texts = ("YYYY-MM-DD",)
    decimal: Literal[".", ","] = "."
    thousands: str = Field("", max_length=1)
    empty: Texts = ()
    timezone: str = "UTC"

    @field_validator("encoding")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            b"".decode(name)
            return codecs.lookup(name).name
        except (LookupError, UnicodeError):
            raise ValueError(f"{name!r} is no encoding; write utf-8, cp1252, iso-8859-15, utf-16 …") from None

    @field_validator("delimiter", "quote")
    @classmethod
    def _one_sign(cls, sign: str) -> str:
        if sign != TAB and len(sign) != 1:
            raise ValueError("write one character, or tab")
        return "\t" if sign == TAB else sign

    @field_validator("date")
    @classmethod
    def _dates(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            date_pattern(form)
        return forms

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name!r} is no IANA time zone; write one like Europe/Berlin") from None
        return name

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}")
        return self


class OnePerKey(_Strict):
    """Many rows make one record: the latest one wins, other values of the field `aliases` are kept beside it."""

    latest_by: tuple[Value, ...] = ()
    aliases: str | None = None


class Control(_Strict):
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


class StreamMapping(_Strict):
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


class Mapping(_Strict):
    """The whole mapping file."""

    version: Literal[1] = 1
    format: Format = Format()
    streams: dict[str, StreamMapping] = Field(min_length=1)

    def format_of(self, stream: str) -> Format:
        """Return how the stream's files are written: its own words over those for all."""
        own = self.streams[stream].format
        if own is None:
            return self.format
        stated = self.format.model_dump(exclude_unset=True) | own.model_dump(exclude_unset=True)
        return Format.model_validate(stated)
