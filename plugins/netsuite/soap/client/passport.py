"""The header tokenPassport: each try of a request is signed by HMAC-SHA256, with a nonce of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from duehook.plugins.netsuite.settings import NetsuiteSettings

ALGORITHM: Final = "HMAC-SHA256"


class Passport:
    """What signs requests of a connection."""

    def __init__(self, settings: NetsuiteSettings, now: Callable[[], datetime]) -> None:
        """Take the connection's token, and the time of day."""
        self._now, self._account = now, settings.realm
        self._consumer, self._token = str(settings.consumer_key), str(settings.token_id)
        held = (settings.consumer_secret, settings.token_secret)
        self._key = "&".join(each.get_secret_value() if each else "" for each in held).encode()

    def parts(self) -> dict[str, Any]:
        """Return the parts of the header for one try."""
        nonce, at = secrets.token_hex(16), int(self._now().timestamp())
        return {
            "account": self._account, "consumerKey": self._consumer, "token": self._token, "nonce": nonce,
            "timestamp": at, "signature": {"_value_1": self.signature(nonce, at), "algorithm": ALGORITHM},
        }  # fmt: skip

    def signature(self, nonce: str, at: int) -> str:
        """Sign one try."""
        base = "&".join((self._account, self._consumer, self._token, nonce, str(at)))
        return base64.b64encode(hmac.new(self._key, base.encode(), hashlib.sha256).digest()).decode()
