"""What a request asks of an entity set: its options taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from duehook.core.testing.odata.errors import bad_request
from duehook.core.testing.odata.model import EntityType, Sets

from .cursor import Cursor
from .filters import Dialect, Filter, read_filter
from .shape import Shape, read_shape

_OPTIONS: Final = {
    2: {"$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$skiptoken", "$inlinecount", "$format"},
    4: {"$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$skiptoken", "$count", "$format"},
}


@dataclass
class Query:
    """The system query options of a request, and the others as they were sent."""

    parameters: Mapping[str, str]
    shape: Shape = field(default_factory=Shape)
    filter: Filter | None = None
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    cursor: Cursor | None = None
    count: bool = False


def read_query(parameters: Mapping[str, str], of: EntityType, dialect: Dialect, *, sets: Sets) -> Query:
    """Take the options of a request on entities of a type apart. Raises ODataError."""
    for name in parameters:
        if name.startswith("$") and name not in _OPTIONS[dialect.version]:
            raise bad_request(f"The system query option '{name}' is not supported")
    read = Query(parameters)
    read_shape(read.shape, parameters, of, dialect=dialect, sets=sets)
    if "$filter" in parameters:
        read.filter = read_filter(parameters["$filter"], of, dialect)
    read.order = _order(parameters.get("$orderby", ""), of)
    read.top = _number(parameters, "$top")
    read.skip = _number(parameters, "$skip") or 0
    if parameters.get("$skiptoken"):
        read.cursor = Cursor.read(parameters["$skiptoken"])
    read.count = parameters.get("$inlinecount") == "allpages" or parameters.get("$count") == "true"
    return read


def _number(parameters: Mapping[str, str], name: str) -> int | None:
    sent = parameters.get(name)
    if sent is None:
        return None
    if not sent.isdigit():
        raise bad_request(f"Invalid value '{sent}' of {name}")
    return int(sent)


def _order(sent: str, of: EntityType) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in filter(None, (each.strip() for each in sent.split(","))):
        name, _, way = part.partition(" ")
        if name not in of.fields or way.strip() not in ("", "asc", "desc"):
            raise bad_request(f"Invalid $orderby: '{part}' is no property of '{of.name}'")
        found.append((name, way.strip() == "desc"))
    return tuple(found)
