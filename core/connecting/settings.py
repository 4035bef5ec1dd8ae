"""A connection's settings as the plugin's own model, its files counted from the folder of duehook.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from duehook.core.hookspecs import ConnectionConfig

_Model = TypeVar("_Model", bound=BaseModel)


def settings_of(connection: ConnectionConfig, model: type[_Model], *files: str) -> _Model:
    """Return the settings; `files` name those that hold a path, which may be None.

    Raises TypeError where the connection holds another type's settings.
    """
    settings = connection.settings
    if not isinstance(settings, model):
        held = type(settings).__name__
        raise TypeError(f"connection {connection.name} holds {held}, not {model.__name__}")
    paths = {name: path for name in files if (path := getattr(settings, name))}
    return settings.model_copy(update={name: str(Path(connection.base) / path) for name, path in paths.items()})
