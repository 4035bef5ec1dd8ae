"""A simulated account and a client of it: requests signed by oauthlib, real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from duehook.core.testing.book import Item, Payment
from duehook.plugins.netsuite.simulator import NetsuiteSimulator
from duehook.plugins.netsuite.simulator.tables.names import payment_id

START = date(2026, 3, 2)
SUITEQL = "/services/rest/query/v1/suiteql"
Row = dict[str, Any]


@dataclass
class Caller:
    """A client of one account, as its settings say; by token unless a `bearer` is named."""

    simulator: NetsuiteSimulator
    settings: Mapping[str, str]
    bearer: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def signed(self, method: Any, url: str, **other: Any) -> str:
        """Return the Authorization header of a request; `other` are wrong parts of it."""
        if self.bearer:
            return f"Bearer {self.bearer}"
        named: dict[str, Any] = {
            "client_secret": self.settings["consumer_secret"],
            "resource_owner_key": self.settings["token_id"],
            "resource_owner_secret": self.settings["token_secret"],
            "signature_method": SIGNATURE_HMAC_SHA256,
            "realm": self.settings["account"],
        }
        signer = Client(other.pop("consumer_key", self.settings["consumer_key"]), **{**named, **other})
        return str(signer.sign(url, method, headers={})[1]["Authorization"])

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Send a request, signed."""
        url = f"{self.settings['base_url']}{path}"
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        named.setdefault("Authorization", self.signed(method, url))
        return self.session.request(method, url, json=body, headers=named, timeout=30)

    def ask(self, query: str, parameters: str = "", **headers: str) -> requests.Response:
        """Send a query."""
        return self.send("POST", f"{SUITEQL}{parameters}", {"q": query}, **{"Prefer": "transient", **headers})

    def rows(self, query: str, parameters: str = "") -> list[Row]:
        """Return the rows of a query that is answered, without their links."""
        answer = self.ask(query, parameters)
        assert answer.status_code == 200, answer.text
        return [{name: text for name, text in row.items() if name != "links"} for row in answer.json()["items"]]

    def refusal(self, query: str, parameters: str = "") -> str:
        """Return what a query is refused with."""
        answer = self.ask(query, parameters)
        assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
        return str(answer.json()["o:errorDetails"][0]["detail"])


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """Give a function that starts an account with these options and returns a client of it."""
    running: list[NetsuiteSimulator] = []

    def start(**options: Any) -> Caller:
        folder = str(tmp_path / str(len(running)))
        usual = {"folder": folder, "customers": 20, "items": 0, "start_on": START}
        running.append(NetsuiteSimulator({**usual, **options}))
        return Caller(running[-1], running[-1].start())

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def client(opened: Callable[..., Caller]) -> Caller:
    """Give a client of an account with some customers and next to no documents."""
    return opened()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Give a client of an account that has been at work for two weeks; only to be read."""
    simulator = NetsuiteSimulator(
        {"folder": str(tmp_path_factory.mktemp("played")), "customers": 60, "items": 500, "start_on": START}
    )
    caller = Caller(simulator, simulator.start())
    simulator.advance_to(date(2026, 3, 16))
    yield caller
    simulator.stop()


def number(caller: Caller, item: Item) -> int:
    """Return the internal id of the transaction of an item."""
    return caller.simulator.account.ledger.id_of(item.key)


def paid(payment: Payment) -> int:
    """Return the internal id of a payment."""
    return payment_id(payment)
