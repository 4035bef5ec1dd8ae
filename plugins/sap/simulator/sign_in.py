"""Who may ask: users and tokens, sessions in cookies, and the CSRF token that a session must send to write."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from duehook.core.testing.odata import header
from duehook.core.testing.simulator import Reply, Request, json_reply

USER: Final = "DUEHOOK"
PASSWORD: Final = "Simulator-1"
CLIENT_ID: Final = "sb-duehook"
CLIENT_SECRET: Final = "simulated-secret"
TOKEN_PATH: Final = "/sap/bc/sec/oauth2/token"
TRIES: Final = 5
_SESSION: Final = "SAP_SESSIONID_SIM_"
_HELD: Final = 1_000
_READS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass
class SignIn:
    """The system's sign-in: Basic, or with `oauth` a bearer token from client credentials.

    A user who got the password wrong five times is locked until `unlock`. `tokens` are those that hold.
    """

    oauth: bool
    life: int = 3600
    wrong: int = 0
    tokens: set[str] = field(default_factory=set)
    sessions: dict[str, str] = field(default_factory=dict)

    def unlock(self) -> None:
        """Let an administrator unlock the user."""
        self.wrong = 0

    def expire_tokens(self) -> None:
        """End all bearer tokens now."""
        self.tokens.clear()

    def expire_sessions(self) -> None:
        """End all sessions, and the CSRF tokens with them."""
        self.sessions.clear()

    def token(self, request: Request) -> Reply:
        """Answer the token endpoint."""
        sent = {name: values[0] for name, values in parse_qs(request.body.decode("latin-1")).items()}
        user, password = _basic(request) or (sent.get("client_id", ""), sent.get("client_secret", ""))
        if (user, password) != (CLIENT_ID, CLIENT_SECRET):
            return json_reply({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        if sent.get("grant_type") != "client_credentials":
            return json_reply({"error": "unsupported_grant_type"}, 400)
        made = secrets.token_urlsafe(24)
        self.tokens.add(made)
        return json_reply({"access_token": made, "token_type": "Bearer", "expires_in": str(self.life)})

    def refused(self, request: Request, client: str) -> Reply | None:
        """Return what turns a request away that nobody may send; None where it may go on."""
        if self.oauth:
            sent = header(request, "Authorization")
            if sent.startswith("Bearer ") and sent.removeprefix("Bearer ") in self.tokens:
                return None
            return _logon_failed('Bearer error="invalid_token"')
        realm = f'Basic realm="SAP NetWeaver Application Server [SIM/{client}]"'
        given = _basic(request)
        if given is None:
            return _logon_failed(realm)
        if self.wrong >= TRIES or given != (USER, PASSWORD):
            self.wrong += 1
            return _logon_failed(realm)
        self.wrong = 0
        return None

    def session(self, request: Request, client: str) -> tuple[str, list[tuple[str, str]]]:
        """Return the session that a request's cookies name, or a new one with the cookies that make it."""
        name = f"{_SESSION}{client}"
        held = _cookies(request).get(name, "")
        if held in self.sessions:
            return held, []
        made = secrets.token_hex(16)
        self.sessions[made] = secrets.token_urlsafe(16)
        if len(self.sessions) > _HELD:
            del self.sessions[next(iter(self.sessions))]
        return made, [
            ("Set-Cookie", f"sap-usercontext=sap-client={client}; path=/"),
            ("Set-Cookie", f"{name}={made}; path=/; HttpOnly"),
        ]

    def without_token(self, request: Request, session: str) -> Reply | None:
        """Return what turns a write away that does not bear its session's CSRF token."""
        sent = header(request, "X-CSRF-Token")
        if request.method in _READS or sent == self.sessions[session]:
            return None
        body = b"CSRF token validation failed"
        return Reply(body, 403, "text/plain;charset=utf-8", [("x-csrf-token", "Required")])


def _logon_failed(challenge: str) -> Reply:
    body = b"<html><head><title>Logon Error Message</title></head><body>Anmeldung fehlgeschlagen</body></html>"
    return Reply(body, 401, "text/html;charset=utf-8", [("WWW-Authenticate", challenge)])


def _basic(request: Request) -> tuple[str, str] | None:
    sent = header(request, "Authorization")
    if not sent.startswith("Basic "):
        return None
    try:
        user, _, password = base64.b64decode(sent.removeprefix("Basic "), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _cookies(request: Request) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header(request, "Cookie")).items()}
    except CookieError:
        return {}
