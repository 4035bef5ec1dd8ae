"""What the simulators of Microsoft's services have in common: a sign-in of their own beside the service."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from duehook.core.testing.book_simulator import BookSimulator
from duehook.core.testing.simulator import Request, SimulatorServer

from .authority import App, Authority
from .certificates import of_client, of_server

CLIENT_ID: Final = "8d1f1a52-5a0f-4c1e-9a67-3f1d6f2b7c01"
SECRET: Final = "sim~4Zq8.Secret-value_7f"
OPTIONS: Final[Mapping[str, Any]] = {
    "https": False,  # of the service; the sign-in always is
    "sign_in": "secret",  # or certificate
    "token_life": 3600.0,
    "tenant": "duehook-simulated",
}


class EntraSimulator(BookSimulator):
    """A simulator whose clients need a token of Microsoft's; the options of OPTIONS must be among its own.

    `authority_server` answers the sign-in: its faults and log are its own.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        super().__init__(options)
        self._folder = Path(self.options["folder"])
        app, life = App(CLIENT_ID, SECRET), float(self.options["token_life"])
        self.authority = Authority(str(self.options["tenant"]), app, lambda: self.now, life)
        self.authority_server: SimulatorServer | None = None

    def start(self) -> Mapping[str, str]:
        """Draw the book, serve the service and the sign-in; return the settings that a connection needs."""
        server = of_server(self._folder)
        self.authority_server = SimulatorServer(
            self.authority.answer, error=self.authority.error, clock=lambda: self.now, tls=server.context()
        )
        self.authority.base = self.authority_server.start()
        return super().start()

    def stop(self) -> None:
        """End both servers."""
        super().stop()
        if self.authority_server:
            self.authority_server.stop()

    def tls(self) -> ssl.SSLContext | None:
        """Return what the service shows itself with."""
        return of_server(self._folder).context() if self.options["https"] else None

    def sign_in_settings(self) -> dict[str, str]:
        """Return a connection's settings for the sign-in."""
        found = {
            "authority": self.authority.url,
            "client_id": CLIENT_ID,
            "ca_file": str(of_server(self._folder).certificate),
        }
        if self.options["sign_in"] != "certificate":
            return found | {"client_secret": SECRET}
        client = of_client(self._folder)
        self.authority.app.certificate = client.certificate
        return found | {"certificate_file": str(client.certificate), "key_file": str(client.private_key)}

    def signed_in(self, request: Request) -> bool:
        """Say whether a request bears one of the sign-in's tokens that still lives."""
        sent = next((value for name, value in request.headers.items() if name.lower() == "authorization"), "")
        scheme, _, token = sent.partition(" ")
        return scheme.lower() == "bearer" and self.authority.knows(token)

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        return self.authority.expire_tokens()
