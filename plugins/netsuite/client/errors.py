"""What NetSuite says of a request that it refuses: its details with their codes, and what to do about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Reply, Stale

LONGEST: Final = 400
CHANGED: Final = "RCRD_HAS_BEEN_CHANGED"
NOT_THERE: Final = frozenset({"NONEXISTENT_ID", "RCRD_DSNT_EXIST"})
_RIGHTS: Final = "let the NetSuite admin add the permission to the connection's role; README.md has the list."


def details(reply: Reply) -> list[Mapping[str, Any]]:
    """Return the details of an error; none where the body is no error of NetSuite's."""
    try:
        body = reply.json()
    except ConnectorGarbled:
        return []
    found = body.get("o:errorDetails") if isinstance(body, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def codes(reply: Reply) -> set[str]:
    """Return the codes of an error."""
    return {str(each.get("o:errorCode")) for each in details(reply)}


def told(reply: Reply) -> str:
    """Return an error in NetSuite's words, else the beginning of what came."""
    said = [_words(each) for each in details(reply)]
    return one_line(redact("; ".join(each for each in said if each)))[:LONGEST] or reply.excerpt()


def refusal(reply: Reply) -> ConnectorError | None:
    """Return what a refused request means; None for one that was not refused."""
    if not 400 <= reply.status < 500:
        return None
    said = f"{reply.url} answered {reply.status}: {told(reply)}"
    if CHANGED in codes(reply):
        return Stale(said, fix="it is looked at again before it is written.")
    if reply.status == 401:
        at = reply.headers.get("Date", "at a time that it does not say")
        return ConnectorRefused(
            f"{said}; the server's clock says {one_line(at)}.",
            fix="correct the token or certificate of the connection, see that `account` is the account's id and that "
            "this machine's clock is right; NetSuite's Login Audit Trail has the cause.",
        )
    if reply.status == 403:
        return ConnectorRefused(said, fix=_RIGHTS)
    if reply.status == 404:
        return ConnectorRefused(said, fix="correct `base_url` or `account`, or switch on REST Web Services there.")
    return ConnectorRefused(said, fix=_fix_of(told(reply)))


def _words(detail: Mapping[str, Any]) -> str:
    text, code, path = (str(detail.get(name) or "") for name in ("detail", "o:errorCode", "o:errorPath"))
    return " ".join(each for each in (text, f"({code})" if code else "", f"at {path}" if path else "") if each)


def _fix_of(said: str) -> str:
    if "identifier" in said.lower() or "not found" in said.lower():
        return (
            "run `duehook check`: it names the columns to write as `missing_columns`, or the table that is not there."
        )
    if "locked" in said.lower():
        return "let the NetSuite admin look at the workflow that locks this record."
    return "let the NetSuite admin look why; `duehook check` tries each permission by name."
