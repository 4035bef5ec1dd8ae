"""One account: statements of SuiteQL, and records that are looked at, changed and made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Call, RateBudget, Reply, ReplyLost, RetryPolicy, WireOptions, WireSession
from duehook.core.wire.retry import PASSING
from duehook.plugins.netsuite.settings import MOST, NetsuiteSettings
from duehook.plugins.netsuite.suiteql import COUNTED

from .errors import NOT_THERE, codes, refusal
from .sign_in import CertificateSignIn, SignIn, TokenSignIn

Row = dict[str, Any]
SUITEQL: Final = f"/services/rest/query/v1/suiteql?limit={MOST}&offset=0"
RECORDS: Final = "/services/rest/record/v1/"
CLOCK: Final = "SELECT TO_CHAR(SYSDATE,'YYYY-MM-DD HH24:MI:SS') AS now FROM dual"
_REFUSALS: Final = frozenset(range(400, 500)) - PASSING
_ASKED_AGAIN: Final = "it is asked again by the next run; see whether a proxy stands in between."


class NetsuiteService:
    """What is sent to an account, signed, and what comes back."""

    def __init__(self, wire: WireSession, root: str, sign_in: Callable[[], SignIn]) -> None:
        """Take what to send through, the account's address, and what makes the sign-in on first use."""
        self._wire, self._root, self._make = wire, root, sign_in
        self._sign_in: SignIn | None = None

    def rows(self, statement: str) -> list[Row]:
        """Return what a statement gives, which must fit one page."""
        return _rows(self._asked(statement).json(), statement)

    def count(self, statement: str) -> int:
        """Return the number that a statement counts."""
        rows = self.rows(statement)
        try:
            return int(rows[0][COUNTED])
        except (IndexError, KeyError, TypeError, ValueError):
            told = f"{self._root} gave no number to a statement that counts."
            raise ConnectorGarbled(told, fix=_ASKED_AGAIN) from None

    def clock(self) -> tuple[datetime, str]:
        """Return the server's time, from the head of its answer, and what its database says the time is."""
        reply = self._asked(CLOCK)
        rows = _rows(reply.json(), CLOCK)
        return reply.said_at(), str(rows[0].get("now", "")) if rows else ""

    def record(self, kind: str, key: str) -> Row | None:
        """Return a record as the record API has it; None when NetSuite says that there is none.

        Whatever else answers 404 is ConnectorRefused: a service that is away is no missing record.
        """
        reply = self._send(Call("GET", self._record(kind, key), headers=_JSON, accept={404}))
        if reply.status == HTTPStatus.NOT_FOUND:
            if codes(reply) & NOT_THERE:
                return None
            raise refusal(reply) or ConnectorRefused(f"{reply.url} answered 404")
        return _mapping(reply)

    def fields(self, kind: str) -> Mapping[str, Any]:
        """Return the fields of a type of record as the metadata catalogue describes them."""
        address = f"{self._root}{RECORDS}metadata-catalog/{quote(kind)}"
        found = _mapping(self._send(Call("GET", address, headers={"Accept": "application/schema+json"})))
        properties = found.get("properties")
        if not isinstance(properties, Mapping):
            raise ConnectorGarbled(f"{address} describes no fields.", fix=_ASKED_AGAIN)
        return properties

    def patch(self, kind: str, key: str, values: Mapping[str, Any]) -> None:
        """Change fields of a record, once. Stale when another was quicker, ReplyLost when nobody knows."""
        self._written(Call("PATCH", self._record(kind, key), json=dict(values), headers=_JSON))

    def put(self, kind: str, external: str, values: Mapping[str, Any]) -> None:
        """Make the record of an external id, or make it so, once."""
        self._written(Call("PUT", self._record(kind, f"eid:{external}"), json=dict(values), headers=_JSON))

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def _asked(self, statement: str) -> Reply:
        headers = {"Prefer": "transient", "Accept": "application/json"}
        return self._send(Call("POST", f"{self._root}{SUITEQL}", json={"q": statement}, headers=headers, reads=True))

    def _written(self, call: Call) -> None:
        reply = self._send(call)
        try:
            if reply.body:
                reply.json()
        except ConnectorGarbled as error:  # it was sent, whatever came back
            raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error

    def _record(self, kind: str, key: str) -> str:
        return f"{self._root}{RECORDS}{quote(kind)}/{quote(key, safe=':')}"

    def _send(self, call: Call) -> Reply:
        """Send signed; sign in anew once where that was refused."""
        if self._sign_in is None:
            self._sign_in = self._make()
        self._sign_in.ready()
        signed = replace(
            call, accept={*call.accept, *_REFUSALS}, signed=partial(self._sign_in.headers, call.method, call.url)
        )
        reply = self._wire.send(signed)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            self._sign_in.renew()
            self._sign_in.ready()
            reply = self._wire.send(signed)
        fault = None if reply.status in call.accept else refusal(reply)
        if fault is not None:
            raise fault
        return reply


_JSON: Final = {"Accept": "application/json"}


def _mapping(reply: Reply) -> Row:
    found = reply.json()
    if not isinstance(found, dict):
        raise ConnectorGarbled(f"{reply.url} answered with what is no record.", fix=_ASKED_AGAIN)
    return found


def _rows(answer: Any, statement: str) -> list[Row]:
    """Return the rows of an answer; ConnectorGarbled for one that lacks some of those it tells of."""
    items: Sequence[Any] | None = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise ConnectorGarbled("SuiteQL answered without `items`; nothing of it was kept.", fix=_ASKED_AGAIN)
    told = answer.get("count", len(items))
    if told != len(items):
        raise ConnectorGarbled(
            f"SuiteQL tells of {told} rows and gave {len(items)}: {statement[:80]}…", fix=_ASKED_AGAIN
        )
    return items


def open_service(
    settings: NetsuiteSettings, name: str, *, clock: Callable[[], float], sleep: Callable[[float], None]
) -> NetsuiteService:
    """Open the account of a connection, which is reached on first use."""
    budget = RateBudget(
        settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
        clock=clock, sleep=sleep,
    )  # fmt: skip
    options = WireOptions(
        connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget, sleep=sleep,
        verify=settings.ca_file or True, cookies=False, retry=RetryPolicy(patience=settings.patience_seconds),
        address_in=f"`base_url` or `account` of connection {name}",
    )  # fmt: skip
    wire = WireSession([settings.root], options)

    def sign_in() -> SignIn:
        if settings.signs_in_by == "tba":
            return TokenSignIn(settings)
        return CertificateSignIn(wire, settings, now=options.now, clock=clock)

    return NetsuiteService(wire, settings.root, sign_in)
