"""What these tests share."""

from __future__ import annotations

from .library import library

__all__ = ["library"]
