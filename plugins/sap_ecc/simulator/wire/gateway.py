"""What the stand-in RFC module asks the simulator's server: a call as JSON at `/rfc/<NAME>`.

Real RFC is a protocol of its own that needs SAP's library; the calls, their values and their errors are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from duehook.core.testing.odata import header
from duehook.core.testing.simulator import Reply, Request, json_reply
from duehook.plugins.sap_ecc.simulator.functions.engine import Engine
from duehook.plugins.sap_ecc.simulator.functions.module import AbapError, Module
from duehook.plugins.sap_ecc.simulator.tables.schema import Column

from .soap import decimal_text

PATH: Final = "/rfc/"
PING: Final = "RFC_PING"
CONNECTION: Final = "X-Rfc-Connection"


def called(engine: Engine, request: Request) -> Reply:
    """Answer a call: what it gives, or the error that it ends with."""
    name = request.path.removeprefix(PATH)
    if name == PING:
        return json_reply({"given": {}})
    try:
        given = engine.call(name, request.json or {}, f"rfc/{header(request, CONNECTION)}")
    except AbapError as wrong:
        return json_reply({"error": wrong.key, "message": wrong.message, "is_runtime": wrong.is_runtime})
    return json_reply({"given": _given(engine.modules[name], given)})


def shrunk(reply: Reply) -> Reply:
    """Return an answer with half of the rows of DATA."""
    answer = json.loads(reply.body)
    rows = answer.get("given", {}).get("DATA", [])
    del rows[len(rows) // 2 :]
    return json_reply(answer, reply.status, reply.headers)


def _given(module: Module, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(module.tables.get(name) or module.exports.get(name), each) for name, each in values.items()}


def _value(shape: Any, value: Any) -> Any:
    """Return a value as the RFC library gives it; a packed number goes over as text under `decimal`."""
    if isinstance(value, list):
        return [_value(shape, row) for row in value]
    if isinstance(value, dict):
        return {name: _value(shape[name], each) for name, each in value.items()}
    if isinstance(shape, Column) and shape.type == "P":
        return {"decimal": decimal_text(shape, value)}
    return value
