"""What SuiteTalk says of a request that fails: a fault of the whole, or a status that is no success."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Reply, ReplyLost, Stale
from duehook.plugins.netsuite.client.errors import CHANGED, LONGEST, NOT_THERE

from .answers import child, children, local, said

DENIED: Final = frozenset({"INSUFFICIENT_PERMISSION", "WS_PERMISSION_REQD", "INSUFFICIENT_FLD_PERMISSION"})
# Others ask at the same time, or it took too long: later it may be answered.
BUSY: Final = frozenset({
    "WS_REQUEST_BLOCKED", "WS_CONCUR_SESSION_DISALLWD", "CONCURRENCY_LIMIT_EXCEEDED", "EXCEEDED_MAX_CONCUR_RQST",
    "ABORT_SEARCH_EXCEEDED_MAX_TIME",
})  # fmt: skip
_UNEXPECTED: Final = "UNEXPECTED_ERROR"
_LATER: Final = (
    "let fewer programs ask it at once, or leave `calls_at_once` smaller; it is asked again by the next run."
)
_WORDS: Final = {  # what to do about a fault of each kind
    "invalidCredentialsFault": "correct the token of the connection, see that `account` is the account's id and that "
    "this machine's clock is right; NetSuite's Login Audit Trail has the cause.",
    "insufficientPermissionFault": "let the NetSuite admin add SOAP Web Services, and the permission, to the "
    "connection's role.",
    "invalidVersionFault": "NetSuite has switched this endpoint off: write `read_by: suiteql`.",
    "invalidSessionFault": "let the NetSuite admin look why the session ends; tokens have none.",
    "exceededRecordCountFault": "write a smaller `page_size`.",
    "exceededRequestSizeFault": "write a smaller `page_size`.",
}
_BY_STATUS: Final = {401: "invalidCredentialsFault", 403: "insufficientPermissionFault"}
_NOT_HERE: Final = "correct `base_url` or `account`, or let the NetSuite admin switch on SOAP Web Services there."
_OTHER: Final = "let the NetSuite admin look why; `duehook check` tries each permission by name."
_RIGHTS: Final = "let the NetSuite admin add the permission to the connection's role; README.md has the list."


class NoRecord(ConnectorRefused):
    """There is no such record."""


class SearchEnded(ConnectorRefused):
    """A search is not kept any more: its pages are asked for anew."""


def is_fault(element: Element) -> bool:
    """Say whether an answer is a fault."""
    return local(element.tag) == "Fault"


def fault_of(element: Element, reply: Reply, *, reads: bool) -> ConnectorError:
    """Return what a fault means: by the answer's status where that says it, else by its kind."""
    detail = child(element, "detail")
    kind = local(detail[0].tag) if detail is not None and len(detail) else ""
    code = said(detail[0], "code") if detail is not None and len(detail) else ""
    told = f"{reply.url} answered {reply.status}: {_words(said(element, 'faultstring'))}{f' ({code})' if code else ''}"
    if reply.status in _BY_STATUS:
        return ConnectorRefused(told, fix=_WORDS[_BY_STATUS[reply.status]])
    if reply.status < 500:
        return ConnectorRefused(told, fix=_WORDS.get(kind, _NOT_HERE))
    if kind.startswith("exceededConcurrent") or kind in {"exceededRequestLimitFault"} or code in BUSY:
        return Blocked(told, fix=_LATER)
    if kind == "unexpectedErrorFault" or not kind:
        if reads:
            return ConnectorDown(told, fix=_OTHER)
        return ReplyLost(f"{told} The write was sent and may have taken effect.")
    if kind == "exceededUsageLimitFault":
        return ConnectorDown(told, fix=_LATER)
    return ConnectorRefused(told, fix=_WORDS.get(kind, _OTHER))


class Blocked(ConnectorDown):
    """Other requests of the account are under way: this one was not carried out."""


def expect_success(result: Element | None, what: str, *, reads: bool) -> None:
    """Raise what a status stands for that is no success."""
    status = child(result, "status")
    if status is None or status.get("isSuccess") == "true":
        return
    details = children(status, "statusDetail")
    found = [(said(each, "code"), said(each, "message")) for each in details]
    codes = {code for code, _ in found}
    told = f"{what}: " + (
        "; ".join(f"{_words(text)} ({code})" for code, text in found) or "it failed, and nobody says why"
    )
    raise _meaning(codes, told, reads=reads)


def _meaning(codes: set[str], told: str, *, reads: bool) -> ConnectorError:
    if CHANGED in codes:
        return Stale(told, fix="it is looked at again before it is written.")
    if codes & NOT_THERE:
        return NoRecord(told, fix="look in NetSuite whether it was deleted or merged.")
    if codes & DENIED:
        return ConnectorRefused(told, fix=_RIGHTS)
    if codes & BUSY:
        return Blocked(told, fix=_LATER)
    if any(code.startswith("INVALID_SEARCH_MORE") for code in codes):
        return SearchEnded(told, fix="it is searched anew.")
    if _UNEXPECTED in codes:
        return ConnectorDown(told, fix=_OTHER) if reads else ReplyLost(f"{told} It may have taken effect.")
    if "locked" in told.lower():
        return ConnectorRefused(told, fix="let the NetSuite admin look at the workflow that locks this record.")
    return ConnectorRefused(told, fix=_OTHER)


def _words(text: str) -> str:
    return one_line(redact(text))[:LONGEST]
