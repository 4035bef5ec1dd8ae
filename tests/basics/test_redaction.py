"""What is taken out of a text, and what stays."""

from __future__ import annotations

import signal

import pytest

from duehook.core.redaction import (
    HIDDEN,
    holds_secret,
    is_secret_name,
    mask_secrets,
    one_line,
    redact,
    redacted,
    remember,
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("password=abc1", "password=[hidden]"),
        ("{credential: abc1} and {credential: named}", "{credential: [hidden]} and {credential: [hidden]}"),
        ("password: {env: abc1}", "password: [hidden]"),
        ("UID=me;PWD={a;b};DSN=x", "UID=me;PWD=[hidden];DSN=x"),
        ('{"client_secret": "x\\"y", "user": "bob"}', '{"client_secret": "[hidden]", "user": "bob"}'),
        ("{'password': 'two words'}", "{'password': '[hidden]'}"),
        ("accessToken: zzz9", "accessToken: [hidden]"),
        ("/x?access_token=abc&y=1", "/x?access_token=[hidden]&y=1"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: [hidden]"),
        ("Set-Cookie: a=1; b=2", "Set-Cookie: [hidden]"),
        ("sent Bearer abc.def-ghi", "sent Bearer [hidden]"),
        ("it is eyJhbGciOi.eyJzdWIi.c2ln here", "it is [hidden] here"),
        ("postgresql://u:p@ss@h/db", "postgresql://u:[hidden]@h/db"),
        ('<w:Password Type="x">s3</w:Password>', '<w:Password Type="x">[hidden]</w:Password>'),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- x", "[hidden] x"),
        ("card 4111 1111 1111 1111 now", "card [card] now"),
        ("card 378282246310005", "card [card]"),
    ],
)
def test_secrets_and_cards_are_masked(text: str, told: str) -> None:
    assert mask_secrets(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "token = None",
        "write {env: NAME}, {file: path} or {credential: name} instead",
        "password: {env: MAIL_PASSWORD}",
        "mail: {host: …, user: …, password: …}; they go to .env",
        "(LoadCredential=…:… in the unit)",
        "the password is wrong",
        "bypass=true",
        "a secretary: bob",
        "order 20251122060202",
        "card 4111 1111 1111 1112",
        "https://example.com/a:b@c",
        "2026-11-22T06:02:11.123456Z",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("DE89 3704 0044 0532 0130 00 was paid", "[iban] was paid"),
        ("to NL91ABNA0417164300.", "to [iban]."),
        ("GB00 WEST 1234 5698 7654 32", "GB00 WEST 1234 5698 7654 32"),  # wrong check digits: no IBAN
        ("order AB18 12 34 56 78 90 12 34", "order AB18 12 34 56 78 90 12 34"),  # 14 signs of it have right digits
        ("write to <ann.o'hara+x@mail.example.co.uk>, please", "write to <[mail]>, please"),
        ("müller@example.com", "[mail]"),
    ],
)
def test_logs_keep_no_iban_and_no_address(text: str, told: str) -> None:
    assert redact(text) == told


def test_a_remembered_secret_is_hidden_in_every_writing() -> None:
    remember('s3cret&"word\n')
    for text in (
        's3cret&"word',
        "url=s3cret%26%22word",
        '{"a": "s3cret&\\"word"}',
        repr(['s3cret&"word']),
        's3cret&amp;"word',
        "czNjcmV0JiJ3b3Jk",
    ):
        assert "s3cret" not in mask_secrets(text)
        assert HIDDEN in mask_secrets(text)


def test_a_secret_too_short_to_search_for_is_not_searched_for() -> None:
    remember("a1")
    assert mask_secrets("a1 is a grade") == "a1 is a grade"


def test_data_is_redacted_at_every_depth() -> None:
    data = {"apiKey": "x", "n": 4111111111111111, "list": [{"to": "ar@example.com"}], "tokens_left": 3, "ok": True}
    told = {"apiKey": HIDDEN, "n": "[card]", "list": [{"to": "[mail]"}], "tokens_left": 3, "ok": True}
    assert redacted(data) == told


@pytest.mark.parametrize(
    ("name", "secret"),
    [("ais.password", True), ("X-Api-Key", True), ("accessToken", True), ("PWD", True), ("author", False)],
)
def test_names_of_secrets_are_known(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


@pytest.mark.parametrize(("text", "holds"), [("DSN=x;PWD=y9", True), ("a://b:c@d", True), ("a://b@c", False)])
def test_a_setting_with_a_password_inside_is_found(text: str, holds: bool) -> None:
    assert holds_secret(text) is holds


def test_one_line_stays_one_line() -> None:
    assert one_line("a\nb\r\x1b[31mc\u202e\u2028\x85") == "a\\nb\\r\\x1b[31mc\\u202e\\u2028\\x85"


@pytest.mark.parametrize("part", ["a", "token_", "a.", "1234 ", "AB12", 'password="', "<a ", "eyJaaaaa", "x@"])
def test_a_hostile_text_of_any_length_comes_to_an_end(part: str) -> None:
    def give_up(*_: object) -> None:
        raise AssertionError("a pattern goes over the text once for every letter of it")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, 120)  # CPU seconds: one pass takes one, a pass a letter takes hours
    try:
        assert redact(part * (200_000 // len(part)))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
