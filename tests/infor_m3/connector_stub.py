"""A server that gives prepared rows of M3's transactions, in either version's form, and connections to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from duehook.core.testing.simulator import Reply, Request, SimulatorServer, json_reply
from duehook.plugins.infor_m3.settings import M3Settings
from duehook.plugins.infor_m3.site import M3Site

Asked = Mapping[str, str]
Rows = list[dict[str, str]]
NOW = "1772409600000"  # 2026-03-02


class Refused(Exception):
    """What M3 says NOK with."""

    def __init__(self, code: str, message: str = "", field: str = "") -> None:
        super().__init__(code)
        self.code, self.message, self.field = code, message, field


class Stub:
    """Answers by functions of what was asked, each under `PROGRAM/Transaction`."""

    def __init__(self, version: str = "v2") -> None:
        self.version = version
        self.answers: dict[str, Callable[[Asked], Rows]] = {
            "GENERAL/GetServerTime": lambda asked: [{"DATE": "20260302", "TIME": "000000", "LMTS": NOW}]
        }
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.before: Callable[[Request], Reply | None] = lambda request: None
        self.server = SimulatorServer(self.handle)
        self.url = ""

    def handle(self, request: Request) -> Reply:
        early = self.before(request)
        if early is not None:
            return early
        if request.method == "POST":
            return self._many(json.loads(request.body))
        path, *matrix = request.path.split(";")
        name = "/".join(path.split("/")[-2:])
        options = dict(each.split("=", 1) for each in matrix)
        asked = options | dict(parse_qsl(request.query, keep_blank_values=True))
        found = self._one(name, asked)
        if self.version == "v1":
            return json_reply(_as_v1(name, found))
        return json_reply({"results": [found], "wasTerminated": False})

    def _many(self, body: dict[str, Any]) -> Reply:
        found = [self._part(body["program"], each) for each in body["transactions"]]
        return json_reply({"results": found, "wasTerminated": False})

    def _part(self, program: str, part: dict[str, Any]) -> dict[str, Any]:
        """Answer a part of a bulk call with the columns that are wished for, as M3 does."""
        found, wished = self._one(f"{program}/{part['transaction']}", part["record"]), set(part["selectedColumns"])
        if "records" not in found:
            return found
        rows = [{name: held for name, held in row.items() if name in wished} for row in found["records"]]
        return found | {"records": rows}

    def _one(self, name: str, asked: dict[str, str]) -> dict[str, Any]:
        self.asked.append((name, asked))
        transaction = name.partition("/")[2]
        try:
            rows = self.answers[name](asked)
        except Refused as told:
            return {
                "transaction": transaction, "errorMessage": f"{told.message}      ", "errorCode": told.code,
                "errorField": told.field, "errorType": "ServerReturnedNOK",
            }  # fmt: skip
        most = int(asked.get("maxrecs", "0"))
        return {"transaction": transaction, "records": rows[:most] if most else rows}

    def count(self, name: str) -> int:
        return sum(each == name for each, _ in self.asked)


def _as_v1(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """Write a result as v1 does: padded, and with one thing in the place of a list of one."""
    program, _, transaction = name.partition("/")
    if "errorCode" in found:
        said = {"@code": found["errorCode"], "@field": found["errorField"], "Message": found["errorMessage"]}
        return {"@type": "ServerReturnedNOK", **said}
    records: list[Any] = [
        {
            "RowIndex": str(at),
            "NameValue": _single([{"Name": key, "Value": held.ljust(12)} for key, held in row.items()]),
        }
        for at, row in enumerate(found["records"])
    ]
    made: dict[str, Any] = {"Program": program, "Transaction": transaction}
    return made | ({"MIRecord": _single(records)} if records else {})


def _single(held: list[Any]) -> Any:
    return held[0] if len(held) == 1 else held


@contextmanager
def stubbed(version: str = "v2") -> Iterator[Stub]:
    """Serve for a while."""
    stub = Stub(version)
    stub.url = f"{stub.server.start()}/m3api-rest"
    try:
        yield stub
    finally:
        stub.server.stop()


def settings_of(stub: Stub, **more: Any) -> M3Settings:
    """Return the settings of a connection to it."""
    usual = {"base_url": stub.url, "user": "u", "password": "secret-word", "company": "100", "version": stub.version}
    return M3Settings.model_validate({**usual, "calls_per_second": 10_000, **more})


def site_of(stub: Stub, **more: Any) -> M3Site:
    """Return the site of a connection to it."""
    return M3Site(settings_of(stub, **more), "erp")
