"""The Acme wire: a question a page, in the order of the ids, every answer proved whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Call, RateBudget, Reply, WireOptions, WireSession

from .settings import AcmeSettings

Raw = dict[str, Any]


class AcmeClient:
    """Asks one Acme server. What passes (a 503, a lost connection) the session waits for and asks again."""

    def __init__(self, settings: AcmeSettings, name: str) -> None:
        """Take the connection's settings, and its name for the messages."""
        self._settings, self._name = settings, name
        self._base = settings.base_url.rstrip("/")
        budget = RateBudget(
            settings.calls_per_second, at_once=settings.calls_at_once, clock=time.monotonic, sleep=time.sleep
        )
        address = f"`base_url` of connection {name}"
        options = WireOptions(settings.connect_seconds, settings.read_seconds, budget=budget, address_in=address)
        self._session = WireSession([self._base], options)

    def now(self, resource: str) -> datetime:
        """Return Acme's clock, which every answer bears as its Date."""
        told = self._asked(resource, urlencode({"limit": 1})).headers.get("Date", "")
        try:
            return parsedate_to_datetime(told)
        except ValueError as error:
            fix = "see that no proxy between here and Acme takes the header Date away."
            raise ConnectorGarbled(f"Acme's answer bears no time: {told!r}.", fix=fix) from error

    def pages(self, resource: str, after: str = "", **filters: str) -> Iterator[list[Raw]]:
        """Yield the rows that match, a page each, behind the id `after`; it ends only where Acme has no more."""
        limit = self._settings.page_size
        while True:
            query = urlencode({**filters, "after": after, "limit": limit})
            match self._asked(resource, query).json():
                case {"self": str(question), "left": int(left), "rows": [*rows]} if (
                    question == query  # a repeated page answers another question
                    and len(rows) == min(left, limit)  # a shrunk one holds fewer rows than are left
                    and _rise(rows, after)
                ):
                    if rows:
                        yield rows
                        after = rows[-1]["id"]
                    if left == len(rows):
                        return
                case _:
                    told = f"Acme's page of {resource} behind {after or 'the start'} repeats, lacks or mixes rows."
                    raise ConnectorGarbled(told, fix="import again; if it stays so, show Acme's admin this message.")

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _asked(self, resource: str, query: str) -> Reply:
        key = self._settings.api_key.get_secret_value()
        headers = {"Authorization": f"Bearer {key}"}
        call = Call("GET", f"{self._base}/{resource}?{query}", headers=headers, accept={401, 403})
        reply = self._session.send(call)
        if reply.status == 401:
            told = f"Acme does not know the key of connection {self._name} (401)."
            raise ConnectorRefused(told, fix="correct its `api_key`.")
        if reply.status == 403:
            told = f"Acme does not let the key of connection {self._name} read {resource} (403)."
            raise ConnectorRefused(told, fix=f"let Acme's admin grant the key the scope {resource}:read.")
        return reply


def _rise(rows: list[Any], after: str) -> bool:
    """Say whether each row has an id behind the one before it."""
    ids: list[Any] = [after, *(row.get("id") if isinstance(row, dict) else None for row in rows)]
    return all(isinstance(each, str) for each in ids) and ids == sorted(set(ids))
