"""What Fusion says of a request that it refuses, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Reply

LONGEST: Final = 400
_ROLE: Final = (
    "let the Fusion admin give the user the duty role for {0}, and data access to the business units; README.md "
    "has the list."
)


class NotQueryable(ConnectorRefused):
    """Fusion answers 400: an attribute or a condition that this release does not take."""


def told(reply: Reply) -> str:
    """Return an error in Fusion's words: its details, else its title, else its text."""
    try:
        body = reply.json()
    except ConnectorGarbled:
        return reply.excerpt()
    said = "; ".join(_said(body)) if isinstance(body, Mapping) else ""
    return one_line(redact(said))[:LONGEST] or reply.excerpt()


def refusal(reply: Reply, what: str) -> ConnectorError | None:
    """Return what a refused request means; None for one that was not refused."""
    if not 400 <= reply.status < 500:
        return None
    said = f"{reply.url} answered {reply.status}: {told(reply)}"
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return ConnectorRefused(said, fix="correct the user and password, or the key, of the connection.")
    if reply.status == HTTPStatus.FORBIDDEN:
        return ConnectorRefused(said, fix=_ROLE.format(what))
    if reply.status == HTTPStatus.NOT_FOUND:
        return ConnectorRefused(said, fix="correct `base_url` or `release`, or see whether this pod has the resource.")
    kind = NotQueryable if reply.status == HTTPStatus.BAD_REQUEST else ConnectorRefused
    return kind(said, fix=_fix_of(told(reply)))


def _said(body: Mapping[str, Any]) -> Iterator[str]:
    details = body.get("o:errorDetails")
    for each in details if isinstance(details, list) else ():
        if isinstance(each, Mapping) and each.get("detail"):
            path = each.get("o:errorPath")
            yield f"{each['detail']}{f' at {path}' if path else ''}"
    if not details and body.get("title"):
        yield str(body["title"])


def _fix_of(said: str) -> str:
    if "attribute" in said.lower() or "query" in said.lower():
        return "run `duehook check`: it names the attributes that this release does not have, for `columns`."
    return "let the Fusion admin look why; `duehook check` tries each resource by name."
