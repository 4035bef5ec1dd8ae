"""The books: tables, migrations and the store, on SQLite or PostgreSQL."""

from __future__ import annotations

from .books import Books

__all__ = ["Books"]
