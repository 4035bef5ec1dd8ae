"""One OData service: what is asked for is found in its sets, and worded in its dialect.

An ERP's simulator derives from `ODataService` where its ERP differs: how errors are worded, which rows a
request may see, what it refuses. Signing in, tokens and cookies are the simulator's, before a request
comes here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from duehook.core.testing.simulator import Reply, Request

from . import atom
from .asked.choosing import Chosen, Scope, choose
from .asked.filters import Dialect
from .asked.literals import parameters_of
from .asked.query import Query, read_query
from .batch import Batches
from .errors import ODataError, bad_request, not_found
from .metadata import Enumerations, edmx
from .model import EntitySet, Written
from .paths import Resource, resolve
from .rendering import Place, Rendered, collection, entity, service_document, single
from .sent import sent_values
from .table import Row, Table

Headers = list[tuple[str, str]]
_UPDATES: Final = ("PATCH", "MERGE", "PUT")
_SHRINKABLE: Final = 8


def header(request: Request, name: str) -> str:
    """Return a request's header, whatever its case; empty where it is missing."""
    wanted = name.lower()
    return next((value for each, value in request.headers.items() if each.lower() == wanted), "")


@dataclass
class ODataService:
    """A service at a path.

    `root` is that path with the slash at its end. `page_size` limits the rows of an answer (None: as many
    as are asked for). `atomic` takes back what a change set did when one of its changes fails.
    `scheme` is how clients reach the server, for the links that it gives. `shows_changed` answers a change with
    the entity as it then is, also where nobody prefers that.
    """

    root: str
    namespace: str
    dialect: Dialect
    sets: Mapping[str, EntitySet]
    page_size: int | None = None
    enumerations: Enumerations = field(default_factory=dict)
    atomic: Callable[[], AbstractContextManager[None]] = nullcontext
    scheme: str = "http"
    shows_changed: bool = False
    _pages: list[tuple[bytes, Rendered]] = field(default_factory=list)

    @classmethod
    def of(cls, root: str, namespace: str, dialect: Dialect, *, sets: Iterable[EntitySet], **more: Any) -> ODataService:
        """Make a service of entity sets."""
        return cls(root, namespace, dialect, {each.name: each for each in sets}, **more)

    def error_body(self, error: ODataError) -> dict[str, Any]:
        """Word an error; an ERP's own way of it goes here."""
        if self.dialect.version == 4:
            details = [{"code": code, "message": text, "target": on} for code, text, on in error.details]
            return {"error": {"code": error.code, "message": error.message, "details": details}}
        told = error.details or ((error.code, error.message, error.target),)
        details = [
            {"code": code, "message": text, "propertyref": on, "severity": "error", "target": on}
            for code, text, on in told
        ]
        inner = {"transactionid": "5F0B1C2D3E4F0010E00647A1B2C3D4E5", "errordetails": details}
        message = {"lang": "en", "value": error.message}
        return {"error": {"code": error.code, "message": message, "innererror": inner}}

    def scope(self, of: EntitySet, parameters: Mapping[str, str]) -> Scope | None:
        """Say which rows of a set a request sees; None: all of them."""
        return None

    def look_at(self, of: EntitySet, query: Query) -> None:
        """Refuse a reading that this ERP refuses, by an ODataError."""

    def unguarded(self) -> ODataError:
        """Word the refusal of a write without If-Match, where one is needed."""
        return ODataError(428, "The condition header 'If-Match' is required for this request")

    def outdated(self) -> ODataError:
        """Word the refusal of a write whose ETag is not the entity's any more."""
        return ODataError(412, "Precondition failed: the ETag does not match that of the entity")

    def warned(self, warnings: list[str]) -> Headers:
        """Word what is told beside a success, as headers."""
        return []

    def answer(self, request: Request) -> Reply:
        """Answer a request whose path begins with the root."""
        try:
            return self._answer(request)
        except ODataError as error:
            return self.refusal(error, request)

    def part(self, request: Request) -> Reply:
        """Answer a part of a $batch; what goes wrong with parts alone goes here."""
        return self.answer(request)

    def refusal(self, error: ODataError, request: Request) -> Reply:
        """Return the reply of an error, in the format that was asked for."""
        body, headers = self.error_body(error), tuple(error.headers.items())
        if self._wants_xml(request):
            return Reply(atom.error(body).encode(), error.status, "application/xml;charset=utf-8", headers)
        return Reply(json.dumps(body, ensure_ascii=False).encode(), error.status, self._json, headers)

    def shrunk(self, reply: Reply) -> Reply:
        """Return one of the last pages with half of its rows, as if it were the last; any other as it is."""
        for body, page in self._pages:
            if body is reply.body:
                return Reply(page.shrunk().encode(), reply.status, reply.content_type, reply.headers)
        return reply

    @property
    def _json(self) -> str:
        if self.dialect.version == 2:
            return "application/json"
        return "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"

    @property
    def _version_headers(self) -> Headers:
        return [("DataServiceVersion", "2.0")] if self.dialect.version == 2 else [("OData-Version", "4.0")]

    def _wants_xml(self, request: Request) -> bool:
        """Say whether Atom is what V2 answers: JSON must be asked for."""
        if self.dialect.version == 4 or parameters_of(request.query).get("$format") == "json":
            return False
        return "json" not in header(request, "Accept").lower()

    def place(self, request: Request) -> Place:
        """Return where the service stands as the client of a request sees it."""
        host = header(request, "Host") or "localhost"
        return Place(f"{self.scheme}://{host}{self.root}", self.namespace, self.sets, self.dialect.version)

    def _answer(self, request: Request) -> Reply:
        path = request.path.removeprefix(self.root)
        method = header(request, "X-HTTP-Method").upper() if request.method == "POST" else ""
        method = method or request.method
        if path == "$batch":
            if method != "POST":
                raise ODataError(405, "A batch must be sent by POST")
            return Batches(self.root, self.dialect.version, self.part, self.atomic).reply(request)
        if path in ("", "$metadata"):
            return self._about(path, request)
        found = resolve(path, self.sets, self.dialect.version)
        if method == "GET":
            return self._read(found, request)
        return self._write(found, request, method)

    def _about(self, path: str, request: Request) -> Reply:
        place = self.place(request)
        if path:
            body = edmx(place, self.enumerations)
            return Reply(body.encode(), 200, "application/xml", self._version_headers)
        if self._wants_xml(request):
            return Reply(atom.service(place).encode(), 200, "application/atomsvc+xml", self._version_headers)
        return Reply(service_document(place).encode(), 200, self._json, self._version_headers)

    def _read(self, found: Resource, request: Request) -> Reply:
        query = read_query(parameters_of(request.query), found.of.type, self.dialect, sets=self.sets)
        scope = self.scope(found.of, query.parameters)
        if found.key is not None:
            return self._entity(found, request, query, scope=scope)
        self.look_at(found.of, query)
        table = found.of.table() if found.rows is None else Table.of(found.of.type.key_of, found.rows)
        page = self._page(request)
        if found.counted:
            total = choose(table, query, found.of.type, scope=scope, page=None).total
            return Reply(str(total).encode(), 200, "text/plain;charset=utf-8", self._version_headers)
        chosen = choose(table, query, found.of.type, scope=scope, page=page)
        rows = [row for key in chosen.keys if (row := table.get(key)) is not None]
        return self._collection(found.of, request, query, chosen=chosen, rows=rows)

    def _page(self, request: Request) -> int | None:
        """Return how many rows an answer may have: the server's limit, or what a client prefers below it."""
        prefer = header(request, "Prefer")
        wanted = prefer.partition("odata.maxpagesize=")[2].partition(",")[0].strip()
        if self.dialect.version == 4 and wanted.isdigit() and int(wanted) > 0:
            return min(int(wanted), self.page_size or int(wanted))
        return self.page_size

    def _collection(self, of: EntitySet, request: Request, query: Query, *, chosen: Chosen, rows: list[Row]) -> Reply:
        place = self.place(request)
        link = self._next_link(request, chosen) if chosen.next else None
        if self._wants_xml(request):
            body = atom.feed(place, of, rows).encode()
            return Reply(body, 200, "application/atom+xml;type=feed;charset=utf-8", self._version_headers)
        page = collection(place, of, query.shape, chosen, rows=rows, count=query.count, next_link=link)
        reply = Reply(page.body.encode(), 200, self._json, self._version_headers)
        self._pages = [*self._pages[1 - _SHRINKABLE :], (reply.body, page)]
        return reply

    def _next_link(self, request: Request, chosen: Chosen) -> str:
        """Return the address of the next page: the same request, going on behind the last row."""
        assert chosen.next is not None
        kept = [
            part for part in request.query.split("&")
            if part and part.partition("=")[0].replace("%24", "$") not in ("$skiptoken", "$skip", "$top")
        ]  # fmt: skip
        host = header(request, "Host") or "localhost"
        return f"{self.scheme}://{host}{request.path}?{'&'.join([*kept, f'$skiptoken={chosen.next.written()}'])}"

    def _entity(self, found: Resource, request: Request, query: Query, *, scope: Scope | None) -> Reply:
        row = self._seen(found, scope)
        headers = self._version_headers
        if found.of.etag:
            headers.append(("ETag", found.of.etag(row)))
        place = self.place(request)
        if found.property:
            return Reply(single(place, found.of, found.property, row).encode(), 200, self._json, headers)
        if self._wants_xml(request):
            body = atom.entry(place, found.of, row).encode()
            return Reply(body, 200, "application/atom+xml;type=entry;charset=utf-8", headers)
        return Reply(entity(place, found.of, query.shape, row).encode(), 200, self._json, headers)

    def _seen(self, found: Resource, scope: Scope | None) -> Row:
        """Return the entity that a path leads to. Raises ODataError where there is none to be seen."""
        if found.row is None or (scope and not scope[1](found.row)):
            raise not_found(found.of.type.name)
        return found.row

    def _write(self, found: Resource, request: Request, method: str) -> Reply:
        of, parameters = found.of, parameters_of(request.query)
        if method == "POST" and found.key is None and of.creatable:
            return self._create(of, request, parameters)
        may = (method in _UPDATES and of.updatable) or (method == "DELETE" and of.deletable)
        if found.key is None or found.property or not may or of.write is None:
            raise ODataError(405, f"Method {method} is not allowed on '{of.name}'")
        row = self._seen(found, self.scope(of, parameters))
        self._match(of, row, request)
        values = {} if method == "DELETE" else sent_values(of, request, self.dialect.version)
        if any(name in of.type.key and held != row.get(name) for name, held in values.items()):
            raise bad_request(f"The key of '{of.name}' cannot be changed")
        values = {name: held for name, held in values.items() if name not in of.type.key}
        if method == "PUT":
            values = {each: f.initial for each, f in of.type.fields.items() if each not in of.type.key} | values
        kind = "DELETE" if method == "DELETE" else "PATCH"
        written = Written(kind, found.key, row, values, parameters)  # type: ignore[arg-type]
        after = of.write(written)
        headers = self._version_headers + self.warned(written.warnings)
        shown = self.shows_changed or "return=representation" in header(request, "Prefer")
        if after is not None and shown and self.dialect.version == 4:
            body = entity(self.place(request), of, Query(parameters).shape, after)
            return Reply(body.encode(), 200, self._json, headers)
        if after is not None and of.etag:
            headers.append(("ETag", of.etag(after)))
        return Reply(b"", 204, headers=headers)

    def _create(self, of: EntitySet, request: Request, parameters: Mapping[str, str]) -> Reply:
        values = sent_values(of, request, self.dialect.version)
        key = tuple(values.get(name, of.type.fields[name].initial) for name in of.type.key)
        assert of.write is not None, f"{of.name} is creatable but has nothing that writes"
        written = Written("POST", key, None, values, parameters)
        row = of.write(written)
        if row is None:
            raise ODataError(500, f"'{of.name}' was not created")
        place = self.place(request)
        headers = [
            *self._version_headers,
            ("Location", place.root + place.path(of, row)),
            *self.warned(written.warnings),
        ]
        if of.etag:
            headers.append(("ETag", of.etag(row)))
        body = entity(place, of, Query(parameters).shape, row)
        return Reply(body.encode(), 201, self._json, headers)

    def _match(self, of: EntitySet, row: Row, request: Request) -> None:
        """Compare the ETag that a client read with the row's. Raises ODataError."""
        sent = header(request, "If-Match")
        if of.etag is None or sent == "*":
            return
        if not sent:
            if of.guarded:
                raise self.unguarded()
            return
        if of.etag(row) not in [each.strip() for each in sent.split(", ")]:
            raise self.outdated()
