"""SuiteTalk's one address: a request is signed, permitted, and carried out by its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element

from duehook.core.testing.simulator import Reply, Request
from duehook.plugins.netsuite.simulator.options import SERVICES
from duehook.plugins.netsuite.simulator.records.service import Records
from duehook.plugins.netsuite.simulator.sign_in.tba import Token

from . import envelope, faults, passport
from .account import About
from .envelope import Asked
from .faults import Failed, Fault
from .names import CORE, PATH, PORTS, local, tag, use_prefixes
from .reading import Reading
from .records.custom import customs
from .records.shape import Context
from .search.results import Searches
from .searching import Searching
from .status import status
from .writing import Writing

_PERMISSIONS: Final = {
    "customer": "Lists -> Customers", "contact": "Lists -> Contacts", "subsidiary": "Lists -> Subsidiaries",
    "currency": "Lists -> Currency", "term": "Lists -> Accounting Lists",
    "transaction": "Transactions -> Find Transaction",
}  # fmt: skip
_RESULTS: Final = {  # how an operation's answer is called that is a result of its own, and can fail
    "search": "searchResult", "searchMoreWithId": "searchResult", "getAll": "getAllResult",
    "getSelectValue": "getSelectValueResult", "getDeleted": "getDeletedResult",
}  # fmt: skip


_VALUE: Final = tag(CORE, "searchValue")


class SuiteTalk:
    """Answers SOAP over the same account as the REST services do. `denied` are the rights that the role has not."""

    def __init__(
        self, service: Records, token: Token, now: Callable[[], datetime], *, denied: set[str], limit: int, life: float
    ) -> None:
        """Take the records; a search lives for `life` seconds, `limit` are the account's requests at once."""
        use_prefixes()
        database = service.account.database
        self._token, self._denied = token, denied
        self.reading = Reading(service, Context(database, service.account.zone), customs(database.schema), self._permit)
        self.searches = Searches(token.account, life)
        self.about = About(self.reading, now, limit)
        searching = Searching(self.reading, self.searches, now, self._permit)
        writing = Writing(self.reading, self._permit).answer
        self._operations: Mapping[str, Callable[[Asked], Element]] = {
            "search": searching.search, "searchMoreWithId": searching.more,
            "get": self.reading.get, "getList": self.reading.get_list, "getAll": self.reading.get_all,
            "getCustomizationId": self.reading.customization_ids, "getDeleted": self.about.deleted,
            "getServerTime": self.about.server_time, "getDataCenterUrls": self.about.urls,
            "getAccountGovernanceInfo": self.about.governance, "getSavedSearch": self.about.saved_searches,
            "getSelectValue": self.about.select_values,
            **dict.fromkeys(("add", "addList", "update", "updateList", "upsert", "upsertList"), writing),
        }  # fmt: skip

    def answer(self, request: Request, *, closed: bool = False) -> Reply:
        """Answer a request; where it is `closed`, the role may not use SOAP web services."""
        try:
            return faults.reply(self._answered(request, closed=closed))
        except Fault as fault:
            return refused(fault)

    def _answered(self, request: Request, *, closed: bool) -> bytes:
        if request.path != PATH:
            raise faults.wrong_version(request.path.removeprefix(PORTS))
        if not envelope.size_fits(request.body):
            raise faults.too_large()
        asked = envelope.read(request.body)
        passport.look_at(asked.header, self._token)
        if closed or SERVICES in self._denied:
            raise faults.not_permitted(SERVICES)
        operation = self._operations.get(asked.operation)
        if operation is None:
            raise faults.unexpected(f"This account does not carry out {asked.operation}.")
        try:
            return envelope.answer(asked.operation, [operation(asked)])
        except Failed as failed:
            if asked.operation not in _RESULTS:
                raise
            made = Element(tag(CORE, _RESULTS[asked.operation]))
            made.append(status(failed))
            return envelope.answer(asked.operation, [made])

    def _permit(self, right: str) -> None:
        if right in self._denied:
            said = (
                f"Permission Violation: You need  the '{_PERMISSIONS.get(right, right)}' permission to access this "
                "page. Please contact your account administrator."
            )
            raise Failed("INSUFFICIENT_PERMISSION", said)


def place(request: Request) -> str:
    """Say what a request does: the address, the operation, and the type that it is about."""
    return "/".join(filter(None, (request.path, *_act(request.body))))


def about(request: Request) -> str:
    """Say for the log what a request asks: its place, and what a search is asked by, its words with it."""
    return " ".join([place(request), *_asked_by(request.body)])


@lru_cache(maxsize=16)
def _act(body: bytes) -> tuple[str, ...]:
    """Return operation and type; nothing of what cannot be read."""
    try:
        asked = envelope.read(body)
    except Fault:
        return ()
    return asked.operation, asked.what


@lru_cache(maxsize=16)
def _asked_by(body: bytes) -> tuple[str, ...]:
    """Return the fields that a search is asked by; nothing of what is no search."""
    if _act(body)[:1] != ("search",):
        return ()
    fields = (each for each in envelope.read(body).body.iter() if each.find(_VALUE) is not None)
    return tuple(_field(each) for each in fields)


def _field(field: Element) -> str:
    """Return a field of a search, and what of a list it is searched for."""
    words = [value.text for value in field.findall(_VALUE) if value.text and value.text.startswith("_")]
    return "=".join([local(field.tag), *filter(None, [",".join(words)])])


def refused(fault: Fault, status: int = 500) -> Reply:
    """Return the answer that is a fault."""
    return faults.reply(envelope.refusal(fault), status)


def blocked() -> Reply:
    """Refuse a request beyond the account's limit of requests at once."""
    return refused(faults.too_many_requests())


def failed(status: int) -> Reply:
    """Word the body of a status that something on the way gives."""
    return refused(faults.of_status(status), status)
