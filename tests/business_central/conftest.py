"""What the tests of Business Central are given: simulated sites."""

from __future__ import annotations

from .simulated import full, opened, played, small

__all__ = ["full", "opened", "played", "small"]
