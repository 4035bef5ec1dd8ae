"""The metadata catalogue: which records the account has, and their fields, its own among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs

from duehook.core.testing.simulator import Reply, Request, json_reply
from duehook.plugins.netsuite.simulator.problem import Refused

from .fields import Field

ROOT: Final = "/services/rest/record/v1/metadata-catalog"
_SCHEMA: Final = "application/schema+json"
_SWAGGER: Final = "application/swagger+json"


def catalog(request: Request, records: Mapping[str, Sequence[Field]], url: str) -> Reply:
    """Answer a request to the catalogue; raises Refused."""
    name = request.path.removeprefix(ROOT).strip("/").lower()
    if not name:
        wanted = parse_qs(request.query).get("select", [""])[0].lower().split(",")
        listed = [each for each in sorted(records) if wanted == [""] or each in wanted]
        return json_reply({"items": [_entry(each, url) for each in listed], "links": [_link("self", url, "")]})
    if name not in records:
        raise Refused(404, f"Record type '{name}' does not exist.", "INVALID_RECORD_TYPE")
    accept = next((text for header, text in request.headers.items() if header.lower() == "accept"), "")
    if _SCHEMA in accept:
        return json_reply(_schema(records[name]))
    if _SWAGGER in accept:
        paths: dict[str, Any] = {f"/{name}": {}, f"/{name}/{{id}}": {"get": {}, "patch": {}, "delete": {}}}
        return json_reply(
            {"openapi": "3.0.1", "paths": paths, "components": {"schemas": {name: _schema(records[name])}}}
        )
    return json_reply(_entry(name, url))


def _entry(name: str, url: str) -> dict[str, Any]:
    described = [_link("describes", url, name) | {"mediaType": kind} for kind in (_SCHEMA, _SWAGGER)]
    return {"name": name, "links": [_link("canonical", url, name), *described]}


def _link(rel: str, url: str, name: str) -> dict[str, str]:
    return {"rel": rel, "href": f"{url}{ROOT}{'/' if name else ''}{name}"}


def _schema(fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
    }
