"""A change of one row of a service: what it shall hold beside what it held when it was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from duehook.core.errors import ConnectorRefused
from duehook.core.wire import Stale

from .client import Found, ODataClient
from .fields import Entity


@dataclass(frozen=True)
class Change:
    """A change of one row: where it is, what it shall hold, and what was found there; None: no row yet."""

    service: ODataClient
    entity: Entity
    key: Mapping[str, Any]
    values: Mapping[str, Any]
    found: Found | None

    @property
    def is_there(self) -> bool:
        """Say whether the row holds it already; an empty field and none at all are the same."""
        return self.found is not None and all(
            (self.found.row.get(name) or "") == (held or "") for name, held in self.values.items()
        )

    @property
    def words(self) -> str:
        """Say which fields would change from what to what."""
        before = {name: self.found.row.get(name) if self.found else None for name in self.values}
        return ", ".join(
            f"{name} from {before[name] or 'nothing'} to {held or 'nothing'}" for name, held in self.values.items()
        )


def make(service: ODataClient, entity: Entity, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Make a row; Stale where somebody else has made it since it was looked for."""
    try:
        service.post(entity, {**key, **values})
    except ConnectorRefused as error:
        if service.row(entity, key) is not None:
            raise Stale(error.message, fix="it is looked at again before it is written.") from error
        raise
