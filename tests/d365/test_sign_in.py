"""Signing in: by secret or certificate, once for a connection, renewed once, and told what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Finding
from duehook.core.testing.entra import of_server
from duehook.plugins.d365.settings import D365Settings

from .connected import Connect
from .simulated import Client, Opened

BASE = {"base_url": "https://example.operations.dynamics.com", "client_id": "c"}


def tokens(client: Client) -> int:
    """Return how many tokens were asked for."""
    server = client.simulator.authority_server
    assert server is not None
    return len([entry for entry in server.log if entry.path.endswith("/token")])


def refused(made: Any) -> ConnectorRefused:
    with pytest.raises(ConnectorRefused) as raised:
        made.customers.upper_bound()
    return raised.value


class TestSettings:
    def test_the_authority_is_microsofts_for_the_tenant_unless_it_is_said(self) -> None:
        plain = D365Settings.model_validate({**BASE, "tenant": "t", "client_secret": "s"})
        other = D365Settings.model_validate({**BASE, "authority": "https://adfs.example/adfs/", "client_secret": "s"})
        assert plain.sign_in_at == "https://login.microsoftonline.com/t"
        assert other.sign_in_at == "https://adfs.example/adfs"
        assert plain.scopes == ["https://example.operations.dynamics.com/.default"]

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"client_secret": "s"}, "tenant, or authority"),
            ({"tenant": "t"}, "client_secret, or certificate_file and key_file"),
            ({"tenant": "t", "client_secret": "s", "certificate_file": "c.pem", "key_file": "k.pem"}, "how to sign in"),
            ({"tenant": "t", "certificate_file": "c.pem"}, "belong together"),
        ],
    )
    def test_what_is_missing_is_told(self, more: dict[str, str], told: str) -> None:
        with pytest.raises(ValueError, match=told):
            D365Settings.model_validate({**BASE, **more})


class TestSecret:
    def test_all_sources_of_a_connection_share_one_token(self, small: Client, connect: Connect) -> None:
        made = connect(small)
        for source in (made.customers, made.contacts, made.invoices, made.payments):
            source.upper_bound()
        assert tokens(small) == 1

    def test_the_authority_is_asked_once_what_it_is(self, small: Client, connect: Connect) -> None:
        server = small.simulator.authority_server
        assert server is not None
        made = connect(small)
        for source in (made.customers, made.contacts, made.invoices, made.payments):
            source.upper_bound()
        small.simulator.expire_tokens()
        made.customers.upper_bound()
        assert [entry.method for entry in server.log] == ["GET", "POST", "POST"]

    def test_an_authority_that_did_not_say_what_it_is_is_asked_again(self, small: Client, connect: Connect) -> None:
        server = small.simulator.authority_server
        assert server is not None
        server.faults.set("status", status=403, method="GET")
        made = connect(small)
        with pytest.raises(ConnectorGarbled):
            made.customers.upper_bound()
        assert made.customers.upper_bound()

    def test_a_token_that_ended_is_renewed_once(self, small: Client, connect: Connect) -> None:
        made = connect(small)
        made.customers.upper_bound()
        assert small.simulator.expire_tokens() == 1
        made.customers.upper_bound()
        assert tokens(small) == 2

    def test_a_token_that_is_about_to_end_is_renewed_before(self, opened: Opened, connect: Connect) -> None:
        client = opened(token_life=60.0)
        made = connect(client)
        made.customers.upper_bound()
        made.customers.upper_bound()
        assert tokens(client) == 2  # MSAL renews five minutes before the end
        assert {entry.method for entry in client.simulator.log} == {"GET"}

    def test_a_wrong_secret_is_told_in_microsofts_words_and_finds_no_token_of_the_right_one(
        self, small: Client, connect: Connect
    ) -> None:
        connect(small).customers.upper_bound()
        error = refused(connect(small, client_secret="wrong"))
        assert "AADSTS7000215" in error.message
        assert error.fix == "write the secret's value, not its id, as client_secret."

    def test_an_expired_secret_and_an_unknown_tenant_are_told_apart(self, small: Client, connect: Connect) -> None:
        small.simulator.authority.app.secret_expired = True
        assert "has expired" in str(refused(connect(small)).fix)
        wrong = small.settings["authority"].replace("duehook-simulated", "nobody")
        with pytest.raises((ConnectorRefused, ConnectorGarbled)) as raised:
            connect(small, authority=wrong).customers.upper_bound()
        assert raised.value.fix

    def test_a_client_that_is_mapped_to_no_user_is_told_where_to_map_it(self, small: Client, connect: Connect) -> None:
        small.simulator.deny("client mapping")
        error = refused(connect(small))
        assert "Microsoft Entra ID applications" in error.message
        assert "mapped to a user" in str(error.fix)
        assert tokens(small) == 2  # one, and one more for a token that may just have ended

    def test_a_web_page_for_a_token_is_told_as_one(self, small: Client, connect: Connect) -> None:
        server = small.simulator.authority_server
        assert server is not None
        server.faults.set("html", count=9)
        with pytest.raises(ConnectorGarbled, match="web page"):
            connect(small).customers.upper_bound()


class TestCertificate:
    def test_a_certificate_signs_in(self, opened: Opened, connect: Connect) -> None:
        made = connect(opened(sign_in="certificate"))
        assert {row["company"] for row in made.rows("company")} == {"usmf", "demf", "jpmf", "kwmf"}

    def test_a_key_of_another_pair_is_told_before_anything_is_sent(
        self, opened: Opened, connect: Connect, tmp_path: Path
    ) -> None:
        client = opened(sign_in="certificate")
        other = of_server(tmp_path / "other").private_key
        error = refused(connect(client, key_file=str(other)))
        assert "is not the key of" in error.message
        assert tokens(client) == 0

    @pytest.mark.parametrize(("text", "told"), [(None, "cannot be read"), ("no PEM", "is no PEM file"),
                                                ("-----BEGIN X-----\nx", "holds no private key")])  # fmt: skip
    def test_a_file_that_is_none_is_told(
        self, text: str | None, told: str, opened: Opened, connect: Connect, tmp_path: Path
    ) -> None:
        file = tmp_path / "key.pem"
        if text is not None:
            file.write_text(text)
        error = refused(connect(opened(sign_in="certificate"), key_file=str(file)))
        assert told in error.message
        assert error.fix

    def test_check_says_that_it_signs_in(self, opened: Opened, connect: Connect) -> None:
        found: list[Finding] = list(connect(opened(sign_in="certificate")).customers.check())
        assert [each.ok for each in found if each.subject == "sign-in"] == [True]
