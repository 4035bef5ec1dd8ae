"""What the settings of connectors have in common: code lists, and names with a dot for nested ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from duehook.core.field_mapping import FieldMapping


class ConnectorSettings(BaseModel):
    """Frozen, and a mistyped name is an error, which does not show what was given: a password may be part of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _pairs(value: Any) -> Any:
    """Read `A=one, B=two` as a mapping, for settings that come as plain text."""
    if not isinstance(value, str):
        return value
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    return {name.strip(): meaning.strip() for name, _, meaning in parts}


Codes: Final = BeforeValidator(_pairs)


class CodeListSettings(ConnectorSettings):
    """Code lists with their usual meanings: what a site lists goes over these, and the others stay."""

    @model_validator(mode="before")
    @classmethod
    def _over_the_usual(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        usual = {name: field.get_default(call_default_factory=True) for name, field in cls.model_fields.items()}
        return {name: _over(usual.get(name), held) for name, held in data.items()}


def _over(usual: Any, held: Any) -> Any:
    listed = _pairs(held)
    return {**usual, **listed} if isinstance(usual, Mapping) and isinstance(listed, Mapping) else held


_Settings = TypeVar("_Settings", bound=ConnectorSettings)


def with_codes(settings: _Settings, fields: FieldMapping, names: Iterable[str]) -> _Settings:
    """Return settings with a mapping file's code lists over those of their `codes`: the file wins."""
    codes: Any = settings.codes  # type: ignore[attr-defined]
    own = {name: getattr(codes, name) for name in names}
    lists = {name: found for name, usual in own.items() if (found := fields.codes(name, usual)) is not usual}
    return settings.model_copy(update={"codes": codes.model_copy(update=lists)})


def nested(data: Any, short_names: Mapping[str, str] = MappingProxyType({})) -> Any:
    """Read `outer.inner: …` as `outer: {inner: …}`; `short_names` stand for such names."""
    if not isinstance(data, Mapping):
        return data
    made: dict[str, Any] = {}
    for given, held in data.items():
        name = short_names.get(str(given), str(given))
        outer, dot, inner = name.partition(".")
        made[outer] = {**(made.get(outer) or {}), inner: held} if dot else held
    return made
