"""Who may ask: a user and a password, which lock after five wrong ones, and the session that a cookie names."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Final

from duehook.core.testing.odata import header
from duehook.core.testing.simulator import Reply, Request

USER: Final = "DUEHOOK"
PASSWORD: Final = "Simulator-1"
TRIES: Final = 5
COOKIE: Final = "SAP_SESSIONID_SIM"
_PAGE: Final = b"<html><head><title>Logon Error Message</title></head><body>Logon failed</body></html>"


class Door:
    """Lets users in; `wrong` counts the passwords that were wrong since the last right one."""

    def __init__(self) -> None:
        """Begin with nobody locked."""
        self.wrong = 0

    def unlock(self) -> None:
        """Let an administrator unlock the user."""
        self.wrong = 0

    def opens(self, user: str, password: str) -> bool:
        """Say whether they may come in."""
        if self.wrong >= TRIES or (user.upper(), password) != (USER, PASSWORD):
            self.wrong += 1
            return False
        self.wrong = 0
        return True

    def refused(self, request: Request, client: str) -> Reply | None:
        """Return what turns a request away that brings no right name; None where it may go on."""
        given = _basic(request)
        if given is not None and self.opens(*given):
            return None
        challenge = f'Basic realm="SAP NetWeaver Application Server [SIM/{client}]"'
        return Reply(_PAGE, 401, "text/html;charset=utf-8", [("WWW-Authenticate", challenge)])


def session_of(request: Request, client: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the session that a request's cookie names, and the cookie of a new one where it has none.

    Calls that bring no cookie are in one session, which is nobody's.
    """
    found = re.search(rf"{COOKIE}_{client}=(\w+)", header(request, "Cookie"))
    if found:
        return f"{client}/{found[1]}", []
    return client, [("Set-Cookie", f"{COOKIE}_{client}={secrets.token_hex(16)}; path=/; HttpOnly")]


def _basic(request: Request) -> tuple[str, str] | None:
    kind, _, sent = header(request, "Authorization").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
