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


class Sessions:
    """Which session a request is in: the one that its cookie names, or a new one whose cookie goes with the answer.

    A client that keeps no cookies is in a new session with every call; what ends one (`ends`) is then taken to
    be about the last one that was made so.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._last: dict[str, str] = {}

    def of(self, request: Request, client: str, *, ends: bool) -> tuple[str, list[tuple[str, str]]]:
        """Return the session's name, and the cookie that the answer brings."""
        found = re.search(rf"{COOKIE}_{client}=(\w+)", header(request, "Cookie"))
        if found:
            return f"{client}/{found[1]}", []
        token = self._last.get(client) if ends else None
        self._last[client] = token = token or secrets.token_hex(16)
        return f"{client}/{token}", [("Set-Cookie", f"{COOKIE}_{client}={token}; path=/; HttpOnly")]


def _basic(request: Request) -> tuple[str, str] | None:
    kind, _, sent = header(request, "Authorization").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
