"""What a promise or a dispute is in CustDisputes, and when what stands there must stay.

F&O keeps one row a transaction: a promise and a dispute exclude each other there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from duehook.core.connecting.writing import Refusal, amount_of, day_of
from duehook.core.hookspecs import Command
from duehook.core.wire.odata import Found
from duehook.plugins.d365.settings import CodeLists

LONGEST: Final = 255  # signs that a reason's comment takes
OURS: Final = "#DH-"
FREE: Final = frozenset({None, "None", "Resolved", "PromiseToPayBroken", "PromiseToPayKept"})


@dataclass(frozen=True)
class Wish:
    """What a row of CustDisputes shall hold."""

    values: Mapping[str, Any]

    def expect_free(self, found: Found | None) -> None:
        """Refuse to write over what a user of F&O said, and a promise over a dispute of ours."""
        row = found.row if found else {}
        status, is_ours = row.get("Status"), OURS in str(row.get("ReasonComment") or "")
        if status in FREE or (is_ours and (status == self.values["Status"] or self.values["Status"] == "Disputed")):
            return
        whose = "another command" if is_ours else "a user of F&O"
        raise Refusal(f"the transaction stands as {status} by {whose}; it keeps one status at a time", status)


def wish_of(command: Command, marker: str, codes: CodeLists, *, before: str = "") -> Wish:
    """Return what a command wants to stand there; Refusal for a body that says no day or amount.

    `before` is the comment that stands there: a user's stays behind ours.
    """
    body = command.body
    theirs = "" if OURS in before else _one_line(before)
    if command.kind == "set_promise":
        told = f"promised {amount_of(body)}: {_one_line(body.get('text'))}"
        return Wish(
            {"Status": "PromiseToPay", "FollowUpDate": day_of(body), "ReasonComment": _comment(told, marker, theirs)}
        )
    reason = str(body.get("reason") or "")
    code = codes.reason_code.get(reason)
    told = _one_line(body.get("text")) if code else f"{reason}: {_one_line(body.get('text'))}"
    values = {"Status": "Disputed", "AmountCur": amount_of(body), "ReasonComment": _comment(told, marker, theirs)}
    return Wish(values | ({"ReasonCode": code} if code else {}))


def _comment(told: str, marker: str, theirs: str) -> str:
    """Return the comment behind its marker, which is thus there even where a site's field is shorter.

    A user's own comment is never cut: Refusal where it does not fit.
    """
    room = LONGEST - (len(theirs) + len(" | ") if theirs else 0)
    ours = f"{marker} {told.rstrip(': ')}"[: max(room, 0)].rstrip()
    if marker not in ours:
        raise Refusal(f"the comment that stands there leaves no room within {LONGEST} signs")
    return f"{ours} | {theirs}" if theirs else ours


def _one_line(text: Any) -> str:
    return " ".join(str(text or "").split())
