"""The REST service: a request is read, its resource asked, and the answer cut into pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote

from duehook.core.testing.simulator import Reply, Request, json_reply
from duehook.plugins.oracle_fusion.simulator.problem import Refused
from duehook.plugins.oracle_fusion.simulator.site.table import Row

from . import finding
from .describe import described
from .parameters import Parameters, version_of
from .query import read
from .resource import Child, Resource, kind_of
from .shape import Shape

_RELEASES: Final = ("11.13.18.05", "latest")


class RestService:
    """Answers for the resources; `denied` are those whose duty role the user lacks, and nobody says so."""

    def __init__(self, resources: Sequence[Resource], denied: set[str]) -> None:
        """Take the resources by their names."""
        self.resources: Mapping[str, Resource] = {each.name: each for each in resources}
        self.denied = denied
        self.url = ""

    def answer(self, request: Request) -> Reply:
        """Answer a request of one who is signed in."""
        version = 1
        try:
            version = version_of(request.headers)
            return self._answered(request, version)
        except Refused as refused:
            return refused.reply(version)

    def _answered(self, request: Request, version: int) -> Reply:
        root, _, release, name, *rest = [unquote(part) for part in request.path.strip("/").split("/")] + [""] * 4
        resource = self.resources.get(name)
        if release not in _RELEASES or resource is None or resource.root != root:
            raise Refused(404, f"The resource {request.path} was not found.")
        inner = [part for part in rest if part]
        if inner == ["describe"]:
            return json_reply(described(resource))
        if request.method == "POST":
            return self._created(resource, inner, request, version)
        if request.method != "GET" or resource.blind:
            raise Refused(405, f"The {request.method} action is not supported by {name}.")
        parameters = Parameters.read(request.query, version)
        link = f"{self.url}/{root}/resources/11.13.18.05/{name}"
        if not inner:
            return json_reply(self._listed(resource, parameters, link))
        return json_reply(self._inside(resource, inner, parameters, link))

    def _listed(self, resource: Resource, parameters: Parameters, link: str) -> Row:
        shape = Shape.of(resource, parameters, link)
        if resource.name in self.denied:
            return _page([], parameters, shape, total=0)
        asked = read(parameters.q, resource.kinds(), parameters.version)
        found = finding.found(resource.table, asked, parameters.order(resource))
        total = None
        if parameters.total_results:
            total = finding.counted(resource.table, asked, parameters.q)
        return _page(found, parameters, shape, total=total)

    def _inside(self, resource: Resource, inner: Sequence[str], parameters: Parameters, link: str) -> Row:
        """Answer for one row, for a collection of its children, or for one of these."""
        row = self._row(resource, inner[0])
        if len(inner) == 1:
            return Shape.of(resource, parameters, link).of_row(row)
        if len(inner) not in (3, 4) or inner[1] != "child" or inner[2] not in resource.children:
            raise Refused(404, f"The resource {'/'.join(inner)} was not found in {resource.name}.")
        child, link = resource.children[inner[2]], f"{link}/{inner[0]}/child/{inner[2]}"
        if len(inner) == 4:
            return self._child(child, row, inner[3], shape=Shape.of_child(child, parameters, link))
        asked = read(parameters.q, {name: kind_of(name) for name in child.attributes}, parameters.version)
        rows = [each for each in child.rows(row) if asked.test(each)]
        return _page(rows, parameters, Shape.of_child(child, parameters, link), total=len(rows))

    def _child(self, child: Child, row: Row, key: str, *, shape: Shape) -> Row:
        for each in child.rows(row):
            if str(each[child.key]) == key:
                return shape.of_row(each)
        raise Refused(404, f"There is no {child.key} {key}.")

    def _row(self, resource: Resource, key: str) -> Row:
        known = int(key) if key.isdecimal() else None
        if known is None and resource.name == "hubOrganizations":
            known = next(iter(resource.table.having("PartyNumber", [key])), None)
        row = None if known is None or resource.name in self.denied else resource.table.rows.get(known)
        if row is None:
            raise Refused(404, f"There is no {resource.name} {key}.")
        return row

    def _created(self, resource: Resource, inner: Sequence[str], request: Request, version: int) -> Reply:
        body = request.json
        parameters = Parameters.read(request.query, version)
        link = f"{self.url}/{resource.root}/resources/11.13.18.05/{resource.name}"
        if resource.name in self.denied:
            raise Refused(403, f"You do not have the privilege to create in {resource.name}.")
        if not isinstance(body, dict):
            raise Refused(400, "The payload is not a JSON object.")
        if not inner and resource.create:
            return json_reply(Shape.of(resource, parameters, link).of_row(resource.create(body)), 201)
        child = resource.children.get(inner[2]) if len(inner) == 3 and inner[1] == "child" else None
        if child is None or child.create is None:
            raise Refused(405, f"The POST action is not supported by {resource.name}.")
        made = child.create(self._row(resource, inner[0]), body)
        return json_reply(Shape.of_child(child, parameters, link).of_row(made), 201)


def _page(found: Iterable[Row], parameters: Parameters, shape: Shape, *, total: int | None) -> Row:
    """Return a page of rows; more than the greatest page are cut off, and nobody says so."""
    start, size = parameters.offset, parameters.limit
    rows = list(islice(found, start, start + size + 1))
    page: Row = {
        "items": list(_shaped(rows[:size], shape)),
        "count": min(len(rows), size),
        "hasMore": len(rows) > size,
        "limit": size,
        "offset": start,
        "links": [{"rel": "self", "href": shape.link, "name": shape.name, "kind": "collection"}],
    }
    if total is not None and parameters.total_results:
        page = {"items": page.pop("items"), "totalResults": total, **page}
    return page


def _shaped(rows: Sequence[Row], shape: Shape) -> Iterator[Any]:
    return (shape.of_row(row) for row in rows)
