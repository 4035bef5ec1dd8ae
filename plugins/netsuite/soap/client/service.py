"""One account by SuiteTalk: searches and their pages, records, lists, and what is written, once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree.ElementTree import Element

from duehook.core.errors import ConnectorError, ConnectorGarbled
from duehook.core.wire import Call, RateBudget, Reply, ReplyLost, RetryPolicy, WireOptions, WireSession
from duehook.core.wire.retry import PASSING, rest
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.soap.search import Search

from .answers import child, children, number, parsed, said
from .faults import Blocked, expect_success, fault_of, is_fault
from .passport import Passport
from .schema import SCHEMAS, VERSION, Schema, schema_of

PORT: Final = f"/services/NetSuitePort_{VERSION}"
_ANSWERED: Final = frozenset({*range(400, 500), 500}) - PASSING
_SEARCHES: Final = frozenset({"search", "searchMoreWithId"})
_FIX: Final = "it is asked again by the next run; see whether a proxy stands in between."
Preferences = Mapping[str, Any]


class SoapService:
    """What is sent to an account, signed, and the results that come back."""

    def __init__(self, wire: WireSession, settings: NetsuiteSettings, options: WireOptions) -> None:
        """Take what to send through, the connection's settings, and how it waits."""
        self._wire, self._settings, self._options = wire, settings, options
        self._passport = Passport(settings, options.now)
        self.url = f"{settings.root}{PORT}"

    @property
    def schema(self) -> Schema:
        """Return what the account's WSDL says; it is asked for on first use."""
        return schema_of(self._wire, self._settings.root, self._settings.wsdl_folder)

    def clock(self) -> datetime:
        """Return the server's time."""
        told = said(self.ask("getServerTime"), "serverTime")
        try:
            return datetime.fromisoformat(told).astimezone(UTC)
        except ValueError:
            raise ConnectorGarbled(f"{self.url} says no time: {told[:40]!r}.", fix=_FIX) from None

    def search(self, search: Search, size: int) -> Element:
        """Return the first page of a search."""
        return self.ask("search", lambda: [self.schema.search(search)], preferences={"pageSize": size})

    def more(self, search_id: str, page: int, size: int) -> Element:
        """Return a further page of a search. SearchEnded where it is not kept any more."""
        return self.ask("searchMoreWithId", lambda: [search_id, page], preferences={"pageSize": size})

    def get(self, kind: str, **ids: str) -> Element:
        """Return a record. NoRecord where there is none."""
        return self.ask("get", lambda: [self._reference(kind, **ids)])

    def get_list(self, references: Sequence[tuple[str, Mapping[str, str]]]) -> list[Element]:
        """Return the answers to references, each with a status of its own; how many came is proved.

        A reference is a kind of record with its ids, among which `type` names another type than RecordRef.
        """
        asked = self.ask("getList", lambda: [[self._reference(kind, **ids) for kind, ids in references]])
        found = children(asked, "readResponse")
        if len(found) != len(references):
            told = f"SuiteTalk was asked for {len(references)} records and told of {len(found)}."
            raise ConnectorGarbled(told, fix=_FIX)
        return found

    def deleted(self, kinds: Sequence[str], since: str, page: int) -> Element:
        """Return a page of the records of these types that were deleted since a moment."""
        wanted = {"deletedDate": {"searchValue": since, "operator": "onOrAfter"},
                  "type": {"searchValue": list(kinds), "operator": "anyOf"}}  # fmt: skip
        return self.ask("getDeleted", lambda: [self.schema.make("GetDeletedFilter", **wanted), page])

    def all_of(self, kind: str) -> list[Element]:
        """Return all records of a type that NetSuite lists whole."""
        found = self.ask("getAll", lambda: [self.schema.make("GetAllRecord", recordType=kind)])
        listed = children(child(found, "recordList"), "record")
        if len(listed) != number(found, "totalRecords"):
            raise ConnectorGarbled(f"getAll gave {len(listed)} of {said(found, 'totalRecords')} records.", fix=_FIX)
        return listed

    def write(self, operation: str, record: Callable[[], Any]) -> Element:
        """Change or make a record, once. Stale when another was quicker, ReplyLost when nobody knows."""
        return self.ask(operation, lambda: [record()], reads=False)

    def ask(
        self, operation: str, arguments: Callable[[], Sequence[Any]] = tuple, *,
        preferences: Preferences | None = None, reads: bool = True,
    ) -> Element:  # fmt: skip
        """Carry an operation out; return its result, which is a success. A blocked reading is tried again."""
        tried = 1
        while True:
            try:
                result = self._sent(operation, arguments(), preferences or {}, reads=reads)
                expect_success(result, operation, reads=reads)
                return result
            except Blocked:
                wait = self._options.retry.wait(tried, {}, now=self._options.now, chance=random.random())
                if wait is None or not reads:
                    raise
                rest(wait, self._options.sleep)
                tried += 1

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def _reference(self, kind: str, *, type: str = "RecordRef", **ids: str) -> Any:
        return self.schema.make(type, type=kind, **ids)

    def _sent(self, operation: str, arguments: Sequence[Any], preferences: Preferences, *, reads: bool) -> Element:
        schema = self.schema

        def envelope() -> bytes:
            headers = [schema.header("tokenPassport", **self._passport.parts())]
            if preferences:
                kind = "searchPreferences" if operation in _SEARCHES else "preferences"
                headers.append(schema.header(kind, **preferences))
            return schema.envelope(operation, arguments, headers)

        head = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation}"'}
        reply = self._wire.send(Call("POST", self.url, data=envelope, headers=head, reads=reads, accept=_ANSWERED))
        return self._result(reply, reads=reads)

    def _result(self, reply: Reply, *, reads: bool) -> Element:
        try:
            body = parsed(reply)
        except ConnectorGarbled as error:
            raise _senseless(reply, error, reads=reads) from error
        if is_fault(body):
            raise fault_of(body, reply, reads=reads)
        if reply.status >= 400:
            raise reply.fault() or ConnectorGarbled(f"{reply.url} answered {reply.status}")
        if not len(body):
            raise ConnectorGarbled(f"{self.url} answered with nothing.", fix=_FIX)
        return body[0]


def _senseless(reply: Reply, error: ConnectorGarbled, *, reads: bool) -> ConnectorError:
    """Return what an answer without sense means: of a write, that nobody knows."""
    fault = reply.fault()
    if fault is not None and (reads or reply.status < 500):
        return fault
    return error if reads else ReplyLost(f"{error.message} The write was sent and may have taken effect.")


def open_soap(settings: NetsuiteSettings, name: str) -> SoapService:
    """Open the account of a connection, which is reached on first use."""
    budget = RateBudget(
        settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
        clock=time.monotonic, sleep=time.sleep,
    )  # fmt: skip
    options = WireOptions(
        connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget,
        verify=settings.ca_file or True, cookies=False, retry=RetryPolicy(patience=settings.patience_seconds),
        address_in=f"`base_url` or `account` of connection {name}",
    )  # fmt: skip
    return SoapService(WireSession([settings.root, SCHEMAS], options), settings, options)
