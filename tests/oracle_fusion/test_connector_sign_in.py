"""Signing in, by password and by an assertion, and what the settings refuse."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.testing.simulator import Reply, json_reply
from duehook.plugins.oracle_fusion.settings import FusionSettings

from .connected import Connect, connect, stub
from .stubbed import Stub

UNITS = [{"name": "Vision", "currency": "USD"}]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path_factory.mktemp("keys") / "key.pem"
    form = serialization.PrivateFormat.PKCS8
    file.write_bytes(made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return str(file), made.public_key()


class Tokens:
    """The identity domain in front of the stub: gives a token for an assertion, and knows the newest alone."""

    def __init__(self, stub: Stub) -> None:
        self.asked: list[dict[str, str]] = []
        self.answer: Reply | None = None
        stub.special = self.handle

    def handle(self, request: Any) -> Reply | None:
        if request.path == "/token":
            self.asked.append(dict(parse_qsl(request.body.decode())))
            told = {"access_token": f"token{len(self.asked)}", "token_type": "Bearer", "expires_in": 3600}
            return self.answer or json_reply(told)
        known = request.headers["Authorization"] == f"Bearer token{len(self.asked)}"
        return None if known else Reply(b"<html>401</html>", 401, "text/html")


def by_key(stub: Stub, file: str) -> dict[str, Any]:
    return {"user": None, "password": None, "client_id": "duehook", "key_file": file, "token_url": f"{stub.url}/token"}


def test_a_password_goes_with_each_call(stub: Stub, connect: Connect) -> None:
    connect().rows("payment")
    expected = f"Basic {b64encode(b'DUEHOOK:secret').decode()}"
    assert {each.headers["Authorization"] for each in stub.requests} == {expected}


def test_a_refused_password_is_not_tried_again(stub: Stub, connect: Connect) -> None:
    stub.special = lambda request: Reply(b"<html>401</html>", 401, "text/html")
    with pytest.raises(ConnectorRefused) as raised:
        connect().rows("payment")
    assert raised.value.fix == "correct the user and password, or the key, of the connection."
    assert len(stub.requests) == 1


def test_an_assertion_signed_by_the_key_is_swapped_for_a_token(
    stub: Stub, connect: Connect, key: tuple[str, Any]
) -> None:
    tokens = Tokens(stub)
    assert len(connect(**by_key(stub, key[0])).rows("item")) == 1
    asked = tokens.asked[0]
    claims = jwt.decode(asked["assertion"], key[1], algorithms=["RS256"], audience=f"{stub.url}/token")
    assert (claims["iss"], claims["sub"]) == ("duehook", "duehook")
    assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert len(tokens.asked) == 1


def test_a_token_that_was_refused_is_got_anew_once(stub: Stub, connect: Connect, key: tuple[str, Any]) -> None:
    tokens = Tokens(stub)
    connected = connect(**by_key(stub, key[0]))
    connected.rows("item")
    tokens.asked.append({})  # another token is the newest now
    assert len(connected.rows("item")) == 1
    assert len(tokens.asked) == 3


@pytest.mark.parametrize(("answer", "kind", "told"), [
    (json_reply({"error": "invalid_grant", "error_description": "no such client"}, 400), ConnectorRefused,
     "gives no token: 400 no such client"),
    (json_reply({"token": 1}), ConnectorGarbled, "answered the sign-in without an access_token."),
])  # fmt: skip
def test_where_no_token_comes_it_is_told_why(
    answer: Reply, kind: type[Exception], told: str, *, stub: Stub, connect: Connect, key: tuple[str, Any]
) -> None:
    Tokens(stub).answer = answer
    with pytest.raises(kind) as raised:
        connect(**by_key(stub, key[0])).rows("item")
    assert told in str(raised.value)


def test_a_key_file_that_is_none_is_told(stub: Stub, connect: Connect, tmp_path: Path) -> None:
    Tokens(stub)
    with pytest.raises(ConnectorRefused) as raised:
        connect(**by_key(stub, str(tmp_path / "none.pem"))).rows("item")
    assert raised.value.fix == "correct `key_file`."
    (tmp_path / "odd.pem").write_text("no key")
    with pytest.raises(ConnectorRefused) as raised:
        connect(**by_key(stub, str(tmp_path / "odd.pem"))).rows("item")
    assert "holds no RSA key" in raised.value.message


@pytest.mark.parametrize(("given", "told"), [
    ({}, "basic signs in by user and password"),
    ({"key_file": "k.pem"}, "jwt signs in by client_id, key_file and token_url"),
    ({"user": "a", "password": "b", "timezone": "Mars"}, "Mars is no time zone"),
    ({"user": "a", "password": "b", "read_by": "bicc"}, "say where the extracts land: bicc_folder"),
    ({"user": "a", "password": "b", "business_units": [*UNITS, *UNITS]}, "a business unit is named twice"),
    ({"user": "a", "password": "b", "business_units": [{"name": "V", "currency": "US$"}]}, "US$ is no ISO"),
    ({"user": "a", "password": "b", "page_size": 501}, "less than or equal to 500"),
])  # fmt: skip
def test_settings_that_do_not_hold_together_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as raised:
        FusionSettings.model_validate({"base_url": "https://pod.example.com", "business_units": UNITS, **given})
    assert told in str(raised.value)


def test_settings_may_come_as_plain_text() -> None:
    made = FusionSettings.model_validate({
        "base_url": "https://pod.example.com/", "user": "a", "password": "b", "profile.version": "Version",
        "business_units": '[{"name": "Vision", "currency": "USD", "org_id": 300000001110001}]',
    })  # fmt: skip
    assert (made.root, made.currencies, made.profile.version) == (
        "https://pod.example.com", {"Vision": "USD"}, "Version",
    )  # fmt: skip
    assert made.business_units[0].org_id == "300000001110001"
