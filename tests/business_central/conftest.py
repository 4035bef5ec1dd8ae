"""What the tests of the connector are given: literal answers, and connections to them."""

from __future__ import annotations

from .literal import connect, wire

__all__ = ["connect", "wire"]
