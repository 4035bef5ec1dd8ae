"""The OData services of one environment: columns that are there, keys without names, changes with their version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from duehook.core.errors import ConnectorRefused
from duehook.core.wire import Call, RateBudget, Reply, RetryPolicy, Stale, WireOptions, WireSession
from duehook.core.wire.entra import EntraSignIn
from duehook.core.wire.odata import V4, Entity, Found, ODataClient, Question, Where, equal
from duehook.core.wire.odata.errors import told
from duehook.core.wire.odata.fields import Row
from duehook.plugins.business_central.settings import BusinessCentralSettings

APPLICATIONS: Final = "Microsoft Entra Applications"
TRIES: Final = 6  # Business Central says 429 without how long to wait: the pauses grow to about a minute
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 60.0


@dataclass
class BusinessCentralService(ODataClient):
    """One environment. Rows are asked for by conditions, never by address: a 404 is then never taken for `no row`.

    `columns` are those of each set, once a row of it was seen: no other is selected, for an unknown one is refused.
    """

    columns: dict[str, frozenset[str]] = field(default_factory=dict)

    def send(self, call: Call) -> Reply:
        """Send; a token that Business Central does not let in is told as such."""
        reply = super().send(replace(call, accept={*call.accept, 401}))
        if reply.status == 401:
            raise ConnectorRefused(
                f"{reply.url} answered 401: {told(reply)}; is the client enabled in {APPLICATIONS}?",
                fix=f"enter the client id on the page {APPLICATIONS} of Business Central, enable it and give it "
                "permission sets, and grant the app registration API.ReadWrite.All.",
            )
        return reply

    def learn(self, entity: Entity) -> frozenset[str]:
        """Return the columns of a set, by a first row of it; none where there is no row."""
        name = _set_of(entity)
        if name not in self.columns:
            rows = self.sample(entity)
            if not rows:
                return frozenset()
            self.columns[name] = frozenset(rows[0])
        return self.columns[name]

    def sample(self, entity: Entity, *, top: int = 1) -> list[Row]:
        """Return a few rows with all their columns, as they came."""
        return self.dialect.envelope(self._json(Call("GET", self.url(entity.name, {"$top": str(top)})))).rows

    def row(self, entity: Entity, key: Mapping[str, Any]) -> Found | None:
        """Return the one row of a key with its version; None when there is none."""
        return self.first(entity, equal(tuple(key), tuple(key.values())))

    def first(self, entity: Entity, where: Where) -> Found | None:
        """Return the first row under a condition with its version."""
        found = self.versions(entity, where, top=1)
        return found[0] if found else None

    def versions(
        self, entity: Entity, where: Where, *, order: Sequence[str] = (), top: int | None = None
    ) -> list[Found]:
        """Return rows with their versions."""
        rows = self.rows(entity, where, order=order, top=top)
        etags = [self.dialect.etag(row) for row in rows]
        self.dialect.decode(entity, rows)
        return [Found(row, etag) for row, etag in zip(rows, etags, strict=True)]

    def read(
        self, entity: Entity, where: Where | None = None, *, order: Sequence[str] = (), top: int | None = None
    ) -> list[Row]:
        """Return rows with Python's values."""
        rows = self.rows(entity, where, order=order, top=top)
        self.dialect.decode(entity, rows)
        return rows

    def patch(self, entity: Entity, key: Mapping[str, Any], values: Mapping[str, Any], *, etag: str | None) -> None:
        """Change columns of a row that still is as it was read; Stale when it is not, which may be said as 409."""
        headers = {"If-Match": etag or "*"}
        url = self.url(self.address(entity, key), {})
        reply = self.write(Call("PATCH", url, json=self.dialect.body(values), headers=headers, accept={409}))
        if reply.status == 409:
            raise Stale(f"{reply.url} answered 409: {told(reply)}", fix="it is looked at again before it is written.")

    def address(self, entity: Entity, key: Mapping[str, Any]) -> str:
        """Return `customers(<id>)`: a key of one part goes without its name, and an id without quotes."""
        (value,) = key.values()
        return f"{entity.name}({quote(str(value))})"

    def clock(self, entity: Entity) -> datetime:
        """Return the server's own time, from the head of an answer."""
        reply = self.send(Call("GET", self.url(entity.name, {"$top": "1"})))
        reply.json()
        return reply.said_at()

    def _asking(self, question: Question) -> tuple[str, dict[str, str]]:
        name, options = super()._asking(question)
        del options["$select"]
        there = self.columns.get(_set_of(question.entity))
        if there is not None:
            options = {"$select": ",".join(each for each in question.entity.kinds if each in there), **options}
        return name, options


def _set_of(entity: Entity) -> str:
    return entity.name.rpartition("/")[2]


def open_service(
    settings: BusinessCentralSettings, name: str, *, clock: Callable[[], float], sleep: Callable[[float], None]
) -> BusinessCentralService:
    """Open the environment of a connection, which is reached on first use."""
    budget = RateBudget(
        settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
        clock=clock, sleep=sleep,
    )  # fmt: skip
    retry = RetryPolicy(TRIES, FIRST_PAUSE, LONGEST_PAUSE, settings.patience_seconds)
    options = WireOptions(
        connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget, sleep=sleep,
        verify=settings.ca_file or True, retry=retry, address_in=f"`base_url` of connection {name}",
    )  # fmt: skip
    wire = WireSession([settings.root, settings.sign_in_at], options)
    return BusinessCentralService(wire, settings.root, V4(), EntraSignIn(wire, settings, name))
