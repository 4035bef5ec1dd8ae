"""What a plugin's author imports: the hook marker, the records, the objects, the errors."""

from __future__ import annotations

from duehook.core.errors import BadRecord, ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import (
    API,
    Applied,
    BadRow,
    Command,
    ConnectionConfig,
    Finding,
    KeyPage,
    Lookup,
    Page,
    hookimpl,
)

__version__ = "0.1.0"
__all__ = [
    "API",
    "Applied",
    "BadRecord",
    "BadRow",
    "Command",
    "ConnectionConfig",
    "ConnectorDown",
    "ConnectorGarbled",
    "ConnectorRefused",
    "Finding",
    "KeyPage",
    "Lookup",
    "Page",
    "hookimpl",
]
