"""Show duehook.yaml to editors: its JSON Schema, with every connection type that is installed."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from .asked import Asked
from .model import ALL_SERVES, OURS, Settings

_REFERENCE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "where the secret is: an environment variable, a file, or a systemd credential",
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {way: {"type": "string"} for way in ("env", "file", "credential")},
}
_CONNECTION_KEYS: Final = {"serves": {"type": "array", "items": {"enum": list(ALL_SERVES)}}}


def json_schema(plugins: Asked) -> dict[str, Any]:
    """Return the schema; a connection must match the settings of its type."""
    schema = Settings.model_json_schema()
    definitions = schema["$defs"]
    definitions["Reference"] = _REFERENCE
    for name in OURS:
        schema["properties"].pop(name, None)
    branches = [_branch(type, model, definitions) for type, model in plugins.connection_types().items()]
    definitions["Connection"] = {"oneOf": branches} if branches else {"type": "object"}
    shown: dict[str, Any] = _with_references(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shown, "title": "duehook.yaml"}


def _branch(type: str, model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    shape = model.model_json_schema(ref_template=f"#/$defs/{type}.{{model}}")
    definitions.update({f"{type}.{name}": part for name, part in shape.pop("$defs", {}).items()})
    properties = {"type": {"const": type}, **_CONNECTION_KEYS, **shape.get("properties", {})}
    required = ["type", *shape.get("required", ())]
    return {**shape, "properties": properties, "required": required, "additionalProperties": False}


def _with_references(part: Any) -> Any:
    """Put the reference in the place of every secret text."""
    if isinstance(part, dict):
        if part.get("format") == "password":
            kept = {key: value for key, value in part.items() if key in {"title", "description"}}
            return {"$ref": "#/$defs/Reference", **kept}
        return {key: _with_references(value) for key, value in part.items()}
    return [_with_references(each) for each in part] if isinstance(part, list) else part
