"""How M3 lets a client in: an M3 user's password, or a token of the gateway for a .ionapi file's service account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from duehook.core.errors import ConnectorRefused
from duehook.core.wire import Call, WireSession
from duehook.core.wire.sign_in import FORM, Token

from .ionapi import FIX, IonApi

USUAL_LIFE: Final = 7200.0  # seconds, where the gateway does not say
FIXES: Final[Mapping[str, str]] = {
    "basic": "correct `user` and `password`; see that the M3 user is not locked.",
    "ionapi": FIX,
}


def gateway_token(wire: WireSession, file: IonApi) -> Token:
    """Ask the gateway for a token."""
    body = urlencode(file.form).encode()
    reply = wire.send(Call("POST", file.token_url, data=body, headers=FORM, reads=True, accept={400, 401}))
    if reply.status >= 400:
        raise ConnectorRefused(f"{reply.url} answered {reply.status}: {reply.excerpt()}", fix=FIX)
    fix = "see that `pu` and `ot` of the .ionapi file lead to the token service."
    return Token.read(reply, fix=fix, usual_life=USUAL_LIFE)
