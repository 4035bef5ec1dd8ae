"""What `describe` tells of a resource: its attributes and which of them may be asked for, its children, its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from .resource import Resource, kind_of

_TYPES: Final = {"integer": "integer", "number": "number", "date": "date", "datetime": "datetime", "string": "string"}


def described(resource: Resource) -> dict[str, Any]:
    """Return the description of a resource."""
    actions = [] if resource.blind else [{"name": "get", "method": "GET"}]
    actions += [{"name": "create", "method": "POST"}] if resource.create else []
    children = {
        name: {
            "attributes": _attributes(child.attributes, child.key, lambda each: True),
            "collection": {"rangeSize": 25},
        }
        for name, child in resource.children.items()
    }
    found = {
        "title": resource.name,
        "attributes": _attributes(resource.attributes, resource.table.key, resource.queryable),
        "collection": {"rangeSize": 25, "finders": [{"name": "PrimaryKey"}], "actions": actions},
        "children": children,
    }
    return {"Resources": {resource.name: found}}


def _attributes(names: Sequence[str], key: str, queryable: Callable[[str], bool]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": _TYPES[kind_of(name)], "updatable": False, "mandatory": name == key,
         "queryable": queryable(name)}
        for name in names
    ]  # fmt: skip
