"""A small HTTP server on loopback that simulators answer through, with faults on demand.

Faults are set in Python (`server.faults.set(...)`), or from another process through
`POST /_control/faults`; `GET /_control/log` gives the newest requests that came in, `count` how many there
were in all. Control requests are neither logged nor hit by faults.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from .exchange import Logged, Reply, Request, json_reply, logged
from .failing import in_another_charset, instead
from .faults import Calls, Fault, Faults, NoFault

__all__ = ["ControlRoute", "Logged", "Reply", "Request", "SimulatorServer", "json_reply"]
ControlRoute = Callable[[dict[str, Any]], Any]
CONTROL: Final = "/_control/"
KEPT: Final = 1_000  # requests that the log has at least; twice as many at most


class SimulatorServer:
    """An HTTP server in threads of its own on 127.0.0.1.

    `handle` answers requests. `error` words the body of a `status` fault. `controls` are commands
    for other processes, by the name behind `/_control/`: each takes the body, returns the answer.
    `shrunk` makes a page of fewer rows that looks like the last one. `clock` is the time that every
    answer bears as its Date: the book's days are not today's. `about` says for the log what a request asks about:
    its path, where an ERP does not put that into the body. `place` says which path a fault looks for its pattern in:
    another than the request's where an ERP has one address for everything.
    """

    def __init__(
        self,
        handle: Callable[[Request], Reply],
        *,
        error: Callable[[int], Reply] | None = None,
        controls: Mapping[str, ControlRoute] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        shrunk: Callable[[Reply], Reply] = lambda reply: reply,
        about: Callable[[Request], str] = lambda request: request.path,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; `start` binds the port (0: any that is free). With `tls` it is an HTTPS server."""
        self.handle = handle
        self.error = error or (lambda status: json_reply({"message": "fault"}, status))
        self.faults = Faults()
        self.log: list[Logged] = []
        self.request_count = 0  # with those that the log has forgotten
        own: dict[str, ControlRoute] = {"faults": self._set_fault, "log": self._show_log, "count": self._show_count}
        self.controls = {**own, **(controls or {})}
        self.stopping = threading.Event()
        self.clock, self.shrunk, self.about = clock, shrunk, about
        self.place: Callable[[Request], str] = lambda request: request.path
        self.meanwhile: tuple[Callable[[], None], Calls] | None = None
        self._last: dict[str, Reply] = {}
        self.url = ""  # once it serves
        self._port, self._tls = port, tls
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Serve; return the base URL."""
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.owner, self._server.tls = self, self._tls
        self.stopping.clear()
        self._thread = threading.Thread(target=self._serve, args=(self._server,), daemon=True)
        self._thread.start()
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        return self.url

    def stop(self) -> None:
        """End the server and cut its connections."""
        self.stopping.set()
        if self._server and self._thread:
            self._wake(self._server)
            self._thread.join()
            self._server.cut()
            self._server.server_close()
        self._server = self._thread = None

    def _serve(self, server: _Server) -> None:
        """Take connections as they come; to look again and again whether to stop costs more than to be woken."""
        while not self.stopping.is_set():
            server.handle_request()

    @staticmethod
    def _wake(server: _Server) -> None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=5).close()

    def note(self, entry: Logged) -> None:
        """Write a request down and forget the oldest: a simulator may run for weeks."""
        self.log.append(entry)
        self.request_count += 1
        if len(self.log) > 2 * KEPT:
            del self.log[:-KEPT]

    def answer(self, request: Request) -> Reply:
        """Answer as ever, and remember it, for a server may give the same page twice.

        What `meanwhile` holds happens once before the first request that it waits for.
        """
        place = self.place(request)
        if self.meanwhile and self.meanwhile[1].fits(request.method, place):
            act, self.meanwhile = self.meanwhile[0], None
            act()
        reply = self.handle(request)
        self._last[place] = reply
        return reply

    def answer_again(self, request: Request) -> Reply:
        """Answer what was last answered at this path, whatever is asked for now."""
        return self._last.get(self.place(request)) or self.answer(request)

    def _set_fault(self, body: dict[str, Any]) -> Any:
        if body.get("clear"):
            self.faults.clear()
        if "kind" in body:
            self.faults.add(Fault.read({name: body[name] for name in body if name != "clear"}))
        return {"ok": True}

    def _show_log(self, body: dict[str, Any]) -> Any:
        return [asdict(entry) for entry in list(self.log)]

    def _show_count(self, body: dict[str, Any]) -> Any:
        return {"requests": self.request_count}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: SimulatorServer
    tls: ssl.SSLContext | None = None

    def __init__(self, *where: Any) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__(*where)

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection; the handshake is left to the thread that serves it, for a client may dawdle."""
        connection, address = super().get_request()
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hung up; they are half of what is simulated."""

    def cut(self) -> None:
        """End connections that clients keep open."""
        for connection in list(self._connections):
            with suppress(OSError):  # the client was quicker
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, else the client's delayed ACK costs 40 ms a reply
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the terminal clean; requests are in the server's log."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_MERGE = do_DELETE = do_GET  # noqa: N815  (http.server calls them so)

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, parts.path, parts.query, dict(self.headers.items()), body)
        owner = self.server.owner
        if parts.path.startswith(CONTROL):
            return self._write(_controlled(owner, request))
        fault = owner.faults.take(owner.place(request), self.command)
        owner.note(logged(request, owner.about(request), fault))
        if fault is None:
            return self._write(owner.answer(request))
        return self._fail(owner, request, fault)

    def _fail(self, owner: SimulatorServer, request: Request, fault: Fault) -> None:
        reply = instead(fault, owner.error)
        if reply is not None:
            return self._write(reply)
        if fault.kind == "slow":
            owner.stopping.wait(fault.seconds)
            return self._write(owner.answer(request))
        if fault.kind == "repeat":
            return self._write(owner.answer_again(request))
        if fault.kind == "shrink":
            return self._write(owner.shrunk(owner.answer(request)))
        if fault.kind == "charset":
            return self._write(in_another_charset(owner.answer(request)))
        return self._break_off(owner, request, fault)

    def _break_off(self, owner: SimulatorServer, request: Request, fault: Fault) -> None:
        if fault.kind == "lost_reply":
            owner.answer(request)
        if fault.kind == "half_page":
            self._write(owner.answer(request), half=True)
        if fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _write(self, reply: Reply, *, half: bool = False) -> None:
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(self.server.owner.clock().astimezone(UTC), usegmt=True))
        for name, text in reply.headers:
            self.send_header(name, text)
        if reply.body or reply.status != 204:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if half else reply.body)


def _controlled(owner: SimulatorServer, request: Request) -> Reply:
    route = owner.controls.get(request.path.removeprefix(CONTROL))
    if route is None:
        return json_reply({"message": f"there is {', '.join(owner.controls)}"}, 404)
    try:
        return json_reply(route(request.json or {}))
    except (TypeError, ValueError, KeyError, NoFault) as wrong:
        return json_reply({"message": str(wrong)}, 400)
