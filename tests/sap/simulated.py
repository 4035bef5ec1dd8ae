"""A simulated S/4HANA on loopback, and a plain client of it that knows no connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import requests

from duehook.plugins.sap.simulator import SapSimulator

START = date(2026, 3, 2)
PARTNERS = "API_BUSINESS_PARTNER"
CUBE = "API_OPLACCTGDOCITEMCUBE_SRV"
CREDIT = "API_CRDTMBUSINESSPARTNER"
LINES = "A_OperationalAcctgDocItemCube"


@dataclass
class Site:
    """A simulator that serves, and a session signed in to its main client."""

    simulator: SapSimulator
    settings: dict[str, str]
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.auth = (self.settings.get("user", ""), self.settings.get("password", ""))
        self.http.headers["Accept"] = "application/json"
        self.http.params = {"sap-client": self.settings["client"]}

    def url(self, service: str, path: str = "") -> str:
        return f"{self.settings['base_url']}/sap/opu/odata/sap/{service}/{path}"

    def url4(self, service: str, path: str = "") -> str:
        name = service.lower()
        return f"{self.settings['base_url']}/sap/opu/odata4/sap/{name}/srvd_a2x/sap/{name}/0001/{path}"

    def get(self, service: str, path: str, **options: Any) -> Any:
        """Read a collection or an entity, as V2's `d` holds it."""
        answer = self.http.get(self.url(service, path), params={f"${name}": value for name, value in options.items()})
        assert answer.status_code == 200, answer.text
        held = answer.json()["d"]
        return held.get("results", held)

    def lines(self, where: str = "", **options: Any) -> list[dict[str, Any]]:
        """Read customer lines."""
        wanted = "FinancialAccountType eq 'D'" + (f" and {where}" if where else "")
        found: list[dict[str, Any]] = self.get(CUBE, LINES, filter=wanted, **options)
        return found

    def token(self) -> dict[str, str]:
        """Fetch a CSRF token into this session, as a header to write with."""
        fetched = self.http.get(self.url(PARTNERS), headers={"X-CSRF-Token": "Fetch"})
        return {"X-CSRF-Token": fetched.headers["x-csrf-token"]}

    def write(self, path: str, body: Any, method: str = "PATCH", **headers: str) -> requests.Response:
        """Write into the business partner service, with token and, unless said otherwise, `If-Match: *`."""
        sent = {"If-Match": "*"} if method != "POST" else {}
        return self.http.request(method, self.url(PARTNERS, path), json=body, headers=sent | self.token() | headers)


@contextmanager
def served(folder: Path, **options: Any) -> Iterator[Site]:
    """Serve a small book."""
    wanted = {"folder": str(folder), "customers": 20, "items": 40, "start_on": START, **options}
    simulator = SapSimulator(wanted)
    site = Site(simulator, dict(simulator.start()))
    try:
        yield site
    finally:
        site.http.close()
        simulator.stop()
