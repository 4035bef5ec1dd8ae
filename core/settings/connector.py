"""What the settings of connectors have in common: code lists, and names with a dot for nested ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

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
