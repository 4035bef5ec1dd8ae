"""The ION API gateway: a .ionapi file, a service account's token, its end, and the path behind the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from .simulated import M3, running


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[M3]:
    """Give an M3 behind the gateway."""
    with running(tmp_path, mode="ionapi") as found:
        yield found


def ionapi(m3: M3) -> dict[str, str]:
    found: dict[str, str] = json.loads(Path(m3.settings["ionapi_file"]).read_text(encoding="utf-8"))
    return found


def sign_in(m3: M3, **other: str) -> requests.Response:
    told = ionapi(m3)
    form = {
        "grant_type": "password", "username": told["saak"], "password": told["sask"], "client_id": told["ci"],
        "client_secret": told["cs"], **other,
    }  # fmt: skip
    return requests.post(told["pu"] + told["ot"], data=form, timeout=10)


def ask(m3: M3, token: str) -> requests.Response:
    told = ionapi(m3)
    url = f"{told['iu']}/{told['ti']}/M3/m3api-rest/v2/execute/GENERAL/GetUserInfo"
    return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_the_file_names_all_that_is_needed_to_sign_in(cloud: M3) -> None:
    assert set(ionapi(cloud)) == {"ti", "cn", "dt", "ci", "cs", "iu", "pu", "oa", "ot", "or", "ev", "v", "saak", "sask"}
    assert ionapi(cloud)["pu"].endswith("/as/")
    assert set(cloud.settings) == {"mode", "company", "divisions", "calls_per_second", "ionapi_file"}


def test_a_service_account_gets_a_token_that_opens_the_gateway(cloud: M3) -> None:
    answer: dict[str, Any] = sign_in(cloud).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 7200)
    assert ask(cloud, answer["access_token"]).json()["results"][0]["records"][0]["ZDCONO"] == "100"


def test_the_client_may_stand_in_a_basic_header(cloud: M3) -> None:
    told = ionapi(cloud)
    form = {"grant_type": "password", "username": told["saak"], "password": told["sask"]}
    answer = requests.post(told["pu"] + told["ot"], data=form, auth=(told["ci"], told["cs"]), timeout=10)
    assert answer.status_code == 200


def test_without_a_token_that_lives_the_gateway_answers_401(cloud: M3) -> None:
    token = sign_in(cloud).json()["access_token"]
    assert ask(cloud, "another").status_code == 401
    assert cloud.erp.gateway.expire_tokens() == 1
    assert ask(cloud, token).status_code == 401


def test_a_token_that_was_revoked_opens_nothing(cloud: M3) -> None:
    token, told = sign_in(cloud).json()["access_token"], ionapi(cloud)
    form = {"token": token, "client_id": told["ci"], "client_secret": told["cs"]}
    assert requests.post(told["pu"] + told["or"], data=form, timeout=10).status_code == 200
    assert ask(cloud, token).status_code == 401


def test_wrong_keys_are_refused(cloud: M3) -> None:
    assert sign_in(cloud, password="wrong").json()["error"] == "invalid_grant"
    assert sign_in(cloud, client_secret="wrong").json()["error"] == "invalid_client"
    assert sign_in(cloud, grant_type="client_credentials").json()["error"] == "unsupported_grant_type"


def test_no_secret_stands_in_the_log(cloud: M3) -> None:
    ask(cloud, sign_in(cloud).json()["access_token"])
    told = ionapi(cloud)
    logged = " ".join(f"{each.headers} {each.body}" for each in cloud.erp.log)
    assert [name for name in ("cs", "sask") if told[name] in logged] == []


def test_too_many_records_run_into_the_gateways_time_out(tmp_path: Path) -> None:
    with running(tmp_path, gateway_rows=5) as m3:
        assert m3.get("/v2/execute/CRS610MI/LstByNumber?maxrecs=0").status_code == 504
        assert m3.get("/v2/execute/CRS610MI/LstByNumber?maxrecs=5").status_code == 200


def test_the_log_says_which_transaction_and_table_a_request_is_about(tmp_path: Path) -> None:
    with running(tmp_path) as m3:
        m3.get("/execute/CRS610MI/LstByNumber;maxrecs=1?CUNO=1001")
        m3.records("EXPORTMI/Select", QERY="ESCINO from FSLEDG where ESRECO < 9", SEPC="^")
        m3.bulk({"program": "ARS200MI", "transactions": [{"transaction": "GetInvTotInfo", "record": {}}]})
        assert [each.about for each in m3.erp.log] == [
            "CRS610MI/LstByNumber", "EXPORTMI/Select FSLEDG", "bulk ARS200MI/GetInvTotInfo",
        ]  # fmt: skip
