"""What duehook.yaml says of a connection to Acme."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class AcmeSettings(BaseModel):
    """One Acme server, the key that opens it, and how gently it is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$", description="https://acme.example.com/api")
    api_key: SecretStr = Field(description="a key with the scopes that README.md lists")
    page_size: int = Field(1_000, ge=1, le=5_000, description="rows a page")
    lookback_hours: int = Field(24, ge=0, description="how far behind the last reading the next one begins")
    calls_per_second: float = Field(10, gt=0)
    calls_at_once: int = Field(2, ge=1)
    connect_seconds: float = Field(10, gt=0)
    read_seconds: float = Field(60, gt=0)
