"""Why a call broke, in words: the libraries' own texts speak of pools and retries."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import requests
from urllib3.exceptions import IncompleteRead, NameResolutionError, ProtocolError

from duehook.core.redaction import one_line, redact

_DEEPEST: Final = 8


def reason(error: BaseException) -> str:
    """Return the innermost cause of a fault that there are words for, without its own full stop."""
    chain = list(_chain(error))
    for cause in reversed(chain):
        words = _words(cause)
        if words:
            return words
    return one_line(redact(str(chain[-1]))).rstrip(".") or type(chain[-1]).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the fault and what it wraps, the innermost last."""
    cause: BaseException | None = error
    for _ in range(_DEEPEST):
        if cause is None:
            return
        yield cause
        held = getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__
        cause = next((each for each in held if isinstance(each, BaseException)), None)


def _words(cause: BaseException) -> str | None:
    """Return what one fault says, None where it only wraps another."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return (cause.reason or "").replace("_", " ").lower() or None
    if isinstance(cause, (socket.gaierror, NameResolutionError)):
        return "no server of that name is known"
    if isinstance(cause, (TimeoutError, requests.Timeout)):
        return "it did not answer in time"
    if isinstance(cause, (IncompleteRead, requests.exceptions.ChunkedEncodingError)):
        return "its answer ended in the middle"
    if isinstance(cause, ConnectionResetError) and not cause.strerror:
        return "it hung up without an answer"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return "it hung up without an answer" if type(cause) is ProtocolError and not cause.args[1:] else None
