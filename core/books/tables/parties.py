"""Which customers of different ERPs are one party: what was found, and what a person said of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from .base import Identity, Json, instant, key, metadata

# state: proposed · confirmed · rejected. `evidence` lists what both share, the strongest first; the lesser name comes
# first, so that a pair has one row.
party_match = Table(
    "party_match",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    key("connection"),
    key("customer"),
    key("other_connection"),
    key("other_customer"),
    Column("state", String(20), nullable=False),
    Column("evidence", Json, nullable=False),
    instant("found_at", nullable=False),
    instant("decided_at"),
    Column("decided_by", Text),
    UniqueConstraint("connection", "customer", "other_connection", "other_customer", name="uq_party_match_pair"),
    Index(None, "state"),
)
