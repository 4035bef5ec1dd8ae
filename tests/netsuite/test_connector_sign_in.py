"""Signing in: each try has a signature that the other side's own check takes, and a token is renewed in time."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from oauthlib.oauth1.rfc5849 import signature, utils
from pydantic import ValidationError

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.testing.simulator import Reply, Request, json_reply
from duehook.core.wire import WireSession
from duehook.core.wire.retry import resting_by
from duehook.plugins.netsuite.client.sign_in import CertificateSignIn
from duehook.plugins.netsuite.settings import NetsuiteSettings

from .connected import Connect, connect, stub
from .stubbed import Stub, refused, settings_of

BASE = {"account": "1234567_SB1", "timezone": "America/Los_Angeles"}
THEIRS: Any = signature  # oauthlib's own, which its stubs type in part
TOKEN = {"consumer_key": "ck", "consumer_secret": "cs", "token_id": "ti", "token_secret": "ts"}


def header(request: Request) -> str:
    return {name.lower(): text for name, text in request.headers.items()}["authorization"]


def said(request: Request) -> dict[str, str]:
    return {name: unquote(text) for name, text in utils.parse_authorization_header(header(request))}


class TestSettings:
    def test_the_account_is_spelled_as_hosts_and_as_realms_have_it(self) -> None:
        plain = NetsuiteSettings.model_validate({**BASE, **TOKEN, "account": "1234567_sb1"})
        assert (plain.root, plain.realm) == ("https://1234567-sb1.suitetalk.api.netsuite.com", "1234567_SB1")
        assert NetsuiteSettings.model_validate({**BASE, **TOKEN, "account": "7"}).root == (
            "https://7.suitetalk.api.netsuite.com"
        )

    def test_how_it_signs_in_is_told_by_what_it_has(self) -> None:
        assert NetsuiteSettings.model_validate({**BASE, **TOKEN}).signs_in_by == "tba"
        by_key = {"client_id": "c", "certificate_id": "k", "private_key_file": "key.pem"}
        assert NetsuiteSettings.model_validate({**BASE, **by_key}).signs_in_by == "oauth2"

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({}, "also needs consumer_key, consumer_secret, token_id, token_secret"),
            ({"client_id": "c"}, "also needs certificate_id, private_key_file"),
            ({**TOKEN, "timezone": "PST"}, "is no time zone"),
            ({**TOKEN, "companies": ["usmf"]}, "is no subsidiary's internal id"),
            ({**TOKEN, "client_id": "c"}, "say which sign-in counts"),
        ],
    )
    def test_what_is_missing_is_named(self, given: dict[str, Any], told: str) -> None:
        with pytest.raises(ValidationError, match=told):
            NetsuiteSettings.model_validate({**BASE, **given})


class TestToken:
    def test_a_request_bears_a_signature_that_oauthlib_verifies_over_its_query(
        self, stub: Stub, connect: Connect
    ) -> None:
        connect().customers.upper_bound()
        request, parameters = stub.requests[0], said(stub.requests[0])
        assert header(request).startswith('OAuth realm="1234567_SB1"')
        assert parameters["oauth_signature_method"] == "HMAC-SHA256"
        signed = [(name, value) for name, value in parameters.items() if name not in {"realm", "oauth_signature"}]
        for query, is_it in (("limit=1000&offset=0", True), ("limit=1000&offset=1000", False)):
            asked = [(name, held[0]) for name, held in parse_qs(query).items()]
            base = THEIRS.signature_base_string(
                "POST", THEIRS.base_string_uri(f"{stub.url}{request.path}"),
                THEIRS.normalize_parameters([*signed, *asked]),
            )  # fmt: skip
            made = THEIRS.sign_hmac_sha256_with_client(base, _Secrets())
            assert (made == parameters["oauth_signature"]) is is_it

    def test_each_try_is_signed_anew(self, stub: Stub, connect: Connect) -> None:
        busy = [refused(429, "busy", "EXCEEDED_MAX_CONCUR_RQST")] * 2

        def waiting(request: Request, statement: str) -> Reply | None:
            return busy.pop() if busy else None

        stub.special = waiting
        with resting_by(lambda seconds: None):
            connect().customers.upper_bound()
        assert len({said(each)["oauth_nonce"] for each in stub.requests}) == 3

    def test_a_401_is_tried_once_more_and_told_with_the_servers_clock(self, stub: Stub, connect: Connect) -> None:
        stub.special = lambda request, statement: refused(401, "Invalid login attempt.", "INVALID_LOGIN_ATTEMPT")
        with pytest.raises(ConnectorRefused, match="INVALID_LOGIN_ATTEMPT.*clock says") as raised:
            connect().customers.upper_bound()
        assert "this machine's clock" in (raised.value.fix or "")
        assert len(stub.requests) == 2


class _Secrets:
    client_secret, resource_owner_secret = "cs-secret", "ts-secret"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def by_key(key: rsa.RSAPrivateKey, tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "key.pem"
    form = serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return {"sign_in": "oauth2", "client_id": "cid", "certificate_id": "cert-7", "private_key_file": str(file)}


class Tokens:
    """Gives tokens, and wants the last one."""

    def __init__(self, stub: Stub) -> None:
        self.forms: list[dict[str, str]] = []
        self.answer: Reply | None = None
        self.url = stub.url
        stub.special = self.special

    def special(self, request: Request, statement: str) -> Reply | None:
        if not request.path.endswith("/token"):
            is_last = header(request) == f"Bearer token{len(self.forms)}"
            return None if is_last else refused(401, "Invalid login attempt.", "INVALID_LOGIN")
        self.forms.append({name: held[0] for name, held in parse_qs(request.body.decode()).items()})
        told = {"access_token": f"token{len(self.forms)}", "expires_in": 3600, "token_type": "bearer"}
        return self.answer or json_reply(told)


class TestCertificate:
    @pytest.fixture
    def tokens(self, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Tokens:
        handle = stub.handle

        def first(request: Request) -> Reply:
            if request.path.endswith("/token"):
                stub.requests.append(request)
                found = stub.special(request, "")
                assert found is not None
                return found
            return handle(request)

        stub.server.handle = first
        return Tokens(stub)

    def test_the_assertion_is_signed_with_pss_and_says_who_and_what_for(
        self, tokens: Tokens, connect: Connect, by_key: dict[str, Any], key: rsa.RSAPrivateKey
    ) -> None:
        connect(**by_key).customers.upper_bound()
        form = tokens.forms[0]
        assert form["grant_type"] == "client_credentials"
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assertion, address = form["client_assertion"], f"{tokens.url}/services/rest/auth/oauth2/v1/token"
        assert jwt.get_unverified_header(assertion) == {"typ": "JWT", "alg": "PS256", "kid": "cert-7"}
        claims = jwt.decode(assertion, key.public_key(), algorithms=["PS256"], audience=address, issuer="cid")
        assert claims["scope"] == ["rest_webservices"]
        assert 0 < claims["exp"] - claims["iat"] < 3600
        assert abs(claims["iat"] - time.time()) < 60

    def test_a_token_serves_until_shortly_before_its_end(
        self, stub: Stub, tokens: Tokens, by_key: dict[str, Any]
    ) -> None:
        moment, wire = [0.0], WireSession([stub.url])
        sign_in = CertificateSignIn(
            wire, settings_of(stub, **by_key), now=lambda: datetime.now(UTC), clock=lambda: moment[0]
        )
        used = []
        for moment[0] in (0.0, 3000.0, 3500.0):
            sign_in.ready()
            used.append(sign_in.headers("GET", stub.url)["Authorization"])
        wire.close()
        assert used == ["Bearer token1", "Bearer token1", "Bearer token2"]

    def test_a_token_that_is_refused_is_asked_for_once_more(
        self, stub: Stub, tokens: Tokens, connect: Connect, by_key: dict[str, Any]
    ) -> None:
        made = connect(**by_key)
        made.customers.upper_bound()
        tokens.forms.append({})  # the one that was given counts no more
        made.customers.upper_bound()
        assert len(tokens.forms) == 3

    def test_one_call_at_once_is_enough_to_sign_in_and_ask(
        self, tokens: Tokens, connect: Connect, by_key: dict[str, Any]
    ) -> None:
        connect(**by_key, calls_at_once=1).customers.upper_bound()
        assert len(tokens.forms) == 1

    def test_a_refusal_is_told_with_what_to_look_at(
        self, tokens: Tokens, connect: Connect, by_key: dict[str, Any]
    ) -> None:
        tokens.answer = json_reply({"error": "invalid_grant", "error_description": "Certificate unknown"}, 400)
        with pytest.raises(ConnectorRefused, match="Certificate unknown") as raised:
            connect(**by_key).customers.upper_bound()
        assert "sandbox" in (raised.value.fix or "")

    @pytest.mark.parametrize("answer", [{}, [], {"access_token": ""}, {"access_token": "a\nb"}, {"access_token": 7}])
    def test_an_answer_without_a_token_is_told_as_such(
        self, answer: Any, tokens: Tokens, connect: Connect, by_key: dict[str, Any]
    ) -> None:
        tokens.answer = Reply(json.dumps(answer).encode())
        with pytest.raises(ConnectorGarbled, match="without an access_token"):
            connect(**by_key).customers.upper_bound()

    def test_a_key_that_cannot_be_read_is_named(
        self, tokens: Tokens, connect: Connect, by_key: dict[str, Any], tmp_path: Path
    ) -> None:
        with pytest.raises(ConnectorRefused, match="nowhere.pem cannot be read"):
            connect(**{**by_key, "private_key_file": str(tmp_path / "nowhere.pem")}).customers.upper_bound()
        (tmp_path / "odd.pem").write_text("no key")
        with pytest.raises(ConnectorRefused, match="holds no private key"):
            connect(**{**by_key, "private_key_file": str(tmp_path / "odd.pem")}).customers.upper_bound()
