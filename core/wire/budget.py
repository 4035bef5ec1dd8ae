"""How often, and how many at once, the other side may be asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class RateBudget:
    """A token bucket beside a limit of calls at once; safe for threads.

    `burst` calls may follow each other at once after a pause. `clock` is a monotonic clock in
    seconds and `sleep` waits; both are arguments so that tests need no time.
    """

    def __init__(
        self,
        per_second: float,
        *,
        at_once: int,
        burst: int = 1,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        if per_second <= 0 or at_once < 1 or burst < 1:
            raise ValueError("a budget is positive")
        self._per_second, self._burst = per_second, float(burst)
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(at_once)
        self._tokens, self._counted_at = self._burst, clock()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Wait for a place and a token, and hold the place for the block."""
        with self._places:
            wait = self._take()
            if wait > 0:
                self._sleep(wait)
            yield

    def _take(self) -> float:
        """Take a token, be it one of the future, and return how long until it is there."""
        with self._lock:
            now = self._clock()
            grown = (now - self._counted_at) * self._per_second
            self._tokens = min(self._burst, self._tokens + grown) - 1
            self._counted_at = now
            return max(0.0, -self._tokens / self._per_second)
