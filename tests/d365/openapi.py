"""F&O's published description as files that nobody of this project wrote: sets with their fields, keys and enums."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data" / "d365"
FILES = ("openapi_receivable_10.0.47.json", "openapi_core_10.0.47.json")
DATES = re.compile(r"date|validfrom|validto", re.IGNORECASE)


@dataclass(frozen=True)
class EntitySet:
    """One set: the type and format of its fields, the fields of its key, and what may be done with it."""

    fields: dict[str, tuple[str, str | None]]
    key: tuple[str, ...]
    methods: frozenset[str]


def file(name: str) -> Path:
    """Return one of the files; skip the test where it is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the metadata is not part of the repository")
    return path


@cache
def _description(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def sets() -> dict[str, EntitySet]:
    """Return the entity sets of the description by name; skip the test where it is absent."""
    return {name: each for path in FILES for name, each in _sets(file(path)).items()}


def enum(name: str) -> list[str]:
    """Return the members of an enum."""
    for path in FILES:
        schema = _description(file(path))["components"]["schemas"].get(name)
        if schema:
            found: list[str] = schema["enum"]
            return found
    raise KeyError(name)


@cache
def _sets(path: Path) -> dict[str, EntitySet]:
    described = _description(path)
    schemas = described["components"]["schemas"]
    found: dict[str, EntitySet] = {}
    for address, methods in described["paths"].items():
        name, bracket, key = address.lstrip("/").partition("(")
        if bracket:
            fields = _fields(_rows(described["paths"][f"/{name}"]["get"], schemas))
            named = [part.partition("=")[0].strip("{}").lower() for part in key.rstrip(")").split(",")]
            every = {*methods, *described["paths"][f"/{name}"]}
            whole = tuple(field for field in fields if field.lower() in named)
            found[name] = EntitySet(fields, whole, frozenset(every))
    return found


def _rows(get: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a set's rows, however deep the answer's schema hides it."""
    names = re.findall(r"#/components/schemas/(\w+)", json.dumps(get["responses"]["200"]))
    while names:
        schema = schemas[names.pop(0)]
        if "@odata.etag" in schema.get("properties", {}) or "dataAreaId" in schema.get("properties", {}):
            return dict(schema)
        value = schema.get("properties", {}).get("value", {}).get("items", {}).get("$ref", "")
        if value:
            return dict(schemas[value.rpartition("/")[2]])
        names += re.findall(r"#/components/schemas/(\w+)", json.dumps(schema))
    raise AssertionError("the answer has no rows")


def _fields(schema: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    found: dict[str, tuple[str, str | None]] = {}
    for name, held in schema["properties"].items():
        reference = next((each["$ref"] for each in held.get("allOf", ()) if "$ref" in each), held.get("$ref"))
        if reference:
            found[name] = ("enum", str(reference).rpartition("/")[2])
        else:
            found[name] = (str(held.get("type")), held.get("format"))
    return found


def cdm(name: str) -> set[str]:
    """Return the fields that Microsoft's Common Data Model names of an entity or table."""
    found: set[str] = set()

    def walk(held: Any) -> None:
        if isinstance(held, dict):
            if "name" in held and "dataType" in held:
                found.add(held["name"])
            for each in held.values():
                walk(each)
        elif isinstance(held, list):
            for each in held:
                walk(each)

    walk(json.loads(file(f"cdm/{name}.cdm.json").read_text(encoding="utf-8")))
    return found
