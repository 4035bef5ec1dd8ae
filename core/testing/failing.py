"""What a fault puts in the place of an answer, or does to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from .exchange import Reply
from .faults import Fault

_PAGE: Final = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
_GARBAGE: Final = bytes(range(128, 250)) * 3


def instead(fault: Fault, error: Callable[[int], Reply]) -> Reply | None:
    """Return what is answered where nothing is done; None for a fault that lets it be done.

    `error` words the body of a status.
    """
    if fault.kind == "status":
        reply = error(fault.status)
        waiting = () if fault.retry_after is None else (("Retry-After", str(fault.retry_after)),)
        return replace(reply, headers=(*reply.headers, *waiting))
    if fault.kind == "html":
        return Reply(_PAGE, content_type="text/html")
    return Reply(_GARBAGE) if fault.kind == "garbage" else None


def in_another_charset(reply: Reply) -> Reply:
    """Return the answer in UTF-16 under a header that says nothing of it, as a gateway gone wrong does."""
    if not reply.body:
        return reply
    return replace(reply, body=reply.body.decode("utf-8", "replace").encode("utf-16"))
