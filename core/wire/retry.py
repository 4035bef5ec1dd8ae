"""When a read is tried again, and how long to wait before."""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

Sleep = Callable[[float], None]
_INSTEAD: Final[list[Sleep]] = []
PASSING: Final = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True)
class RetryPolicy:
    """At most `tries` in all, the pauses doubling from `first` to `longest` seconds with jitter.

    A Retry-After up to `patience` seconds is honoured to the second; a longer one ends the trying,
    for waiting less than was asked would only add load.
    """

    tries: int = 4
    first: float = 0.5
    longest: float = 20.0
    patience: float = 60.0

    def pause(self, tried: int, *, chance: float) -> float:
        """Return the pause after so many tries; `chance` in [0, 1) spreads it over its upper half."""
        full = min(self.longest, self.first * 2.0 ** (tried - 1))
        return full * (0.5 + chance / 2)

    def wait(
        self, tried: int, headers: Mapping[str, str], *, now: Callable[[], datetime], chance: float
    ) -> float | None:
        """Return how long to wait before the next try, None when there should be none."""
        if tried >= self.tries:
            return None
        asked = retry_after(headers.get("Retry-After"), now=now)
        if asked is None:
            return self.pause(tried, chance=chance)
        return None if asked > self.patience else max(asked, self.pause(tried, chance=chance))


def rest(seconds: float, sleep: Sleep) -> None:
    """Wait before the next try, by `sleep` or by what stands in its place."""
    (_INSTEAD[-1] if _INSTEAD else sleep)(seconds)


@contextmanager
def resting_by(sleep: Sleep) -> Iterator[None]:
    """Let every session of this process wait so before it tries again: tests of a connector have no time to wait."""
    _INSTEAD.append(sleep)
    try:
        yield
    finally:
        _INSTEAD.remove(sleep)


def retry_after(text: str | None, *, now: Callable[[], datetime]) -> float | None:
    """Return the seconds that a Retry-After asks for, as a number or a date; None where it says nothing."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now()).total_seconds())
