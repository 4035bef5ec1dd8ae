"""OAuth 2.0 with a certificate, the limit of requests at once, and faults in NetSuite's words."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from .simulated import Caller

ONE = "SELECT symbol FROM currency WHERE id = 4"
TOKEN = "/services/rest/auth/oauth2/v1/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def token_of(client: Caller, *, algorithm: str = "PS256", kid: str | None = None, **other: Any) -> requests.Response:
    """Ask for a token with an assertion; `other` are wrong claims."""
    settings = client.settings
    now = int(time.time())
    claims = {
        "iss": settings["client_id"], "scope": ["rest_webservices"], "aud": f"{settings['base_url']}{TOKEN}",
        "iat": now, "exp": now + 3000,
    }  # fmt: skip
    key = Path(settings["private_key_file"]).read_bytes()
    named = {"kid": kid or settings["certificate_id"]}
    assertion = jwt.encode({**claims, **other}, key, algorithm, named)
    form = {"grant_type": "client_credentials", "client_assertion_type": JWT_BEARER, "client_assertion": assertion}
    return client.session.post(f"{settings['base_url']}{TOKEN}", data=form, timeout=30)


@pytest.fixture
def mapped(opened: Callable[..., Caller]) -> Caller:
    """Give a client of an account that is signed in to with a certificate."""
    return opened(sign_in="oauth2")


def test_the_settings_name_the_certificate_and_its_key(mapped: Caller) -> None:
    assert set(mapped.settings) == {
        "account", "base_url", "timezone", "calls_per_second", "client_id", "certificate_id", "private_key_file",
    }  # fmt: skip


def test_an_assertion_gets_a_token_for_an_hour(mapped: Caller) -> None:
    answer = token_of(mapped)
    token = answer.json().pop("access_token")
    assert (answer.status_code, answer.json() | {"access_token": ""}) == (
        200,
        {"access_token": "", "expires_in": 3600, "token_type": "bearer"},
    )
    mapped.bearer = token
    assert mapped.rows(ONE) == [{"symbol": "EUR"}]
    mapped.simulator.expire_tokens()
    assert mapped.ask(ONE).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"algorithm": "RS256"},
        {"kid": "another"},
        {"iss": "another"},
        {"aud": "https://system.netsuite.com"},
        {"scope": ["restlets"]},
    ],
    ids=str,
)
def test_an_assertion_that_proves_nothing_gets_none(wrong: dict[str, Any], mapped: Caller) -> None:
    answer = token_of(mapped, **wrong)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize("seconds", [7200, -10])
def test_an_assertion_that_is_over_or_lives_too_long_gets_none(seconds: int, mapped: Caller) -> None:
    answer = token_of(mapped, exp=int(time.time()) + seconds)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_a_refreshed_sandbox_has_lost_the_certificate(mapped: Caller) -> None:
    assert mapped.simulator.mapped
    mapped.simulator.mapped.lost = True
    assert token_of(mapped).json() == {"error": "invalid_grant"}


def test_a_token_lives_as_long_as_it_says(opened: Callable[..., Caller]) -> None:
    client = opened(sign_in="oauth2", token_life=0.0)
    client.bearer = token_of(client).json()["access_token"]
    assert client.ask(ONE).status_code == 401


def test_an_account_that_ended_holds_no_tables(opened: Callable[..., Caller]) -> None:
    simulator = opened().simulator
    simulator.stop()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        simulator.account.database.rows("SELECT 1")


def test_an_account_ends_between_two_answers_not_within_one(opened: Callable[..., Caller]) -> None:
    """A request that is kept waiting is answered when the server ends; its tables must not go under it."""
    client = opened(customers=60, items=2_000)
    client.simulator.faults.set("slow", count=8, seconds=30)
    asked = [threading.Thread(target=_unanswered, args=(client,)) for _ in range(8)]
    for thread in asked:
        thread.start()
    time.sleep(0.2)
    client.simulator.stop()
    for thread in asked:
        thread.join(10)
    assert not any(thread.is_alive() for thread in asked)


def _unanswered(client: Caller) -> None:
    with suppress(requests.ConnectionError):
        client.ask("SELECT id, tranid, foreigntotal FROM transaction ORDER BY tranid")


def test_more_requests_at_once_than_the_account_may_have_are_blocked(opened: Callable[..., Caller]) -> None:
    client, statuses = opened(concurrency=2), []

    def ask() -> None:
        answer = Caller(client.simulator, client.settings).ask(ONE)
        statuses.append((answer.status_code, answer.json().get("o:errorDetails", [{}])[0].get("o:errorCode")))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    with client.simulator.moving:  # nothing is answered before all are there
        for thread in threads:
            thread.start()
        while len(statuses) < 2:
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    blocked = (429, "CONCURRENCY_LIMIT_EXCEEDED")
    assert sorted(statuses, key=str) == [(200, None), (200, None), blocked, blocked]


def test_another_integration_may_have_taken_all_of_them(client: Caller) -> None:
    client.simulator.take(5)
    answer = client.ask(ONE)
    assert (answer.status_code, answer.json()["title"]) == (429, "Too Many Requests")
    assert "Retry-After" not in answer.headers
    client.simulator.take(0)
    assert client.ask(ONE).status_code == 200


def test_a_fault_is_worded_as_netsuite_words_errors(client: Caller) -> None:
    client.simulator.faults.set("status", "suiteql", status=503)
    answer = client.ask(ONE)
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
    assert answer.json()["o:errorDetails"][0]["o:errorCode"] == "UNEXPECTED_ERROR"


def test_a_page_that_shrinks_looks_like_the_last(client: Caller) -> None:
    client.simulator.faults.set("shrink", "suiteql")
    page = client.ask("SELECT id FROM customer ORDER BY id", "?limit=10").json()
    assert (page["count"], len(page["items"]), page["hasMore"], page["totalResults"]) == (5, 5, False, 5)


@pytest.mark.parametrize(
    ("kind", "path", "method"),
    [
        ("add_note", "/services/rest/record/v1/note/eid:1", "PUT"),
        ("set_credit_hold", "/services/rest/record/v1/customer/1", "PATCH"),
        ("set_promise", "/services/rest/record/v1/invoice/1", "PATCH"),
    ],
)
def test_reads_and_writes_are_told_apart(kind: Any, path: str, method: str, client: Caller) -> None:
    erp = client.simulator
    assert erp.writes(kind).fits(method, path)
    assert not erp.reads.fits(method, path)
    assert erp.reads.fits("GET", path)
    assert erp.reads.fits("POST", "/services/rest/query/v1/suiteql")
