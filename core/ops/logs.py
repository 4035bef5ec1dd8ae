"""Logs: text on a terminal, JSON lines elsewhere, always redacted, each line one line.

Everything that is logged in the process comes through here, other libraries' lines and warnings
and uncaught errors too. Lines carry the actor and the correlation id of the context they are in.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Literal, TextIO, cast, get_args

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from duehook.core.context import Context
from duehook.core.errors import ConfigError
from duehook.core.redaction import is_secret_name, one_line, redact, redacted

Level = Literal["debug", "info", "warning", "error"]
Style = Literal["text", "json"]
_OWN: Final = frozenset({"event", "level", "logger", "timestamp", "exception", "actor", "correlation_id"})


def level_of(name: str) -> Level:
    """Return the level of this name; ConfigError when there is none."""
    found = name.strip().lower()
    if found not in get_args(Level):
        raise ConfigError(f"{name!r} is no log level.", fix=f"write {', '.join(get_args(Level))}.")
    return cast("Level", found)


def configure(level: Level = "warning", *, style: Style | None = None, stream: TextIO | None = None) -> None:
    """Send every log line of the process to the stream (stderr), from this level on.

    The style follows the stream when none is given: text on a terminal, JSON otherwise.
    """
    chosen = style or ("text" if (stream or sys.stderr).isatty() else "json")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            hide,  # here too: another handler in the process gets the record as it is now
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    _route(stream, _formatter(chosen, shared), level)


def _formatter(style: Style, shared: list[Processor]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            hide,
            as_json if style == "json" else as_text,
        ],
    )


class _ToStderr(logging.StreamHandler[TextIO]):
    """Writes to what stderr is at the moment, which a host may have replaced since."""

    @property
    def stream(self) -> TextIO:
        """Return the process's stderr."""
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        """Take no stream: it is always stderr."""


def _route(target: TextIO | None, formatter: logging.Formatter, level: Level) -> None:
    handler = _ToStderr() if target is None else logging.StreamHandler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [each for each in root.handlers if getattr(each, "is_duehook", False)]:
        root.removeHandler(old)
    handler.is_duehook = True  # type: ignore[attr-defined]  # so that configuring again replaces it
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)


def log_uncaught() -> None:
    """Send errors that nobody catches, in any thread, to the log instead of raw to stderr."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    found = (kind, error or kind(), traceback)
    structlog.get_logger("duehook").error("uncaught error", exc_info=found)


@contextmanager
def bound(context: Context, **more: str) -> Iterator[None]:
    """Put the context's actor and correlation id on every line logged inside."""
    actor = f"{context.actor.kind}:{context.actor.id}"
    with bound_contextvars(actor=actor, correlation_id=context.correlation_id, source=context.actor.source, **more):
        yield


def hide(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Redact every value of a line, whatever it is nested in, and hide secret fields."""
    return {str(key): _hidden(str(key), value) for key, value in line.items()}


def _hidden(key: str, value: Any) -> Any:
    if key in _OWN and not is_secret_name(key):
        return redact(str(value))
    return redacted(value, key)


def as_json(_logger: WrappedLogger, _method: str, line: MutableMapping[str, Any]) -> str:
    """Write a line as one JSON object, escapes for everything that is not plain text."""
    first = {key: line[key] for key in ("timestamp", "level", "event") if key in line}
    return json.dumps({**first, **line}, default=str, ensure_ascii=True)


def as_text(_logger: WrappedLogger, _method: str, line: MutableMapping[str, Any]) -> str:
    """Write a line for a person; an error's traceback follows, indented behind a bar."""
    kept = dict(line)
    moment, level = str(kept.pop("timestamp", ""))[11:19], str(kept.pop("level", ""))
    event, exception = one_line(str(kept.pop("event", ""))), kept.pop("exception", None)
    kept.pop("logger", None)
    pairs = " ".join(f"{one_line(key)}={_shown(value)}" for key, value in kept.items())
    text = f"{moment} {level:<7} {event}  {pairs}".rstrip()
    rows = str(exception).split("\n") if exception else []
    return "\n".join([text, *(f"    | {one_line(row)}" for row in rows)])


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    line = one_line(text)
    return line if line and " " not in line else json.dumps(line, ensure_ascii=False)
