"""The data service: every request sees all companies, dates are days at noon, nothing follows a link elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from duehook.core.errors import ConnectorRefused
from duehook.core.wire import Call, RateBudget, Reply, RetryPolicy, WireOptions, WireSession
from duehook.core.wire.entra import EntraSignIn
from duehook.core.wire.guard import origin_of
from duehook.core.wire.odata import V4, Entity, Found, ODataClient, Where, equal
from duehook.core.wire.odata.errors import told
from duehook.core.wire.odata.fields import Kind, Row
from duehook.plugins.d365.settings import D365Settings
from duehook.plugins.d365.values import NO_DATE

ALL_COMPANIES: Final = {"cross-company": "true"}
MAPPING: Final = "Microsoft Entra ID applications"


class FinanceV4(V4):
    """OData 4 as F&O speaks it: a date is an instant at noon, and one of 1900 or before is none."""

    def __init__(self) -> None:
        """Write days at noon."""
        super().__init__(days_at_noon=True)

    def decoder(self, kind: Kind) -> Callable[[Any], Any] | None:
        """Read days by their date part, none as None."""
        found = super().decoder(kind)
        if kind != "day" or found is None:
            return found
        return lambda value: None if (day := found(value)) is None or day <= NO_DATE else day


class D365Service(ODataClient):
    """One environment. Rows are asked for by conditions, never by address: a 404 is then never taken for `no row`."""

    def send(self, call: Call) -> Reply:
        """Send; a link that leads elsewhere gets no token, and a token without a user is told as such."""
        if not self._is_own(call.url):
            raise ConnectorRefused(
                f"F&O gives a link to {call.url.partition('?')[0]}, which is not under {self.root}; nothing was sent.",
                fix="correct `base_url`: it must be the name that the environment calls itself by.",
            )
        reply = super().send(replace(call, accept={*call.accept, 401}))
        if reply.status == 401:
            raise ConnectorRefused(
                f"{reply.url} answered 401: {told(reply)}; is the client in {MAPPING}?",
                fix=f"enter the client id at System administration > Setup > {MAPPING}, mapped to a user.",
            )
        return reply

    def _is_own(self, url: str) -> bool:
        path = urlsplit(self.root).path
        return origin_of(url) == origin_of(self.root) and urlsplit(url).path.startswith(f"{path}/")

    def row(self, entity: Entity, key: Mapping[str, Any]) -> Found | None:
        """Return the one row of a key with its version; None when there is none."""
        rows = self.rows(entity, equal(tuple(key), tuple(key.values())), top=2)
        versions = [self.dialect.etag(row) for row in rows]
        self.dialect.decode(entity, rows)
        same = [(row, etag) for row, etag in zip(rows, versions, strict=True) if _is(row, key)]
        return Found(*same[0]) if same else None

    def sample(self, entity: Entity, where: Where | None = None, *, top: int = 1) -> list[Row]:
        """Return a few rows with every field that F&O has of them, as they came."""
        options = {**self._filter(entity, where), "$top": str(top)}
        return self.dialect.envelope(self._json(Call("GET", self.url(entity.name, options)))).rows

    def clock(self, entity: Entity) -> datetime:
        """Return the server's own time, from the head of an answer."""
        options = {"$select": ",".join(entity.key), "$top": "1"}
        reply = self.send(Call("GET", self.url(entity.name, options)))
        reply.json()
        return reply.said_at()


def _is(row: Row, key: Mapping[str, Any]) -> bool:
    """Say whether a row is the one asked for: F&O takes * in a text for a pattern, and compares without case."""
    return all(str(row.get(name)).casefold() == str(value).casefold() for name, value in key.items())


def open_service(
    settings: D365Settings, name: str, *, clock: Callable[[], float], sleep: Callable[[float], None]
) -> D365Service:
    """Open the environment of a connection, which is reached on first use."""
    budget = RateBudget(
        settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
        clock=clock, sleep=sleep,
    )  # fmt: skip
    options = WireOptions(
        connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget, sleep=sleep,
        verify=settings.ca_file or True, cookies=False,  # an affinity cookie would tie all calls to one server
        retry=RetryPolicy(patience=settings.patience_seconds), address_in=f"`base_url` of connection {name}",
    )  # fmt: skip
    wire = WireSession([settings.root, settings.sign_in_at], options)
    return D365Service(wire, f"{settings.root}/data", FinanceV4(), EntraSignIn(wire, settings, name), ALL_COMPANIES)
