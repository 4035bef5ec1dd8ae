"""A simulated Business Central and a client of it: plain requests, the token asked for by a form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from duehook.core.testing.book import Customer, Item
from duehook.core.testing.contract.scenes.acts import customer_of, issue
from duehook.plugins.business_central.simulator import BusinessCentralSimulator
from duehook.plugins.business_central.simulator.tables.codes import company_id

START = date(2026, 3, 2)
SCOPE = "https://api.businesscentral.dynamics.com/.default"
Row = dict[str, Any]


@dataclass
class Client:
    """A client of one simulator, as its settings say. Paths are of the German company, where they name none."""

    simulator: BusinessCentralSimulator
    settings: Mapping[str, str]
    session: requests.Session = field(default_factory=requests.Session)
    company: str = "Halden Europa GmbH"
    token: str = ""

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.verify = self.settings["ca_file"]

    def sign_in(self, **other: str) -> Any:
        """Ask for a token as MSAL does; return the answer."""
        asked = {
            "client_id": self.settings["client_id"], "client_secret": self.settings["client_secret"],
            "grant_type": "client_credentials", "client_info": "1", "scope": SCOPE, **other,
        }  # fmt: skip
        return self.session.post(f"{self.settings['authority']}/oauth2/v2.0/token", data=asked, timeout=30).json()

    @property
    def id(self) -> str:
        """Return the id of the company."""
        return next(
            company_id(code) for code, known in self.simulator.book.companies.items() if known.name == self.company
        )

    def url(self, path: str) -> str:
        """Return the address of a path: `api/…` and `web/…` are in the company, `/…` under the environment."""
        base = self.settings["base_url"]
        if path.startswith("api/"):
            return f"{base}/api/v2.0/companies({self.id})/{path[4:]}"
        if path.startswith("web/"):
            return f"{base}/ODataV4/Company('{quote(self.company)}')/{path[4:]}"
        return base + path if path.startswith("/") else path

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Send a request with a token."""
        self.token = self.token or self.sign_in()["access_token"]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(
            method, self.url(path), json=body, headers={"Authorization": f"Bearer {self.token}", **named}, timeout=30
        )

    def get(self, path: str) -> Any:
        """Return what is read, numbers as Decimal."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content, parse_float=Decimal)

    def rows(self, path: str) -> list[Row]:
        """Return all rows, the next links followed."""
        link, found = path, []
        while link:
            page = self.get(link)
            found += page["value"]
            link = page.get("@odata.nextLink", "")
        return found

    def row(self, path: str) -> Row:
        """Return the only row."""
        (found,) = self.rows(path)
        return found

    def entry(self, item: Item) -> Row:
        """Return the ledger entry of an item, as it is read."""
        return self.row(f"web/CustomerLedgerEntries?$filter=Document_No eq '{item.document_no}'")

    def refused(self, path: str, status: int = 400, *, method: str = "GET", body: Any = None, **headers: str) -> Row:
        """Return the error of a request that is refused, without the number to ask Microsoft by."""
        answer = self.send(method, path, body, **headers)
        assert answer.status_code == status, answer.text
        error: Row = answer.json()["error"]
        said, _, number = error["message"].partition("  CorrelationId:  ")
        assert number
        return error | {"message": said}


Opened = Callable[..., Client]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Give a site that has been at work for two weeks; only to be read."""
    options = {"folder": tmp_path_factory.mktemp("bc"), "customers": 60, "items": 500, "start_on": START}
    simulator = BusinessCentralSimulator({**options, "promise": True, "dispute": True})
    client = Client(simulator, simulator.start())
    simulator.advance_to(START + timedelta(days=14))
    yield client
    client.session.close()
    simulator.stop()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Give a function that starts a small site with options."""
    started: list[Client] = []

    def start(**options: Any) -> Client:
        simulator = BusinessCentralSimulator(
            {"folder": tmp_path, "customers": 20, "items": 0, "start_on": START, **options}
        )
        started.append(Client(simulator, simulator.start()))
        return started[-1]

    yield start
    for client in started:
        client.session.close()
        client.simulator.stop()


@pytest.fixture
def small(opened: Opened) -> Client:
    """Give a small site."""
    return opened()


@pytest.fixture
def full(opened: Opened) -> Client:
    """Give a small site where everything can be written."""
    return opened(comments=True, promise=True, dispute=True)


def invoice(client: Client, amount: str = "100.00", currency: str = "EUR", **more: Any) -> Item:
    """Issue a document in the client's company."""
    company = next(code for code, known in client.simulator.book.companies.items() if known.name == client.company)
    with client.simulator.act() as book:
        return issue(book, amount, currency, company=company, **more)


def healthy(client: Client) -> Customer:
    """Return a customer that pays in EUR."""
    return customer_of(client.simulator.book)
