"""A mail catcher on loopback: every mail it takes is kept by its Message-ID."""

from __future__ import annotations

import email
import email.policy
import socket
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Catcher:
    """Takes mails and counts them; `caught` is how often each Message-ID came."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self.caught: Counter[str] = Counter()
        self.subjects: dict[str, str] = {}
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        head = content.partition(b"\r\n\r\n")[0]
        mail = email.message_from_bytes(head, policy=email.policy.default)
        self.caught[str(mail["Message-ID"])] += 1
        self.subjects[str(mail["Message-ID"])] = str(mail["Subject"])
        return "250 caught"

    def start(self) -> int:
        """Listen on loopback; return the port."""
        self._controller.start()
        return int(self._controller.port)

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
