"""What may stand between a client and the wire: something that keeps what is said, or says it again.

HTTP asks by a `Sent`, ODBC and RFC by a `Question`, whose answer is plain data and whose failure is `Broken`: what a
driver's own exception said, so that it can be raised again where there is no driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from .session import Call

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Sent:
    """A call of HTTP to this URL, which may be where another led."""

    call: Call
    url: str


@dataclass(frozen=True)
class Question:
    """A statement or a function, and what is given to it: values in their order, or parameters by name."""

    wire: Literal["odbc", "rfc"]
    name: str
    given: Any = ()


class Broken(Exception):
    """What a driver or a library raised; at `opening` before anything could be asked, at `keeping` behind all of it."""

    def __init__(self, kind: str, key: str, text: str, at: Literal["opening", "asking", "keeping"] = "asking") -> None:
        """Take the name of its class, its code and its words."""
        super().__init__(text)
        self.kind, self.key, self.text, self.at = kind, key, text, at


class Tape(Protocol):
    """Stands between every client of this process and the wire."""

    def exchange(self, asked: Sent | Question, send: Callable[[], _Answer]) -> _Answer:
        """Answer what is asked, by `send` over the wire or otherwise."""


_BETWEEN: Final[list[Tape]] = []


@contextmanager
def taped_by(tape: Tape) -> Iterator[None]:
    """Let every client of this process speak through a tape."""
    _BETWEEN.append(tape)
    try:
        yield
    finally:
        _BETWEEN.remove(tape)


def exchanged(asked: Sent | Question, send: Callable[[], _Answer]) -> _Answer:
    """Return the answer: the tape's where there is one, else what comes over the wire."""
    return _BETWEEN[-1].exchange(asked, send) if _BETWEEN else send()
