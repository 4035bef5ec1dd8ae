"""An answer as it came, read whole under a size cap, and what is wrong with it."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact

SHOWN: Final = 200
SENSELESS: Final = "nothing was kept of it; it is asked again by the next run. See whether a proxy stands in between."


@dataclass(frozen=True)
class Reply:
    """Status, headers (names as sent, found in any case) and body of one answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def content_type(self) -> str:
        """Return the media type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        """Say whether this is a web page: a sign-in form or a proxy's error instead of an answer."""
        start = self.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return self.content_type in {"text/html", "application/xhtml+xml"} or start.startswith(
            (b"<!doctype html", b"<html")
        )

    def said_at(self) -> datetime:
        """Return the server's own time, from the head of the answer; raise ConnectorGarbled where none is there."""
        try:
            return parsedate_to_datetime(self.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError) as error:
            told = f"{self.url} says no Date."
            raise ConnectorGarbled(told, fix="let the proxy before the ERP keep the Date header.") from error

    def json(self) -> Any:
        """Return the body as JSON, numbers with a point as Decimal; raise ConnectorGarbled otherwise."""
        if self.is_html:
            raise ConnectorGarbled(
                f"{self.url} answered {self.status} with a web page instead of data: {self.excerpt()}",
                fix="check the address; a proxy or a sign-in page may stand in between.",
            )
        try:
            # Decoded by name: json would guess UTF-16, which no server of JSON may send.
            text = self.body.removeprefix(BOM_UTF8).decode("utf-8")
            return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
        except ValueError as error:  # covers bytes that are no text
            raise ConnectorGarbled(
                f"{self.url} answered {self.status} with what is no JSON: {self.excerpt()}", fix=SENSELESS
            ) from error
        except RecursionError as error:
            raise ConnectorGarbled(f"{self.url} answered with JSON nested too deep.", fix=SENSELESS) from error

    def excerpt(self) -> str:
        """Return the beginning of the body, redacted and on one line, for a message."""
        return one_line(redact(self.body[:SHOWN].decode("utf-8", "replace"))) or "nothing"

    def _what_passes(self) -> str:
        wait = self.headers.get("Retry-After")
        if self.status == 429:
            asked = f" (it asks to wait {one_line(wait)} s)" if wait else ""
            return f"let fewer programs ask it at once, or wait{asked}; it is asked again by the next run."
        return "let the other side's admin look why; it is asked again by the next run."

    def fault(self) -> ConnectorError | None:
        """Return what the status means for the caller, None for 2xx."""
        if 200 <= self.status < 300:
            return None
        told = f"{self.url} answered {self.status}: {self.excerpt()}"
        if self.status == 401:
            return ConnectorRefused(told, fix="correct the user and password of the connection.")
        if self.status == 403:
            return ConnectorRefused(told, fix="let the ERP's admin grant the user the right to this call.")
        if self.status in {408, 425, 429} or self.status >= 500:
            return ConnectorDown(told, fix=self._what_passes())
        if 300 <= self.status < 400:
            return ConnectorRefused(told, fix="write the address that it redirects to into the settings.")
        return ConnectorRefused(told, fix="check the address and the version of the other side.")


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")
