"""The points at which a process may be killed: before each writing statement, commit, flush, rename and send.

A point stands before the act, so the one after it is "just behind": a kill between two acts is
covered from both sides. Sends have a point behind them as well, before any reply is read.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "COPY", "MERGE")


class Points:
    """Counts the points of this process and ends it at one of them."""

    def __init__(self, at: int | None = None) -> None:
        """Kill at the point of this number, the first being 1; count only for None."""
        self.at = at
        self.names: list[str] = []

    def pass_by(self, name: str) -> None:
        """Pass a point, or die there as a machine would."""
        self.names.append(name)
        if len(self.names) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Stand at every write and send of this process from now on."""
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", lambda _tx: self.pass_by("commit"))
        for name in ("fsync", "replace", "rename"):
            self._before(os, name)
        for name in ("send", "sendall"):
            self._around(name)

    def _statement(self, _tx: Any, _cursor: Any, statement: str, *_: Any) -> None:
        verb = statement.lstrip(" (\n").split(None, 1)[0].upper()
        if verb in WRITES:
            self.pass_by(f"{verb} {' '.join(statement.split()[1:3])}")

    def _before(self, module: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(module, name)

        def wrapped(*given: Any, **named: Any) -> Any:
            self.pass_by(name)
            return real(*given, **named)

        setattr(module, name, wrapped)

    def _around(self, name: str) -> None:
        real: Callable[..., Any] = getattr(socket.socket, name)

        def wrapped(line: socket.socket, data: bytes, *given: Any) -> Any:
            said = bytes(data[:24]).split(b"\r\n")[0].decode("latin-1")
            self.pass_by(f"before {name} {said}")
            answer = real(line, data, *given)
            self.pass_by(f"after {name} {said}")
            return answer

        setattr(socket.socket, name, wrapped)
