"""Who may ask: a user with a password, or a token that a signed assertion was swapped for."""

from __future__ import annotations

import secrets
import time
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from duehook.core.testing.simulator import Reply, Request, json_reply

USER: Final = "duehook.integration"
PASSWORD: Final = "Simulated-Pass_1"
CLIENT_ID: Final = "7c1f0d5e9a2b4c6d8e0f1a2b3c4d5e6f"
PATH: Final = "/oauth2/v1/token"
BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ANY_DOMAIN: Final = "https://identity.oraclecloud.com/"
_LONGEST: Final = 3600  # seconds that an assertion may live


def by_password(request: Request) -> bool:
    """Say whether a request is that of the user."""
    scheme, _, coded = authorization(request).partition(" ")
    try:
        return scheme.lower() == "basic" and b64decode(coded, validate=True).decode() == f"{USER}:{PASSWORD}"
    except (Error, UnicodeDecodeError):
        return False


def authorization(request: Request) -> str:
    """Return the header that says who asks."""
    return next((text for name, text in request.headers.items() if name.lower() == "authorization"), "")


@dataclass
class Identity:
    """The identity domain's token endpoint for one confidential application, whose key is in a file."""

    private_key: Path
    token_life: float = 3600.0
    url: str = ""
    _tokens: dict[str, float] = field(default_factory=dict)

    def knows(self, request: Request) -> bool:
        """Say whether a request bears a token of ours that still lives."""
        scheme, _, token = authorization(request).partition(" ")
        return scheme.lower() == "bearer" and self._tokens.get(token, 0.0) > time.monotonic()

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        ended = len(self._tokens)
        self._tokens.clear()
        return ended

    def answer(self, request: Request) -> Reply:
        """Answer a request for a token."""
        asked = {name: texts[0] for name, texts in parse_qs(request.body.decode("utf-8", "replace")).items()}
        assertion = _assertion(asked)
        if request.method != "POST" or assertion is None:
            return _refused("unsupported_grant_type", "The grant is no assertion of a JWT.", 400)
        wrong = self._wrong(assertion)
        if wrong:
            return _refused("invalid_client" if "grant" not in wrong else "invalid_grant", wrong, 401)
        token = secrets.token_urlsafe(48)
        self._tokens[token] = time.monotonic() + self.token_life
        return json_reply({"access_token": token, "token_type": "Bearer", "expires_in": int(self.token_life)})

    def _wrong(self, assertion: str) -> str:
        import jwt
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key: Any = load_pem_private_key(self.private_key.read_bytes(), None).public_key()
        required = {"require": ["exp", "iat", "iss", "sub", "aud"]}
        try:
            claims = jwt.decode(assertion, key, ["RS256"], required, audience=[self.url, ANY_DOMAIN], issuer=CLIENT_ID)  # type: ignore[arg-type]
        except jwt.PyJWTError as wrong:
            return f"Client authentication failed: {wrong}."
        too_long = claims["exp"] - claims["iat"] > _LONGEST
        return "The grant lives for more than an hour." if too_long else ""


def _assertion(asked: Mapping[str, str]) -> str | None:
    if asked.get("grant_type") == BEARER:
        return asked.get("assertion")
    if asked.get("grant_type") == "client_credentials" and asked.get("client_assertion_type") == CLIENT:
        return asked.get("client_assertion")
    return None


def _refused(error: str, said: str, status: int) -> Reply:
    return json_reply({"error": error, "error_description": said}, status)


def key_file(folder: Path) -> Path:
    """Return the file of the application's private key; it is written when there is none."""
    file = folder / "fusion.key.pem"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_key())
    return file.resolve()


@cache
def _key() -> bytes:
    """Return a private key: one for all pods of a process, for it is slow to make."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, form, plain)
