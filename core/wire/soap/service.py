"""A service that takes one-way messages: taken, refused in its own words, or nobody knows. None is sent twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError, fromstring

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire.reply import Reply
from duehook.core.wire.reply_lost import ReplyLost
from duehook.core.wire.session import Call, WireSession
from duehook.core.wire.sign_in import SignIn

ENVELOPE: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
LONGEST: Final = 400
_MAYBE: Final = "The message was sent and may have been taken."
_REACHED: Final = frozenset({*range(400, 600)})
_ABSENT: Final = frozenset({401, 403, 404})


@dataclass(frozen=True)
class SoapService:
    """A service of SOAP 1.1 at one address.

    `options` are query options that every request carries. `fixes` say what to do about a status of the service.
    """

    wire: WireSession
    url: str
    sign_in: SignIn
    options: Mapping[str, str] = field(default_factory=dict)
    fixes: Mapping[int, str] = field(default_factory=dict)

    def tell(self, envelope: bytes, action: str) -> None:
        """Send a message once. ConnectorRefused where it was not taken, ReplyLost where nobody knows."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"', "Accept": "text/xml"}
        call = Call("POST", self._address, data=envelope, headers=headers, accept={*_ABSENT, 500})
        reply = self._signed(call)
        if reply.status in _ABSENT:
            raise self._refused(reply)
        body = _body(reply)
        fault = None if body is None else body.find(f"{ENVELOPE}Fault")
        if fault is not None:
            raise _fault(reply, fault)
        if reply.status >= 400 or (reply.body.strip() and (body is None or len(body))):
            raise ReplyLost(f"{reply.url} answered {reply.status} with {_what(reply)}. {_MAYBE}")

    def reach(self) -> int:
        """Ask the address for what it is and return the status; ConnectorRefused where it is away or not for us."""
        reply = self._signed(Call("GET", self._address, accept=_REACHED))
        if reply.status in _ABSENT:
            raise self._refused(reply)
        return reply.status

    @property
    def _address(self) -> str:
        return f"{self.url}?{urlencode(self.options)}" if self.options else self.url

    def _signed(self, call: Call) -> Reply:
        """Send with the sign-in's headers; once more where that had run out, for nothing was taken then."""
        reply = self.wire.send(replace(call, headers={**call.headers, **self.sign_in.headers()}))
        if reply.status == 401 and self.sign_in.renew():
            reply = self.wire.send(replace(call, headers={**call.headers, **self.sign_in.headers()}))
        return reply

    def _refused(self, reply: Reply) -> ConnectorError:
        fault = reply.fault() or ConnectorRefused(f"{reply.url} answered {reply.status}.")
        return ConnectorRefused(fault.message, fix=self.fixes.get(reply.status) or fault.fix)


def _body(reply: Reply) -> Element | None:
    """Return the body of an envelope, None where an answer is none; a document type is never read."""
    if b"<!DOCTYPE" in reply.body or b"\x00" in reply.body[:100]:
        return None
    try:
        return fromstring(reply.body).find(f"{ENVELOPE}Body")
    except (ParseError, ValueError, LookupError):
        return None


def _fault(reply: Reply, fault: Element) -> ConnectorError:
    """Return what a fault means: the sender's is a refusal; of any other nobody knows what was done before it."""
    said = one_line(redact(fault.findtext("faultstring") or "nothing"))[:LONGEST]
    told = f"{reply.url} answered {reply.status}: {said}"
    if (fault.findtext("faultcode") or "").rpartition(":")[2].startswith("Client"):
        return ConnectorRefused(told)
    return ReplyLost(f"{told} {_MAYBE}")


def _what(reply: Reply) -> str:
    return f"{'a web page' if reply.is_html else 'what is no answer to a message'}: {reply.excerpt()}"
