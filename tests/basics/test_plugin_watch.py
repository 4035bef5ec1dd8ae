"""A plugin's code is watched while it runs: its time, what it prints, what it raises and what it gives."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from duehook.core import hookimpl
from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import ConnectionConfig, Page, Source, SourceCapabilities, UpperBound
from duehook.core.plugin_watch import PluginFailed, TimeIsUp, in_time
from duehook.core.plugins import Plugins
from duehook.core.redaction import remember
from tests.rigs.small_erp import SmallErp, SmallSource

Out = pytest.CaptureFixture[str]
BOUND: Any = None  # a source of these tests looks at no bound


def test_what_ends_in_time_gives_its_answer_and_leaves_no_alarm() -> None:
    before = signal.getsignal(signal.SIGALRM)
    assert in_time("adding", lambda: 1 + 1, 5) == 2
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_what_takes_too_long_is_interrupted_though_it_catches_every_error() -> None:
    def stubborn() -> None:
        until = time.monotonic() + 60
        with suppress(BaseException):
            time.sleep(60)
        while time.monotonic() < until:
            pass

    with pytest.raises(PluginFailed, match=r"asking: it did not end within 0.2 s and was interrupted. Fix: ask its"):
        in_time("asking", stubborn, 0.2)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_alarm_that_somebody_had_set_is_still_set_behind_it() -> None:
    def rang(*_: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, rang)
    try:
        signal.setitimer(signal.ITIMER_REAL, 300)
        in_time("adding", lambda: 1, 5)
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 300
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_in_another_thread_time_is_not_limited_and_the_answer_comes() -> None:
    given: list[int] = []
    thread = threading.Thread(target=lambda: given.append(in_time("adding", lambda: 2, 0.001)))
    thread.start()
    thread.join()
    assert given == [2]


def test_two_threads_that_call_plugins_leave_the_screen_as_it_was(capsys: Out) -> None:
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        first_in.set()
        assert second_in.wait(5)

    def second() -> None:
        second_in.set()
        assert first_out.wait(5)

    one = threading.Thread(target=in_time, args=("first", first, 5))
    other = threading.Thread(target=in_time, args=("second", second, 5))
    one.start()
    assert first_in.wait(5)
    other.start()
    one.join()
    first_out.set()
    other.join()
    print("a result")
    assert capsys.readouterr().out == "a result\n"


def test_what_is_printed_goes_to_stderr_by_the_line_and_without_secrets(capsys: Out) -> None:
    remember("Sesame-9271")

    def talk() -> None:
        print("the key is", "Sesame-9271")
        print("and no more", end="")

    in_time("talking", talk, 5)
    assert capsys.readouterr() == ("", "the key is [hidden]\nand no more")


class Settings(BaseModel):
    """Settings without keys."""


class Gives:
    """A plugin that gives one source for two hooks."""

    def __init__(self, source: Any) -> None:
        self.source = source

    @hookimpl
    def connection_settings(self, type: str) -> type[BaseModel] | None:
        return Settings if type == "erp" else None

    @hookimpl
    def customer_source(self, connection: ConnectionConfig) -> Any:
        return self.source

    @hookimpl
    def invoice_source(self, connection: ConnectionConfig) -> Any:
        return self.source


def watched(source: Any) -> Source:
    found = Plugins.of(erp=Gives(source)).invoice_source(ConnectionConfig("main", "erp", Settings(), "."))
    assert found is not None
    return found


def giving(**methods: Callable[..., Any]) -> Any:
    names = ("check", "discover", "upper_bound", "read", "keys", "lookup", "totals", "close")
    return SimpleNamespace(
        streams=("item",), capabilities=SourceCapabilities(), **{name: methods.get(name, list) for name in names}
    )


def leave(*_: object) -> None:
    raise SystemExit(4)


def cancelled(*_: object) -> None:
    raise asyncio.CancelledError


def breaking(*_: object) -> Iterator[Any]:
    yield Page([], {"done": False})
    raise ZeroDivisionError("by nought")


@pytest.mark.parametrize(
    ("methods", "ask", "told"),
    [
        ({"upper_bound": leave}, lambda it: it.upper_bound(), "failed in upper_bound: SystemExit: 4"),
        ({"upper_bound": cancelled}, lambda it: it.upper_bound(), "failed in upper_bound: CancelledError"),
        ({"upper_bound": str}, lambda it: it.upper_bound(), "in upper_bound: it gave str, UpperBound is asked for"),
        (
            {"read": breaking},
            lambda it: list(it.read("item", None, BOUND)),
            "failed in read: ZeroDivisionError: by nou",
        ),
        ({"read": lambda *_: ["row"]}, lambda it: list(it.read("item", None, BOUND)), "it gave str, Page is asked for"),
        ({"keys": lambda *_: None}, lambda it: list(it.keys("item")), "failed in keys: TypeError: 'NoneType' object"),
        ({"lookup": lambda *_: {}}, lambda it: it.lookup("item", []), "it gave dict, Lookup is asked for"),
        ({"totals": lambda *_: [1]}, lambda it: list(it.totals(BOUND)), "it gave int, Iterable is asked for"),
        ({"close": leave}, lambda it: it.close(), "failed in close: SystemExit: 4"),
    ],
)
def test_a_source_that_fails_or_gives_another_kind_is_told_with_its_plugins_name(
    methods: dict[str, Any], ask: Callable[[Source], Any], told: str
) -> None:
    with pytest.raises(PluginFailed) as raised:
        ask(watched(giving(**methods)))
    assert told in str(raised.value)
    assert str(raised.value).startswith("plugin erp failed in ")


def test_an_error_of_ours_passes_as_it_is() -> None:
    def down(*_: object) -> UpperBound:
        raise ConnectorDown("no line.")

    with pytest.raises(ConnectorDown, match=r"^no line\.$"):
        watched(giving(upper_bound=down)).upper_bound()


def test_a_reading_that_is_left_early_is_closed() -> None:
    closed: list[bool] = []

    def pages(*_: object) -> Iterator[Page]:
        try:
            yield Page([], {})
            yield Page([], {})
        finally:
            closed.append(True)

    reading: Any = watched(giving(read=pages)).read("item", None, BOUND)
    next(reading)
    reading.close()
    assert closed == [True]


def test_a_reading_that_breaks_while_it_is_closed_is_told_with_its_plugins_name() -> None:
    def pages(*_: object) -> Iterator[Page]:
        with suppress(GeneratorExit):
            yield Page([], {})
        yield Page([], {})

    reading: Any = watched(giving(read=pages)).read("item", None, BOUND)
    next(reading)
    with pytest.raises(PluginFailed, match="plugin erp failed in read: RuntimeError: generator ignored GeneratorExit"):
        reading.close()


def test_a_source_that_is_given_for_two_hooks_is_one_object() -> None:
    source = SmallSource(SmallErp())
    plugins, config = Plugins.of(erp=Gives(source)), ConnectionConfig("main", "erp", Settings(), ".")
    assert plugins.customer_source(config) is plugins.invoice_source(config)
    assert watched(source).streams == source.streams
