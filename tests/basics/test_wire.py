"""The shared HTTP layer: time-outs, retries by verb, budget, guard, caps, and faults in our words."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.wire import AddressGuard, Call, RateBudget, ReplyLost, RetryPolicy, WireOptions, WireSession
from duehook.core.wire.guard import check_address, origin_of
from duehook.core.wire.retry import retry_after

ERP = "https://erp.example/api"
NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


class Slept(list[float]):
    """Remembers the waits instead of waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def session(slept: Slept | None = None, *, url: str = ERP, **options: Any) -> WireSession:
    chosen = {"sleep": slept if slept is not None else Slept(), "chance": lambda: 0.0, "now": lambda: NOW, **options}
    return WireSession([url], WireOptions(**chosen))


def get(path: str = "", **values: Any) -> Call:
    return Call("GET", ERP + path, **values)


def post(**values: Any) -> Call:
    return Call("POST", ERP, json={"note": "x"}, **values)


@responses.activate
def test_json_keeps_amounts_exact() -> None:
    responses.get(ERP, body='{"open": 1234.10, "doc": 4711}', content_type="application/json")
    assert session().json(get()) == {"open": Decimal("1234.10"), "doc": 4711}


@responses.activate
def test_a_read_is_tried_again_with_growing_pauses_and_then_given_up() -> None:
    responses.get(ERP, status=503, body="busy")
    slept = Slept()
    with pytest.raises(ConnectorDown, match="503: busy"):
        session(slept).send(get())
    assert slept == [0.25, 0.5, 1.0]
    assert len(responses.calls) == 4


@responses.activate
def test_a_read_that_succeeds_later_is_whole() -> None:
    responses.get(ERP, body=ConnectionError("reset"))
    responses.get(ERP, status=502)
    responses.get(ERP, json={"ok": True})
    assert session().json(get()) == {"ok": True}


@responses.activate
def test_what_is_signed_is_signed_anew_for_each_try() -> None:
    responses.get(ERP, status=503)
    responses.get(ERP, json=[])
    numbers = iter("12")
    session().send(get(signed=lambda: {"Authorization": f"signature {next(numbers)}"}))
    assert [call.request.headers["Authorization"] for call in responses.calls] == ["signature 1", "signature 2"]


@responses.activate
def test_a_body_that_is_signed_is_made_anew_for_each_try() -> None:
    responses.post(ERP, status=503)
    responses.post(ERP, json=[])
    numbers = iter("12")
    session().send(Call("POST", ERP, reads=True, data=lambda: f"signature {next(numbers)}".encode()))
    assert [call.request.body for call in responses.calls] == [b"signature 1", b"signature 2"]


@responses.activate
def test_a_post_that_only_reads_is_tried_again_too() -> None:
    responses.post(ERP, status=504)
    responses.post(ERP, json=[1])
    assert session().json(post(reads=True)) == [1]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@responses.activate
def test_a_write_is_sent_once_and_a_broken_answer_is_lost(status: int) -> None:
    responses.post(ERP, status=status)
    with pytest.raises(ReplyLost, match="may have taken effect"):
        session().send(post())
    assert len(responses.calls) == 1


@responses.activate
def test_a_write_that_was_turned_away_did_not_happen() -> None:
    responses.post(ERP, status=429, headers={"Retry-After": "1"})
    with pytest.raises(ConnectorDown) as told:
        session().send(post())
    assert not isinstance(told.value, ReplyLost)
    assert len(responses.calls) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, ConnectorRefused), (403, ConnectorRefused), (404, ConnectorRefused), (400, ConnectorRefused),
     (500, ConnectorDown), (301, ConnectorRefused)],
)  # fmt: skip
@responses.activate
def test_every_status_says_who_does_what(status: int, kind: type[ConnectorError]) -> None:
    responses.get(ERP, status=status, body="no")
    with pytest.raises(kind) as told:
        session().send(get())
    assert type(told.value) is kind


@responses.activate
def test_a_status_that_the_client_knows_comes_back() -> None:
    responses.get(ERP, status=444, body="expired")
    assert session().send(get(accept={444})).status == 444


@pytest.mark.parametrize(("asked", "waits"), [("7", [7.0]), ("Wed, 01 Apr 2026 12:00:09 GMT", [9.0]), ("soon", [0.25])])
@responses.activate
def test_retry_after_is_honoured(asked: str, waits: list[float]) -> None:
    responses.get(ERP, status=429, headers={"Retry-After": asked})
    responses.get(ERP, json={})
    slept = Slept()
    session(slept).json(get())
    assert slept == waits


@responses.activate
def test_a_retry_after_beyond_patience_ends_the_trying() -> None:
    responses.get(ERP, status=503, headers={"Retry-After": "3600"})
    slept = Slept()
    with pytest.raises(ConnectorDown):
        session(slept).send(get())
    assert slept == []


def test_retry_after_in_the_past_is_now_and_absent_is_nothing() -> None:
    assert retry_after("Wed, 01 Apr 2026 11:00:00 GMT", now=lambda: NOW) == 0.0
    assert retry_after(None, now=lambda: NOW) is None


@given(st.integers(1, 50), st.floats(0, 0.999))
def test_a_pause_grows_to_its_longest_and_is_never_nothing(tried: int, chance: float) -> None:
    policy = RetryPolicy(first=0.5, longest=20)
    assert 0.25 <= policy.pause(tried, chance=chance) <= 20


