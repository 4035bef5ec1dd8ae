"""Which fields and navigations an answer shows: $select and $expand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from duehook.core.testing.odata.errors import bad_request
from duehook.core.testing.odata.model import EntityType, Sets

from .filters import Dialect
from .literals import parameters_of

_EXPANDED: Final = re.compile(r"([\w/]+)(?:\(([^()]*)\))?")


@dataclass
class Shape:
    """Which fields of an entity are shown (None: all), and which navigations with it, each in a shape."""

    select: tuple[str, ...] | None = None
    expand: dict[str, Shape] = field(default_factory=dict)

    def under(self, name: str) -> Shape:
        """Return the shape of a navigation, which is expanded with it."""
        return self.expand.setdefault(name, Shape())


def read_shape(shape: Shape, parameters: Mapping[str, str], of: EntityType, *, dialect: Dialect, sets: Sets) -> None:
    """Read $expand, with its own options in brackets as V4 has them, and $select with paths as V2 has them."""
    for path, inner in _expansions(parameters.get("$expand", "")):
        steps = path.split("/")
        if len(steps) > dialect.expand_depth:
            raise bad_request(f"Invalid $expand '{path}': at most {dialect.expand_depth} levels are supported")
        under, type = shape, of
        for step in steps:
            if step not in type.navigations:
                raise bad_request(f"Invalid $expand: '{step}' is no navigation property of '{type.name}'")
            under, type = under.under(step), sets[type.navigations[step].target].type
        options = parameters_of(inner.replace(";", "&"))
        if set(options) - {"$select"}:
            raise bad_request(f"Invalid $expand: {', '.join(sorted(options))} is not supported")
        _select(under, options.get("$select", ""), type, sets)
    _select(shape, parameters.get("$select", ""), of, sets)


def _expansions(sent: str) -> list[tuple[str, str]]:
    text = "".join(sent.split())
    found = [(each.group(1), each.group(2) or "") for each in _EXPANDED.finditer(text)]
    if ",".join(path + (f"({inner})" if inner else "") for path, inner in found) != text:
        raise bad_request(f"Invalid $expand '{sent}'")
    return found


def _select(shape: Shape, sent: str, of: EntityType, sets: Sets) -> None:
    paths = [part.strip() for part in sent.split(",") if part.strip()]
    if not paths or "*" in paths:
        return
    own: list[str] = []
    for path in paths:
        first, _, rest = path.partition("/")
        if rest and first in shape.expand:
            _select_more(shape.under(first), rest, sets[of.navigations[first].target].type, sets)
        elif first in of.fields and not rest:
            own.append(first)
        elif first not in of.navigations:
            raise bad_request(f"Invalid $select: '{path}' is no property of '{of.name}'", target=path)
    shape.select = tuple(dict.fromkeys(own)) if own else shape.select


def _select_more(shape: Shape, path: str, of: EntityType, sets: Sets) -> None:
    before = shape.select or ()
    _select(shape, path, of, sets)
    shape.select = tuple(dict.fromkeys((*before, *(shape.select or ())))) or None
