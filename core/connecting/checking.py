"""What `check` does alike of every ERP: a probe that fails is a finding, and pages must follow each other by key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Finding
from duehook.core.wire.odata import Entity, ODataClient, after

LOOK: Final = "let the ERP's admin look why."


def tried(subject: str, act: Callable[[], str]) -> Iterator[Finding]:
    """Yield what a probe says, or why it failed with what to do."""
    try:
        yield Finding(subject, True, act())
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or LOOK)


def guarded(subject: str, act: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what a probe finds, or why it failed with what to do."""
    try:
        yield from act()
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or LOOK)


def keyset(service: ODataClient, entity: Entity) -> str:
    """Say that what stands behind a key follows it; ConnectorError where the service sorts otherwise."""
    first = service.rows(entity, order=entity.key, top=2)
    if len(first) < 2:
        return "not tried: fewer than two rows"
    keys = [[row[name] for name in entity.key] for row in first]
    behind = service.rows(entity, after(entity.key, keys[0]), order=entity.key, top=1)
    if [[row[name] for name in entity.key] for row in behind] != keys[1:]:
        told = f"what stands behind a key of {entity.name} is not what follows it in order."
        raise ConnectorError(told, fix="tell us: this environment sorts otherwise than it compares.")
    return "what stands behind a key follows it"
