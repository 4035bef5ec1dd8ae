"""A simulated pod and a client of it: plain requests over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from duehook.plugins.oracle_fusion.simulator import FusionSimulator

START = date(2026, 3, 2)
FSCM = "/fscmRestApi/resources/11.13.18.05/"
CRM = "/crmRestApi/resources/11.13.18.05/"
SOAP = "/fscmService/ReceivablesCustomerProfileService"
Row = dict[str, Any]


@dataclass
class Caller:
    """A client of one pod, as its settings say; by a token where one is named."""

    simulator: FusionSimulator
    settings: Mapping[str, str]
    bearer: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request, signed; version 4 of the framework where no header says another."""
        headers = {"REST-Framework-Version": "4", **more.pop("headers", {})}
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        else:
            more.setdefault("auth", (self.settings["user"], self.settings["password"]))
        url = f"{self.settings['base_url']}{path}"
        return self.session.request(method, url, headers=headers, timeout=30, **more)

    def get(self, resource: str, version: str = "4", **parameters: str) -> requests.Response:
        """Ask for a resource of Receivables."""
        return self.send("GET", f"{FSCM}{resource}", params=parameters, headers={"REST-Framework-Version": version})

    def rows(self, resource: str, **parameters: str) -> list[Row]:
        """Return the items of a collection that is answered, data alone."""
        answer = self.get(resource, **{"onlyData": "true", **parameters})
        assert answer.status_code == 200, answer.text
        found: list[Row] = answer.json()["items"]
        return found

    def post(self, resource: str, body: Any) -> requests.Response:
        """Create a row."""
        return self.send("POST", f"{FSCM}{resource}", json=body)

    def soap(self, operation: str, cells: str) -> requests.Response:
        """Ask the profile service; the cells are of its own namespace, with the prefix s."""
        service = "http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/"
        body = f"""<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:s="{service}"
            xmlns:t="{service}types/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>
            <t:{operation}><t:customerProfile>{cells}</t:customerProfile></t:{operation}></e:Body></e:Envelope>"""
        headers = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": f"{service}{operation}"}
        return self.send("POST", SOAP, data=body.encode(), headers=headers)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """Give a function that starts a pod with these options and returns a client of it."""
    running: list[FusionSimulator] = []

    def start(**options: Any) -> Caller:
        folder = str(tmp_path / str(len(running)))
        usual = {"folder": folder, "customers": 20, "items": 0, "start_on": START}
        running.append(FusionSimulator({**usual, **options}))
        return Caller(running[-1], running[-1].start())

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def client(opened: Callable[..., Caller]) -> Caller:
    """Give a client of a pod with some customers and next to no documents."""
    return opened()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Give a client of a pod that has been at work for two weeks; only to be read."""
    simulator = FusionSimulator(
        {"folder": str(tmp_path_factory.mktemp("played")), "customers": 60, "items": 500, "start_on": START}
    )
    caller = Caller(simulator, simulator.start())
    simulator.advance_to(date(2026, 3, 16))
    yield caller
    simulator.stop()
