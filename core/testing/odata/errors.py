"""What an OData service refuses, before a dialect words it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ODataError(Exception):
    """A request that is answered with an error.

    `code` and `target` are the dialect's; `details` are further errors as (code, message, field);
    `headers` go out beside the body.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        target: str = "",
        details: Sequence[tuple[str, str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say what is wrong and under which status."""
        super().__init__(message)
        self.status, self.message, self.code, self.target = status, message, code, target
        self.details = tuple(details)
        self.headers = dict(headers or {})


def bad_request(message: str, **more: Any) -> ODataError:
    """Return the error of a request that cannot be understood."""
    return ODataError(400, message, **more)


def not_found(name: str) -> ODataError:
    """Return the error of a path that leads nowhere."""
    return ODataError(404, f"Resource not found for segment '{name}'")
