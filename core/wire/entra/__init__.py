"""Microsoft Entra: how a client of Microsoft's cloud signs in, by secret or certificate."""

from __future__ import annotations

from .client import EntraClient
from .sign_in import EntraSignIn

__all__ = ["EntraClient", "EntraSignIn"]
