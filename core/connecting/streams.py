"""Which streams a source gives."""

from __future__ import annotations

from collections.abc import Sequence

from duehook.core.errors import ConnectorRefused
from duehook.core.records import Stream


def expect_given(stream: Stream, given: Sequence[Stream]) -> None:
    """Raise ConnectorRefused for a stream that is not among those that a source gives."""
    if stream not in given:
        raise ConnectorRefused(f"This source does not give {stream}.", fix=f"ask for {', '.join(given)}.")
