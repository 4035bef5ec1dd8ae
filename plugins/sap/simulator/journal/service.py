"""The service at its address: takes a message and says nothing of what becomes of it."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

from duehook.core.testing.odata import header
from duehook.core.testing.simulator import Reply, Request

from .inbox import Inbox
from .message import ENVELOPE, Malformed, read
from .wsdl import ACTION, PATH, wsdl

SCENARIO: Final = "SAP_COM_0002"
XML: Final = "text/xml; charset=utf-8"


def is_for(request: Request) -> bool:
    """Say whether a request is for this service."""
    return request.path.rstrip("/").lower() == PATH


def answered(inbox: Inbox, request: Request, url: str) -> Reply:
    """Take a message: 202 without a body, whatever becomes of it; what is none is a fault."""
    if request.method == "GET":
        if "wsdl" in re.split("[&=]", request.query.lower()):
            return Reply(wsdl(url).encode(), 200, XML)
        return Reply(b"<html><body>Method Not Allowed</body></html>", 405, "text/html;charset=utf-8")
    try:
        if header(request, "SOAPAction").strip('"') != ACTION:
            raise Malformed(f"SOAPAction {header(request, 'SOAPAction')} is not known")
        if not header(request, "Content-Type").lower().startswith("text/xml"):
            raise Malformed("Content-Type is not text/xml")
        inbox.take(read(request.body))
    except Malformed as wrong:
        return fault(str(wrong))
    return Reply(b"", 202, XML)


def forbidden() -> Reply:
    """Turn away a user who has not the scenario."""
    body = f"<html><body>403 Forbidden: no authorization for {SCENARIO}</body></html>"
    return Reply(body.encode(), 403, "text/html;charset=utf-8")


def fault(message: str) -> Reply:
    """Word what is wrong with a message."""
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><soap-env:Envelope xmlns:soap-env="{ENVELOPE}"><soap-env:Header/>'
        f"<soap-env:Body><soap-env:Fault><faultcode>soap-env:Client</faultcode>"
        f'<faultstring xml:lang="en">{escape(message)}</faultstring></soap-env:Fault></soap-env:Body>'
        f"</soap-env:Envelope>"
    )
    return Reply(body.encode(), 500, XML)
