"""What the tests of the connector are given: simulated sites, and connections to them."""

from __future__ import annotations

from .connected import connect
from .simulated import opened, played, small

__all__ = ["connect", "opened", "played", "small"]
