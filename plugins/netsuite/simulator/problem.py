"""How NetSuite words what it refuses: a problem document with `o:errorDetails`."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.testing.simulator import Reply, json_reply

JSON: Final = "application/vnd.oracle.resource+json; type="
_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_RFC: Final = "https://www.rfc-editor.org/rfc/rfc9110.html#name-"
_LOGIN: Final = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles > "
    "User Management > View Login Audit Trail."
)


class Refused(Exception):
    """A request that NetSuite refuses: its status, its words and its code."""

    def __init__(self, status: int, detail: str, code: str, **more: str) -> None:
        """Say what is refused; `more` are further keys of the error, such as `errorPath`."""
        super().__init__(detail)
        self.status, self.detail, self.code, self.more = status, detail, code, more

    @property
    def reply(self) -> Reply:
        """Return the answer."""
        return problem(self.status, self.detail, self.code, **self.more)


def problem(status: int, detail: str, code: str, **more: str) -> Reply:
    """Return the answer that says what is wrong."""
    title = _TITLES.get(status, "Error")
    told: dict[str, Any] = {"detail": detail, **{f"o:{name}": text for name, text in more.items()}, "o:errorCode": code}
    body = {"type": f"{_RFC}{status}-{title.lower().replace(' ', '-')}", "title": title, "status": status}
    return json_reply({**body, "o:errorDetails": [told]}, status)


def invalid_login() -> Refused:
    """Refuse a sign-in: why, NetSuite tells its admin alone."""
    return Refused(401, _LOGIN, "INVALID_LOGIN_ATTEMPT")


def no_permission(name: str) -> Refused:
    """Refuse what the role may not do."""
    said = f"Permission Violation: You need the '{name}' permission to access this page. Please contact your account administrator."  # noqa: E501
    return Refused(403, said, "INSUFFICIENT_PERMISSION")


def too_many_requests() -> Reply:
    """Refuse a request beyond the account's limit of requests at once; nobody says how long to wait."""
    said = "Concurrent request limit exceeded. Request blocked."
    return problem(429, said, "CONCURRENCY_LIMIT_EXCEEDED")
