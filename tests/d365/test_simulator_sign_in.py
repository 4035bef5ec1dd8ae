"""The simulated sign-in: MSAL gets a token by secret or by certificate, and is refused as Microsoft refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from .simulated import Client, Opened, opened, small


def test_msal_gets_a_token_by_secret_and_the_next_time_out_of_its_cache(small: Client) -> None:
    first = small.sign_in()
    assert (first["token_type"], first["expires_in"], first["token_source"]) == ("Bearer", 3600, "identity_provider")
    assert small.send("GET", "LegalEntities").status_code == 200


def test_msal_gets_a_token_by_an_oidc_authority_too(small: Client) -> None:
    import msal

    app = msal.ConfidentialClientApplication(
        small.settings["client_id"], client_credential=small.settings["client_secret"], http_client=small.session,
        oidc_authority=f"{small.settings['authority']}/v2.0",
    )  # fmt: skip
    scope = f"{small.settings['base_url']}/.default"
    assert app.acquire_token_for_client([scope])["token_source"] == "identity_provider"
    assert app.acquire_token_for_client([scope])["token_source"] == "cache"


def test_a_wrong_secret_is_refused_with_microsofts_number(small: Client) -> None:
    refused = small.sign_in(client_credential="wrong")
    assert refused["error"] == "invalid_client"
    assert refused["error_codes"] == [7000215]
    assert refused["error_description"].startswith("AADSTS7000215: Invalid client secret provided.")


def test_a_secret_that_ran_out_is_refused_with_another_number(small: Client) -> None:
    small.simulator.authority.app.secret_expired = True
    assert small.sign_in()["error_codes"] == [7000222]


def test_an_unknown_application_is_refused(small: Client) -> None:
    assert small.sign_in(client_id="00000000-0000-0000-0000-000000000000")["error_codes"] == [700016]


def test_a_token_for_another_resource_is_refused(small: Client) -> None:
    import msal

    app = msal.ConfidentialClientApplication(
        small.settings["client_id"], client_credential=small.settings["client_secret"], http_client=small.session,
        authority=small.settings["authority"], instance_discovery=False,
    )  # fmt: skip
    assert app.acquire_token_for_client(["https://else.example//.default"])["error_codes"] == [500011]


def test_a_certificate_signs_in_where_it_is_registered(opened: Opened) -> None:
    client = opened(sign_in="certificate")
    assert "client_secret" not in client.settings
    key = Path(client.settings["key_file"]).read_text()
    certificate = Path(client.settings["certificate_file"]).read_text()
    by_print = client.sign_in(client_credential={"private_key": key, "public_certificate": certificate})
    assert by_print["token_type"] == "Bearer"


def test_an_assertion_that_another_key_signed_is_refused(opened: Opened, tmp_path: Path) -> None:
    from duehook.core.testing.entra import of_client

    client, other = opened(sign_in="certificate"), of_client(tmp_path / "other")
    certificate = Path(client.settings["certificate_file"]).read_text()
    wrong = {"private_key": other.private_key.read_text(), "public_certificate": certificate}
    assert client.sign_in(client_credential=wrong)["error_codes"] == [700027]


def test_the_sign_in_is_https_that_only_its_own_certificate_proves(small: Client) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{small.settings['authority']}/v2.0/.well-known/openid-configuration", timeout=5)


def test_tokens_that_end_are_refused_and_a_new_one_is_taken(small: Client) -> None:
    assert small.send("GET", "LegalEntities").status_code == 200
    assert small.simulator.expire_tokens() == 1
    refused = small.send("GET", "LegalEntities")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
    small._token = ""
    assert small.send("GET", "LegalEntities").status_code == 200


def test_a_token_lives_as_long_as_it_says(opened: Opened) -> None:
    client = opened(token_life=0.0)
    assert client.send("GET", "LegalEntities").status_code == 401


def test_an_application_that_no_user_is_mapped_to_is_refused_with_a_good_token(small: Client) -> None:
    assert [row["UserId"] for row in small.rows("SysAADClients")] == ["duehook"]
    small.simulator.deny("client mapping")
    assert small.send("GET", "LegalEntities").status_code == 401
    small.simulator.grant("client mapping")
    assert small.send("GET", "LegalEntities").status_code == 200


def test_the_data_service_may_be_https_too(opened: Opened) -> None:
    client = opened(https=True, page_size=2)
    assert client.settings["base_url"].startswith("https://127.0.0.1:")
    assert [row["LegalEntityId"] for row in client.rows("LegalEntities")] == ["demf", "jpmf", "kwmf", "usmf"]


def test_no_secret_stands_in_the_log_of_the_sign_in(small: Client) -> None:
    small.sign_in()
    server = small.simulator.authority_server
    assert server is not None
    bodies = [entry.body for entry in server.log if entry.method == "POST"]
    assert bodies
    assert all("client_secret=***" in body for body in bodies)
