"""What the plugins' clients share on the wire: one HTTP session, its budget, its guard, its faults."""

from __future__ import annotations

from .budget import RateBudget
from .guard import AddressGuard
from .reply import Reply
from .reply_lost import ReplyLost
from .retry import RetryPolicy
from .session import Call, WireOptions, WireSession
from .stale import Stale

__all__ = [
    "AddressGuard",
    "Call",
    "RateBudget",
    "Reply",
    "ReplyLost",
    "RetryPolicy",
    "Stale",
    "WireOptions",
    "WireSession",
]
