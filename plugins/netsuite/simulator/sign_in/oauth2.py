"""OAuth 2.0 client credentials: an assertion signed with the certificate's key gets a token for an hour."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from duehook.core.testing.simulator import Reply, Request, json_reply

PATH: Final = "/services/rest/auth/oauth2/v1/token"
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE: Final = "rest_webservices"
_ALGORITHMS: Final = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")  # RS256 is refused
_LONGEST: Final = 3600  # seconds that an assertion may live


@dataclass
class Mapped:
    """An entry of the page "OAuth 2.0 Client Credentials (M2M) Setup": an integration and its certificate.

    `url` is where the token is asked for, which the assertion names. A sandbox that is refreshed loses the entry.
    """

    client_id: str
    certificate_id: str
    private_key: Path
    token_life: float = 3600.0
    url: str = ""
    lost: bool = False
    _tokens: dict[str, float] = field(default_factory=dict)

    def knows(self, token: str) -> bool:
        """Say whether a token is one of ours that still lives."""
        return self._tokens.get(token, 0.0) > time.monotonic()

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        ended = len(self._tokens)
        self._tokens.clear()
        return ended

    def answer(self, request: Request) -> Reply:
        """Answer a request for a token."""
        asked = {name: texts[0] for name, texts in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if request.method != "POST" or asked.get("grant_type") != "client_credentials":
            return json_reply({"error": "unsupported_grant_type"}, 400)
        if asked.get("client_assertion_type") != ASSERTION or "client_assertion" not in asked:
            return json_reply({"error": "invalid_request"}, 400)
        if self.lost or not self._proven(asked["client_assertion"]):
            return json_reply({"error": "invalid_grant"}, 400)
        token = secrets.token_urlsafe(48)
        self._tokens[token] = time.monotonic() + self.token_life
        life = int(self.token_life)
        return json_reply({"access_token": token, "expires_in": life, "token_type": "bearer"})

    def _proven(self, assertion: str) -> bool:
        import jwt
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key: Any = load_pem_private_key(self.private_key.read_bytes(), None).public_key()
        required = {"require": ["exp", "iat", "iss", "aud"]}
        try:
            if jwt.get_unverified_header(assertion).get("kid") != self.certificate_id:
                return False
            claims = jwt.decode(assertion, key, list(_ALGORITHMS), required, audience=self.url, issuer=self.client_id)  # type: ignore[arg-type]
        except jwt.PyJWTError:
            return False
        return self._in_time(claims)

    def _in_time(self, claims: Mapping[str, Any]) -> bool:
        scope = claims.get("scope") or ()
        named = scope.split() if isinstance(scope, str) else scope
        return SCOPE in named and claims["exp"] - claims["iat"] <= _LONGEST


def key_file(folder: Path) -> Path:
    """Return the file of the private key that belongs to the certificate; it is written when there is none."""
    file = folder / "netsuite.key.pem"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_key())
    return file.resolve()


@cache
def _key() -> bytes:
    """Return a private key: one for all accounts of a process, for it is slow to make."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, form, plain)
