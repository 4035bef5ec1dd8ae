"""Signing in: a password goes with each request; a token is held until shortly before its end."""

from __future__ import annotations

import pytest

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire import Reply
from duehook.core.wire.sign_in import Basic, Bearer, Token

FIX = "correct token_url."


class Service:
    """A token service that counts, with a clock that is set by hand."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now, self.given = seconds, 0.0, 0
        self.bearer = Bearer(self.ask, lambda: self.now)

    def ask(self) -> Token:
        self.given += 1
        return Token(f"t{self.given}", self.seconds)

    def header(self) -> str:
        return self.bearer.headers()["Authorization"]


def reply(body: bytes) -> Reply:
    return Reply(200, {"Content-Type": "application/json"}, body, "https://id.example/token")


def test_a_password_is_not_tried_again_for_that_would_lock_the_user() -> None:
    basic = Basic("DUEHOOK", "secret")
    assert basic.headers() == {"Authorization": "Basic RFVFSE9PSzpzZWNyZXQ="}
    assert basic.renew() is False


@pytest.mark.parametrize(
    ("seconds", "later", "told"),
    [
        (3600, 3479, "Bearer t1"),
        (3600, 3480, "Bearer t2"),  # two minutes before its end
        (120, 59, "Bearer t1"),
        (120, 60, "Bearer t2"),  # of a short one half is used
        (0, 0, "Bearer t2"),
    ],
)
def test_a_token_is_used_until_shortly_before_its_end(seconds: float, later: float, told: str) -> None:
    service = Service(seconds)
    assert service.header() == "Bearer t1"
    service.now = later
    assert service.header() == told


def test_a_token_that_was_refused_is_asked_for_anew() -> None:
    service = Service(3600)
    assert (service.header(), service.bearer.renew(), service.header()) == ("Bearer t1", True, "Bearer t2")


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"access_token": "abc", "expires_in": 1800}', 1800.0),
        (b'{"access_token": "abc", "expires_in": "1800"}', 1800.0),
        (b'{"access_token": "abc"}', 600.0),
        (b'{"access_token": "abc", "expires_in": null}', 600.0),
        (b'{"access_token": "abc", "expires_in": -1}', 0.0),
    ],
)
def test_an_answer_says_how_long_its_token_lasts(body: bytes, seconds: float) -> None:
    assert Token.read(reply(body), fix=FIX) == Token("abc", seconds)


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"access_token": ""}', b'{"access_token": 7}', b'{"access_token": "a\\nb"}']
)
def test_an_answer_without_a_token_is_told_with_what_to_mend(body: bytes) -> None:
    with pytest.raises(ConnectorGarbled, match="without an access_token") as told:
        Token.read(reply(body), fix=FIX)
    assert told.value.fix == FIX


def test_a_token_is_not_printed() -> None:
    assert "abc" not in repr(Token("abc", 1.0))
