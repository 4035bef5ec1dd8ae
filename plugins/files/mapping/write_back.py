"""What is written for the ERP to import, and how it answers: the part `write_back` of a mapping file."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from duehook.core.table_mapping.writing import Column, Strict, Text, Texts
from duehook.core.yaml_source import closest

from .form import Format

Written = Literal[
    "add_note",
    "set_credit_hold",
    "release_credit_hold",
    "set_dunning_block",
    "set_dunning_level",
    "set_promise",
    "set_dispute",
]
OF_ALL: Final = ("kind", "key", "mark", "company", "customer", "item")
OF_KIND: Final[dict[Written, tuple[str, ...]]] = {
    "add_note": ("subject", "text"),
    "set_credit_hold": ("value", "expect"),
    "release_credit_hold": ("value", "restore"),
    "set_dunning_block": ("value", "expect", "reason", "until"),
    "set_dunning_level": ("level", "on"),
    "set_promise": ("amount", "on", "text"),
    "set_dispute": ("amount", "reason", "text"),
}
WORDS: Final = frozenset({"subject", "text", "reason"})  # what people wrote, of which a sign may be lost
AMOUNTS: Final = frozenset({"amount"})
DAYS: Final = frozenset({"until", "on"})


class Cell(Strict):
    """One column of a line: text with {names} of the command's parts in it, and codes in the place of what they make.

    `most` cuts what is longer than the ERP takes.
    """

    text: Text
    codes: dict[str, Text] | None = None
    most: int | None = Field(None, ge=1, le=10_000)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return given if isinstance(given, (dict, Cell)) else {"text": given}

    @field_validator("text")
    @classmethod
    def _plain(cls, text: str) -> str:
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise ValueError(f"{text!r} cannot be read: {error}; write {{{{ for a brace") from None
        if any(name is not None and (not name.isidentifier() or form or turn) for _, name, form, turn in parts):
            raise ValueError(f"{text!r} is more than text and names in braces, such as {{customer}}")
        return text

    def parts(self) -> Iterator[tuple[str, str | None]]:
        """Yield the text as (words, the name behind them)."""
        return ((words, name) for words, name, _, _ in Formatter().parse(self.text))

    def names(self) -> list[str]:
        """Return the names in the text."""
        return [name for _, name in self.parts() if name is not None]


class Line(Strict):
    """The line of one kind of command: its columns in their order."""

    columns: dict[str, Cell] = Field(min_length=1)


class Result(Strict):
    """The column of an answer that says what became of the command, and what its words mean."""

    column: Column
    codes: dict[str, Literal["done", "refused"]] = Field(min_length=1)


class Answers(Strict):
    """The files in the drop folder by which the ERP answers, a row a command.

    `key` is the column that repeats the command's key, its mark or the name of its file. Until the answer is there
    nobody knows what became of the command; after `within_hours` a person has to look.
    """

    files: Texts
    order: Literal["name", "time"] = "name"
    format: Format | None = None
    key: Column
    result: Result
    reason: Column | None = None
    within_hours: int = Field(72, ge=1, le=24 * 31)

    def named(self) -> Iterator[Column]:
        """Yield the columns that are looked at."""
        yield from (self.key, self.result.column, *([self.reason] if self.reason is not None else []))


class WriteBack(Strict):
    """The folder that the ERP imports from, and the line of each kind of command that it takes.

    Where the exports come by SFTP it is on that server, counted from where its user signs in, unless it is `here`.
    """

    folder: str = Field(min_length=1)
    here: bool = False
    format: Format | None = None
    commands: dict[Written, Line] = Field(min_length=1)
    answers: Answers | None = None

    @model_validator(mode="after")
    def _both(self) -> WriteBack:
        if "set_credit_hold" in self.commands and "release_credit_hold" not in self.commands:
            raise ValueError("a hold that is set has to be released: write release_credit_hold too")
        return self


def stray_names(kind: Written, cell: Cell) -> Iterator[str]:
    """Yield what is wrong with the names in a column's text."""
    known = (*OF_ALL, *OF_KIND[kind])
    for name in cell.names():
        if name not in known:
            yield f"{kind} has no {{{name}}}; {closest(name, known)}"
