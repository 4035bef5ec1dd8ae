"""Adopted policies, read from the books by their hash; each is parsed once a process."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import Connection

from duehook.core.books.store.delivery import sending
from duehook.core.policy.model import Policy
from duehook.core.policy.read import read_policy


def adopted(tx: Connection, hashes: Collection[str]) -> dict[str, Policy]:
    """Return the policies of these hashes that the books have."""
    return {key: _parsed(body) for key, body in sending.policy_bodies(tx, hashes).items()}


@lru_cache(maxsize=64)
def _parsed(body: str) -> Policy:
    return read_policy(body)
