"""A simulated F&O and a client of it: real sign-in by MSAL, real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msal
import pytest
import requests

from duehook.core.testing.book import Item
from duehook.core.testing.contract.scenes.acts import customer_of, issue
from duehook.plugins.d365.simulator import D365Simulator
from duehook.plugins.d365.simulator.tables.codes import data_area

START = date(2026, 3, 2)
Row = dict[str, Any]


@dataclass
class Client:
    """A client of one simulator, as its settings say."""

    simulator: D365Simulator
    settings: Mapping[str, str]
    session: requests.Session = field(default_factory=requests.Session)
    _token: str = ""

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.verify = self.settings["ca_file"]

    def sign_in(self, **other: Any) -> dict[str, Any]:
        """Ask MSAL for a token."""
        credential: Any = self.settings.get("client_secret")
        asked = {"client_id": self.settings["client_id"], "client_credential": credential} | other
        app = msal.ConfidentialClientApplication(
            authority=self.settings["authority"], instance_discovery=False, http_client=self.session, **asked
        )
        found: dict[str, Any] = app.acquire_token_for_client([f"{self.settings['base_url']}/.default"])
        return found

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Send a request to a path under /data, or to a whole URL, with a token."""
        self._token = self._token or self.sign_in()["access_token"]
        url = path if path.startswith("http") else f"{self.settings['base_url']}/data/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(
            method, url, json=body, headers={"Authorization": f"Bearer {self._token}", **named}, timeout=30
        )

    def get(self, path: str) -> Any:
        """Return what is read, numbers as Decimal."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content, parse_float=Decimal)

    def rows(self, path: str) -> list[Row]:
        """Return all rows, the next links followed; of every company, unless the path says which."""
        link, found = path, []
        if "cross-company" not in path:
            link += f"{'&' if '?' in path else '?'}cross-company=true"
        while link:
            page = self.get(link)
            found += page["value"]
            link = page.get("@odata.nextLink", "")
        return found


Opened = Callable[..., Client]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Give a site that has been at work for two weeks; only to be read."""
    options = {"folder": tmp_path_factory.mktemp("d365"), "customers": 60, "items": 500, "start_on": START}
    simulator = D365Simulator(options)
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
        simulator = D365Simulator({"folder": tmp_path, "customers": 20, "items": 0, "start_on": START, **options})
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


def invoice(client: Client, amount: str = "100.00", currency: str = "EUR", **more: Any) -> Item:
    """Issue a document."""
    with client.simulator.act() as book:
        return issue(book, amount, currency, **more)


def healthy(client: Client) -> tuple[str, str]:
    """Return dataAreaId and account of a customer that pays in EUR."""
    found = customer_of(client.simulator.book)
    return data_area(found.company), found.key


def transaction(client: Client, item: Item) -> Row:
    """Return the transaction of an item, as it is read."""
    number = client.simulator.site.ledger.number_of(item.key)
    found = client.rows(f"CustTransactions?$filter=SysRecId eq {number}")
    assert len(found) == 1
    return found[0]


def open_rows(client: Client, item: Item) -> list[Row]:
    """Return what is open of an item's transaction, as it is read."""
    number = client.simulator.site.ledger.number_of(item.key)
    return client.rows(f"CustTransOpens?$filter=RefRecId eq {number}&$orderby=DueDate")


def posted_and_open(client: Client) -> dict[tuple[str, str], Decimal]:
    """Return what is open in the book by dataAreaId and currency, without what is not posted yet."""
    book = client.simulator.book
    found = {(data_area(company), currency): total for (company, currency), total in book.open_totals().items()}
    for item in book.items.values():
        if not item.posted:
            found[data_area(item.company), item.currency] -= item.open_amount
    return {pair: total for pair, total in found.items() if total}
