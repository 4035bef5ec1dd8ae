"""A connection's settings as the plugin's own model, its files counted from the folder of duehook.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from duehook.core.hookspecs import ConnectionConfig

_Model = TypeVar("_Model", bound=BaseModel)


def settings_of(connection: ConnectionConfig, model: type[_Model], *files: str) -> _Model:
    """Return the settings; `files` name those that hold a path, which may be None; a dot leads into a nested part.

    Raises TypeError where the connection holds another type's settings.
    """
    settings = connection.settings
    if not isinstance(settings, model):
        held = type(settings).__name__
        raise TypeError(f"connection {connection.name} holds {held}, not {model.__name__}")
    for name in files:
        settings = _counted_from(connection.base, settings, name)
    return settings


def _counted_from(base: str, part: _Model, name: str) -> _Model:
    """Return a part of the settings with one of its paths counted from a folder."""
    first, _, rest = name.partition(".")
    held: Any = getattr(part, first)
    if not held:
        return part
    found = _counted_from(base, held, rest) if rest else str(Path(base) / held)
    return part.model_copy(update={first: found})
