"""The faults a simulator's server can be told to have, and how one is written on a command line."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, NamedTuple, Self, get_args

from duehook.core.errors import NotFound

FaultKind = Literal[
    "slow", "status", "lost_reply", "half_page", "html", "garbage", "charset", "repeat", "shrink", "reset"
]  # fmt: skip
INSTEAD: Final[tuple[FaultKind, ...]] = ("status", "html", "garbage")  # these put an answer in the place of another
VALUE_OF: Final = {"slow": "seconds", "status": "status"}  # what `kind=value` means
_NUMBERS: Final = {"count": int, "after": int, "status": int, "retry_after": int, "seconds": float}


class NoFault(NotFound):
    """A fault is asked for that cannot be had."""


@dataclass
class Fault:
    """A fault for the next `count` requests whose path, and whose method, the patterns are found in.

    slow: waits `seconds`, then answers as ever. status: answers `status`, does nothing; with
    `retry_after` it asks to wait so many seconds. charset: does it, answers in UTF-16 unsaid.
    repeat: answers what it last answered at that path, does nothing. shrink: answers with fewer rows and
    as if there were no more pages, where the simulator knows how.
    lost_reply: does it, then closes without a word. half_page: does it, sends half the body.
    html, garbage: answers 200 with that, does nothing. reset: resets the connection, does nothing.
    `after` requests that match are let through first. Parts of an OData $batch are requests too, at `…/$batch/Set`,
    for the faults of `INSTEAD`.
    """

    kind: FaultKind
    path: str = ""
    method: str = ""
    count: int = 1
    after: int = 0
    status: int = 500
    seconds: float = 1.0
    retry_after: int | None = None

    @classmethod
    def read(cls, given: str | Mapping[str, Any]) -> Self:
        """Read `html`, `slow=2.5`, `status=503,path=addtext,count=3`, or the same as a mapping.

        Raises NoFault, which names what there is.
        """
        named = dict(_named(given)) if isinstance(given, str) else dict(given)
        kind: Any = named.pop("kind", None)
        if kind not in get_args(FaultKind):
            raise NoFault(f"there is no fault {kind!r}; there are {', '.join(get_args(FaultKind))}.")
        known = [field.name for field in fields(cls) if field.name != "kind"]
        for name in named:
            if name not in known:
                raise NoFault(f"the fault {kind!r} has no {name!r}; it has {', '.join(known)}.")
        return cls(kind, **{name: _read(name, value) for name, value in named.items()})


class Calls(NamedTuple):
    """Which requests are meant, as patterns of path and method."""

    path: str
    method: str

    def fits(self, method: str, path: str) -> bool:
        """Say whether a request is one of them."""
        return bool(re.search(self.path, path) and re.search(self.method, method))


READS: Final = Calls("", "GET")


class Faults:
    """The faults that wait, taken by the first requests that match."""

    def __init__(self) -> None:
        """Start without any."""
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def set(
        self, kind: FaultKind, path: str = "", *, method: str = "", count: int = 1, after: int = 0,
        status: int = 500, seconds: float = 1.0, retry_after: int | None = None,
    ) -> None:  # fmt: skip
        """Let the next requests fail; raises NoFault for a kind that does not exist."""
        named = {"path": path, "method": method, "count": count, "after": after, "status": status, "seconds": seconds}
        wait = {} if retry_after is None else {"retry_after": retry_after}
        self.add(Fault.read({"kind": kind, **named, **wait}))

    def add(self, fault: Fault) -> None:
        """Let the next requests that match have this fault."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all faults that wait."""
        with self._lock:
            self._waiting.clear()

    def take(self, path: str, method: str = "", *, kinds: Collection[FaultKind] = get_args(FaultKind)) -> Fault | None:
        """Use up one count of the first fault of these kinds that matches."""
        with self._lock:
            for fault in self._waiting:
                if not re.search(fault.path, path) or not re.search(fault.method, method) or fault.kind not in kinds:
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.count -= 1
                if fault.count <= 0:
                    self._waiting.remove(fault)
                return fault
        return None


def _named(text: str) -> list[tuple[str, str]]:
    """Take `kind[=value][,name=value…]` apart."""
    first, *others = (part.partition("=") for part in text.split(","))
    kind = first[0].strip()
    if first[1] and kind in get_args(FaultKind) and kind not in VALUE_OF:
        raise NoFault(f"the fault {kind!r} has no value of its own; write {kind} alone, or {kind},count=2.")
    own = [(VALUE_OF.get(kind, ""), first[2].strip())] if first[1] and kind in VALUE_OF else []
    return [("kind", kind), *own, *((name.strip(), value.strip()) for name, _, value in others)]


def _read(name: str, value: Any) -> Any:
    try:
        if name in {"path", "method"}:
            re.compile(str(value))
            return str(value)
        return _NUMBERS[name](value)
    except (ValueError, TypeError, re.error):
        wanted = f"a pattern of a {name}" if name in {"path", "method"} else "a number"
        raise NoFault(f"{name} of a fault is {wanted}, not {value!r}.") from None
