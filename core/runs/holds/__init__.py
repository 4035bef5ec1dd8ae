"""Credit holds by the rules' §4: set after a notice was sent, released when nothing calls for them."""

from __future__ import annotations

from .acts import STATES, approve_releases, drop_all, drop_of_notice, listed, show_hold, start_hold
from .answers import hold_answered
from .judging import judge_holds
from .steps import RELEASE, SET

__all__ = [
    "RELEASE",
    "SET",
    "STATES",
    "approve_releases",
    "drop_all",
    "drop_of_notice",
    "hold_answered",
    "judge_holds",
    "listed",
    "show_hold",
    "start_hold",
]
