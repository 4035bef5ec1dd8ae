"""Who may ask a pod: a user with a password, or a token that a signed assertion was swapped for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from .simulated import FSCM, Caller

CLIENT = "7c1f0d5e9a2b4c6d8e0f1a2b3c4d5e6f"


def assertion(caller: Caller, algorithm: str = "RS256", lives: int = 300, **claims: Any) -> str:
    """Return an assertion of the application that lives so many seconds, some claims being others."""
    now = int(time.time())
    said = {"iss": CLIENT, "sub": CLIENT, "aud": caller.settings["token_url"], "iat": now, "exp": now + lives, **claims}
    key = Path(caller.settings["key_file"]).read_text(encoding="ascii")
    return jwt.encode(said, key, algorithm=algorithm)


def swapped(caller: Caller, asserted: str) -> requests.Response:
    """Ask for a token."""
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": asserted}
    return caller.session.post(caller.settings["token_url"], data=form, timeout=30)


def test_the_settings_say_how_to_sign_in(client: Caller, opened: Callable[..., Caller]) -> None:
    assert {name: client.settings[name] for name in ("user", "calls_per_second", "timezone")} == {
        "user": "duehook.integration", "calls_per_second": "1000", "timezone": "UTC",
    }  # fmt: skip
    other = opened(sign_in="jwt").settings
    assert (other["client_id"], "password" in other) == (CLIENT, False)


def test_a_user_with_the_password_may_ask_and_another_is_shown_a_page(client: Caller) -> None:
    assert client.get("standardReceipts").status_code == 200
    refused = client.send("GET", f"{FSCM}standardReceipts", auth=("duehook.integration", "wrong"))
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="owsm"')
    assert refused.headers["Content-Type"] == "text/html"


@pytest.mark.parametrize("header", ["", "Basic !!!", "Basic ZHVlaG9vaw==", "Bearer none"])
def test_a_header_that_is_none_is_refused(header: str, client: Caller) -> None:
    url = f"{client.settings['base_url']}{FSCM}standardReceipts"
    assert requests.get(url, headers={"Authorization": header}, timeout=30).status_code == 401


def test_an_assertion_is_swapped_for_a_token_that_ends(opened: Callable[..., Caller]) -> None:
    caller = opened(sign_in="jwt")
    answer = swapped(caller, assertion(caller))
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "Bearer", 3600)
    caller.bearer = answer.json()["access_token"]
    assert caller.get("standardReceipts").status_code == 200
    assert caller.simulator.expire_tokens() == 1
    assert caller.get("standardReceipts").status_code == 401


def test_an_application_may_prove_itself_by_client_credentials_too(opened: Callable[..., Caller]) -> None:
    caller = opened(sign_in="jwt")
    form = {
        "grant_type": "client_credentials", "client_assertion": assertion(caller),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }  # fmt: skip
    answer = caller.session.post(caller.settings["token_url"], data=form, timeout=30)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"iss": "another"}, {"aud": "https://elsewhere.example"}, {"exp": 1}, {"lives": 9000},
              {"algorithm": "PS256"}], ids=str,
)  # fmt: skip
def test_an_assertion_that_is_not_ours_gets_no_token(wrong: dict[str, Any], opened: Callable[..., Caller]) -> None:
    caller = opened(sign_in="jwt")
    refused = swapped(caller, assertion(caller, **wrong))
    assert refused.status_code == 401
    assert refused.json()["error"] in ("invalid_client", "invalid_grant")


def test_no_password_and_no_assertion_stands_in_the_log(client: Caller, opened: Callable[..., Caller]) -> None:
    client.get("standardReceipts")
    other = opened(sign_in="jwt")
    asserted = assertion(other)
    swapped(other, asserted)
    written = f"{client.simulator.log} {other.simulator.log}"
    assert "Basic " not in written
    assert asserted not in written
