"""The simulated sign-in: a token for Business Central's own resource, and what is said without one."""

from __future__ import annotations

import requests

from .simulated import Client, Opened


def test_a_token_is_given_for_business_centrals_resource_wherever_the_service_stands(small: Client) -> None:
    given = small.sign_in()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    assert small.send("GET", "/api/v2.0/companies").status_code == 200


def test_a_token_for_the_address_of_the_service_is_refused(small: Client) -> None:
    assert small.sign_in(scope=f"{small.settings['base_url']}/.default")["error_codes"] == [500011]


def test_a_wrong_secret_is_refused_with_microsofts_number(small: Client) -> None:
    refused = small.sign_in(client_secret="wrong")
    assert (refused["error"], refused["error_codes"]) == ("invalid_client", [7000215])


def test_without_a_token_the_credentials_are_rejected(small: Client) -> None:
    answer = requests.get(f"{small.settings['base_url']}/api/v2.0/companies", timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "Authentication_InvalidCredentials"
    assert answer.json()["error"]["message"].startswith("The server has rejected the client credentials.  Correl")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_that_ended_is_rejected_and_a_new_one_is_taken(small: Client) -> None:
    assert small.send("GET", "/api/v2.0/companies").status_code == 200
    assert small.simulator.expire_tokens() == 1
    assert small.send("GET", "/api/v2.0/companies").status_code == 401
    small.token = ""
    assert small.send("GET", "/api/v2.0/companies").status_code == 200


def test_an_application_that_is_not_set_up_is_rejected_with_a_good_token(small: Client) -> None:
    small.simulator.deny("application")
    assert small.refused("/api/v2.0/companies", 401)["code"] == "Authentication_InvalidCredentials"
    small.simulator.grant("application")
    assert small.send("GET", "/api/v2.0/companies").status_code == 200


def test_a_certificate_signs_in_where_it_is_registered(opened: Opened) -> None:
    client = opened(sign_in="certificate")
    assert "client_secret" not in client.settings
    assert {"certificate_file", "key_file"} <= client.settings.keys()


def test_the_service_may_be_https_too(opened: Opened) -> None:
    client = opened(https=True, page_size=2)
    assert client.settings["base_url"].startswith("https://127.0.0.1:")
    assert len(client.rows("/api/v2.0/companies")) == 4
