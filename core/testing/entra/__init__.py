"""The Microsoft Entra half of a simulated Microsoft service: its sign-in for client credentials, over HTTPS.

A simulator derives from `EntraSimulator`, hands on what `OPTIONS` has beside its own options, and asks
`signed_in` of each request.
"""

from __future__ import annotations

from .authority import App, Authority
from .certificates import of_client, of_server
from .simulator import CLIENT_ID, OPTIONS, EntraSimulator

__all__ = ["CLIENT_ID", "OPTIONS", "App", "Authority", "EntraSimulator", "of_client", "of_server"]
