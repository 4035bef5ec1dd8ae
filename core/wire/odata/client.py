"""Ask one OData service: rows, one row, a count, a change; each answered under the faults of core/wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import quote, urljoin

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.wire.guard import origin_of
from duehook.core.wire.reply import Reply
from duehook.core.wire.reply_lost import ReplyLost
from duehook.core.wire.retry import PASSING
from duehook.core.wire.session import Call, WireSession

from .dialect import Dialect, Envelope
from .errors import refusal, told
from .fields import Entity, Row
from .where import Where

MAX_NEXT = 10_000
LOCKED = 423
_REFUSALS = frozenset(range(400, 500)) - PASSING
_SAFE = "$(),':;/@!*"


class SignIn(Protocol):
    """What lets a request in."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers of a request, signing in first where that is needed."""

    def renew(self) -> bool:
        """Forget a sign-in that was refused; False where asking again would only be refused again."""


class Stale(ConnectorRefused):
    """Somebody changed the row since it was read."""


@dataclass(frozen=True)
class Found:
    """One row, and the version of it that a change refers to."""

    row: Row
    etag: str | None


@dataclass
class ODataClient:
    """One service at one address.

    `options` are query options that every request carries, such as sap-client or cross-company. `headers`
    go with every request.
    """

    wire: WireSession
    root: str
    dialect: Dialect
    sign_in: SignIn
    options: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def rows(
        self, entity: Entity, where: Where | None = None, *, order: Sequence[str] = (), top: int | None = None
    ) -> list[Row]:
        """Return rows as they came, at most `top`; the server's own pages are followed."""
        return self.counted_rows(entity, where, order=order, top=top, counted=False)[0]

    def counted_rows(
        self, entity: Entity, where: Where | None, *, order: Sequence[str], top: int | None, counted: bool = True
    ) -> tuple[list[Row], int | None]:
        """Return rows as they came, and how many there are in all, where that is asked for and told."""
        if where is not None and where.is_nothing:
            return [], 0
        options = {"$select": ",".join(entity.kinds), **self._filter(entity, where)}
        options |= {"$orderby": ",".join(order)} if order else {}
        options |= {"$top": str(top)} if top is not None else {}
        options |= dict([self.dialect.count_option]) if counted else {}
        found: list[Row] = []
        total: int | None = None
        for envelope in self._followed(self.url(entity.name, options)):
            found += envelope.rows
            total = envelope.total if total is None else total
            if top is not None and len(found) >= top:
                break
        return found if top is None else found[:top], total

    def _followed(self, address: str) -> Iterator[Envelope]:
        """Yield a page and those that the server says follow it, an empty one in between among them."""
        asked: set[str] = set()
        while address not in asked and len(asked) < MAX_NEXT:
            asked.add(address)
            envelope = self.dialect.envelope(self._json(Call("GET", address)))
            yield envelope
            if not envelope.following:
                return
            address = self._following(urljoin(address, envelope.following))
        raise ConnectorGarbled(
            f"{self.root} says without end that a page follows: {address}", fix="it is read again by the next run."
        )

    def _following(self, address: str) -> str:
        """Return where the next page is; the sign-in goes to this service's own host alone."""
        if origin_of(address) != origin_of(self.root):
            raise ConnectorRefused(
                f"{self.root} says that its next page is at {address}, which is another host; nothing was sent there.",
                fix="let the service, or the proxy before it, give links to its own address.",
            )
        return address

    def row(self, entity: Entity, key: Mapping[str, Any]) -> Found | None:
        """Return one row by its whole key; None when the set answers and there is none.

        A service or a set that is away answers 404 as well: that is ConnectorRefused, and no missing row.
        """
        url = self.url(self.address(entity, key), {"$select": ",".join(entity.kinds)})
        reply = self.send(Call("GET", url, accept={404}))
        if reply.status == 404:
            self.rows(entity, top=1)
            return None
        row = self.dialect.entity(reply.json())
        etag = self.dialect.etag(row) or reply.headers.get("ETag")
        self.dialect.decode(entity, [row])
        return Found(row, etag)

    def count(self, entity: Entity, where: Where | None = None) -> int:
        """Return how many rows there are now."""
        name, told_all = self.dialect.count_option
        if where is not None and where.is_nothing:
            return 0
        options = {**self._filter(entity, where), name: told_all, "$top": "0"}
        envelope = self.dialect.envelope(self._json(Call("GET", self.url(entity.name, options))))
        if envelope.total is None:
            told = f"{entity.name} does not count its rows."
            raise ConnectorRefused(told, fix=f"the service must understand {name}.")
        return envelope.total

    def patch(self, entity: Entity, key: Mapping[str, Any], values: Mapping[str, Any], *, etag: str | None) -> None:
        """Change fields of a row that still is as it was read; Stale when it is not."""
        headers = {"If-Match": etag} if etag else {}
        url = self.url(self.address(entity, key), {})
        self.write(Call("PATCH", url, json=self.dialect.body(values), headers=headers))

    def post(self, entity: Entity, values: Mapping[str, Any]) -> Row:
        """Make a row; return it as the service gives it back, empty where it gives nothing."""
        reply = self.write(Call("POST", self.url(entity.name, {}), json=self.dialect.body(values)))
        try:
            return self.dialect.entity(reply.json()) if reply.body else {}
        except ConnectorGarbled as error:  # the service took it, whatever it then said
            raise ReplyLost(f"{error.message} It may have taken effect.") from error

    def write(self, call: Call) -> Reply:
        """Send a change once; ConnectorRefused quotes the service, ReplyLost says that nobody knows.

        ConnectorDown says that somebody else works at the row: nothing was written, and it may be later.
        """
        reply = self.send(replace(call, accept={*call.accept, 400, 404, 405, 409, 412, 422, LOCKED, 428, 501}))
        if reply.status == LOCKED:
            raise ConnectorDown(
                f"{reply.url} answered {reply.status}: {told(reply)}. Nothing was written.",
                fix="it is tried again later; let whoever has it open in the ERP leave it.",
            )
        if reply.status in {412, 428}:
            raise Stale(
                f"{reply.url} answered {reply.status}: {told(reply)}", fix="it is looked at again before it is written."
            )
        if reply.status >= 400:
            raise ConnectorRefused(f"{reply.url} answered {reply.status}: {told(reply)}")
        if reply.body and reply.is_html:
            raise ReplyLost(f"{reply.url} answered a write with a web page. It may have taken effect.")
        return reply

    def send(self, call: Call) -> Reply:
        """Send with the sign-in's headers; sign in anew once when that had run out."""
        reply = self._signed(call)
        if reply.status == 401 and self.sign_in.renew():
            reply = self._signed(call)
        fault = None if reply.status in call.accept else refusal(reply)
        if fault is not None:
            raise fault
        return reply

    def url(self, path: str, options: Mapping[str, str]) -> str:
        """Return the address of a path under the service with its query, escaped as the ERPs read it."""
        asked = {**self.options, **options}
        query = "&".join(f"{quote(name, safe=_SAFE)}={quote(text, safe=_SAFE)}" for name, text in asked.items())
        return f"{self.root.rstrip('/')}/{path}{'?' if query else ''}{query}"

    def address(self, entity: Entity, key: Mapping[str, Any]) -> str:
        """Return `Set(a='1',b='x')`: every part of the key, apostrophes doubled, then escaped."""
        parts = [f"{name}={self.dialect.literal(value, entity.kinds.get(name, 'text'))}" for name, value in key.items()]
        return f"{entity.name}({quote(','.join(parts), safe='=,$')})"

    def close(self) -> None:
        """Let go of the connections."""
        self.wire.close()

    def _filter(self, entity: Entity, where: Where | None) -> dict[str, str]:
        text = where.text(entity, self.dialect) if where is not None else ""
        return {"$filter": text} if text else {}

    def _json(self, call: Call) -> Any:
        return self.send(call).json()

    def _signed(self, call: Call) -> Reply:
        headers = {
            "Accept": self.dialect.accept, "Cache-Control": "no-cache", **self.dialect.headers, **self.headers,
            **self.sign_in.headers(), **call.headers,
        }  # fmt: skip
        return self.wire.send(replace(call, headers=headers, accept={*call.accept, *_REFUSALS}))
