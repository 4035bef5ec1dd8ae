"""The account's sign-in: a token's signature over the request, of now, once, in the account's realm."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1

from .simulated import SUITEQL, Caller

ONE = "SELECT symbol FROM currency WHERE id = 4"


def test_the_settings_name_the_account_and_its_token(client: Caller) -> None:
    assert client.settings == {
        "account": "1234567_SB1",
        "base_url": client.settings["base_url"],
        "timezone": "America/Los_Angeles",
        "calls_per_second": "1000",
        "consumer_key": "5f2c8d1b7e3a49608c1d2e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7",
        "consumer_secret": "simulated-consumer-secret",
        "token_id": "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "token_secret": "simulated-token-secret",
    }


def test_a_request_that_is_signed_is_answered(client: Caller) -> None:
    assert client.rows(ONE) == [{"symbol": "EUR"}]


def refused(answer: requests.Response) -> bool:
    """Say whether a sign-in was refused in NetSuite's words, which do not tell why."""
    told = answer.json()["o:errorDetails"][0]
    return (answer.status_code, told["o:errorCode"]) == (401, "INVALID_LOGIN_ATTEMPT") and "Audit Trail" in told[
        "detail"
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature_method": SIGNATURE_HMAC_SHA1},
        {"realm": "1234567-sb1"},
        {"realm": None},
        {"client_secret": "another"},
        {"resource_owner_secret": "another"},
        {"resource_owner_key": "another"},
        {"consumer_key": "another"},
    ],
    ids=str,
)
def test_a_wrong_signature_realm_or_token_is_refused(wrong: dict[str, str], client: Caller) -> None:
    header = client.signed("POST", f"{client.settings['base_url']}{SUITEQL}", **wrong)
    assert refused(client.ask(ONE, Authorization=header))


def test_the_parameters_of_a_query_are_signed_too(client: Caller) -> None:
    url = f"{client.settings['base_url']}{SUITEQL}"
    assert client.ask(ONE, "?limit=5&offset=0").status_code == 200
    assert refused(client.ask(ONE, "?limit=5&offset=0", Authorization=client.signed("POST", url)))


@pytest.mark.parametrize(("seconds", "status"), [(-290, 200), (290, 200), (-310, 401), (310, 401)])
def test_a_clock_may_be_five_minutes_off(seconds: int, status: int, client: Caller) -> None:
    url = f"{client.settings['base_url']}{SUITEQL}"
    header = client.signed("POST", url, timestamp=str(int(time.time()) + seconds))
    assert client.ask(ONE, Authorization=header).status_code == status


def test_a_nonce_serves_once(client: Caller) -> None:
    header = client.signed("POST", f"{client.settings['base_url']}{SUITEQL}")
    assert client.ask(ONE, Authorization=header).status_code == 200
    assert refused(client.ask(ONE, Authorization=header))


def test_who_does_not_sign_in_is_refused(client: Caller) -> None:
    assert refused(client.ask(ONE, Authorization=""))
    assert refused(client.ask(ONE, Authorization="Bearer something"))


def test_without_rest_web_services_a_role_may_nothing(client: Caller) -> None:
    client.simulator.deny("REST Web Services")
    answer = client.ask(ONE)
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (403, "INSUFFICIENT_PERMISSION")
    assert "REST Web Services" in answer.json()["o:errorDetails"][0]["detail"]


def test_without_suiteanalytics_workbook_a_role_may_ask_no_query(client: Caller) -> None:
    client.simulator.deny("SuiteAnalytics Workbook")
    assert "SuiteAnalytics Workbook" in client.ask(ONE).json()["o:errorDetails"][0]["detail"]


def test_an_option_that_there_is_not_is_refused(opened: Callable[..., Caller]) -> None:
    with pytest.raises(ValueError, match="NetsuiteSimulator has no option realm"):
        opened(realm="x")
