"""Who acts, at which instant, under which correlation id: an argument of every use case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

ActorKind = Literal["person", "engine", "plugin"]
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Actor:
    """Who does something: a person by name, the engine, or a plugin, and through which door."""

    kind: ActorKind
    id: str
    source: str  # cli, schedule, web, demo, ...


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Context:
    """What a use case needs to know of its caller.

    `clock` gives aware UTC instants; `correlation_id` joins the log lines, audit rows and
    outside effects of one act. `over` says that the process is to end: what is long stops then.
    """

    actor: Actor
    clock: Clock
    correlation_id: str
    over: Callable[[], bool] = _never

    def now(self) -> datetime:
        """Return the instant by the caller's clock, refusing one without a zone."""
        instant = self.clock()
        if instant.tzinfo is None:
            raise ValueError("a clock must give aware instants")
        return instant.astimezone(UTC)
