"""The shared HTTP layer on a real socket: what breaks, hangs, is not there or is not trusted, in words."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorRefused
from duehook.core.wire import Call, ReplyLost, RetryPolicy, WireOptions, WireSession
from duehook.core.wire.reasons import reason
from tests.rigs.mail_catcher import certificate


def session(url: str, **options: Any) -> WireSession:
    return WireSession([url], WireOptions(**{"sleep": lambda seconds: None, "chance": lambda: 0.0, **options}))


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
    return session(base, **{"read_seconds": 0.3, "retry": RetryPolicy(tries=2), **options}), base


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
        session("http://*.example").send(Call("GET", "http://*.example/api"))
    assert told.value.message == "Nothing can be sent to *.example:80: URL has an invalid label."
    assert told.value.fix == "correct the address in the connection's settings."


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConnectorDown) as told:
            session(f"http://{host}").send(Call("POST", f"http://{host}", json={}))
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
    wire = session(base)
    with pytest.raises(ConnectorRefused, match="nothing was sent"):
        wire.send(Call("GET", base + "/fine"))
    assert server.seen == []
    wire.close()


def test_a_certificate_nobody_trusts_is_a_persons_matter(server: Server) -> None:
    base = f"https://127.0.0.1:{server.server_port}"
    with pytest.raises(ConnectorError) as told:
        session(base, retry=RetryPolicy(tries=1)).send(Call("POST", base, json={}))
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
            session(base, retry=RetryPolicy(tries=1)).send(Call("GET", base))
        thread.join()


def test_a_certificate_of_nobodys_is_told_with_its_reason(server: Server, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    base = f"https://127.0.0.1:{server.server_port}"
    wire = session(base, retry=RetryPolicy(tries=1))
    with pytest.raises(ConnectorRefused, match="its certificate is not trusted: self-signed certificate"):
        wire.send(Call("GET", base + "/fine"))
    wire.close()


def test_a_name_that_nobody_knows_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConnectorDown, match=r"erp\.example:443 cannot be reached: no server of that name is known"):
        session("https://erp.example", retry=RetryPolicy(tries=1)).send(Call("GET", "https://erp.example/api"))


def test_a_write_whose_answer_breaks_in_tls_is_lost_not_refused(server: Server, tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    base = f"https://127.0.0.1:{server.server_port}"
    wire = session(base, retry=RetryPolicy(tries=2), verify=str(trusted))
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
