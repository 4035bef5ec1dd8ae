"""What `check` does alike of every ERP: a probe that fails is a finding, and pages must follow each other by key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from duehook.core.errors import ConnectorError
from duehook.core.field_mapping import FieldMapping
from duehook.core.hookspecs import Finding, UpperBound
from duehook.core.wire.entra import EntraClient, certificate
from duehook.core.wire.odata import Entity, ODataClient, after

Severity = Literal["error", "warning", "info"]
SOON: Final = timedelta(days=30)
LOOK: Final = "let the ERP's admin look why."


def tried(
    subject: str, act: Callable[[], str], severity: Severity = "error", *, otherwise: str = LOOK
) -> Iterator[Finding]:
    """Yield what a probe says, or why it failed with what to do: the fault's own fix, or `otherwise`."""
    try:
        yield Finding(subject, True, act())
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or otherwise, severity)


def guarded(subject: str, act: Callable[[], Iterator[Finding]], *, otherwise: str = LOOK) -> Iterator[Finding]:
    """Yield what a probe finds, or why it failed with what to do: the fault's own fix, or `otherwise`."""
    try:
        yield from act()
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or otherwise)


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


def signed_in(client: EntraClient, erp: str, bound: Callable[[], UpperBound], right: str) -> Iterator[Finding]:
    """Try the sign-in at Microsoft Entra, by asking the ERP for its clock; tell of a certificate that ends soon."""
    try:
        at = bound().at
        ends = certificate.ends_at(client)
    except ConnectorError as error:
        yield Finding("sign-in", False, error.message, error.fix or right)
        return
    yield Finding("sign-in", True, f"{client.sign_in_at} gives a token, and {erp} takes it")
    if ends is not None and ends - at < SOON:
        yield Finding("certificate", False, f"{client.certificate_file} ends on {ends:%Y-%m-%d}",
                      "upload another to the app registration, and name its files.", "warning")  # fmt: skip


def mapped_fields(
    fields: FieldMapping, known: str, sample: Callable[[], Sequence[Mapping[str, Any]]]
) -> Iterator[Finding]:
    """Tell the fields of a site's own mapping that a set does not have, by a row with all its fields."""
    if not fields.source_fields(known):
        return
    try:
        rows = sample()
    except ConnectorError as error:
        yield Finding("field mapping", False, error.message, error.fix or "correct the field mapping.")
        return
    for problem in fields.missing(known, rows[0].keys()) if rows else ():
        yield Finding("field mapping", False, f"{problem.where}: {problem.message}", problem.hint)
