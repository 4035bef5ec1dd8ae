"""What came in: kept by its names, carried out later or never, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from duehook.core.testing.sap_ledger.lines import LineKey

from .message import ItemChange, Message

Fate = Literal["applied", "late", "lost", "refused"]
_FILE: Final = "journal_entry_messages"
FIELD_STATUS: Final = "Field DunningBlockingReasonCode cannot be changed (field status)"


def fates(names: Iterable[str]) -> list[Fate]:
    """Read what shall become of messages; ValueError for what there is not."""
    known = {str(each): each for each in get_args(Fate)}
    try:
        return [known[name] for name in names]
    except KeyError as wrong:
        raise ValueError(f"there is no {wrong}; there is {', '.join(known)}") from None


@dataclass
class Inbox:
    """The messages of one client.

    `act` carries a change out and says what stands against it, None for nothing. A message is carried out `after` so
    many further requests to the system. `fates` are those of the next messages, one each: late is carried out by
    `work_off` alone; lost and refused never are, and refused stands with its reason in the monitor, of which the
    sender hears nothing. `protected` are lines whose fields the field status closes.
    """

    kept: dict[str, Any]
    act: Callable[[ItemChange], str | None]
    after: int

    def __post_init__(self) -> None:
        """Take up what waited when the system ended."""
        self.fates: list[Fate] = []
        self.protected: set[LineKey] = set()

    def take(self, message: Message) -> None:
        """Keep a message, unless one of its names was here before: that one is not carried out again."""
        if any(name in held["names"] for held in self.messages for name in message.names):
            return
        fate = self.fates.pop(0) if self.fates else "applied"
        changes = [[list(change.key), dict(change.values)] for change in message.changes]
        held = {"names": list(message.names), "fate": fate, "left": self.after, "changes": changes, "log": ""}
        self.messages.append(held | {"status": "waits"})

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Return what came in, as the monitor shows it: waits, done, or error with its log."""
        found: list[dict[str, Any]] = self.kept.setdefault(_FILE, [])
        return found

    def tick(self) -> None:
        """Let a request go by."""
        for held in self._waiting("applied", "refused"):
            held["left"] -= 1
            if held["left"] < 0:
                self._carry_out(held)

    def settle(self) -> None:
        """Carry out now what nothing holds up."""
        for held in self._waiting("applied", "refused"):
            self._carry_out(held)

    def work_off(self) -> int:
        """Let an administrator start again what was held up; return how much that was."""
        late = self._waiting("late")
        for held in late:
            self._carry_out(held)
        return len(late)

    def _waiting(self, *fates: Fate) -> Sequence[dict[str, Any]]:
        return [held for held in self.messages if held["status"] == "waits" and held["fate"] in fates]

    def _carry_out(self, held: dict[str, Any]) -> None:
        changes = [ItemChange((key[0], key[1], key[2], key[3]), values) for key, values in held["changes"]]
        wrong = FIELD_STATUS if held["fate"] == "refused" else None
        for change in changes:
            wrong = wrong or self._changed(change)
        held["status"], held["log"] = ("error", wrong) if wrong else ("done", "")

    def _changed(self, change: ItemChange) -> str | None:
        return FIELD_STATUS if change.key in self.protected else self.act(change)
