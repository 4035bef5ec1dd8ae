"""The fault that a caller must not answer with a second try."""

from __future__ import annotations

from duehook.core.errors import ConnectorDown


class ReplyLost(ConnectorDown):
    """A write was sent and its answer never came or made no sense; it may have taken effect."""
