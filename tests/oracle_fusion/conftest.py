"""What the tests of the simulator are given: a simulated pod, and clients of it."""

from __future__ import annotations

from .simulated import client, opened, played

__all__ = ["client", "opened", "played"]
