"""The faults that a simulator's wire is put to, and what a person must be told of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.testing.contract.erp import FaultyErp
from duehook.core.testing.faults import FaultKind

# Every switch of core/testing/faults.py; what is too slow is slower than the connection waits.
SWITCHES: list[dict[str, Any]] = [
    *({"kind": "status", "status": status} for status in (401, 403, 404, 500, 503, 504)),
    {"kind": "status", "status": 429, "retry_after": 900},
    *({"kind": kind} for kind in get_args(FaultKind) if kind not in {"status", "slow"}),
    {"kind": "slow", "seconds": 0.5},
]
# An old answer to another question cannot be told from a new one; to the same one it can: see test_vanishing.
READING = [switch for switch in SWITCHES if switch["kind"] != "repeat"]
PASSING: list[dict[str, Any]] = [
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 504},
    {"kind": "reset"},
    {"kind": "slow", "seconds": 0.2},
]
LASTING: list[tuple[dict[str, Any], type[ConnectorError], str]] = [
    ({"kind": "status", "status": 403}, ConnectorRefused, "403"),
    ({"kind": "status", "status": 404}, ConnectorError, "404"),
    ({"kind": "status", "status": 429, "retry_after": 900}, ConnectorDown, "429"),
    ({"kind": "status", "status": 500}, ConnectorError, "500"),
    ({"kind": "status", "status": 503}, ConnectorDown, "503"),
    ({"kind": "html"}, ConnectorGarbled, "web page"),
    ({"kind": "garbage"}, ConnectorGarbled, ""),
    ({"kind": "charset"}, ConnectorGarbled, ""),
    ({"kind": "half_page"}, ConnectorError, ""),
    ({"kind": "reset"}, ConnectorDown, ""),
]


def breaking(erp: FaultyErp, kind: FaultKind, **fault: Any) -> None:
    """Let the next requests that read have a fault."""
    erp.faults.set(kind, erp.reads.path, method=erp.reads.method, **fault)


@contextmanager
def told_well(kind: type[ConnectorError]) -> Iterator[None]:
    """Let a fault of this kind pass that says what happened and what a person can do."""
    caught: ConnectorError | None = None
    try:
        yield
    except kind as error:
        caught = error
    assert caught is None or (caught.message and caught.fix), f"what should a person do about: {caught}"
