"""OData V4 as Business Central speaks it: what it refuses, its words for errors, and its silences."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32

from duehook.core.testing.odata import (
    Dialect,
    EntitySet,
    EntityType,
    ODataError,
    ODataService,
    Query,
    Row,
    parameters_of,
)
from duehook.core.testing.odata.asked.literals import Token, tokens
from duehook.core.testing.simulator import Reply, Request, json_reply

DIALECT: Final = Dialect(4, functions=frozenset({"contains", "startswith", "endswith"}))
MOST_ROWS: Final = 20_000
_CODES: Final = {
    400: "BadRequest",
    401: "Authentication_InvalidCredentials",
    403: "Authorization_RequestDenied",
    404: "BadRequest_ResourceNotFound",
    405: "BadRequest_MethodNotAllowed",
    429: "Application_TooManyRequests",
    500: "Internal_ServerError",
    503: "Internal_TenantUnavailable",
    504: "Application_OperationCanceledException",
}
_NO_TOKEN: Final = (
    "Could not validate the client concurrency token required by the service. Please provide a valid token in the "
    "client request."
)
_AMONG: Final = re.compile(r"\b\w+ in ?\(")


@dataclass
class Service(ODataService):
    """OData over the sets of one company, or over those that list companies."""

    shows_changed: bool = True

    def error_body(self, error: ODataError) -> dict[str, Any]:
        """Word an error: a code, and what happened with a number to ask Microsoft by."""
        types = {each.type.name for each in self.sets.values()} | set(self.sets)
        missing = error.message.rpartition("segment ")[2].strip("'")
        if error.status == 404 and missing in types:
            said = f"The {missing} does not exist. Identification fields and values:"
            return error_body(404, said, "Internal_RecordNotFound")
        return error_body(error.status, error.message.replace("for segment", "for the segment"), error.code)

    def unguarded(self) -> ODataError:
        """Refuse a write without If-Match."""
        return ODataError(400, _NO_TOKEN, code="BadRequest_InvalidToken")

    def outdated(self) -> ODataError:
        """Refuse a write over another's."""
        return ODataError(409, "Another user has already changed the record.", code="Request_EntityChanged")

    def look_at(self, of: EntitySet, query: Query) -> None:
        """Refuse an `or` over fields that are not the same one."""
        if query.filter and any(len(names) > 1 for names in _alternatives(query.filter.text, of.type)):
            raise ODataError(400, "The 'OR' operator is not supported on distinct fields on an OData filter.")

    def answer(self, request: Request) -> Reply:
        """Answer a request; a filter by `in` is passed over without a word, and everything comes."""
        if _AMONG.search(parameters_of(request.query).get("$filter", "")):
            kept = [each for each in request.query.split("&") if not each.replace("%24", "$").startswith("$filter=")]
            request = replace(request, query="&".join(kept))
        return super().answer(request)


def _alternatives(text: str, of: EntityType) -> Iterator[set[str]]:
    """Yield the fields of each bracket of a filter that has an `or` in it."""
    words = tokens(text, 4)
    yield from _brackets([word for word in words if word.kind in ("name", "mark")], of)


def _brackets(words: Sequence[Token], of: EntityType) -> Iterator[set[str]]:
    """Yield the fields of the brackets of words, the outermost first."""
    depth, begun, joined = 0, 0, False
    for place, word in enumerate(words):
        if word.text == "(":
            begun = place + 1 if depth == 0 else begun
            depth += 1
        elif word.text == ")":
            depth -= 1
            if depth == 0:
                yield from _brackets(words[begun:place], of)
        joined = joined or (depth == 0 and word.text == "or")
    if joined:
        yield {word.text for word in words if word.text in of.fields}


def error_body(status: int, said: str, code: str = "") -> dict[str, Any]:
    """Return Business Central's error body."""
    told = f"{said}  CorrelationId:  {uuid5(NAMESPACE_URL, said)}."
    return {"error": {"code": code or _CODES.get(status, "Unknown"), "message": told}}


def refusal(status: int, said: str, code: str = "") -> Reply:
    """Answer with an error; 401 says where to sign in."""
    headers = [("WWW-Authenticate", 'Bearer authorization_uri="https://login.microsoftonline.com/common"')]
    return json_reply(error_body(status, said, code), status, headers if status == 401 else ())


def etag(row: Row) -> str:
    """Return a row's ETag: a check sum of what it holds."""
    held = dict(row) if isinstance(row, Mapping) else {}
    inside = f"19;{crc32(repr(tuple(held.values())).encode())}1;00;"
    return f'W/"{b64encode(inside.encode()).decode()}"'


def customer_etag(row: Row) -> str:
    """Return a customer's ETag: it is of the record, and not of what is calculated when it is read."""
    held = dict(row) if isinstance(row, Mapping) else {}
    return etag({name: value for name, value in held.items() if name != "balanceDue"})


def document_etag(row: Row) -> str:
    """Return a document's ETag: what is left of it is calculated when it is read."""
    return etag({name: row.get(name) for name in ("id", "number", "lastModifiedDateTime")})


def entry_etag(row: Row) -> str:
    """Return the ETag of an entry, worked out from what moves there: there are many of them."""
    moving = ("Entry_No", "Open", "On_Hold", "Due_Date", "Promised_Pay_Date", "Dispute_Status", "SystemModifiedAt")
    return etag({name: row.get(name) for name in moving})


@dataclass
class Throttle:
    """The limits of the service: 429, and no word of how long."""

    _until: float = 0.0
    refused: int = 0

    def start(self, seconds: float) -> None:
        """Refuse what comes from now on, for so long."""
        self._until = time.monotonic() + seconds

    def answer(self) -> Reply | None:
        """Return the refusal of a request that came too early."""
        if time.monotonic() >= self._until:
            return None
        self.refused += 1
        return refusal(429, "Too many requests reached. Actual (101). Maximum (100).")
