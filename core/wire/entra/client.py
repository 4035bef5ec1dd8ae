"""What a connection says of itself as a client of Microsoft Entra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import SecretStr


class EntraClient(Protocol):
    """Who signs in, how, where and for what; `core.settings.entra.EntraSettings` is one.

    `root` is the service that the tokens are for, `extra` what of Duehook is installed with MSAL.
    """

    @property
    def client_id(self) -> str:
        """Return the app registration."""

    @property
    def client_secret(self) -> SecretStr | None:
        """Return its secret, None where it signs in by certificate."""

    @property
    def certificate_file(self) -> str | None:
        """Return where its certificate is."""

    @property
    def key_file(self) -> str | None:
        """Return where the certificate's key is."""

    @property
    def key_passphrase(self) -> SecretStr | None:
        """Return what opens the key."""

    @property
    def sign_in_at(self) -> str:
        """Return the authority that gives tokens."""

    @property
    def scopes(self) -> Sequence[str]:
        """Return what a token is asked for."""

    @property
    def root(self) -> str:
        """Return the service's address."""

    @property
    def extra(self) -> str:
        """Return the name behind `pip install duehook[...]`."""
