"""How the pod words what it refuses: as JSON with `o:errorDetails` from framework version 4 on, as plain text below."""

from __future__ import annotations

from typing import Any, Final

from duehook.core.testing.simulator import Reply, json_reply

_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    412: "Precondition Failed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Time-out",
}
_GATEWAY: Final = (429, 502, 503, 504)  # these the web tier answers, before the application is asked
_CODE: Final = "27000"
DETAILED: Final = 4  # the framework version from which on errors have details


class Refused(Exception):
    """A request that is refused: its status, its words, and the attribute that is wrong."""

    def __init__(self, status: int, detail: str, path: str = "", code: str = _CODE) -> None:
        """Say what is refused."""
        super().__init__(detail)
        self.status, self.detail, self.path, self.code = status, detail, path, code

    def reply(self, version: int) -> Reply:
        """Return the answer, as a client of that framework version gets it."""
        if version < DETAILED:
            return Reply(self.detail.encode(), self.status, "text/plain; charset=UTF-8")
        told: dict[str, Any] = {"detail": self.detail, "o:errorCode": self.code}
        told |= {"o:errorPath": self.path} if self.path else {}
        title = _TITLES.get(self.status, "Error")
        return json_reply({"title": title, "status": str(self.status), "o:errorDetails": [told]}, self.status)


def unauthorized() -> Reply:
    """Refuse who is not signed in: the web tier does, with a page."""
    page = b"<!DOCTYPE html><html><head><title>401 Unauthorized</title></head><body>Unauthorized</body></html>"
    return Reply(page, 401, "text/html", [("WWW-Authenticate", 'Basic realm="owsm"')])


def of_status(status: int) -> Reply:
    """Word the body of a status that something on the way gives."""
    if status == 401:
        return unauthorized()
    if status in _GATEWAY:
        return Reply(_TITLES.get(status, "Bad Gateway").encode(), status, "text/plain; charset=UTF-8")
    return Refused(status, f"A fault of the simulated pod: {status}.").reply(DETAILED)
