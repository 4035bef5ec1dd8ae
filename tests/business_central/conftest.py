"""What the tests are given: simulated environments, literal answers, and connections to them."""

from __future__ import annotations

from .literal import connect, wire
from .simulated import full, opened, played, small

__all__ = ["connect", "full", "opened", "played", "small", "wire"]
