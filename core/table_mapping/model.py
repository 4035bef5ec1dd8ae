"""Where each field of a row comes from, as frozen models: columns, constants, codes, signs, rounding, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from duehook.core.field_mapping.canonical import Kind
from duehook.core.money import Rounding

from .values import date_pattern
from .writing import Column, Strict, Text, Texts


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
