"""What templates of one kind may use: names with their fields and types, filters, blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, BaseModel


@dataclass(frozen=True)
class Fields:
    """A thing whose named fields a template may read; it cannot be printed itself."""

    of: Mapping[str, Kind]


@dataclass(frozen=True)
class Each:
    """A list a template may go over."""

    of: Kind


@dataclass(frozen=True)
class Maybe:
    """A value that may be missing: printed only inside an `if` that asks for it."""

    of: type


Kind = Fields | Each | Maybe | type


@dataclass(frozen=True)
class FilterRule:
    """A filter: its function, the types it takes and the types of its constant arguments."""

    function: Callable[..., str]
    takes: tuple[type, ...]
    arguments: tuple[type, ...] = ()


@dataclass(frozen=True, eq=False)
class Allowed:
    """What templates of one kind may use. With `blocks`, text stands in exactly these blocks."""

    names: Mapping[str, Kind]
    filters: Mapping[str, FilterRule]
    blocks: frozenset[str] = frozenset()
    autoescape: bool = False


def fields_of(owner: type[Any]) -> Fields:
    """Return what a template may read of a record or dataclass: its fields and properties."""
    own = owner.model_fields if issubclass(owner, BaseModel) else owner.__annotations__
    hints = get_type_hints(owner)
    found = {name: _kind_of(hints[name]) for name in own}
    for name, made in vars(owner).items():
        getter = made.fget if isinstance(made, property) else getattr(made, "func", None)
        if isinstance(made, property | cached_property) and not name.startswith("_"):
            found[name] = _kind_of(get_type_hints(getter)["return"])
    return Fields(found)


def _kind_of(hint: Any) -> Kind:
    if get_origin(hint) in (Union, UnionType):
        kind = _kind_of(next(part for part in get_args(hint) if part is not NoneType))
        return Maybe(kind) if isinstance(kind, type) else kind
    if get_origin(hint) is tuple:
        return Each(_kind_of(get_args(hint)[0]))
    if hint is AwareDatetime:
        return datetime
    if not isinstance(hint, type):
        return str
    if issubclass(hint, BaseModel) or hasattr(hint, "__dataclass_fields__"):
        owner: type[Any] = hint
        return fields_of(owner)
    return hint
