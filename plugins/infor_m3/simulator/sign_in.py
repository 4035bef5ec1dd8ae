"""Who may ask: an M3 user with a password, or a service account whose token the ION API gateway knows."""

from __future__ import annotations

import json
import secrets
import time
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from duehook.core.testing.simulator import Reply, Request, json_reply

USER: Final = "duehook"
PASSWORD: Final = "simulated-m3-password"
TENANT: Final = "DUEHOOK_TST"
FILE: Final = "duehook.ionapi"
_CLIENT: Final = (f"{TENANT}~simulated-client", "simulated-client-secret")
_ACCOUNT: Final = (f"{TENANT}#simulated-access-key", "simulated-service-secret")
_AUTHORITY: Final = f"/{TENANT}/as/"
_TOKEN, _REVOKE = "token.oauth2", "revoke_token.oauth2"
_PAGE: Final = b"<html><head><title>Error 401 Unauthorized</title></head><body>Unauthorized</body></html>"


def header(request: Request, name: str) -> str:
    """Return a header, whatever its letters."""
    return next((value for each, value in request.headers.items() if each.lower() == name.lower()), "")


def basic_refused(request: Request) -> Reply | None:
    """Return what is answered to one without the right user and password, None for one who may ask."""
    if _basic(request) == (USER, PASSWORD):
        return None
    return Reply(_PAGE, 401, "text/html;charset=iso-8859-1", (("WWW-Authenticate", 'Basic realm="M3"'),))


@dataclass
class Gateway:
    """The sign-in of the ION API: tokens by the password grant of a service account."""

    life: float
    _tokens: dict[str, float] = field(default_factory=dict)

    def write_file(self, folder: Path, url: str) -> Path:
        """Write the .ionapi file that reaches this server, and return where it is."""
        told = {
            "ti": TENANT, "cn": "Duehook", "dt": "12", "ci": _CLIENT[0], "cs": _CLIENT[1], "iu": url,
            "pu": f"{url}{_AUTHORITY}", "oa": "authorization.oauth2", "ot": _TOKEN, "or": _REVOKE, "ev": "V1480769020",
            "v": "1.0", "saak": _ACCOUNT[0], "sask": _ACCOUNT[1],
        }  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / FILE
        file.write_text(json.dumps(told, indent=1), encoding="utf-8")
        return file.resolve()

    def answer(self, request: Request) -> Reply | None:
        """Answer what is asked of the sign-in, None for any other request."""
        if request.method != "POST" or not request.path.startswith(_AUTHORITY):
            return None
        asked = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        client = _basic(request) or (asked.get("client_id", ""), asked.get("client_secret", ""))
        if client != _CLIENT:
            return _refused("invalid_client", "Invalid client or client credentials.", 401)
        if request.path == f"{_AUTHORITY}{_REVOKE}":
            self._tokens.pop(asked.get("token", ""), None)
            return Reply(b"", 200)
        if request.path != f"{_AUTHORITY}{_TOKEN}":
            return json_reply({"error": "not_found"}, 404)
        return self._token(asked)

    def refused(self, request: Request) -> Reply | None:
        """Return what is answered to one without a token that lives, None for one who may ask."""
        scheme, _, token = header(request, "Authorization").partition(" ")
        if scheme.lower() == "bearer" and self._tokens.get(token, 0.0) > time.monotonic():
            return None
        told = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
        return json_reply({"error": {"code": 401, "message": "Unauthorized"}}, 401, told)

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        ended = len(self._tokens)
        self._tokens.clear()
        return ended

    def _token(self, asked: dict[str, str]) -> Reply:
        if asked.get("grant_type") != "password":
            return _refused("unsupported_grant_type", "The client may not use this grant.", 400)
        if (asked.get("username"), asked.get("password")) != _ACCOUNT:
            return _refused("invalid_grant", "The service account's keys are not valid.", 400)
        token = secrets.token_urlsafe(32)
        self._tokens[token] = time.monotonic() + self.life
        return json_reply(
            {
                "access_token": token, "refresh_token": secrets.token_urlsafe(24), "token_type": "Bearer",
                "expires_in": int(self.life),
            }
        )  # fmt: skip


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, told = header(request, "Authorization").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = b64decode(told).decode().partition(":")
    except ValueError:
        return None
    return name, password


def _refused(error: str, said: str, status: int) -> Reply:
    return json_reply({"error": error, "error_description": said}, status)
