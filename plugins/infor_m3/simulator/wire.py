"""M3 API REST: what comes in over the versions' URLs and in bulk, and what each of them answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from duehook.core.testing.simulator import Reply, Request, json_reply

from .asked import Record
from .engine import FORMATS, Call, Engine, NoSuch
from .layouts import Field, is_number
from .refusal import Nok

ONE: Final = re.compile(r"/m3api-rest(?P<v2>/v2)?/execute/(?P<program>\w+)/(?P<transaction>\w+)(?P<matrix>;[^/]*)?")
_EXPORTED: Final = re.compile(r"QERY=.* from (\w+)", re.I)
BULK: Final = re.compile(r"/m3api-rest(/v2)?/execute/?")
MOST: Final = {"v1": 100, "v2": 1000}  # records, where maxrecs is not named
_NOK: Final = "ServerReturnedNOK"
_JOBS: Final = count(1)


@dataclass
class Wire:
    """Answers what is asked under `root`. With `gateway_rows`, more records than that run into the time-out (504)."""

    engine: Engine
    root: str
    gateway_rows: int | None = None

    def answer(self, request: Request) -> Reply:
        """Answer a request that may be answered."""
        path = unquote(request.path)
        one = ONE.fullmatch(path.removeprefix(self.root)) if path.startswith(self.root) else None
        if one and request.method == "GET":
            return self._one(one.groupdict(), request.query)
        if path.startswith(self.root) and BULK.fullmatch(path.removeprefix(self.root)) and request.method == "POST":
            return self._bulk(request.json)
        return json_reply({"message": f"{request.method} {path}: no resource is found"}, 404)

    def _one(self, named: Mapping[str, Any], query: str) -> Reply:
        version = "v2" if named["v2"] else "v1"
        given = parse_qsl((named["matrix"] or "").replace(";", "&"), keep_blank_values=True)
        given += parse_qsl(query, keep_blank_values=True)
        options = {name: value for name, value in given if not name.isupper()}
        values = {name: value for name, value in given if name.isupper()}
        call = Call(named["program"], named["transaction"], values, **_context(options, version))
        try:
            records = self.engine.run(call)
            fields = self.engine.outputs(call)
        except NoSuch as missing:
            return (
                _aborted(missing) if version == "v2" else json_reply(_v1_error(missing.message, "", missing.field), 400)
            )
        except Nok as refused:
            body = _whole([_failed(call, refused)]) if version == "v2" else _v1_refused(refused)
            return json_reply(body)
        if self.gateway_rows is not None and len(records) > self.gateway_rows:
            return json_reply({"message": "Gateway Timeout"}, 504)
        if version == "v1":
            return json_reply(_v1(call, records, fields, options=options))
        return json_reply(_whole([_done(call, _shown(records, fields, options), options)]))

    def _bulk(self, body: Any) -> Reply:
        if not isinstance(body, dict) or not isinstance(body.get("transactions"), list) or "program" not in body:
            return _aborted(NoSuch("The body of a bulk call names a program and its transactions"))
        options = {
            "cono": str(body.get("cono") or ""), "divi": str(body.get("divi") or ""),
            "maxrecs": str(body.get("maxReturnedRecords", MOST["v2"])),
            "dateformat": str(body.get("dateFormat", "YMD8")),
            "excludeempty": str(body.get("excludeEmptyValues", False)).lower(),
            "righttrim": str(body.get("rightTrim", True)).lower(),
        }  # fmt: skip
        try:
            results = [self._part(body["program"], each, options) for each in body["transactions"]]
        except NoSuch as missing:
            return _aborted(missing)
        if self.gateway_rows is not None and sum(len(each["records"]) for each in results) > self.gateway_rows:
            return json_reply({"message": "Gateway Timeout"}, 504)
        failed = [each for each in results if "errorCode" in each]
        return json_reply(_whole(results), 400 if results and len(failed) == len(results) else 200)

    def _part(self, program: str, part: Mapping[str, Any], options: Mapping[str, str]) -> dict[str, Any]:
        columns = ",".join(part.get("selectedColumns") or ())
        values = {name: str(value) for name, value in (part.get("record") or {}).items()}
        call = Call(program, part.get("transaction", ""), values, **_context({**options, "returncols": columns}, "v2"))
        try:
            return _done(call, _shown(self.engine.run(call), self.engine.outputs(call), options), options)
        except Nok as refused:
            return _failed(call, refused)


def _context(options: Mapping[str, str], version: str) -> dict[str, Any]:
    """Return the context and the wishes that the REST options name."""
    most = options.get("maxrecs", "")
    dates = options.get("dateformat", "YMD8" if version == "v2" else "DMY6")
    return {
        "company": options.get("cono", ""),
        "division": options.get("divi", ""),
        "most": int(most) if most.isdigit() else MOST[version],
        "columns": tuple(name for name in options.get("returncols", "").split(",") if name),
        "dates": dates if dates in FORMATS else "YMD8",
    }


def _shown(records: list[Record], fields: list[Field], options: Mapping[str, str]) -> list[Record]:
    """Return records without what is empty, or filled up with blanks, where that is wished."""
    if options.get("righttrim") == "false":
        lengths = {each.name: each.length for each in fields}
        records = [{name: f"{value:<{lengths[name]}}" for name, value in record.items()} for record in records]
    if options.get("excludeempty") != "true":
        return records
    return [{name: value for name, value in record.items() if value.strip()} for record in records]


def _done(call: Call, records: list[Record], options: Mapping[str, str]) -> dict[str, Any]:
    told = dict(call.values) if options.get("extendedresult") == "true" else {}
    return {"transaction": call.transaction, "parameters": told, "records": records, "notProcessed": False}


def _failed(call: Call, refused: Nok) -> dict[str, Any]:
    return {
        "transaction": call.transaction, "parameters": {}, "errorMessage": refused.message, "errorType": _NOK,
        "errorCode": refused.code, "errorCfg": "", "errorField": refused.field, "records": [], "notProcessed": False,
    }  # fmt: skip


def _whole(results: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    failed = sum("errorCode" in each for each in results)
    return {
        "results": results,
        "wasTerminated": False,
        "nrOfSuccessfullTransactions": len(results) - failed,
        "nrOfFailedTransactions": failed,
        "nrOfNotProcessedTransactions": 0,
        "bulkJobId": f"{next(_JOBS):032x}",
        **more,
    }


def _aborted(missing: NoSuch) -> Reply:
    """Return what is answered to a call that is not begun."""
    body = _whole([], wasTerminated=True, terminationReason=missing.message, terminationErrorType="InvalidRequest")
    return json_reply(body, 400)


def broken(status: int) -> Reply:
    """Word the body of a status that the server, or what stands before it, answers."""
    if status == 400:
        return _aborted(NoSuch("fault 400"))
    return json_reply({"message": f"fault {status}"}, status)


def cut_off(reply: Reply) -> Reply:
    """Return an answer with half of its records; a bulk call's with half of its results; any other as it is."""
    body = json.loads(reply.body)
    if isinstance(body.get("MIRecord"), list | dict):
        held = body["MIRecord"] if isinstance(body["MIRecord"], list) else [body["MIRecord"]]
        return replace(reply, body=json.dumps({**body, "MIRecord": held[: len(held) // 2]}).encode())
    found = body.get("results")
    if not found:
        return reply
    if len(found) > 1:
        return replace(reply, body=json.dumps({**body, "results": found[: len(found) // 2]}).encode())
    records = found[0]["records"]
    return replace(
        reply, body=json.dumps({**body, "results": [{**found[0], "records": records[: len(records) // 2]}]}).encode()
    )


def _v1(call: Call, records: list[Record], fields: list[Field], *, options: Mapping[str, str]) -> dict[str, Any]:
    """Return records as the first version does: filled up with blanks, one of a kind no list, nothing for none."""
    body: dict[str, Any] = {"Program": call.program, "Transaction": call.transaction}
    if options.get("metadata") != "false":
        told = [
            {
                "@name": each.name, "@type": "N" if each.number else "A", "@length": str(each.length),
                "@description": each.name,
            }
            for each in fields
        ]  # fmt: skip
        body["Metadata"] = {"Field": _plain(told)}
    made = [
        {"RowIndex": str(place), "NameValue": _plain([_v1_value(record, each, options) for each in fields])}
        for place, record in enumerate(records)
    ]
    return body | ({"MIRecord": _plain(made)} if made else {})


def _v1_value(record: Record, of: Field, options: Mapping[str, str]) -> dict[str, str]:
    value = record[of.name]
    if is_number(of.name) and value.startswith("-"):
        value = f"{value[1:]}-"
    return {"Name": of.name, "Value": value if options.get("righttrim") == "true" else f"{value:<{of.length}}"}


def _plain(made: list[dict[str, Any]]) -> Any:
    """Return a list, or what is in it where that is one alone."""
    return made[0] if len(made) == 1 else made


def _v1_refused(refused: Nok) -> dict[str, str]:
    return _v1_error(refused.message, refused.code, refused.field)


def _v1_error(message: str, code: str, field: str) -> dict[str, str]:
    return {"@type": _NOK, "@code": code, "@field": field, "Message": message}


def about(request: Request) -> str:
    """Return the transaction that a request is of, a bulk call's too, and the table that is exported."""
    one = ONE.search(unquote(request.path))
    if one:
        table = _EXPORTED.search(unquote(request.query.replace("+", " ")))
        return f"{one['program']}/{one['transaction']}{f' {table[1]}' if table else ''}"
    body = request.json if BULK.search(request.path) else None
    if not isinstance(body, dict):
        return request.path
    names = {part.get("transaction") for part in body.get("transactions", ()) if isinstance(part, dict)}
    return f"bulk {body.get('program')}/{'+'.join(sorted(map(str, names)))}"
