"""The codes of a dunning decision: what became of an item in a run, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """One reason an item was sent, held or skipped; stored with the decision."""

    RISES = "rises"
    REPEATS = "repeats"
    LISTED = "listed"
    REMINDED = "pre_due_reminder"

    PLACEHOLDER = "placeholder_customer"
    GONE = "gone"
    SETTLED = "settled"
    INSOLVENT = "insolvent"
    CUSTOMER_STATE = "customer_state"
    CLASS = "class_not_dunned"
    BLOCKED_DEBTOR = "blocked_debtor"
    BLOCKED_ITEM = "blocked_item"
    UNBLOCK_GRACE = "unblock_grace"
    ERP_BLOCK = "erp_block"
    DISPUTED = "disputed"
    REOPEN_GRACE = "reopen_grace"
    CREDIT_NETTED = "credit_netted"
    CREDIT_SHOWN = "credit_shown"
    COVERED = "covered_by_credits"

    NOT_DUE = "not_due"
    WITHIN_GRACE = "within_grace"
    NOT_RIPE = "not_ripe"
    LEVEL_REACHED = "level_reached"
    HAND_SET = "hand_set_level"
    LAST_LEVEL = "last_level_task"

    PENDING = "notice_pending"
    INTERVAL = "interval_running"
    NO_MINIMUM = "no_minimum"
    BELOW_MINIMUM = "below_minimum"
    NOT_READY = "not_ready"
    TIE_OUT = "tie_out_lock"
    CLOSED_DAY = "closed_day"
    PLUGIN_HOLD = "plugin_hold"


SENT: Final = frozenset({Code.RISES, Code.REPEATS, Code.LISTED, Code.REMINDED})
HELD: Final = frozenset(
    {
        Code.BLOCKED_DEBTOR,
        Code.BLOCKED_ITEM,
        Code.UNBLOCK_GRACE,
        Code.ERP_BLOCK,
        Code.DISPUTED,
        Code.REOPEN_GRACE,
        Code.PENDING,
        Code.INTERVAL,
        Code.NO_MINIMUM,
        Code.BELOW_MINIMUM,
        Code.NOT_READY,
        Code.TIE_OUT,
        Code.CLOSED_DAY,
        Code.PLUGIN_HOLD,
        Code.HAND_SET,
    }
)

# What keeps all letters of a company back, in words.
GATES: Final = {
    Code.NOT_READY: "its data is not complete",
    Code.TIE_OUT: "its tie-out with the ERP does not balance",
    Code.CLOSED_DAY: "the company is closed that day",
}


def outcome(code: Code) -> str:
    """Return `sent`, `held` (something stands in the way) or `skipped` (nothing is to be sent)."""
    if code in SENT:
        return "sent"
    return "held" if code in HELD else "skipped"
