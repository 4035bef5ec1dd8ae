"""How SAP is spoken to: sign-in, the client (Mandant), CSRF tokens bound to their session, one service at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from duehook.core.errors import ConnectorRefused
from duehook.core.wire import Call, RateBudget, Reply, WireOptions, WireSession
from duehook.core.wire.odata import V2, V4, ODataClient
from duehook.core.wire.odata.errors import Forbidden
from duehook.core.wire.sign_in import FORM, Basic, Bearer, SignIn, Token
from duehook.core.wire.soap import SoapService

from .description import Description
from .settings import SapSettings

_FETCH: Final = {"X-CSRF-Token": "Fetch"}


def client_credentials(wire: WireSession, settings: SapSettings) -> Token:
    """Ask for the token of an OAuth 2.0 client."""
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    body = urlencode({"grant_type": "client_credentials"}).encode()
    sent = {**Basic(settings.client_id or "", secret).headers(), **FORM}
    reply = wire.send(Call("POST", settings.token_url or "", data=body, headers=sent, reads=True, accept={400, 401}))
    if reply.status >= 400:
        raise ConnectorRefused(
            f"{reply.url} answered {reply.status}: {reply.excerpt()}",
            fix="correct client_id and client_secret of the connection.",
        )
    return Token.read(reply, fix="check token_url, and what the client may do.")


@dataclass
class SapService(ODataClient):
    """One service: changes carry the CSRF token of this very session, fetched once and again when it is refused."""

    token: str = field(default="", repr=False)

    def write(self, call: Call) -> Reply:
        """Send a change with the token; where SAP forbids it, once more with a new one.

        Some systems say of an old token just what they say of a missing right. Neither has changed anything.
        """
        if not self.token:
            self.fetch_token()
        try:
            return super().write(self._with_token(call))
        except Forbidden:
            self.fetch_token()
        return super().write(self._with_token(call))

    def clock(self) -> datetime:
        """Return the server's own time, from the head of an answer."""
        return self.send(Call("GET", self.url("", {}), headers={"Accept": self.dialect.accept})).said_at()

    def description(self) -> Description:
        """Return what the service says of itself ($metadata)."""
        reply = self.send(Call("GET", self.url("$metadata", {}), headers={"Accept": "application/xml"}))
        return Description.read(reply)

    def fetch_token(self) -> None:
        """Ask the service's root, slash and all, for a token; cookies of the session come with it."""
        reply = super().send(Call("GET", self.url("", {}), headers=_FETCH))
        self.token = reply.headers.get("x-csrf-token", "")
        if not self.token or self.token.lower() == "required":
            raise Forbidden(
                f"{reply.url} gave no CSRF token.", fix="let a proxy in between keep X-CSRF-Token and the cookies."
            )

    def _with_token(self, call: Call) -> Call:
        return replace(call, headers={**call.headers, "X-CSRF-Token": self.token})


class SapClient:
    """The services of one system, each opened on first use, over one session with its cookies."""

    def __init__(
        self, settings: SapSettings, name: str, *, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        """Take the connection's settings and its name for the messages."""
        self.settings = settings
        urls = [settings.base_url, *([settings.token_url] if settings.token_url else [])]
        budget = RateBudget(
            settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
            clock=clock, sleep=sleep,
        )  # fmt: skip
        options = WireOptions(
            connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget, sleep=sleep,
            verify=settings.ca_file or True, address_in=f"`base_url` of connection {name}",
        )  # fmt: skip
        self._wire = WireSession(urls, options)
        self._sign_in: SignIn = (
            Bearer(lambda: client_credentials(self._wire, settings), clock)
            if settings.token_url
            else Basic(settings.user or "", settings.password.get_secret_value() if settings.password else "")
        )
        self._services: dict[str, SapService] = {}

    def service(self, name: str, *, v4: bool = False) -> SapService:
        """Return a service by its name, of OData v4 where it or the site is; every request to it names the client."""
        if name not in self._services:
            settings = self.settings
            v4 = v4 or settings.odata == "v4"
            path = (
                settings.services.path_v4.replace("{service}", name.lower())
                if v4
                else f"{settings.services.path}/{name}"
            )
            options = {"sap-client": settings.client} if settings.client else {}
            self._services[name] = SapService(
                self._wire, f"{settings.base_url.rstrip('/')}{path}", V4() if v4 else V2(), self._sign_in, options,
                at_once=settings.questions_at_once,
            )  # fmt: skip
        return self._services[name]

    def soap(self, path: str, *, fixes: Mapping[int, str]) -> SoapService:
        """Return the SOAP service at a path of the system; every request to it names the client."""
        options = {"sap-client": self.settings.client} if self.settings.client else {}
        return SoapService(self._wire, f"{self.settings.base_url.rstrip('/')}{path}", self._sign_in, options, fixes)

    def close(self) -> None:
        """Hang up."""
        self._wire.close()
