"""What may stand between a session and the wire: something that keeps what is said, or says it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from .reply import Reply

if TYPE_CHECKING:
    from .session import Call


class Tape(Protocol):
    """Stands between every session of this process and the wire."""

    def exchange(self, call: Call, url: str, send: Callable[[], Reply]) -> Reply:
        """Answer a call to this URL, by `send` over the wire or otherwise."""


_BETWEEN: Final[list[Tape]] = []


@contextmanager
def taped_by(tape: Tape) -> Iterator[None]:
    """Let every session of this process speak through a tape."""
    _BETWEEN.append(tape)
    try:
        yield
    finally:
        _BETWEEN.remove(tape)


def exchanged(call: Call, url: str, send: Callable[[], Reply]) -> Reply:
    """Return the answer to a call: the tape's where there is one, else what comes over the wire."""
    return _BETWEEN[-1].exchange(call, url, send) if _BETWEEN else send()
