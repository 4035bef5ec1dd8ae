"""What a client sends to be written, as rows hold it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from duehook.core.testing.simulator import Request

from .asked.literals import Version
from .encoding import decode
from .errors import bad_request
from .model import EntitySet


def sent_values(of: EntitySet, request: Request, version: Version) -> dict[str, Any]:
    """Read what was sent. Raises ODataError for an unknown field or a value of another type."""
    try:
        sent = json.loads(request.body, parse_float=Decimal)
    except ValueError:
        raise bad_request("The request body is not well-formed JSON") from None
    if not isinstance(sent, dict):
        raise bad_request("The request body must be an object")
    sent = sent.get("d", sent) if version == 2 else sent
    found: dict[str, Any] = {}
    for name, value in sent.items():
        if name == "__metadata" or "@" in name or name in of.type.navigations:
            continue
        if name not in of.type.fields:
            raise bad_request(f"Property '{name}' is invalid", target=name)
        found[name] = decode(of.type.fields[name], value, version)
    return found