@pytest.mark.parametrize("body", ["<!DOCTYPE html><p>Sign in", "  <html>", "\ufeff<HTML>x"])
@responses.activate
def test_a_web_page_with_200_is_garbled(body: str) -> None:
    responses.get(ERP, body=body, content_type="application/json")
    with pytest.raises(ConnectorGarbled, match="web page instead of data"):
        session().json(get())


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000])
@responses.activate
def test_what_is_no_json_is_garbled(body: bytes) -> None:
    responses.get(ERP, body=body)
    with pytest.raises(ConnectorGarbled):
        session().json(get())


@responses.activate
def test_a_write_answered_by_a_web_page_is_lost_not_failed() -> None:
    responses.post(ERP, body="<html>proxy", content_type="text/html")
    with pytest.raises(ReplyLost, match="web page"):
        session().json(post())


@responses.activate
def test_a_body_beyond_the_cap_is_not_kept() -> None:
    responses.get(ERP, body=b"x" * 1001)
    with pytest.raises(ConnectorGarbled, match="more than 1000 bytes"):
        session(largest=1000).send(get())
    responses.post(ERP, body=b"x" * 1001)
    with pytest.raises(ReplyLost):
        session(largest=1000).send(post())


@responses.activate
def test_secrets_and_addresses_in_an_answer_stay_out_of_the_message() -> None:
    responses.get(ERP, status=400, body="password=hunter2secret for clerk@example.com")
    with pytest.raises(ConnectorRefused) as told:
        session().send(get())
    assert "hunter2secret" not in str(told.value)
    assert "clerk@example.com" not in str(told.value)


@responses.activate
def test_a_redirect_stays_on_its_host() -> None:
    responses.get(ERP + "/old", status=302, headers={"Location": "/api/new"})
    responses.get(ERP + "/new", json={"moved": True})
    assert session().json(get("/old")) == {"moved": True}
    responses.get(ERP + "/out", status=302, headers={"Location": "https://evil.example/"})
    with pytest.raises(ConnectorRefused, match=r"redirects to evil\.example"):
        session().send(get("/out"))
    responses.get(ERP + "/round", status=302, headers={"Location": "/api/round"})
    with pytest.raises(ConnectorRefused, match="circles"):
        session().send(get("/round"))


@responses.activate
def test_a_write_is_never_redirected() -> None:
    responses.post(ERP, status=307, headers={"Location": "/api/new"})
    with pytest.raises(ConnectorRefused):
        session().send(post())


@responses.activate
@pytest.mark.parametrize("status", [500, 503])
def test_a_get_that_writes_is_sent_once_and_a_broken_answer_is_lost(status: int) -> None:
    responses.get(ERP, status=status)
    with pytest.raises(ReplyLost, match="may have taken effect"):
        session().send(get(writes=True))
    assert len(responses.calls) == 1


@responses.activate
def test_a_get_that_writes_is_never_redirected() -> None:
    responses.get(ERP, status=302, headers={"Location": "/api/new"})
    with pytest.raises(ConnectorRefused):
        session().send(get(writes=True))
    assert len(responses.calls) == 1


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/api", "http://erp.example/api", "https://erp.example:8443/api", "ftp://erp.example/",
     "https://user@erp.example/", "https:///x", "https://erp.example:99999/"],
)  # fmt: skip
def test_only_what_the_settings_name_is_spoken_to(url: str) -> None:
    with pytest.raises(ConnectorRefused):
        AddressGuard([ERP]).check(url)


@pytest.mark.parametrize("url", ["http://jde:99999/", "http://ann:geheim:9300/x", "http://[jde/"])
def test_an_address_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(ConnectorRefused, match=r"^The address is no") as refused:
        origin_of(url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.1.1", "fe80::1%eth0", "100.100.100.200", "0.0.0.0", "224.0.0.1", "fd00:ec2::254",
     "::ffff:169.254.169.254", "no address"],
)  # fmt: skip
def test_metadata_and_link_local_addresses_are_never_spoken_to(address: str) -> None:
    with pytest.raises(ConnectorRefused):
        check_address(address)


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "192.0.2.7", "::1", "2001:db8::1"])
def test_an_erps_address_passes(address: str) -> None:
    check_address(address)


def test_a_metadata_address_is_refused_even_when_the_settings_name_it() -> None:
    with pytest.raises(ConnectorRefused, match="no address of an ERP"):
        session(url="http://169.254.169.254/").send(Call("GET", "http://169.254.169.254/latest"))


class Time:
    """A clock that its sleep moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_budget_lets_a_burst_through_and_then_keeps_the_rate() -> None:
    time_ = Time()
    budget = RateBudget(2, at_once=1, burst=3, clock=time_.clock, sleep=time_.sleep)
    at = []
    for _ in range(6):
        with budget.call():
            at.append(time_.now)
    assert at == [0, 0, 0, 0.5, 1.0, 1.5]
    time_.now += 100
    with budget.call():
        assert time_.now == 101.5


def test_a_budget_keeps_the_number_of_calls_at_once() -> None:
    budget = RateBudget(1000, at_once=2, burst=10, clock=time.monotonic, sleep=time.sleep)
    inside, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with budget.call():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


@pytest.mark.parametrize("values", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_budget_is_positive(values: tuple[float, int, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        RateBudget(values[0], at_once=values[1], burst=values[2], clock=lambda: 0.0, sleep=Slept())
