"""Signing in: by password once, by the .ionapi file with a token that is renewed in time, and nothing of it shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from duehook.core.errors import ConnectorDown, ConnectorRefused
from duehook.core.testing.simulator import Reply, Request, SimulatorServer, json_reply
from duehook.plugins.infor_m3 import entities
from duehook.plugins.infor_m3.client.ionapi import IonApi
from duehook.plugins.infor_m3.client.service import M3Service, open_service
from duehook.plugins.infor_m3.settings import M3Settings

PATH = "/ACME_TST/M3/m3api-rest/v2/execute/GENERAL/GetServerTime"


@dataclass
class Gateway:
    """A gateway that gives numbered tokens, and takes those that it was told to take."""

    life: Any = 1000
    taken: set[str] = field(default_factory=lambda: {"t1", "t2", "t3"})
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    now: float = 0.0

    def handle(self, request: Request) -> Reply:
        if request.path == "/as/token.oauth2":
            self.forms.append(parse_qs(request.body.decode()))
            return json_reply({"access_token": f"t{len(self.forms)}", "token_type": "Bearer", "expires_in": self.life})
        self.paths.append(request.path)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.taken:
            return json_reply({"error": "invalid token"}, 401)
        return json_reply({"results": [{"transaction": request.path.rpartition("/")[2], "records": [{"LMTS": "1"}]}]})


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def file(gateway: Gateway, tmp_path: Path) -> Iterator[Path]:
    server = SimulatorServer(gateway.handle)
    url = server.start()
    written = tmp_path / "tst.ionapi"
    held = {
        "ti": "ACME_TST", "cn": "duehook", "ci": "client-7", "cs": "client-secret-7", "iu": url, "pu": f"{url}/as/",
        "oa": "authorization.oauth2", "ot": "token.oauth2", "or": "revoke_token.oauth2", "saak": "account-key-7",
        "sask": "account-secret-7",
    }  # fmt: skip
    written.write_text(json.dumps(held), encoding="utf-8")
    yield written
    server.stop()


def service(gateway: Gateway, file: Path) -> M3Service:
    settings = M3Settings.model_validate(
        {"mode": "ionapi", "ionapi_file": str(file), "company": "100", "calls_per_second": 10_000}
    )
    return open_service(settings, "erp", clock=lambda: gateway.now, sleep=lambda seconds: None)


def test_the_service_account_asks_for_a_token_and_the_tenant_answers(gateway: Gateway, file: Path) -> None:
    assert service(gateway, file).rows(entities.SERVER_TIME, {}) == [{"LMTS": "1"}]
    assert gateway.forms == [
        {
            "grant_type": ["password"], "username": ["account-key-7"], "password": ["account-secret-7"],
            "client_id": ["client-7"], "client_secret": ["client-secret-7"],
        }
    ]  # fmt: skip
    assert gateway.paths == [PATH]


@pytest.mark.parametrize(("later", "tokens"), [(879, 1), (881, 2)])
def test_a_token_of_a_thousand_seconds_is_renewed_two_minutes_before_its_end(
    later: float, tokens: int, gateway: Gateway, file: Path
) -> None:
    asked = service(gateway, file)
    asked.rows(entities.SERVER_TIME, {})
    gateway.now += later
    asked.rows(entities.SERVER_TIME, {})
    assert len(gateway.forms) == tokens


def test_a_token_that_is_turned_away_is_renewed_once(gateway: Gateway, file: Path) -> None:
    gateway.taken = {"t2"}
    assert service(gateway, file).rows(entities.SERVER_TIME, {}) == [{"LMTS": "1"}]
    gateway.taken = set()
    with pytest.raises(ConnectorRefused, match="401"):
        service(gateway, file).rows(entities.SERVER_TIME, {})
    assert len(gateway.paths) == 4


def test_a_write_that_is_turned_away_is_left_to_the_next_try(gateway: Gateway, file: Path) -> None:
    asked, gateway.taken = service(gateway, file), {"t2"}
    with pytest.raises(ConnectorDown, match="nothing was written"):
        asked.write(entities.ADD_TEXT, {"CUNO": "Y1", "PARM": "hello"})
    assert len(gateway.paths) == 1
    assert asked.write(entities.ADD_TEXT, {"CUNO": "Y1", "PARM": "hello"}) == [{"LMTS": "1"}]


def test_a_file_without_a_service_account_signs_in_as_the_app_itself() -> None:
    file = IonApi("T", "https://g.example", "https://a.example/token", "c", "s")
    assert file.form == {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}


@pytest.mark.parametrize(
    ("content", "told"), [(None, "cannot be read"), ("x", "no JSON"), ("[]", "lacks ti"), ('{"ti": "A"}', "lacks ci")]
)
def test_a_file_that_is_none_is_named_and_not_shown(content: str | None, told: str, tmp_path: Path) -> None:
    file = tmp_path / "a.ionapi"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(ConnectorRefused, match=told) as refused:
        IonApi.read(str(file))
    assert refused.value.fix


def test_what_is_printed_of_the_file_holds_no_secret(file: Path) -> None:
    assert "-7" not in repr(IonApi.read(str(file))).replace("client-7", "")


def test_the_settings_say_how_to_sign_in() -> None:
    with pytest.raises(ValueError, match="basic signs in by"):
        M3Settings.model_validate({"company": "100"})
    with pytest.raises(ValueError, match="ionapi signs in by"):
        M3Settings.model_validate({"company": "100", "mode": "ionapi"})
    with pytest.raises(ValueError, match="no division"):
        M3Settings.model_validate({"company": "100", "base_url": "http://x", "user": "u", "password": "p",
                                   "divisions": ["A'"]})  # fmt: skip
