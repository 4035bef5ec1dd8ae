"""What a service says when it refuses, wherever in the body it says it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire.reply import Reply

LONGEST = 400


class Forbidden(ConnectorRefused):
    """A right is missing; or, of a service that asks for CSRF tokens, none is given or it is not the session's."""


def refusal(reply: Reply) -> ConnectorError | None:
    """Return what the status means for the caller, in the service's own words; None for 2xx."""
    fault = reply.fault()
    if fault is None:
        return None
    kind = Forbidden if reply.status == 403 else type(fault)
    return kind(f"{reply.url} answered {reply.status}: {told(reply)}", fix=fault.fix)


def told(reply: Reply) -> str:
    """Return the service's own words: the innermost message first, which is the one that helps.

    SAP has `error.message.value` and details behind it; F&O's useful text is in `error.innererror.message`.
    """
    try:
        answer = reply.json() if reply.body else None
    except ConnectorGarbled:
        return reply.excerpt()
    error = answer.get("error") if isinstance(answer, dict) else None
    texts = list(dict.fromkeys(_texts(error))) if isinstance(error, dict) else []
    words = [text for text in texts if not texts[-1].startswith(f"{text} (")]  # the details repeat the message
    return one_line(redact("; ".join(words)))[:LONGEST] or reply.excerpt()


def _texts(error: dict[str, Any]) -> Iterator[str]:
    inner = error.get("innererror")
    if isinstance(inner, dict):
        if isinstance(inner.get("message"), str):
            yield inner["message"]
        details = inner.get("errordetails")
        for detail in details if isinstance(details, list) else ():
            if isinstance(detail, dict) and isinstance(detail.get("message"), str):
                yield detail["message"]
    message = error.get("message")
    if isinstance(message, dict):
        message = message.get("value")
    if isinstance(message, str):
        code = error.get("code")
        yield f"{message} ({code})" if code else message
