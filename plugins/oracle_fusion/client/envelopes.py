"""What the profile service answers: the first profile of an envelope, or what its fault says."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Reply

from .wsdl import NAME

AGAIN: Final = "it is asked again by the next run; see whether a proxy stands in between."
LONGEST: Final = 400
_ENVELOPE: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
_RIGHTS: Final = ("ACCESS_DENIED", "not authorized", "FailedAuthentication", "WSM-")


class Fault(Exception):
    """What a SOAP fault says, in a line."""

    def __init__(self, reply: Reply, fault: Element) -> None:
        """Take the answer, and the fault that it bears."""
        told = " ".join(part.strip() for part in fault.itertext() if part.strip())
        super().__init__(told)
        self._words = told
        self.said = f"{reply.url} answered {reply.status}: {one_line(redact(told))[:LONGEST]}"

    def is_about(self, words: tuple[str, ...]) -> bool:
        """Say whether it says one of these."""
        return any(each in self._words for each in words)

    def refusal(self) -> ConnectorError:
        """Return it as a refusal, with what to do."""
        if self.is_about(_RIGHTS):
            fix = "let the Fusion admin give the user the right to Customer Profile; README.md has the list."
            return ConnectorRefused(self.said, fix=fix)
        return ConnectorRefused(self.said, fix="let the Fusion admin look why; `duehook check` tries the service.")


def profile_of(operation: str, reply: Reply) -> dict[str, str]:
    """Return what the first profile of an answer holds, empty elements left out; Fault for a fault."""
    if reply.is_html:
        told = f"{reply.url} answered {reply.status} with a web page instead of data: {reply.excerpt()}"
        raise ConnectorGarbled(told, fix="check the address; a proxy or a sign-in page may stand in between.")
    answer = _answer(operation, reply)
    value = next((each for each in answer.iter() if _local(each) == "Value"), None)
    if value is None:
        raise ConnectorGarbled(f"{NAME} answered without a profile.", fix=AGAIN)
    held = {_local(each): (each.text or "").strip() for each in value if not len(each)}
    return {name: text for name, text in held.items() if text}


def _answer(operation: str, reply: Reply) -> Element:
    """Return the answer to an operation, unwrapped; Fault for a fault, and a refusal for what is neither."""
    body = _body(reply)
    fault = body.find(f"{_ENVELOPE}Fault") if body is not None else None
    if fault is not None:
        raise Fault(reply, fault)
    for each in () if body is None else body:
        if _local(each) == f"{operation}Response":
            return each
    refused = reply.fault()
    if refused is not None:
        raise refused
    told = f"{reply.url} answered {reply.status} with what is no envelope of {operation}: {reply.excerpt()}"
    raise ConnectorGarbled(told, fix=AGAIN)


def _body(reply: Reply) -> Element | None:
    """Return what an envelope holds; None for what is none, or brings a document type."""
    if b"<!DOCTYPE" in reply.body or b"\x00" in reply.body[:100]:
        return None
    try:
        return fromstring(reply.body).find(f"{_ENVELOPE}Body")
    except (ParseError, ValueError, LookupError):
        return None


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
