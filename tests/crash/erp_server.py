"""The small ERP on a socket of the test process, so that it outlives the processes that are killed."""

from __future__ import annotations

import http.client
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import Row
from duehook.core.records import Stream
from tests.rigs.small_erp import Key, SmallErp

TIMEOUT = 20.0


class Served:
    """Which ERP is served now; each kill point gets a fresh one."""

    def __init__(self) -> None:
        self.erp = SmallErp()
        self.port = 0


@contextmanager
def serving() -> Iterator[Served]:
    """Serve whatever `erp` of the object is."""
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's own name
            method, given = pickle.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = pickle.dumps(getattr(served.erp, method)(*given))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *given: Any) -> None:  # the library's own name
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # the caller was killed
                self.close_connection = True

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that was killed is no error of ours."""

    server = Server(("127.0.0.1", 0), Handler)
    served.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class RemoteErp:
    """The served ERP as another process calls it."""

    blind = False

    def __init__(self, port: int) -> None:
        self._port = port

    def _call(self, method: str, *given: Any) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        try:
            line.connect()
        except OSError as error:
            raise ConnectorDown("the ERP is not there") from error
        try:
            line.request("POST", f"/{method}", pickle.dumps((method, given)))
            return pickle.loads(line.getresponse().read())
        finally:
            line.close()

    def now(self) -> datetime:
        at: datetime = self._call("now")
        return at

    def rows(self, stream: Stream) -> list[Row]:
        rows: list[Row] = self._call("rows", stream)
        return rows

    def lookup(self, stream: Stream, keys: Sequence[Key]) -> list[Row]:
        rows: list[Row] = self._call("lookup", stream, list(keys))
        return rows

    def note(self, key: str, customer: str, text: str) -> None:
        self._call("note", key, customer, text)

    def has_note(self, key: str) -> bool:
        return bool(self._call("has_note", key))

    def hold_of(self, customer: str) -> str | None:
        held: str | None = self._call("hold_of", customer)
        return held

    def set_hold(self, customer: str, value: str | None) -> None:
        self._call("set_hold", customer, value)
