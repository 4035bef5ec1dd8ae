"""How a connection signs in at Microsoft Entra: the settings that every service of Microsoft's cloud has alike."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from pydantic import Field, SecretStr, model_validator

from .connector import ConnectorSettings

URL: Final = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"
LOGIN: Final = "https://login.microsoftonline.com"


class EntraSettings(ConnectorSettings):
    """Sign-in by `client_secret`, or by `certificate_file` with `key_file` (PEM both).

    `authority` is written where it is not Microsoft's public one with `tenant`, such as AD FS.
    """

    extra: ClassVar[str]  # what of Duehook is installed with MSAL

    tenant: str | None = Field(None, pattern=r"^[\w.\-]+$")
    authority: str | None = Field(None, pattern=URL)
    scope: str | None = Field(None, min_length=1)
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    certificate_file: str | None = Field(None, min_length=1)
    key_file: str | None = Field(None, min_length=1)
    key_passphrase: SecretStr | None = None

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        if not (self.tenant or self.authority):
            raise ValueError("say who signs in: tenant, or authority")
        if (self.client_secret is None) == (self.certificate_file is None):
            raise ValueError("say how to sign in: client_secret, or certificate_file and key_file")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together")
        return self

    @property
    def sign_in_at(self) -> str:
        """Return the authority that gives tokens."""
        return (self.authority or f"{LOGIN}/{self.tenant}").rstrip("/")
