"""Who may ask: an M3 user with a password."""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from duehook.core.testing.simulator import Reply, Request

USER: Final = "duehook"
PASSWORD: Final = "simulated-m3-password"
_PAGE: Final = b"<html><head><title>Error 401 Unauthorized</title></head><body>Unauthorized</body></html>"


def header(request: Request, name: str) -> str:
    """Return a header, whatever its letters."""
    return next((value for each, value in request.headers.items() if each.lower() == name.lower()), "")


def basic_refused(request: Request) -> Reply | None:
    """Return what is answered to one without the right user and password, None for one who may ask."""
    scheme, _, told = header(request, "Authorization").partition(" ")
    try:
        known = b64decode(told).decode() == f"{USER}:{PASSWORD}"
    except ValueError:
        known = False
    if scheme.lower() == "basic" and known:
        return None
    return Reply(_PAGE, 401, "text/html;charset=iso-8859-1", (("WWW-Authenticate", 'Basic realm="M3"'),))
