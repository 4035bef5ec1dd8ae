"""A Business Central of literal answers: what is asked stands beside what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

import pytest
import responses
from requests import PreparedRequest

from duehook.core.hookspecs import Page, Source, UpperBound
from duehook.core.records import Stream
from duehook.plugins.business_central.settings import BusinessCentralSettings
from duehook.plugins.business_central.sources import (
    BusinessCentralContacts,
    BusinessCentralCustomers,
    BusinessCentralInvoices,
    BusinessCentralPayments,
)
from duehook.plugins.business_central.target import BusinessCentralTarget

ROOT = "https://bc.example/v2.0/t/Test"
LOGIN = "https://login.example/t"
CRONUS = "11111111-1111-1111-1111-111111111111"
API = f"api/v2.0/companies({CRONUS})"
PAGES = "ODataV4/Company('CRONUS')"
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
BOUND = UpperBound({"at": NOW.isoformat()}, NOW)
Row = dict[str, Any]
Answer = tuple[int, Any]


@dataclass
class Wire:
    """Answers by path and condition; what is asked beside them has no rows. `asked` and `sent` say what came in."""

    rows: dict[str, Sequence[Row]] = field(default_factory=dict)
    writes: dict[str, Answer] = field(default_factory=dict)
    refused: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[tuple[str, Any, str | None]] = field(default_factory=list)

    def answer(self, request: PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        """Answer a request to the data services."""
        path = unquote(str(request.url)).removeprefix(f"{ROOT}/")
        if request.method != "GET":
            self.sent.append(
                (f"{request.method} {path}", json.loads(request.body or "{}"), request.headers.get("If-Match"))
            )
            status, body = self.writes.get(f"{request.method} {path}", (204, None))
            return status, _head(), "" if body is None else json.dumps(body)
        self.asked.append(path)
        bare, _, query = path.partition("?")
        if bare in self.refused:
            status, body = self.refused[bare]
            return status, _head(), json.dumps(body)
        condition = next((part[8:] for part in query.split("&") if part.startswith("$filter=")), "")
        found = list(self.rows.get(f"{bare}?{condition}" if condition else bare, ()))
        more = {"@odata.count": len(found)} if "$count=true" in query else {}
        top = re.search(r"\$top=(\d+)", query)
        return 200, _head(), json.dumps({"value": found[: int(top[1])] if top else found, **more})


def _head() -> dict[str, str]:
    return {"Date": format_datetime(NOW, usegmt=True), "Content-Type": "application/json"}


def _signs_in(request: PreparedRequest) -> tuple[int, Mapping[str, str], str]:
    if request.method == "GET":
        told = {"token_endpoint": f"{LOGIN}/oauth2/v2.0/token", "authorization_endpoint": f"{LOGIN}/authorize",
                "issuer": LOGIN}  # fmt: skip
        return 200, _head(), json.dumps(told)
    return 200, _head(), json.dumps({"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600})


class Connected:
    """A connection to the literal answers."""

    def __init__(self, wire: Wire, **more: Any) -> None:
        self.wire = wire
        given = {
            "base_url": ROOT,
            "authority": LOGIN,
            "client_id": "c",
            "client_secret": "s",
            "calls_per_second": 10_000,
        }
        self.settings = BusinessCentralSettings.model_validate({**given, **more})
        self.customers = BusinessCentralCustomers(self.settings, "erp")
        self.contacts = BusinessCentralContacts(self.settings, "erp")
        self.invoices = BusinessCentralInvoices(self.settings, "erp")
        self.payments = BusinessCentralPayments(self.settings, "erp")
        self.target = BusinessCentralTarget(self.settings, "erp")

    def source(self, stream: Stream) -> Source:
        """Return the source of a stream."""
        every: list[Source] = [self.customers, self.contacts, self.invoices, self.payments]
        return next(each for each in every if stream in each.streams)

    def pages(self, stream: Stream, position: Any = None) -> list[Page]:
        """Read a stream."""
        return list(self.source(stream).read(stream, position, BOUND))

    def rows(self, stream: Stream, position: Any = None) -> list[Row]:
        """Return a stream's rows."""
        return [dict(row) for page in self.pages(stream, position) for row in page.rows]

    def close(self) -> None:
        """Hang up."""
        for each in (self.customers, self.contacts, self.invoices, self.payments, self.target):
            each.close()


Connect = Callable[..., Connected]


def company(currency: str = "EUR") -> dict[str, Sequence[Row]]:
    """Return the answers that tell of one company."""
    return {
        "api/v2.0/companies": [{"id": CRONUS, "name": "CRONUS", "displayName": "CRONUS International"}],
        f"{API}/companyInformation": [{"id": "i", "displayName": "CRONUS International", "currencyCode": currency}],
    }


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Give answers with one company in them."""
    made = Wire(rows=dict(company()))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST"):
            mock.add_callback(method, re.compile(f"{re.escape(LOGIN)}/.*"), callback=_signs_in)
        for method in ("GET", "POST", "PATCH"):
            mock.add_callback(method, re.compile(f"{re.escape(ROOT)}/.*"), callback=made.answer)
        yield made


@pytest.fixture
def connect(wire: Wire) -> Iterator[Connect]:
    """Give a function that connects to the answers, some settings being others."""
    made: list[Connected] = []

    def to(**more: Any) -> Connected:
        made.append(Connected(wire, **more))
        return made[-1]

    yield to
    for each in made:
        each.close()
