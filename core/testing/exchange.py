"""Requests and replies as a simulator's code sees them, and as its log keeps them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .faults import Fault, FaultKind

_SECRET_HEADERS: Final = re.compile(r"auth|cookie|token|key", re.IGNORECASE)
_SECRET_FIELDS: Final = re.compile(r'("(?:password|token|secret)"\s*:\s*)"[^"]*"', re.IGNORECASE)
_SECRET_ELEMENTS: Final = re.compile(r"(<(?:\w+:)?(?:password|token|signature|consumerKey)\b[^<>]*>)[^<]*")
_SECRET_INPUTS: Final = re.compile(r"((?:^|&)(?:password|client_secret|(?:client_)?assertion)=)[^&]*")


@dataclass(frozen=True)
class Request:
    """One request as the simulator's code sees it; `json` is None where the body is not JSON."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body read as JSON, or None."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Reply:
    """What the simulator answers."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()


def json_reply(body: Any, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """Answer with JSON."""
    return Reply(json.dumps(body).encode(), status, headers=headers)


@dataclass(frozen=True)
class Logged:
    """One request that came in, without its secrets, what it asks about, and the fault that hit it."""

    method: str
    path: str
    about: str
    headers: Mapping[str, str]
    body: str
    fault: FaultKind | None = None


def logged(request: Request, about: str, fault: Fault | None) -> Logged:
    """Write a request down without its secrets."""
    headers = {name: "***" if _SECRET_HEADERS.search(name) else text for name, text in request.headers.items()}
    body = _SECRET_FIELDS.sub(r'\1"***"', request.body.decode("utf-8", "replace"))
    body = _SECRET_ELEMENTS.sub(r"\1***", _SECRET_INPUTS.sub(r"\1***", body))
    return Logged(request.method, request.path, about, headers, body, fault.kind if fault else None)
