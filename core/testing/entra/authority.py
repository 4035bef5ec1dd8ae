"""Microsoft's sign-in as MSAL needs it for client credentials: who asks, with what, gets a token for what."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from duehook.core.testing.simulator import Reply, Request, json_reply

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS: Final = ("PS256", "RS256")
_TRACE: Final = "00000000-0000-4000-8000-000000000000"


@dataclass
class App:
    """A registered application: its secret, and the certificate that it may sign with."""

    client_id: str
    secret: str
    certificate: Path | None = None
    secret_expired: bool = False


@dataclass
class Authority:
    """The sign-in of one tenant. `clock` is the time that its errors tell.

    `base` is known when the server runs; `resource` is what tokens are asked for, without the `/.default` of a scope:
    the data service's URL, where that is not the same for all customers, or a name that is.
    """

    tenant: str
    app: App
    clock: Callable[[], datetime]
    token_life: float
    base: str = ""
    resource: str = ""
    _tokens: dict[str, float] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the authority as MSAL is given it."""
        return f"{self.base}/{self.tenant}"

    def knows(self, token: str) -> bool:
        """Say whether a token is one of ours that still lives."""
        return self._tokens.get(token, 0.0) > time.monotonic()

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        ended = len(self._tokens)
        self._tokens.clear()
        return ended

    def answer(self, request: Request) -> Reply:
        """Answer a request to the sign-in."""
        tenant, _, path = request.path.lstrip("/").partition("/")
        if tenant != self.tenant:
            return self._refused("invalid_tenant", 90002, f"Tenant '{tenant}' not found.", status=400)
        if path in ("v2.0/.well-known/openid-configuration", ".well-known/openid-configuration"):
            return json_reply(self._configuration())
        if path == "oauth2/v2.0/token" and request.method == "POST":
            return self._token({name: values[0] for name, values in parse_qs(request.body.decode("ascii")).items()})
        return json_reply({"error": "not_found"}, 404)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        said = "The service is temporarily unavailable. Please retry later."
        return self._refused("temporarily_unavailable", 90033, said, status=status)

    def _configuration(self) -> dict[str, object]:
        return {
            "token_endpoint": f"{self.url}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{self.url}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "issuer": f"{self.url}/v2.0",
            "authorization_endpoint": f"{self.url}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{self.url}/oauth2/v2.0/devicecode",
        }

    def _token(self, asked: Mapping[str, str]) -> Reply:
        client = asked.get("client_id", "")
        if asked.get("grant_type") != "client_credentials":
            said = f"The app requested an unsupported grant type '{asked.get('grant_type')}'."
            return self._refused("unsupported_grant_type", 70003, said, status=400)
        if client != self.app.client_id:
            said = f"Application with identifier '{client}' was not found in the directory '{self.tenant}'."
            return self._refused("unauthorized_client", 700016, said, status=400)
        wrong = self._proof_refused(asked)
        if wrong is not None:
            return wrong
        if asked.get("scope") != f"{self.resource}/.default":
            said = f"The resource principal named {asked.get('scope')} was not found in the tenant named {self.tenant}."
            return self._refused("invalid_resource", 500011, said, status=400)
        token = secrets.token_urlsafe(48)
        self._tokens[token] = time.monotonic() + self.token_life
        life = int(self.token_life)
        return json_reply({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token})

    def _proof_refused(self, asked: Mapping[str, str]) -> Reply | None:
        """Return the error of a secret or assertion that does not prove the application, None for a good one."""
        if asked.get("client_assertion_type") == ASSERTION:
            return self._assertion_refused(asked.get("client_assertion", ""))
        if "client_secret" not in asked:
            said = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            return self._refused("invalid_client", 7000218, said)
        if self.app.secret_expired:
            said = f"The provided client secret keys for app '{self.app.client_id}' are expired."
            return self._refused("invalid_client", 7000222, said)
        if asked["client_secret"] != self.app.secret:
            said = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{self.app.client_id}'."
            )
            return self._refused("invalid_client", 7000215, said)
        return None

    def _assertion_refused(self, assertion: str) -> Reply | None:
        import jwt
        from cryptography import x509

        if self.app.certificate is None:
            said = f"Client assertion failed: no certificate is registered for app '{self.app.client_id}'."
            return self._refused("invalid_client", 700027, said)
        key = x509.load_pem_x509_certificate(self.app.certificate.read_bytes()).public_key()
        try:
            jwt.decode(
                assertion, key, algorithms=_ALGORITHMS, audience=f"{self.url}/oauth2/v2.0/token",  # type: ignore[arg-type]
                issuer=self.app.client_id, subject=self.app.client_id, options={"require": ["exp", "iss", "sub"]},
            )  # fmt: skip
        except jwt.InvalidTokenError as wrong:
            said = f"The certificate with identifier used to sign the client assertion is not valid: {wrong}."
            return self._refused("invalid_client", 700027, said)
        return None

    def _refused(self, error: str, number: int, said: str, *, status: int = 401) -> Reply:
        at = f"{self.clock():%Y-%m-%d %H:%M:%SZ}"
        body = {
            "error": error,
            "error_description": f"AADSTS{number}: {said} Trace ID: {_TRACE} Correlation ID: {_TRACE} Timestamp: {at}",
            "error_codes": [number],
            "timestamp": at,
            "trace_id": _TRACE,
            "correlation_id": _TRACE,
            "error_uri": f"{self.base}/error?code={number}",
        }
        return json_reply(body, status)
