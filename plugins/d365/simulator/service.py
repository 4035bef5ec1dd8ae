"""The data service under /data: OData V4 as F&O speaks it, for whom it is asked, and in its words for errors."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

from duehook.core.testing.odata import Dialect, EntitySet, ODataError, ODataService, Row, Scope
from duehook.core.testing.simulator import Reply, json_reply

_TYPE: Final = "Microsoft.Dynamics.Platform.Integration.Services.OData.ODataException"
ROOT: Final = "/data/"
DIALECT: Final = Dialect(4, wildcards=True)
MOST_ROWS: Final = 10_000
_LONGEST_WAIT: Final = 300


@dataclass
class DataService(ODataService):
    """OData over the sets of the site. Without `cross-company=true` only the default company's rows are seen."""

    default_company: str = ""

    def scope(self, of: EntitySet, parameters: Mapping[str, str]) -> Scope | None:
        """Hide other companies' rows, without a word, unless all are asked for."""
        if "dataAreaId" not in of.type.fields or parameters.get("cross-company", "").lower() == "true":
            return None
        return f"of {self.default_company}", lambda row: row.get("dataAreaId") == self.default_company

    def error_body(self, error: ODataError) -> dict[str, Any]:
        """Word an error as F&O does: what happened stands in the inner error."""
        return error_body(error.message)


def error_body(message: str) -> dict[str, Any]:
    """Return F&O's error body."""
    inner = {"message": message, "type": _TYPE, "stacktrace": "   at Microsoft.Dynamics.Platform.Integration.Services"}
    return {"error": {"code": "", "message": "An error has occurred.", "innererror": inner}}


def refusal(status: int, message: str) -> Reply:
    """Answer with an error; 401 says where to sign in."""
    headers = [("WWW-Authenticate", 'Bearer authorization_uri="https://login.windows.net/common"')]
    return json_reply(error_body(message), status, headers if status == 401 else ())


def etag(row: Row) -> str:
    """Return a row's ETag: a check sum of what it holds, before its record id."""
    held = dict(row) if isinstance(row, Mapping) else {}
    number = held.get("SysRecId") or held.get("SourceKey") or crc32(repr(tuple(held.values())[:3]).encode())
    inside = f"'{crc32(repr(tuple(held.values())).encode())};{number}'"
    return f'W/"{b64encode(inside.encode()).decode()}"'


def posted_etag(row: Row) -> str:
    """Return the ETag of a row of the ledger, worked out from what moves there: there are many of them."""
    number = row.get("SysRecId") or row.get("SourceKey")
    held = f"{row.get('AmountCur')} {row.get('SettleAmountCur')} {row.get('CollectionLetterCode')}"
    inside = f"'{crc32(held.encode())};{number}'"
    return f'W/"{b64encode(inside.encode()).decode()}"'


@dataclass
class Throttle:
    """Priority-based throttling: who keeps pressing while told to wait is told to wait longer."""

    _seconds: int = 0
    _until: float = 0.0
    refused: int = field(default=0)

    def start(self, seconds: int) -> None:
        """Refuse what comes from now on, for so many seconds at first."""
        self._seconds, self._until = seconds, time.monotonic() + seconds

    def answer(self) -> Reply | None:
        """Return the refusal of a request that came too early; each one doubles the wait."""
        now = time.monotonic()
        if now >= self._until:
            self._seconds = 0
            return None
        self.refused += 1
        if self._until - now < self._seconds:
            self._until = now + self._seconds
        wait, self._seconds = self._seconds, min(self._seconds * 2, _LONGEST_WAIT)
        said = "Too many requests: the service is busy. Retry after the time that is given."
        return json_reply(error_body(said), 429, [("Retry-After", str(wait))])
