"""A change goes with the version (ETag) of what was looked at: who changed it meanwhile wins."""

from __future__ import annotations

from duehook.core.wire.odata.changes import Change

from .writing import Refusal


def patch(change: Change) -> None:
    """Change a row that is there; Stale where it is not as it was found, Refusal where it has no version."""
    if change.found is None or not change.found.etag:
        raise Refusal(f"{change.entity.name} comes without an ETag; unguarded, another's change could be lost")
    change.service.patch(change.entity, change.key, change.values, etag=change.found.etag)
