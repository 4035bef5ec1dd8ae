"""A simulated M3 for tests, and plain requests to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import requests

from duehook.core.testing.book import Item
from duehook.plugins.infor_m3.simulator import M3Simulator

DAY: Final = date(2026, 3, 2)
SWAGGER: Final = Path(__file__).parents[3] / "shared" / "data" / "m3"


@dataclass
class M3:
    """A running simulator, and who asks it."""

    erp: M3Simulator
    settings: Mapping[str, str]

    def get(self, path: str, **more: Any) -> requests.Response:
        """Ask behind the base URL as the user of the settings."""
        auth = more.pop("auth", (self.settings["user"], self.settings["password"]))
        return requests.get(f"{self.settings['base_url']}{path}", auth=auth, timeout=10, **more)

    def bulk(self, body: Any) -> requests.Response:
        """Send a bulk call."""
        auth = (self.settings["user"], self.settings["password"])
        return requests.post(f"{self.settings['base_url']}/v2/execute", json=body, auth=auth, timeout=10)

    def result(self, call: str, **values: Any) -> dict[str, Any]:
        """Return the one result of a call `PROGRAM/Transaction`, all its records."""
        answer = self.get(f"/v2/execute/{call}", params={"maxrecs": "0", **values})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["results"][0]
        return found

    def records(self, call: str, **values: Any) -> list[dict[str, str]]:
        """Return the records of a call, which M3 does not refuse."""
        result = self.result(call, **values)
        assert "errorCode" not in result, result
        records: list[dict[str, str]] = result["records"]
        return records

    def total(self, item: Item, **values: str) -> dict[str, str]:
        """Return what GetInvTotInfo says of an item of the book."""
        return self.records("ARS200MI/GetInvTotInfo", **of(item), **values)[0]


def of(item: Item) -> dict[str, str]:
    """Return what names an item of the book in M3."""
    divisions = {"00001": "AAA", "00010": "BBB", "00020": "CCC", "00030": "DDD"}
    return {
        "PYNO": item.payer or item.customer, "CUNO": item.customer, "CINO": str(item.document_no),
        "INYR": str(item.fiscal_year), "DIVI": divisions[item.company],
    }  # fmt: skip


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[M3]:
    """Run a simulator with twenty customers and next to no documents."""
    erp = M3Simulator({"folder": str(folder), "customers": 20, "items": 0, "start_on": DAY, **options})
    try:
        yield M3(erp, erp.start())
    finally:
        erp.stop()
