"""How texts, days and amounts stand in the cells of a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from .values import date_pattern


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


class Writing(Strict):
    """How cells are written. `empty` are texts that mean nothing, such as NULL or 1900-01-01."""

    date: Texts = ("YYYY-MM-DD",)
    decimal: Literal[".", ","] = "."
    thousands: str = Field("", max_length=1)
    empty: Texts = ()
    timezone: str = "UTC"

    @property
    def is_typed(self) -> bool:
        """Say whether cells may be more than text."""
        return False

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
