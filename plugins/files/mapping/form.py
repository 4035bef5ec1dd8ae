"""How files are written: the form they have, and how texts, days and amounts stand in them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping as AnyMapping
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field, field_validator, model_validator

from duehook.core.table_mapping.writing import Column, Strict, Text, Texts, Writing
from duehook.core.yaml_source import closest

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


class Format(Writing):
    """How files are written.

    `kind` is the form; what a form has no use for is refused beside it, and not taken over from the format of all.
    """

    kind: FormKind = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    skip_lines: int = Field(0, ge=0, le=1000)
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

    @property
    def is_typed(self) -> bool:
        """Say whether cells may be more than text."""
        return self.kind in ("excel", "xml")

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
