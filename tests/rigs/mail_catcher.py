"""SMTP servers of the tests: a real catcher, and one that breaks off at a chosen point."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

STARTED = 10.0
# What a breaking server says to the text.
ANSWERS = {"nonsense": b"nonsense\r\n", "silent": b""}


@dataclass
class Catcher:
    """Catches mails; `refuses` gives replies by recipient, `answers` the next replies to DATA.

    `hang_up` lets it leave after each mail, and `gone` is set once it left. `tired` is what it says, instead
    of 250, when it is asked whether it still listens, or to forget a mail.
    """

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)
    secured: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    hang_up: bool = False
    gone: threading.Event = field(default_factory=threading.Event)
    tired: str | None = None

    async def handle_RCPT(  # noqa: N802  # the library's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        if address in self.refuses:
            return self.refuses[address]
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers and not (answer := self.answers.pop(0)).startswith("2"):
            return answer
        assert isinstance(envelope.content, bytes)
        assert envelope.mail_from is not None
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        self.secured.append(session.ssl is not None)
        if self.hang_up:
            assert server.transport is not None
            asyncio.get_running_loop().call_later(0.01, self._leave, server.transport)
        return "250 OK caught"

    def _leave(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
        asyncio.get_running_loop().call_soon(self.gone.set)

    async def handle_NOOP(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, argument: str
    ) -> str:
        return self.tired or "250 OK"

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return self.tired or "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password == b"secret"
        if known:
            self.users.append(data.login.decode())
        return AuthResult(success=known, handled=False)


@contextmanager
def catching(**options: Any) -> Iterator[Catcher]:
    """Serve a catcher on loopback; `implicit` is the TLS context of a server that starts with TLS."""
    catcher = Catcher()
    implicit: ssl.SSLContext | None = options.pop("implicit", None)
    if options.pop("sign_in", False):
        # Behind TLS from the start the library does not see it, and would warn of asking a password.
        options |= {"authenticator": catcher.authenticate, "auth_required": implicit is None}
        options |= {"auth_require_tls": implicit is None}
    loop, ready = asyncio.new_event_loop(), threading.Event()
    talks: list[SMTP] = []

    async def serve() -> asyncio.Server:
        def session() -> SMTP:
            talks.append(SMTP(catcher, hostname="catcher.example", loop=loop, **options))
            return talks[-1]

        server = await loop.create_server(session, "127.0.0.1", 0, ssl=implicit)
        catcher.port = server.sockets[0].getsockname()[1]
        return server

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(serve())
        ready.set()
        loop.run_forever()
        server.close()
        for talk in talks:
            if talk.transport is not None:
                talk.transport.close()
        loop.run_until_complete(asyncio.sleep(0.05))
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(STARTED)
    try:
        yield catcher
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STARTED)


@dataclass
class Breaking:
    """A server that resets the connection at `point`; `heard` is all that reached it.

    Two do not reset: "closed" takes no text, "silent" never answers it.
    """

    point: str
    port: int = 0
    heard: bytes = b""
    read: int = 0
    connections: int = 0

    def talk(self, line: socket.socket) -> None:
        """Say what a server says, up to the point."""
        replies = {
            "greeting": (b"220 hi\r\n", b""),
            "ehlo": (b"250 hi\r\n", b"\n"),
            "mail": (b"250 ok\r\n", b"\n"),
            "rcpt": (b"250 ok\r\n", b"\n"),
            "data": (b"554 no mail today\r\n" if self.point == "closed" else b"354 go\r\n", b"\n"),
            "within": (b"", b"\r\n\r\n"),
            "reply": (ANSWERS.get(self.point, b"250 kept\r\n"), b"\r\n.\r\n"),
        }
        for point, (reply, awaited) in replies.items():
            if not self._hears(line, awaited) or point == self.point:
                return
            line.sendall(reply)
            if self.point == "closed" and point == "data":
                self._hears(line, b"rset")
                return
        self._hears(line, b"QUIT")

    def _hears(self, line: socket.socket, awaited: bytes) -> bool:
        while awaited not in self.heard[self.read :]:
            part = line.recv(4096)
            if not part:
                return False
            self.heard += part
        self.read = self.heard.index(awaited, self.read) + len(awaited)
        return True


@contextmanager
def breaking(point: str) -> Iterator[Breaking]:
    """Serve one that breaks off: at greeting, ehlo, mail, rcpt, data, within the text, or at its reply."""
    server = Breaking(point)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.port = listening.getsockname()[1]

        def run() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                server.connections += 1
                with line:
                    line.settimeout(STARTED)
                    with suppress(OSError):
                        server.talk(line)
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(STARTED)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for 127.0.0.1 by openssl; return the server's side and the file to trust."""
    key, trusted = folder / "key.pem", folder / "certificate.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", trusted], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, key)
    return context, trusted
