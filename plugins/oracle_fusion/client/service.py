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
from duehook.plugins.oracle_fusion.resources import Resource, invoices, is_id, organizations, together, where
from duehook.plugins.oracle_fusion.settings import FusionSettings
from duehook.plugins.oracle_fusion.values import instant

from .errors import refusal
from .sign_in import AssertionSignIn, BasicSignIn, SignIn

Row = dict[str, Any]
_REFUSALS: Final = frozenset(range(400, 500)) - PASSING
_NOTHING: Final = (
    "let the Fusion admin give the connection's user the Receivables duty roles and data access to the business units; "
    "without them Fusion shows nothing, and no error."
)
_AGAIN: Final = "it is asked again by the next run; see whether a proxy stands in between."


@dataclass(frozen=True)
class Asked:
    """What is asked of a resource: conditions, since when it changed, and what of its rows comes along."""

    resource: Resource
    conditions: Sequence[str] = ()
    fields: Sequence[str] = ()
    expand: bool = False
    since: datetime | None = None

    def options(self, settings: FusionSettings) -> dict[str, str]:
        """Return the question as the address has it; `fields` and `expand` exclude each other."""
        stamped = [where(settings.columns.changed, ">=", self.since)] if self.since else []
        asked = [*self.conditions, *stamped]
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

    def pages(self, asked: Asked, after: str | None = None) -> Iterator[list[Row]]:
        """Yield all rows behind an id, in pages in the order of ids.

        An offset would drift while documents come and go: each page begins behind the last id. Each says how many
        rows are left: ConnectorGarbled where it holds fewer than it should, or some that came before. What seems to be
        the end is proved by another question, for a page that lost rows looks like the last one.
        """
        last, came = after, False
        while True:
            rows, left = self._page(asked, last, self._settings.page_size)
            ids = _in_order(asked, rows, last)
            if rows:
                yield rows
                last, came = ids[-1], True
            elif left:
                raise _senseless(asked, f"no rows although {left} are left")
            if left == len(rows) and (self._ends(asked, last) if came and last else self._is_empty(asked, last)):
                return

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
        self._has_shown = bool(_rows(reply, resource.name)[0])
        return reply.said_at()

    def describe(self, resource: Resource) -> Mapping[str, Any]:
        """Return what the pod says of a resource: its attributes and children."""
        found = self._send(Call("GET", f"{self._address(resource)}/describe"), resource.name).json()
        described = found.get("Resources", {}).get(resource.name) if isinstance(found, Mapping) else None
        return described if isinstance(described, Mapping) else {}

    def child(self, resource: Resource, parent: str, child: str) -> list[Row]:
        """Return the rows of a child of one row."""
        address = f"{self._address(resource)}/{quote(parent)}/child/{quote(child)}"
        options = {"onlyData": "true", "limit": str(self._settings.page_size), "offset": "0", "totalResults": "true"}
        rows, left = _rows(self._send(Call("GET", f"{address}?{urlencode(options)}"), child), child)
        if left != len(rows):
            raise ConnectorGarbled(f"{child} tells of {left} rows and gave {len(rows)}.", fix=_AGAIN)
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
        if asked.since is not None and not asked.conditions and last is None:
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
        asked = [Asked(parties, fields=[parties.id])] if known is None else self.asking_for(known)
        self._has_shown = any(self.first(each) for each in asked)
        if not self._has_shown:
            what = parties.name if known is None else f"invoice {known}"
            told = f"Nothing of {resource.name} is shown, nor {what}; nothing was taken as settled or gone."
            raise ConnectorRefused(told, fix=_NOTHING)

    @staticmethod
    def asking_for(invoice: str) -> list[Asked]:
        """Return what is asked for an invoice by its number or its id."""
        resource = invoices()
        by_id = [Asked(resource, [is_id(resource.id, "=", invoice)], [resource.id])] if invoice.isdigit() else []
        return [Asked(resource, [where("TransactionNumber", "=", invoice)], [resource.id]), *by_id]

    def _newest(self, resource: Resource) -> list[Row]:
        changed = self._settings.columns.changed
        asked = Asked(resource, fields=[resource.id, changed])
        return _rows(self._asked(asked, None, 1, order=f"{changed}:desc"), resource.name)[0]

    def _page(self, asked: Asked, last: str | None, most: int) -> tuple[list[Row], int]:
        return _rows(self._asked(asked, last, most), asked.resource.name)

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


@dataclass(frozen=True)
class Nested:
    """The rows of a child that came along, and whether some were cut off."""

    rows: list[Row]
    is_cut: bool = False


def nested(row: Row, child: str) -> Nested:
    """Return what came along of a child: a list, or (from framework 3 on) a collection that is cut like any other."""
    held, is_cut = row.get(child), False
    if isinstance(held, Mapping):
        is_cut = bool(held.get("hasMore"))
        held = held.get("items")
    if held is None:
        return Nested([])
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        raise ConnectorGarbled(f"{child} came along as something else than rows.", fix=_AGAIN)
    return Nested(held, is_cut)


def _rows(reply: Reply, name: str) -> tuple[list[Row], int]:
    """Return the rows of an answer and how many there are with those that are left."""
    body = reply.json()
    items = body.get("items") if isinstance(body, Mapping) else None
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise ConnectorGarbled(f"{name} answered without `items`; nothing of it was kept.", fix=_AGAIN)
    count, total, more = body.get("count", len(items)), body.get("totalResults"), bool(body.get("hasMore"))
    if count != len(items):
        raise ConnectorGarbled(f"{name} tells of {count} rows and gave {len(items)}.", fix=_AGAIN)
    if not isinstance(total, int) or isinstance(total, bool):
        raise ConnectorGarbled(f"{name} does not say how many rows there are (totalResults).", fix=_AGAIN)
    if total < len(items) or more != (total > len(items)):
        told = f"{name} tells of {total} rows, gave {len(items)}, and says {'more' if more else 'no more'} are left."
        raise ConnectorGarbled(told, fix=_AGAIN)
    return items, total


def _in_order(asked: Asked, rows: Sequence[Row], last: str | None) -> list[str]:
    """Return the ids of a page; ConnectorGarbled where they do not stand behind the last, each behind the other."""
    ids = [row.get(asked.resource.id) for row in rows]
    before = -1 if last is None else int(last)
    for each in ids:
        if not str(each).isdigit() or int(str(each)) <= before:
            raise _senseless(asked, f"{asked.resource.id} {each} behind {before}")
        before = int(str(each))
    return [str(each) for each in ids]


def _senseless(asked: Asked, what: str) -> ConnectorGarbled:
    return ConnectorGarbled(f"{asked.resource.name} gave {what}; nothing of it was kept.", fix=_AGAIN)


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
    if not settings.by_assertion:
        return FusionService(wire, settings, BasicSignIn(settings))
    return FusionService(wire, settings, AssertionSignIn(wire, settings, now=options.now, clock=clock))
