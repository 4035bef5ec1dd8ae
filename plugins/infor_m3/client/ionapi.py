"""The .ionapi file that the gateway's admin downloads: where the tenant is, and who signs in. It is never shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from duehook.core.errors import ConnectorRefused
from duehook.core.redaction import remember

NEEDED: Final = ("ti", "ci", "cs", "iu", "pu", "ot")
FIX: Final = (
    "download the file again from the ION API authorized app, with a service account, and correct `ionapi_file`."
)


@dataclass(frozen=True)
class IonApi:
    """What the file says; what is secret in it is not printed."""

    tenant: str
    gateway: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)

    @classmethod
    def read(cls, file: str) -> Self:
        """Read the file; ConnectorRefused, which names it and nothing of its content, where it is none."""
        try:
            held = json.loads(Path(file).read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise ConnectorRefused(f"{file} cannot be read: {error.strerror}.", fix="correct `ionapi_file`.") from None
        except ValueError:
            raise ConnectorRefused(f"{file} is no .ionapi file: it is no JSON.", fix=FIX) from None
        return cls._of(held if isinstance(held, dict) else {}, file)

    @classmethod
    def _of(cls, held: dict[str, Any], file: str) -> Self:
        missing = [name for name in NEEDED if not isinstance(held.get(name), str) or not held[name]]
        if missing:
            raise ConnectorRefused(f"{file} lacks {', '.join(missing)}.", fix=FIX)
        remember(*(str(held[name]) for name in ("cs", "saak", "sask") if held.get(name)))
        return cls(
            tenant=held["ti"],
            gateway=held["iu"].rstrip("/"),
            token_url=f"{held['pu'].rstrip('/')}/{held['ot'].lstrip('/')}",
            client_id=held["ci"],
            client_secret=held["cs"],
            access_key=str(held.get("saak") or ""),
            secret_key=str(held.get("sask") or ""),
        )

    @property
    def base_url(self) -> str:
        """Return where the tenant's M3 answers."""
        return f"{self.gateway}/{self.tenant}/M3/m3api-rest"

    @property
    def form(self) -> dict[str, str]:
        """Return what a token is asked for with: by the service account where the file has one."""
        app = {"client_id": self.client_id, "client_secret": self.client_secret}
        if not self.access_key:
            return {"grant_type": "client_credentials", **app}
        return {"grant_type": "password", "username": self.access_key, "password": self.secret_key, **app}
