"""The sign-in of SOAP: a tokenPassport in the header, its signature of now and for the first time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from xml.etree.ElementTree import Element

from oauthlib.common import generate_timestamp

from duehook.plugins.netsuite.simulator.sign_in.tba import SKEW, Token

from .faults import invalid_login, no_sign_in
from .names import CORE, MESSAGES, tag

_ALGORITHMS: Final = ("HMAC-SHA256", "HMAC_SHA256")  # NetSuite's own pages spell it in both ways
_PARTS: Final = ("account", "consumerKey", "token", "nonce", "timestamp")
_NONCE: Final = (6, 64)


def look_at(header: Element, token: Token) -> None:
    """Raise Fault unless the header bears this token's signature."""
    passport = header.find(tag(MESSAGES, "tokenPassport"))
    if passport is None:
        raise no_sign_in()
    parts = [passport.findtext(tag(CORE, name), "").strip() for name in _PARTS]
    signature = passport.find(tag(CORE, "signature"))
    if signature is None or signature.get("algorithm") not in _ALGORITHMS:
        raise invalid_login()
    if parts[:3] != [token.account, token.consumer_key, token.token_id] or not _is_now(parts[4]):
        raise invalid_login()
    if not hmac.compare_digest(signed(parts, token), (signature.text or "").strip().encode()):
        raise invalid_login()
    if not _NONCE[0] <= len(parts[3]) <= _NONCE[1] or not token.first(parts[3], parts[4]):
        raise invalid_login()


def signed(parts: list[str], token: Token) -> bytes:
    """Return the signature of account, consumer key, token, nonce and timestamp."""
    key = f"{token.consumer_secret}&{token.token_secret}".encode()
    return base64.b64encode(hmac.new(key, "&".join(parts).encode(), hashlib.sha256).digest())


def _is_now(timestamp: str) -> bool:
    return timestamp.isdecimal() and abs(int(timestamp) - int(generate_timestamp())) <= SKEW
