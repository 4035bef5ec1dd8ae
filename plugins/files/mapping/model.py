"""The mapping file as frozen models: which files, how they are written, which column fills which field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from duehook.core.table_mapping.model import Skip, Value
from duehook.core.table_mapping.writing import Column, Strict, Text, Texts

from .form import Format
from .write_back import WriteBack


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

    @property
    def latest_by(self) -> tuple[Value, ...]:
        """Return what says which of many rows with one key is the latest."""
        return self.one_per_key.latest_by if self.one_per_key else ()

    def named(self) -> Iterator[Column]:
        """Yield the columns that the stream is made of, some more than once."""
        for value in (*self.fields.values(), *self.latest_by):
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
