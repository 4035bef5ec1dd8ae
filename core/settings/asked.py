"""What loading the settings asks of the plugins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel

from duehook.core.hookspecs import Channel


class Asked(Protocol):
    """The part of `Plugins` that settings are checked with."""

    def connection_settings(self, type: str) -> type[BaseModel]:
        """Return the model of a connection type's settings."""

    def connection_types(self) -> Mapping[str, type[BaseModel]]:
        """Return the types that plugins claim under their own names."""

    def channel(self, name: str, settings: Mapping[str, Any]) -> Channel:
        """Return the channel of this name."""
