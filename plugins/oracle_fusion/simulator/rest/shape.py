"""How a row is shown: which attributes, with which children, with or without links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from duehook.plugins.oracle_fusion.simulator.problem import Refused
from duehook.plugins.oracle_fusion.simulator.site.table import Row

from .parameters import USUAL, Parameters
from .resource import Child, Resource

AS_COLLECTION: Final = 3  # the framework version from which on an expanded child is a collection of its own


@dataclass(frozen=True)
class Shape:
    """What is shown of each row of a resource; `link` is the address of the collection."""

    name: str
    key: str
    attributes: Sequence[str]
    link: str
    bare: bool
    version: int
    children: Mapping[str, tuple[Child, Sequence[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, resource: Resource, parameters: Parameters, link: str) -> Self:
        """Return the shape that is asked for; raises Refused for an attribute or a child that there is not."""
        shown, children = resource.attributes, {name: resource.children[name].attributes for name in _expanded(
            resource.children, parameters.expand)}  # fmt: skip
        if parameters.fields is not None:
            shown, children = _named(resource, parameters.fields)
        known = {name: (resource.children[name], attributes) for name, attributes in children.items()}
        return cls(resource.name, resource.table.key, shown, link, parameters.only_data, parameters.version, known)

    @classmethod
    def of_child(cls, child: Child, parameters: Parameters, link: str) -> Self:
        """Return the shape of a child's rows."""
        shown = child.attributes
        if parameters.fields is not None:
            shown = _known(parameters.fields.split(","), child.attributes)
        name = link.rpartition("/")[2]
        return cls(name, child.key, shown, link, parameters.only_data, parameters.version)

    def of_row(self, row: Row) -> Row:
        """Return a row as it is shown."""
        shown = _cells(row, self.attributes)
        link = f"{self.link}/{row[self.key]}"
        for name, (child, attributes) in self.children.items():
            shown[name] = self._child(child, attributes, row, f"{link}/child/{name}")
        if not self.bare:
            shown["links"] = [{"rel": "self", "href": link, "name": self.name, "kind": "item"}]
        return shown

    def _child(self, child: Child, attributes: Sequence[str], row: Row, link: str) -> Any:
        rows = [_cells(each, attributes) for each in child.rows(row)]
        if self.version < AS_COLLECTION:
            return rows
        links = [] if self.bare else [{"rel": "self", "href": link, "name": link.rpartition("/")[2],
                                       "kind": "collection"}]  # fmt: skip
        page: Row = {"items": rows[:USUAL], "count": min(len(rows), USUAL), "hasMore": len(rows) > USUAL,
                     "limit": USUAL, "offset": 0}  # fmt: skip
        return page | ({"links": links} if links else {})


def _cells(row: Row, attributes: Sequence[str]) -> Row:
    return {name: row.get(name) for name in attributes}


def _expanded(children: Mapping[str, Child], asked: Sequence[str]) -> Sequence[str]:
    if "all" in asked:
        return list(children)
    for name in asked:
        if name not in children:
            raise Refused(400, f"The child {name} cannot be expanded: there is none.", "expand")
    return asked


def _named(resource: Resource, fields: str) -> tuple[Sequence[str], dict[str, Sequence[str]]]:
    """Read `A,B;child:C,D`."""
    shown: Sequence[str] = ()
    children: dict[str, Sequence[str]] = {}
    for part in filter(None, fields.split(";")):
        name, colon, listed = part.partition(":")
        if not colon:
            shown = _known(part.split(","), resource.attributes)
        elif name in resource.children:
            children[name] = _known(listed.split(","), resource.children[name].attributes)
        else:
            raise Refused(400, f"The child {name} is not known.", "fields")
    return shown, children


def _known(named: Sequence[str], attributes: Sequence[str]) -> Sequence[str]:
    wanted = [name.strip() for name in named if name.strip()]
    for name in wanted:
        if name not in attributes:
            raise Refused(400, f"The attribute {name} is not known.", "fields")
    return wanted
