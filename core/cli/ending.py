"""SIGTERM ends a command the way its own end does: what it opened is closed, nothing lies about."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from duehook.core.errors import Terminated

TERMINATED: Final = 128 + signal.SIGTERM


@contextmanager
def at_once() -> Iterator[None]:
    """Raise Terminated in the block when SIGTERM comes."""

    def end(*_: object) -> None:
        raise Terminated

    with _handling(end):
        yield


@contextmanager
def at_a_rest() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether SIGTERM came, for a block that ends where nothing is half done."""
    came = threading.Event()
    with _handling(lambda *_: came.set()):
        yield came.is_set


@contextmanager
def _handling(act: Callable[..., Any]) -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, act)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
