"""One pod over REST: pages by key that prove themselves, single rows, and writes that are sent once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Call, RateBudget, Reply, ReplyLost, RetryPolicy, WireOptions, WireSession
from duehook.core.wire.retry import PASSING
from duehook.core.wire.sign_in import Basic, SignIn
from duehook.plugins.oracle_fusion.resources import Resource, invoices, is_id, organizations, together, where
from duehook.plugins.oracle_fusion.settings import MOST, FusionSettings
from duehook.plugins.oracle_fusion.values import instant

from .answers import AGAIN, Row, in_order, page_of, senseless, told_by
from .errors import NotQueryable, refusal
from .sign_in import AssertionSignIn

_REFUSALS: Final = frozenset(range(400, 500)) - PASSING
TRIES: Final = 3  # how often no row may come where others say that there is one
_NOTHING: Final = (
    "let the Fusion admin give the connection's user the Receivables duty roles and data access to the business units; "
    "without them Fusion shows nothing, and no error."
)


@dataclass(frozen=True)
class Asked:
    """What is asked of a resource: conditions, since when it changed, whether it is open, and what comes along."""

    resource: Resource
    conditions: Sequence[str] = ()
    fields: Sequence[str] = ()
    expand: bool = False
    since: datetime | None = None
    open: bool = False

    def options(self, settings: FusionSettings) -> dict[str, str]:
        """Return the question as the address has it; `fields` and `expand` exclude each other."""
        stamped = [where(settings.columns.changed, ">=", self.since)] if self.since else []
        balanced = [where(self.resource.balance, "!=", 0)] if self.open else []
        asked = [*balanced, *self.conditions, *stamped]
        found = {"q": together(asked, settings.query_and)} if asked else {}
        if self.expand and self.resource.child:
            return {**found, "expand": self.resource.child}
        return {**found, "fields": ",".join(self.fields)} if self.fields else found


class FusionService:
    """What is sent to a pod and what comes back."""

    def __init__(self, wire: WireSession, settings: FusionSettings, sign_in: SignIn) -> None:
        """Take what to send through, the settings, and the sign-in."""
        self._wire, self._settings, self._sign_in = wire, settings, sign_in
        self._has_shown = False
        self._unasked = set[str]()

    def pages(self, asked: Asked, after: str | None = None) -> Iterator[list[Row]]:
        """Yield all rows behind an id, in pages in the order of ids.

        An offset would drift while documents come and go: each page begins behind the last id. Each says how many
        rows are left: ConnectorGarbled where it holds fewer than it should, or some that came before. What seems to be
        the end is proved by another question, for a page that lost rows looks like the last one.
        """
        if not asked.open:
            yield from self._pages(asked, after)
            return
        try:
            if asked.resource.name not in self._unasked:
                yield from self._pages(asked, after)
                return
        except NotQueryable:  # this release does not take a condition on a balance
            self._unasked.add(asked.resource.name)
        yield from self._sifted(asked, after)

    def _sifted(self, asked: Asked, after: str | None) -> Iterator[list[Row]]:
        """Yield what has a balance of all rows."""
        balance = asked.resource.balance
        fields = [*asked.fields, balance] if asked.fields else []
        for rows in self._pages(replace(asked, open=False, fields=fields), after):
            left = [row for row in rows if row.get(balance)]
            if left:
                yield left

    def _pages(self, asked: Asked, after: str | None) -> Iterator[list[Row]]:
        last, came, fruitless = after, False, 0
        while fruitless < TRIES:
            rows, left = self._page(asked, last, self._settings.page_size)
            ids = in_order(asked.resource.name, [row.get(asked.resource.id) for row in rows], last)
            if rows:
                yield rows
                last, came, fruitless = ids[-1], True, 0
            elif left:
                break
            else:
                fruitless += 1
            if left == len(rows) and (self._ends(asked, last) if came and last else self._is_empty(asked, last)):
                return
        raise senseless(asked.resource.name, "no rows although some are left")

    def every(self, asked: Asked) -> Iterator[Row]:
        """Yield all rows of a question."""
        for rows in self.pages(asked):
            yield from rows

    def only(self, asked: Asked) -> Row | None:
        """Return the one row of a question, None where it is proved that there is none."""
        return next(self.every(asked), None)

    def first(self, asked: Asked, most: int = 1) -> list[Row]:
        """Return a few rows, those with the lowest ids."""
        return self._page(asked, None, most)[0]

    def clock(self, resource: Resource) -> datetime:
        """Return the server's time, from the head of an answer."""
        reply = self._asked(Asked(resource, fields=[resource.id]), None, 1)
        self._has_shown = bool(page_of(reply, resource.name)[0])
        return reply.said_at()

    def describe(self, resource: Resource) -> Mapping[str, Any]:
        """Return what the pod says of a resource: its attributes and children."""
        found = self._send(Call("GET", f"{self._address(resource)}/describe"), resource.name).json()
        described = found.get("Resources", {}).get(resource.name) if isinstance(found, Mapping) else None
        return described if isinstance(described, Mapping) else {}

    def child(self, resource: Resource, parent: str, child: str, *, order: str | None = None) -> list[Row]:
        """Return the rows of a child of one row: all of them, or ConnectorGarbled."""
        address, rows = f"{self._address(resource)}/{quote(parent)}/child/{quote(child)}", list[Row]()
        while True:
            options = {"onlyData": "true", "limit": str(MOST), "offset": str(len(rows)), "totalResults": "true"}
            told = urlencode({**options, **({"orderBy": f"{order}:asc"} if order else {})})
            body = self._send(Call("GET", f"{address}?{told}"), child).json()
            page, total = told_by(body, child)
            rows += page
            if len(rows) >= total:
                break
            if not page:
                raise ConnectorGarbled(f"{child} tells of {total} rows and gave {len(rows)}.", fix=AGAIN)
        return rows

    def post(self, name: str, values: Mapping[str, Any]) -> Row:
        """Make a row, once; ReplyLost where nobody knows whether it was made."""
        address = f"{self._settings.root}/fscmRestApi/resources/{self._settings.release}/{name}"
        reply = self._send(Call("POST", address, json=dict(values)), name.rpartition("/")[2])
        try:
            found = reply.json()
        except ConnectorGarbled as error:
            raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error
        return found if isinstance(found, dict) else {}

    def send_soap(self, call: Call, what: str) -> Reply:
        """Send an envelope; a fault, which comes with 500, is for the caller to read."""
        return self._send(replace(call, accept=frozenset({500})), what)

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def _ends(self, asked: Asked, last: str) -> bool:
        """Say whether a listing ends with its last row, which is asked for once more: alone it must stand there."""
        told = replace(asked, conditions=[is_id(asked.resource.id, ">=", last), *asked.conditions], expand=False)
        rows, left = self._page(replace(told, fields=[asked.resource.id]), None, 1)
        if not rows:
            return self._is_empty(asked, last)  # it does not fit the question any more, or the wire loses rows
        return left == 1 and str(rows[0].get(asked.resource.id)) == last

    def _is_empty(self, asked: Asked, last: str | None) -> bool:
        """Say whether nothing stands behind `last`: by the newest change, else by asking again.

        Another row must be shown meanwhile, for a wire that loses rows may lose the only one.
        """
        resource, changed = asked.resource, self._settings.columns.changed
        if asked.since is not None and not asked.conditions and not asked.open and last is None:
            newest = self._newest(resource)
            if newest:
                at = instant(newest[0], changed)
                return at is not None and at < asked.since
            if self._has_shown:
                return True
        elif self._page(replace(asked, expand=False, fields=[resource.id]), last, 1)[0]:
            return False
        elif self.first(Asked(resource, fields=[resource.id])):
            return True
        self._expect_any(resource)
        return True

    def _expect_any(self, resource: Resource) -> None:
        """Raise ConnectorRefused where a pod shows neither the invoice that is surely there nor any party."""
        known, parties = self._settings.known_invoice, organizations()
        asked = [Asked(parties, fields=[parties.id])] if known is None else self.asking_for(invoices(), known)
        self._has_shown = any(self.first(each) for each in asked)
        if not self._has_shown:
            what = parties.name if known is None else f"invoice {known}"
            told = f"Nothing of {resource.name} is shown, nor {what}; nothing was taken as settled or gone."
            raise ConnectorRefused(told, fix=_NOTHING)

    @staticmethod
    def asking_for(resource: Resource, number: str) -> list[Asked]:
        """Return what is asked for a document by its number or its id."""
        by_id = [Asked(resource, [is_id(resource.id, "=", number)], [resource.id])] if number.isdigit() else []
        return [Asked(resource, [where("TransactionNumber", "=", number)], [resource.id]), *by_id]

    def _newest(self, resource: Resource) -> list[Row]:
        changed = self._settings.columns.changed
        asked = Asked(resource, fields=[resource.id, changed])
        return page_of(self._asked(asked, None, 1, order=f"{changed}:desc"), resource.name)[0]

    def _page(self, asked: Asked, last: str | None, most: int) -> tuple[list[Row], int]:
        return page_of(self._asked(asked, last, most), asked.resource.name)

    def _asked(self, asked: Asked, last: str | None, most: int, *, order: str | None = None) -> Reply:
        resource = asked.resource
        behind = [is_id(resource.id, ">", last)] if last is not None else []
        told = replace(asked, conditions=[*behind, *asked.conditions]).options(self._settings)
        options = {
            "onlyData": "true", "limit": str(most), "offset": "0", "totalResults": "true",
            "orderBy": order or f"{resource.id}:asc", **told,
        }  # fmt: skip
        return self._send(Call("GET", f"{self._address(resource)}?{urlencode(options)}"), resource.name)

    def _address(self, resource: Resource) -> str:
        return f"{self._settings.root}/{resource.api}/resources/{self._settings.release}/{resource.name}"

    def _send(self, call: Call, what: str) -> Reply:
        """Send signed; sign in anew once where that was refused."""
        reply = self._signed(call)
        if reply.status == HTTPStatus.UNAUTHORIZED and call.is_read and self._sign_in.renew():
            reply = self._signed(call)
        fault = None if reply.status in call.accept else refusal(reply, what)
        if fault is not None:
            raise fault
        return reply

    def _signed(self, call: Call) -> Reply:
        usual = {"Accept": "application/json", "REST-Framework-Version": self._settings.rest_version}
        headers = {**usual, **call.headers, **self._sign_in.headers()}
        return self._wire.send(replace(call, headers=headers, accept={*call.accept, *_REFUSALS}))


def open_service(settings: FusionSettings, name: str, *, clock: Callable[[], float] = time.monotonic) -> FusionService:
    """Open the pod of a connection, which is reached on first use."""
    budget = RateBudget(
        settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
        clock=clock, sleep=time.sleep,
    )  # fmt: skip
    options = WireOptions(
        connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget,
        verify=settings.ca_file or True, cookies=False, retry=RetryPolicy(patience=settings.patience_seconds),
        address_in=f"`base_url` of connection {name}",
    )  # fmt: skip
    addresses = [settings.root, *([settings.token_url] if settings.token_url else [])]
    wire = WireSession(addresses, options)
    if settings.by_assertion:
        return FusionService(wire, settings, AssertionSignIn(wire, settings, now=options.now, clock=clock))
    assert settings.user is not None
    assert settings.password is not None
    return FusionService(wire, settings, Basic(settings.user, settings.password.get_secret_value()))
