"""The fault that a second look answers."""

from __future__ import annotations

from duehook.core.errors import ConnectorRefused


class Stale(ConnectorRefused):
    """Somebody changed the row since it was read; nothing was written."""
