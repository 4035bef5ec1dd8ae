"""Token-based authentication: OAuth 1.0a with HMAC-SHA256, verified by oauthlib."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, RequestValidator
from oauthlib.oauth1.rfc5849.endpoints.resource import ResourceEndpoint
from oauthlib.oauth1.rfc5849.errors import OAuth1Error

from duehook.core.testing.simulator import Request

SKEW: Final = 300  # seconds that a client's clock may be off
_REALM: Final = re.compile(r'realm="([^"]*)"')


@dataclass
class Token:
    """An integration's consumer, and the token of its user and role."""

    account: str
    consumer_key: str
    consumer_secret: str
    token_id: str
    token_secret: str
    _seen: dict[tuple[str, str], None] = field(default_factory=dict)

    def signed(self, request: Request) -> bool:
        """Say whether a request bears this token's signature, of now and for the first time, in the account's realm."""
        headers = {name.title(): text for name, text in request.headers.items()}
        realm = _REALM.search(headers.get("Authorization", ""))
        if not realm or realm[1] != self.account:
            return False
        uri = f"http://{headers.get('Host', '')}{request.path}{'?' if request.query else ''}{request.query}"
        endpoint = ResourceEndpoint(_Validator(self))
        own = {"Authorization": headers["Authorization"]}
        try:
            valid, _ = endpoint.validate_protected_resource_request(uri, request.method, None, own, realms=[])
        except (OAuth1Error, ValueError):
            return False
        return bool(valid)

    def first(self, nonce: str, timestamp: str) -> bool:
        """Say whether a nonce comes for the first time, and remember it."""
        if (nonce, timestamp) in self._seen:
            return False
        self._seen[nonce, timestamp] = None
        if len(self._seen) > 50_000:
            self._seen = dict.fromkeys(list(self._seen)[25_000:])
        return True


class _Validator(RequestValidator):
    """What oauthlib asks of a server."""

    allowed_signature_methods = (SIGNATURE_HMAC_SHA256,)
    timestamp_lifetime = SKEW
    enforce_ssl = False  # it is served on loopback
    dummy_client = dummy_access_token = "none"
    nonce_length = (6, 64)

    def __init__(self, token: Token) -> None:
        super().__init__()
        self._token = token

    def check_client_key(self, client_key: str) -> bool:
        return bool(client_key)

    def check_access_token(self, request_token: str) -> bool:
        return bool(request_token)

    def check_nonce(self, nonce: str) -> bool:
        return self.nonce_length[0] <= len(nonce) <= self.nonce_length[1]

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._token.consumer_key

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token == self._token.token_id

    def validate_realms(self, *asked: Any, **more: Any) -> bool:
        return True  # the account is the realm, which is looked at before

    def validate_timestamp_and_nonce(
        self, client_key: str, timestamp: str, nonce: str, request: Any, *token: Any, **more: Any
    ) -> bool:
        return self._token.first(nonce, timestamp)

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return self._token.consumer_secret

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._token.token_secret
