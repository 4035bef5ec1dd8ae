"""Answers that SAP, or what stands before it, may give: empty pages, links elsewhere, odd tokens, long questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.testing.simulator import Reply, Request, json_reply
from duehook.core.wire.odata import V2, V4, Dialect, Entity

from .stubbed import LINE, Stub


@pytest.fixture
def site() -> Iterator[Stub]:
    stub = Stub({})
    yield stub
    stub.server.stop()


def linked(site: Stub, link: str, *rows: dict[str, Any], to: str = "Cube") -> None:
    """Let the first page of lines say that another follows it at a link."""

    def special(request: Request) -> Reply | None:
        if to not in request.path or "skiptoken" in request.query or "gt%20" in request.query:
            return None
        return json_reply({"d": {"results": rows, "__next": f"{link}{request.path}?{request.query}&$skiptoken=1"}})

    site.special = special


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (V2(), "/Date(-62135596800000)/"), (V2(), "0000-00-00T00:00:00"), (V2(), "0001-01-01T00:00:00"),
        (V4(), "0001-01-01"), (V4(), "0000-00-00"), (V4(), "0001-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_the_initial_date_of_abap_is_no_date(dialect: Dialect, text: str) -> None:
    rows = [{"key": "1", "on": text, "at": text}]
    dialect.decode(Entity.of("Set", "key", text="key", day="on", instant="at"), rows)
    assert rows == [{"key": "1", "on": None, "at": None}]


def test_the_last_day_of_time_is_a_date() -> None:
    rows: list[dict[str, Any]] = [{"key": "1", "on": "/Date(253402214400000)/"}]
    V2().decode(Entity.of("Set", "key", text="key", day="on"), rows)
    assert rows[0]["on"] == date(9999, 12, 31)


def test_an_empty_page_with_a_link_is_not_the_end(site: Stub) -> None:
    linked(site, site.url)
    assert [row["document_no"] for row in site.connector().rows("item")] == ["100"]


def test_a_page_that_links_to_itself_ends(site: Stub) -> None:
    site.special = lambda request: (
        json_reply({"d": {"results": [], "__next": f"{site.url}{request.path}?x=1"}})
        if "Cube" in request.path
        else None
    )
    with pytest.raises(ConnectorGarbled, match="without end"):
        site.connector().rows("item")


def test_a_link_to_another_host_is_refused_and_nothing_is_sent_there(site: Stub) -> None:
    other = Stub({})
    try:
        linked(site, other.url, LINE)
        with pytest.raises(ConnectorRefused, match="another host"):
            site.connector().rows("item")
        assert other.asked == []
    finally:
        other.server.stop()


def test_a_link_to_the_host_that_gives_tokens_is_refused_too(site: Stub) -> None:
    tokens = Stub({})
    tokens.special = lambda request: (
        json_reply({"access_token": "t", "expires_in": 600}) if request.path == "/token" else None
    )
    try:
        linked(site, tokens.url, LINE)
        with pytest.raises(ConnectorRefused, match="another host"):
            site.connector(**oauth(tokens)).rows("item")
        assert {request.path for request in tokens.asked} == {"/token"}
    finally:
        tokens.server.stop()


@pytest.mark.parametrize("lasts", [None, "soon", [], 600])
def test_a_token_that_does_not_say_how_long_it_lasts_is_used(lasts: Any, site: Stub) -> None:
    site.special = lambda request: (
        json_reply({"access_token": "t", "expires_in": lasts}) if request.path == "/token" else None
    )
    assert len(site.connector(**oauth(site)).rows("item")) == 1


@pytest.mark.parametrize("answer", [["t"], {"token": "t"}, {"access_token": None}, {"access_token": "a\nb"}, "t"])
def test_an_answer_without_a_token_says_what_to_look_at(answer: Any, site: Stub) -> None:
    site.special = lambda request: json_reply(answer) if request.path == "/token" else None
    with pytest.raises(ConnectorError, match="access_token"):
        site.connector(**oauth(site)).rows("item")


def test_a_count_that_is_no_number_is_garbled(site: Stub) -> None:
    site.special = lambda request: (
        json_reply({"d": {"results": [], "__count": "many"}}) if "Cube" in request.path else None
    )
    with pytest.raises(ConnectorGarbled, match="'many'"):
        site.connector().rows("item")


def test_rows_out_of_order_are_refused(site: Stub) -> None:
    site.rows = [LINE | {"AccountingDocument": number} for number in ("200", "100")]
    with pytest.raises(ConnectorGarbled, match=r"not in the order of CompanyCode.*nothing of them was kept"):
        site.connector().rows("item")


def test_many_company_codes_are_asked_for_a_few_at_a_time(site: Stub) -> None:
    codes = {f"{number:04d}": {"currency": "EUR"} for number in range(1, 401)}
    site.connector(companies=codes).rows("item")
    asked = [request for request in site.asked if "Cube" in request.path]
    assert max(len(request.query) for request in asked) < 8_000
    assert all(any(f"'{code}'" in request.query for request in asked) for code in codes)


def test_no_document_types_of_payments_means_no_payments_and_no_question(site: Stub) -> None:
    assert site.connector(**{"codes.payment_document_types": []}).rows("payment") == []
    assert [request for request in site.asked if "Cube" in request.path] == []


def test_what_is_printed_of_a_service_shows_no_token(site: Stub) -> None:
    source: Any = site.connector().source("item")
    source.site.partners.token = "secret-token"
    assert "secret-token" not in repr(source.site.partners)


def oauth(tokens: Stub) -> dict[str, Any]:
    return {"user": None, "password": None, "token_url": f"{tokens.url}/token", "client_id": "c", "client_secret": "s"}
