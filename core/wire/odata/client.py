"""Ask one OData service: rows, one row, a count, a change, many readings at once; under the faults of core/wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, urljoin

import structlog

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.wire.guard import origin_of
from duehook.core.wire.reply import Reply
from duehook.core.wire.reply_lost import ReplyLost
from duehook.core.wire.retry import PASSING
from duehook.core.wire.session import Call, WireSession
from duehook.core.wire.sign_in import SignIn
from duehook.core.wire.stale import Stale

from .batch import Batch
from .dialect import Dialect, Envelope
from .errors import Forbidden, refusal, told
from .fields import Entity, Row
from .where import Where

MAX_NEXT = 10_000
LOCKED = 423
_REFUSALS = frozenset(range(400, 500)) - PASSING
_SAFE = "$(),':;/@!*"
_NO_BATCH: Final = frozenset({404, 405, 406, 415, 501})  # the service has none; once is enough to learn that
_NOT_THIS_BATCH: Final = frozenset({400, 413, 500})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Found:
    """One row, and the version of it that a change refers to."""

    row: Row
    etag: str | None


@dataclass(frozen=True)
class Question:
    """Which rows of a set are asked for, at most `top`; `counted` also asks how many there are in all."""

    entity: Entity
    where: Where | None = None
    order: Sequence[str] = ()
    top: int | None = None
    counted: bool = False

    @property
    def is_nothing(self) -> bool:
        """Say whether no row can answer it."""
        return self.where is not None and self.where.is_nothing


@dataclass
class ODataClient:
    """One service at one address.

    `options` are query options that every request carries, such as sap-client or cross-company. `headers`
    go with every request. `at_once` is how many questions one $batch may hold; 1: each goes by itself.
    """

    wire: WireSession
    root: str
    dialect: Dialect
    sign_in: SignIn
    options: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    at_once: int = 1

    def rows(
        self, entity: Entity, where: Where | None = None, *, order: Sequence[str] = (), top: int | None = None
    ) -> list[Row]:
        """Return rows as they came, at most `top`; the server's own pages are followed."""
        return self.counted_rows(Question(entity, where, order, top))[0]

    def counted_rows(self, question: Question, first: Envelope | None = None) -> tuple[list[Row], int | None]:
        """Return rows as they came, and how many there are in all, where that is asked for and told.

        `first` is the answer to the question where it has been asked already.
        """
        if question.is_nothing:
            return [], 0
        found: list[Row] = []
        total: int | None = None
        for envelope in self._followed(self.url(*self._asking(question)), first):
            found += envelope.rows
            total = envelope.total if total is None else total
            if question.top is not None and len(found) >= question.top:
                break
        return found if question.top is None else found[: question.top], total

    def first_answers(self, questions: Sequence[Question]) -> list[Envelope | None]:
        """Ask up to `at_once` questions in one $batch; None for each that is still to be asked by itself.

        So it is where the service, or what stands before it, takes no $batch, and where a part went wrong:
        the question alone is answered in its own words, and waited for as ever.
        """
        if len(questions) < 2 or self.at_once < 2 or any(question.is_nothing for question in questions):
            return [None] * len(questions)
        paths = [self._query(*self._asking(question)) for question in questions]
        try:
            return [self._envelope(answer) for answer in self._batched(paths)]
        except ConnectorGarbled as error:
            _log.info("batch_garbled", service=self.root, told=error.message)
            return [None] * len(questions)

    def _batched(self, paths: Sequence[str]) -> Sequence[Reply | None]:
        """Return the answers to GETs that went as one request; none where that is refused."""
        batch = Batch.of(paths, {"Accept": self.dialect.accept, **self.dialect.headers, **self.headers})
        headers = {"Content-Type": batch.content_type, "Accept": "multipart/mixed", **self.dialect.batch_headers}
        call = Call("POST", self.url("$batch", {}), data=batch.body, headers=headers, reads=True)
        try:
            reply = self.write(replace(call, accept=_NO_BATCH | _NOT_THIS_BATCH))
        except Forbidden as error:
            reply = Reply(403, {}, error.message.encode(), call.url)
        if reply.status < 400:
            return batch.answers(reply)
        if reply.status not in _NOT_THIS_BATCH:
            self.at_once = 1
        _log.info("batch_refused", service=self.root, status=reply.status, told=told(reply))
        return [None] * len(paths)

    def _envelope(self, answer: Reply | None) -> Envelope | None:
        """Return a part's rows; None where it is to be asked by itself."""
        if answer is None or answer.status != 200:
            return None
        try:
            return self.dialect.envelope(answer.json())
        except ConnectorGarbled:
            return None

    def _asking(self, question: Question) -> tuple[str, dict[str, str]]:
        """Return the path and the query options of a question."""
        entity = question.entity
        options = {"$select": ",".join(entity.kinds), **self._filter(entity, question.where)}
        options |= {"$orderby": ",".join(question.order)} if question.order else {}
        options |= {"$top": str(question.top)} if question.top is not None else {}
        options |= dict([self.dialect.count_option]) if question.counted else {}
        return entity.name, options

    def _followed(self, address: str, first: Envelope | None = None) -> Iterator[Envelope]:
        """Yield a page and those that the server says follow it, an empty one in between among them."""
        asked: set[str] = set()
        while address not in asked and len(asked) < MAX_NEXT:
            asked.add(address)
            envelope = first or self.dialect.envelope(self._json(Call("GET", address)))
            first = None
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

        ConnectorDown says that somebody else works at the row: nothing was written, and it may be later. What
        the call itself accepts comes back as it is.
        """
        reply = self.send(replace(call, accept={*call.accept, 400, 404, 405, 409, 412, 422, LOCKED, 428, 501}))
        if reply.status in call.accept:
            return reply
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
        if reply.body and reply.is_html and not call.is_read:
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
        return f"{self.root.rstrip('/')}/{self._query(path, options)}"

    def _query(self, path: str, options: Mapping[str, str]) -> str:
        asked = {**self.options, **options}
        query = "&".join(f"{quote(name, safe=_SAFE)}={quote(text, safe=_SAFE)}" for name, text in asked.items())
        return f"{path}{'?' if query else ''}{query}"

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
