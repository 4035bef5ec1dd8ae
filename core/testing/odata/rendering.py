"""Entities and collections as V2 and V4 write them in JSON.

Texts are put together row by row from what was prepared once for a request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .asked.choosing import Chosen
from .asked.literals import Version, in_url
from .asked.shape import Shape
from .encoding import encoder, text
from .model import EntitySet, Navigation, Sets
from .table import Row

Written = Callable[[Row], str]


@dataclass(frozen=True)
class Place:
    """Where a service stands: its root as a client sees it, its namespace, its sets and its version."""

    root: str
    namespace: str
    sets: Sets
    version: Version

    def path(self, of: EntitySet, row: Row) -> str:
        """Return an entity's path under the root, percent-encoded."""
        fields = of.type.fields
        parts = [
            (name, in_url(fields[name], row.get(name, fields[name].initial), self.version)) for name in of.type.key
        ]
        inside = parts[0][1] if len(parts) == 1 else ",".join(f"{name}={value}" for name, value in parts)
        return f"{of.name}({inside})"


def row_writer(place: Place, of: EntitySet, shape: Shape) -> Written:
    """Return what writes an entity of a set in a shape."""
    parts = [_field_writer(of, name, place.version) for name in shape.select or of.type.fields]
    navigations = [_expanded(place, of, name, under) for name, under in shape.expand.items()]
    if place.version == 2:
        head = _old_head(place, of, shape)
        return lambda row: "{" + ",".join([head(row), *(part(row) for part in (*parts, *navigations))]) + "}"
    if of.etag is None:
        return lambda row: "{" + ",".join([part(row) for part in (*parts, *navigations)]) + "}"
    etag = of.etag
    return lambda row: (
        "{" + ",".join([f'"@odata.etag":{text(etag(row))}', *(part(row) for part in (*parts, *navigations))]) + "}"
    )


def _field_writer(of: EntitySet, name: str, version: Version) -> Written:
    field = of.type.fields[name]
    prefix, initial, write = f'"{name}":', field.initial, encoder(field, version)
    if field.type == "Edm.String":
        return lambda row: prefix + text(row.get(name) or "")
    if initial is None:
        return lambda row: prefix + write(row.get(name))
    return lambda row: prefix + write(initial if (held := row.get(name)) is None else held)


def _old_head(place: Place, of: EntitySet, shape: Shape) -> Written:
    """Return what writes V2's __metadata, and behind it the navigations that are not expanded."""
    type = text(f"{place.namespace}.{of.type.name}")
    shown = shape.select is None
    deferred = [name for name in of.type.navigations if shown and name not in shape.expand]

    def write(row: Row) -> str:
        uri = f"{place.root}{place.path(of, row)}"
        etag = f',"etag":{text(of.etag(row))}' if of.etag else ""
        head = f'"__metadata":{{"id":{text(uri)},"uri":{text(uri)},"type":{type}{etag}}}'
        links = [f',"{name}":{{"__deferred":{{"uri":{text(f"{uri}/{name}")}}}}}' for name in deferred]
        return head + "".join(links)

    return write


def _expanded(place: Place, of: EntitySet, name: str, shape: Shape) -> Written:
    """Return what writes the entities that a navigation leads to."""
    navigation = of.type.navigations[name]
    target = place.sets[navigation.target]
    write = row_writer(place, target, shape)
    if not navigation.many:
        return lambda row: f'"{name}":{next((write(each) for each in led_to(navigation, of, row, target)), "null")}'
    if place.version == 2:
        return lambda row: f'"{name}":{{"results":[{",".join(map(write, led_to(navigation, of, row, target)))}]}}'
    return lambda row: f'"{name}":[{",".join(map(write, led_to(navigation, of, row, target)))}]'


def led_to(navigation: Navigation, of: EntitySet, row: Row, target: EntitySet) -> list[Row]:
    """Return the entities that a navigation leads to from a row, in key order."""
    values = tuple(row.get(name, of.type.fields[name].initial) for name in navigation.on)
    table = target.table()
    found = (table.get(key) for key in table.where(tuple(navigation.on.values()), values))
    return [each for each in found if each is not None]


@dataclass(frozen=True)
class Rendered:
    """A collection's answer, and its parts, of which `shrunk` makes another."""

    body: str
    rows: Sequence[str]
    frame: Callable[[Sequence[str], str | None], str]

    def shrunk(self) -> str:
        """Return the same with half of the rows and nothing of a next page."""
        return self.frame(self.rows[: len(self.rows) // 2], None)


def collection(
    place: Place,
    of: EntitySet,
    shape: Shape,
    chosen: Chosen,
    *,
    rows: Sequence[Row],
    count: bool,
    next_link: str | None,
) -> Rendered:
    """Write a page of a collection."""
    write = row_writer(place, of, shape)
    texts = [write(row) for row in rows]
    if place.version == 2:
        total = f',"__count":"{chosen.total}"' if count else ""

        def frame(shown: Sequence[str], link: str | None) -> str:
            following = f',"__next":{text(link)}' if link else ""
            return f'{{"d":{{"results":[{",".join(shown)}]{total}{following}}}}}'

    else:
        context = text(f"{place.root}$metadata#{of.name}{_shown(shape)}")
        total = f'"@odata.count":{chosen.total},' if count else ""

        def frame(shown: Sequence[str], link: str | None) -> str:
            following = f',"@odata.nextLink":{text(link)}' if link else ""
            return f'{{"@odata.context":{context},{total}"value":[{",".join(shown)}]{following}}}'

    return Rendered(frame(texts, next_link), texts, frame)


def entity(place: Place, of: EntitySet, shape: Shape, row: Row) -> str:
    """Write one entity."""
    written = row_writer(place, of, shape)(row)
    if place.version == 2:
        return f'{{"d":{written}}}'
    context = text(f"{place.root}$metadata#{of.name}{_shown(shape)}/$entity")
    return f'{{"@odata.context":{context},{written[1:]}'


def single(place: Place, of: EntitySet, name: str, row: Row) -> str:
    """Write one property of an entity."""
    written = _field_writer(of, name, place.version)(row)
    if place.version == 2:
        return f'{{"d":{{{written}}}}}'
    context = text(f"{place.root}$metadata#{unquote(place.path(of, row))}/{name}")
    return f'{{"@odata.context":{context},"value":{written.partition(":")[2]}}}'


def _shown(shape: Shape) -> str:
    names = [*(shape.select or ()), *(f"{name}()" for name in shape.expand)]
    return f"({','.join(names)})" if names else ""


def service_document(place: Place) -> str:
    """Write the list of the service's sets."""
    if place.version == 2:
        return f'{{"d":{{"EntitySets":[{",".join(map(text, place.sets))}]}}}}'
    values = [f'{{"name":{text(name)},"kind":"EntitySet","url":{text(name)}}}' for name in place.sets]
    return f'{{"@odata.context":{text(place.root + "$metadata")},"value":[{",".join(values)}]}}'


def key_values(row: Row, of: EntitySet) -> Mapping[str, Any]:
    """Return a row's key by field name."""
    return dict(zip(of.type.key, of.type.key_of(row), strict=True))
