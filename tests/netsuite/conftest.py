"""What the tests of the connector are given: a simulated account, and a client of it."""

from __future__ import annotations

from .simulated import client, opened, played

__all__ = ["client", "opened", "played"]
