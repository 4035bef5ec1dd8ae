"""The shared HTTP layer: time-outs, retries by verb, budget, guard, caps, and faults in our words."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.wire import AddressGuard, Call, RateBudget, ReplyLost, RetryPolicy, WireOptions, WireSession
from duehook.core.wire.guard import check_address, origin_of
from duehook.core.wire.reasons import reason
from duehook.core.wire.retry import retry_after
from tests.rigs.mail_catcher import certificate

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


class Server(ThreadingHTTPServer):
    """A loopback server that answers each path in its own way, and counts."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.seen: list[str] = []
        self.let_go = threading.Event()


class Answer(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append(self.command)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        ways: dict[str, Callable[[], None]] = {"/slow": self.slow, "/reset": self.reset, "/cut": self.cut}
        {**ways, "/lengths": self.lengths, "/plain": self.plain}.get(self.path, self.fine)()

    def do_POST(self) -> None:
        self.do_GET()

    def fine(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def slow(self) -> None:
        self.server.let_go.wait(10)
        self.close_connection = True

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{")
        self.close_connection = True

    def lengths(self) -> None:
        self.send_response(200)
        for length in ("1", "2"):
            self.send_header("Content-Length", length)
        self.end_headers()
        self.close_connection = True

    def plain(self) -> None:
        """Answer past TLS, as a proxy does whose other side went away."""
        os.write(self.connection.fileno(), b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        self.close_connection = True

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield running
    running.let_go.set()
    running.shutdown()
    running.server_close()
    thread.join()


def local(server: Server, **options: Any) -> tuple[WireSession, str]:
    base = f"http://127.0.0.1:{server.server_port}"
    return session(url=base, **{"read_seconds": 0.3, "retry": RetryPolicy(tries=2), **options}), base


@pytest.mark.parametrize("path", ["/slow", "/reset", "/cut", "/lengths"])
def test_over_a_real_socket_a_read_is_tried_again_and_a_write_is_lost(server: Server, path: str) -> None:
    wire, base = local(server, read_seconds=2)  # a busy machine answers /fine in that
    with pytest.raises(ConnectorDown) as read:
        wire.send(Call("GET", base + path))
    assert not isinstance(read.value, ReplyLost)
    assert server.seen == ["GET", "GET"]
    with pytest.raises(ReplyLost):
        wire.send(Call("POST", base + path, json={}))
    assert server.seen == ["GET", "GET", "POST"]
    assert wire.json(Call("POST", base + "/fine", json={})) == {}
    wire.close()


@pytest.mark.parametrize("token", ["geheim\nlines", "geheim \u20ac"])
def test_a_token_that_fits_no_header_is_not_sent_and_not_shown(server: Server, token: str) -> None:
    wire, base = local(server)
    with pytest.raises(ConnectorRefused, match=r"^Nothing can be sent to 127\.0\.0\.1") as told:
        wire.send(Call("POST", base + "/fine", headers={"X-Token": token}))
    assert "geheim" not in str(told.value)
    assert told.value.fix == "look at what the other side gives as its token."
    assert server.seen == []
    wire.close()


def test_a_server_that_says_nothing_is_told_in_words(server: Server) -> None:
    wire, base = local(server, retry=RetryPolicy(tries=1))
    with pytest.raises(ReplyLost, match=r"failed at /slow: it did not answer in time\. The write was sent"):
        wire.send(Call("POST", base + "/slow", json={}))
    wire.close()


def test_a_server_that_hangs_up_is_told_in_words(server: Server) -> None:
    server.let_go.set()
    wire, base = local(server, retry=RetryPolicy(tries=1))
    with pytest.raises(ConnectorDown, match="failed at /slow: it hung up without an answer"):
        wire.send(Call("GET", base + "/slow"))
    wire.close()


def test_a_fault_that_wraps_itself_is_told_all_the_same() -> None:
    first, second = OSError("the first"), OSError("the second")
    first.__cause__, second.__cause__ = second, first
    assert reason(first) == "the second"


def test_an_address_that_is_no_host_says_where_to_correct_it() -> None:
    with pytest.raises(ConnectorRefused) as told:
        session(url="http://*.example").send(Call("GET", "http://*.example/api"))
    assert told.value.message == "Nothing can be sent to *.example:80: URL has an invalid label."
    assert told.value.fix == "correct the address in the connection's settings."


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConnectorDown) as told:
            session(url=f"http://{host}").send(Call("POST", f"http://{host}", json={}))
    assert not isinstance(told.value, ReplyLost)
    assert told.value.message == f"{host} cannot be reached: Connection refused."
    assert told.value.fix == (
        "see that it runs and that no firewall stands in between, or correct the address in the connection's settings."
    )


def test_a_name_that_leads_to_a_metadata_address_is_refused_before_a_byte(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, base = local(server)
    monkeypatch.setattr("duehook.core.wire.guard._METADATA", {__import__("ipaddress").ip_address("127.0.0.1")})
    base = base.replace("127.0.0.1", "localhost")
    wire = session(url=base)
    with pytest.raises(ConnectorRefused, match="nothing was sent"):
        wire.send(Call("GET", base + "/fine"))
    assert server.seen == []
    wire.close()


def test_a_certificate_nobody_trusts_is_a_persons_matter(server: Server) -> None:
    base = f"https://127.0.0.1:{server.server_port}"
    with pytest.raises(ConnectorError) as told:
        session(url=base, retry=RetryPolicy(tries=1)).send(Call("POST", base, json={}))
    assert isinstance(told.value, ConnectorRefused)


def test_a_server_that_does_not_speak_tls_is_told_by_its_reason() -> None:
    def answer() -> None:
        connection, _ = plain.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as plain:
        thread = threading.Thread(target=answer)
        thread.start()
        base = f"https://127.0.0.1:{plain.getsockname()[1]}"
        with pytest.raises(ConnectorRefused, match="do not agree on TLS: wrong version number"):
            session(url=base, retry=RetryPolicy(tries=1)).send(Call("GET", base))
        thread.join()


def test_a_certificate_of_nobodys_is_told_with_its_reason(server: Server, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    base = f"https://127.0.0.1:{server.server_port}"
    wire = session(url=base, retry=RetryPolicy(tries=1))
    with pytest.raises(ConnectorRefused, match="its certificate is not trusted: self-signed certificate"):
        wire.send(Call("GET", base + "/fine"))
    wire.close()


def test_a_name_that_nobody_knows_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConnectorDown, match=r"erp\.example:443 cannot be reached: no server of that name is known"):
        session(retry=RetryPolicy(tries=1)).send(get())


def test_a_write_whose_answer_breaks_in_tls_is_lost_not_refused(server: Server, tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    base = f"https://127.0.0.1:{server.server_port}"
    wire = session(url=base, retry=RetryPolicy(tries=2), verify=str(trusted))
    with pytest.raises(ReplyLost, match="may have taken effect"):
        wire.send(Call("POST", base + "/plain", json={}))
    with pytest.raises(ConnectorDown) as read:
        wire.send(Call("GET", base + "/plain"))
    assert not isinstance(read.value, ReplyLost)
    assert server.seen == ["POST", "GET", "GET"]
    wire.close()


def test_proxies_and_netrc_of_the_machine_are_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    wire, base = local(server)
    assert wire.json(Call("GET", base + "/fine")) == {}
    wire.close()
