"""The file as frozen models: where a field comes from, and what the ERP's codes mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .schema import SourceKind


def _text(value: Any) -> Any:
    """Take numbers as the text they were written as; refuse words that YAML reads as something else."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, bool):
        raise ValueError(f'YAML reads this as {value}; write it between quotes, such as "true"')
    return value


def _names(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _mapping(given: Any, otherwise: str) -> Any:
    if not isinstance(given, (dict, BaseModel)):
        raise ValueError(otherwise)
    return given


Text = Annotated[str, BeforeValidator(_text)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(_Strict):
    """Where one field comes from: source fields, of which the first that is filled counts, or a constant.

    A plain name or a list of names is `from`. Without a `default`, a code that `codes` lacks is refused.
    """

    from_: Names | None = Field(None, alias="from")
    constant: Text | None = None
    as_: SourceKind | None = Field(None, alias="as")
    codes: dict[str, Text | None] | None = None
    default: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return _mapping(
            {"from": given} if isinstance(given, (str, list)) else given,
            "write a source field, a list of them, {from: …} or {constant: …}",
        )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.from_ is None) == (self.constant is None):
            raise ValueError("write a source field, {from: …} or {constant: …}; null takes it from nowhere")
        if self.from_ is None and (self.codes is not None or self.as_ is not None):
            raise ValueError("`as` and `codes` are for a source field, not for a constant")
        if self.codes is None and "default" in self.model_fields_set:
            raise ValueError("`default` is for codes that `codes` lacks; for an empty field, name another in `from`")
        return self


class Listed(_Strict):
    """One list of codes, and what becomes of a code that it lacks: refuse (unless said), keep, usual, or a value."""

    codes: dict[str, Any]
    default: Any = "refuse"


class Word(_Strict):
    """What a code means, in a word."""

    word: Text = Field(min_length=1)


class Term(_Strict):
    """When an invoice with a code of terms falls due. A plain number is `net_days`."""

    net_days: int = Field(ge=0, le=3650)
    discount_days: int | None = Field(None, ge=0, le=3650)
    discount_percent: Decimal | None = Field(None, ge=0, le=100)
    text: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        is_days = isinstance(given, int) and not isinstance(given, bool)
        return _mapping({"net_days": given} if is_days else given, "write days, or {net_days: 30, text: …}")


class Collector(_Strict):
    """Who stands behind a collector's code. A plain text is the name."""

    name: Text = Field(min_length=1)
    email: str | None = Field(None, pattern=r"^[^@\s]+@[^@\s]+$")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return _mapping({"name": given} if isinstance(given, str) else given, "write a name, or {name: …, email: …}")


class FieldsFile(_Strict):
    """The whole file: fields and extra fields by stream, and code lists."""

    version: Literal[1] = 1
    fields: dict[str, dict[str, Value | None]] = Field(default_factory=dict)
    extra: dict[str, dict[str, Value]] = Field(default_factory=dict)
    codes: dict[str, Listed] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _parts(cls, given: Any) -> Any:
        return _mapping(given, "write `fields:`, `extra:` and `codes:`")
