"""mock-sap, a stand-in for SAP which nobody of this project wrote, as a process of its own beside the connector.

What ran on it, and what it has not, is in plugins/sap/others.json, which test_others.py holds true.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from duehook.core.wire.odata import Entity
from duehook.plugins.sap.client import SapClient, SapService
from duehook.plugins.sap.settings import SapSettings
from duehook.plugins.sap.site import SapSite

PARTNERS = "/sap/opu/odata/sap/API_BUSINESS_PARTNER_SRV/"
TOKENS = "/sap/bc/sec/oauth2/token"
# The fields of the partners that the mock has, and one that may be written without harm.
PARTNER = Entity.of(
    "A_BusinessPartner",
    "BusinessPartner",
    text="BusinessPartner Customer BusinessPartnerFullName SearchTerm1",
    day="LastChangeDate",
    flag="BusinessPartnerIsBlocked",
)
FIRST = {"BusinessPartner": "1000001"}


@dataclass
class Connected:
    """A connection as the sources see it, whose pauses are noted instead of waited for."""

    site: SapSite
    paused: list[float] = field(default_factory=list)

    @property
    def partners(self) -> SapService:
        return self.site.partners

    def term(self) -> Any:
        """Return what stands in the field that the tests write."""
        found = self.partners.row(PARTNER, FIRST)
        assert found is not None
        return found.row["SearchTerm1"]

    def change(self, text: str, *, etag: str | None = "*") -> None:
        """Write that field."""
        self.partners.patch(PARTNER, FIRST, {"SearchTerm1": text}, etag=etag)


@dataclass
class MockSap:
    """One running mock-sap, and its controls."""

    base: str
    http: requests.Session
    connected: list[SapSite] = field(default_factory=list)

    def settings(self, **more: Any) -> SapSettings:
        """Return the settings that it needs, as a person writes them."""
        signed = {} if "token_url" in more else {"user": "u", "password": "p"}
        return SapSettings.model_validate({
            "base_url": self.base, "client": "100", **signed, "calls_per_second": 10_000,
            "services.business_partner": "API_BUSINESS_PARTNER_SRV", "services.credit": None,
            "account_type_field": "AccountingDocumentItemType", "companies": {"1710": {"currency": "EUR"}}, **more,
        })  # fmt: skip

    def connect(self, **more: Any) -> Connected:
        """Open a connection."""
        settings = self.settings(**more)
        made = Connected(SapSite(settings, "erp"))
        made.site.client = SapClient(settings, "erp", clock=time.monotonic, sleep=made.paused.append)
        self.connected.append(made.site)
        return made

    def fault(self, scenario: str, *, method: str = "GET", match: str = "A_BusinessPartner", count: int = 1) -> None:
        """Let the next requests fail; a count of 0 is for good."""
        rule = {"scenario": scenario, "method": method, "match": match, "count": count}
        assert self.control("POST", "faults", json=rule).status_code == 201

    def control(self, method: str, path: str, **more: Any) -> requests.Response:
        """Ask its control plane."""
        return self.http.request(method, f"{self.base}/_mock/{path}", **more)

    def mark(self) -> int:
        """Return the number of the last request."""
        return max((row["id"] for row in self._log()), default=0)

    def since(self, mark: int) -> list[tuple[str, str, int]]:
        """Return what was asked since then: the method, the path and the status."""
        return [(row["method"], row["path"], row["status"]) for row in reversed(self._log()) if row["id"] > mark]

    def _log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "requests", params={"limit": "200"}).json()["results"]
        return found

    def close(self) -> None:
        """Hang up everywhere."""
        for site in self.connected:
            site.close()
        self.http.close()


@contextmanager
def running(*options: str) -> Iterator[MockSap]:
    """Start one on a free port of loopback; end it by its id."""
    command = [sys.executable, "-m", "mocksap", "--port", "0", "--clock", "2026-10-05T09:00", "-q", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        banner = process.stdout.readline()
        mock = MockSap(banner.split("listening on ")[1].split()[0], requests.Session())
        mock.http.trust_env = False
        try:
            yield mock
        finally:
            mock.close()
            process.terminate()
