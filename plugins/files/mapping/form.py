"""How files are written: the form they have, and how texts, days and amounts stand in them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping as AnyMapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from duehook.core.yaml_source import closest

from .values import date_pattern

FormKind = Literal["csv", "excel", "fixed", "xml"]
OWN_TEXT: Final = "."  # the path of a row's own text
KINDS: Final[tuple[FormKind, ...]] = get_args(FormKind)
# What not every form has a use for. A workbook's cells say themselves how they are written, its texts do not.
_ONLY: Final[AnyMapping[str, tuple[FormKind, ...]]] = {
    "encoding": ("csv", "fixed"),
    "delimiter": ("csv",),
    "quote": ("csv",),
    "skip_lines": ("csv", "fixed"),
    "header": ("csv", "excel"),
    "sheet": ("excel",),
    "header_row": ("excel",),
    "columns": ("fixed",),
    "rows": ("fixed",),
    "others": ("fixed",),
    "trailer": ("fixed",),
    "row": ("xml",),
}
_NAME: Final = r"[^\W\d][\w.\-]*"
_ROW: Final = re.compile(rf"{_NAME}(?:/{_NAME})*\Z")
_PATH: Final = re.compile(rf"(?:{_NAME}/)*(?:{_NAME}|@{_NAME})\Z|(?:\.\./)+@{_NAME}\Z|\.\Z")
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


class Strict(BaseModel):
    """A part of a mapping file: an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Strict):
    """Where a column stands in a line of fixed width: `[11, 8]` are eight characters from the eleventh on."""

    start: int = Field(ge=1, le=100_000)
    length: int = Field(ge=1, le=10_000)

    @property
    def end(self) -> int:
        """Return the place of its last character."""
        return self.start + self.length - 1

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if not isinstance(given, (list, tuple)):
            return given
        if len(given) != 2:
            raise ValueError("write [start, length], the first character being 1")
        return {"start": given[0], "length": given[1]}


class Trailer(Strict):
    """The line that ends a file of fixed width. `count` is where its number of rows, or of lines, stands."""

    prefix: Text = Field(min_length=1)
    count: Span | None = None
    counts: Literal["rows", "lines"] = "rows"


class Format(Strict):
    """How files are written. `empty` are texts that mean nothing, such as NULL or 1900-01-01.

    `kind` is the form; what a form has no use for is refused beside it, and not taken over from the format of all.
    """

    kind: FormKind = "csv"
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
    sheet: Annotated[int, Field(ge=1)] | str | None = None
    header_row: int | None = Field(None, ge=1, le=1000)
    columns: dict[str, Span] = Field(default_factory=dict)
    rows: Text | None = Field(None, min_length=1)
    others: Texts = ()
    trailer: Trailer | None = None
    row: str | None = None

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

    @field_validator("row")
    @classmethod
    def _is_path(cls, row: str | None) -> str | None:
        if row is not None and not _ROW.match(row):
            raise ValueError("write the names of the elements from the root to a row, such as Ledger/Items/Item")
        return row

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

    def under(self, own: Format | None) -> Format:
        """Return this format of all streams with a stream's own words over it."""
        if own is None:
            return self
        kind = own.kind if "kind" in own.model_fields_set else self.kind
        kept = {name: value for name, value in self._stated().items() if applies(name, kind)}
        return Format.model_validate(kept | own._stated())

    def to_write(self, own: Format | None) -> Format:
        """Return how files are written back: as CSV, whatever form those have that are read."""
        own = own or Format()
        return self.under(own if "kind" in own.model_fields_set else own.model_copy(update={"kind": "csv"}))

    def _stated(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)

    def stray(self, kind: FormKind) -> list[str]:
        """Name what is written here and means nothing to files of this form."""
        return sorted(name for name in self.model_fields_set if not applies(name, kind))

    def lacks(self) -> str | None:
        """Say what must be written beside the rest, None where nothing is missing."""
        if self.header_row is not None and not self.header:
            return "`header_row` names a row, and `header: false` says that there is none"
        if self.kind == "fixed" and not self.columns:
            return "files of fixed width need `columns`: {NAME: [start, length], …}"
        if self.kind == "xml" and self.row is None:
            return "XML files need `row`: the elements from the root to a row, such as Ledger/Items/Item"
        return None


def refusal(column: Column, form: Format) -> str | None:
    """Say why files of this form cannot have the column, None where they may."""
    if form.kind == "xml":
        is_path = isinstance(column, str) and _PATH.match(column)
        return None if is_path else f"{column!r} is no path: write Amount, Head/Number, Amount/@currency or ../@company"
    if form.kind == "fixed" and isinstance(column, str) and column not in form.columns and form.columns:
        return f"there is no column {column!r} in `columns`; {closest(column, form.columns)}"
    return None


def applies(name: str, kind: FormKind) -> bool:
    """Say whether a key of the format means anything to files of this form."""
    return kind in _ONLY.get(name, KINDS)


def kinds_of(name: str) -> str:
    """Name the forms that a key of the format is for."""
    return " and ".join(kind for kind in KINDS if kind in _ONLY[name])
