"""Watch over a plugin's code while it runs: what it raises, what it gives, how long it takes, what it prints.

What runs in this process cannot be kept from everything: `os._exit`, a crash in a library of C, and memory
taken without end are the process's own. `duehook doctor` finds those, for it asks each plugin in a process of its own.
"""

from __future__ import annotations

import io
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Final, TextIO, TypeVar

import structlog

from duehook.core.errors import ConnectorError, DuehookError, Terminated
from duehook.core.hookspecs import Discovery, Finding, KeyPage, Lookup, Page, UpperBound
from duehook.core.redaction import mask_secrets

AGAIN: Final = 1.0  # seconds after which code that swallowed the first alarm gets the next
# What a source's methods give, and whether one by one.
GIVEN: Final[dict[str, tuple[type[Any], bool]]] = {
    "check": (Finding, True),
    "discover": (Discovery, True),
    "upper_bound": (UpperBound, False),
    "read": (Page, True),
    "keys": (KeyPage, True),
    "lookup": (Lookup, False),
    "totals": (Iterable, True),
    "close": (object, False),
}
_END: Final = object()
_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


class PluginFailed(ConnectorError):
    """A plugin raised an error that is none of ours, or gave something that is not what the hook asks for."""


class TooSlow(PluginFailed):
    """A plugin's time was up."""


class TimeIsUp(BaseException):
    """A plugin took too long; no handler of its errors may keep it from ending."""


_NO_PLUGINS: Final = (KeyboardInterrupt, GeneratorExit, Terminated, TimeIsUp)  # they come from outside a plugin's code


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn an error that is none of ours into PluginFailed; its traceback goes to the log at debug level.

    For calls into a plugin or an object of its: one plugin's fault must stay with what it is for. A plugin
    that wants to end the process is kept from it.
    """
    try:
        yield
    except (DuehookError, *_NO_PLUGINS):
        raise
    except BaseException as error:  # SystemExit too, and what a loop of its own was cancelled with
        _log.debug("plugin failed", what=what, exc_info=error)
        raise PluginFailed(f"{what}: {words(error)}.") from error


def words(error: BaseException) -> str:
    """Say on one line what kind of error it was and what it said."""
    text = " ".join(str(error).split()).rstrip(".")
    kind = type(error).__name__
    return f"{kind}: {text}" if text else kind


def in_time(what: str, call: Callable[[], _T], seconds: float) -> _T:
    """Call a plugin's code and return what it gives; PluginFailed when its time is up.

    What it prints goes to stderr, without secrets, so that it stands in no command's result. That holds for the
    main thread: another one cannot be interrupted, and stdout is one for all threads. Nor is time limited in
    code that never comes back to Python.
    """
    if threading.current_thread() is not threading.main_thread():
        return call()
    screen = _Screen(sys.stderr)
    try:
        with redirect_stdout(screen), redirect_stderr(screen), _alarm(seconds):
            return call()
    except TimeIsUp:
        told = f"{what}: it did not end within {seconds:g} s and was interrupted."
        raise TooSlow(told, fix="ask its author, or uninstall it.") from None
    finally:
        screen.flush()


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    armed = True

    def ring(*_: object) -> None:
        if armed:
            raise TimeIsUp

    began, before = time.monotonic(), signal.signal(signal.SIGALRM, ring)
    others, _ = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        try:
            yield
        finally:
            armed = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if others:  # somebody had set an alarm before us
            signal.setitimer(signal.ITIMER_REAL, max(others - (time.monotonic() - began), 0.001))


class _Screen(io.StringIO):
    """Takes what a plugin prints, line by line, and passes it on without secrets."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream, self._line = stream, ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        self._stream.writelines(f"{mask_secrets(line)}\n" for line in lines)
        return len(text)

    def flush(self) -> None:
        if self._line:
            self._stream.write(mask_secrets(self._line))
            self._line = ""
        self._stream.flush()


class Watched:
    """A source of a plugin: what its methods raise is told with the plugin's name, and what they give is looked at."""

    def __init__(self, source: Any, plugin: str) -> None:
        """Take the source and the plugin that gave it."""
        self._source, self._plugin = source, plugin

    def __getattr__(self, name: str) -> Any:
        """Give what the source has, its methods watched."""
        found = getattr(self._source, name)
        if name not in GIVEN:
            return found
        kind, each = GIVEN[name]
        what = f"plugin {self._plugin} failed in {name}"

        def call(*arguments: Any) -> Any:
            with guarded(what):
                given = found(*arguments)
            return _each(what, given, kind) if each else _of_kind(what, given, kind)

        return call


def _each(what: str, given: Any, kind: type[Any]) -> Iterator[Any]:
    with guarded(what):
        items = iter(given)
    try:
        while True:
            with guarded(what):
                item = next(items, _END)
            if item is _END:
                return
            yield _of_kind(what, item, kind)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            with guarded(what):
                close()


def _of_kind(what: str, given: Any, kind: type[Any]) -> Any:
    if isinstance(given, kind):
        return given
    raise PluginFailed(f"{what}: it gave {type(given).__name__}, {kind.__name__} is asked for.")
