"""Rows of a table to records: which column fills which field, how texts, days and amounts stand in its cells. Pure."""

from __future__ import annotations
