"""Credit holds that stand in one field of one row: set and lifted with the version that was looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.wire.odata import Found
from duehook.core.wire.odata.changes import Change

from .versions import patch
from .writing import expect_ours, read_back

HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})


class HoldWriter:
    """Sets and lifts a hold. Another's hold is neither overwritten nor released (rule 26)."""

    def __init__(
        self, erp: str, allowed: Collection[str], *,
        look: Callable[[Command, str | None], Change], held: Callable[[Found | None], str | None],
    ) -> None:  # fmt: skip
        """Take which values may be set, what gives the change to a value (None: no hold), and what reads a row's."""
        self._erp, self._allowed, self._look, self._held = erp, allowed, look, held

    def preview(self, command: Command) -> str:
        """Say what the hold would change from and to."""
        change = self._change(command)
        return f"change {change.entity.name} of customer {command.customer} in {command.company}: {change.words}"

    def apply(self, command: Command) -> Applied:
        """Change the hold, unless another's must stay."""
        change = self._change(command)
        previous = self._held(change.found)
        if change.is_there:
            return Applied("already", "it was there", previous=previous)
        expect_ours(command, previous, self._allowed)
        patch(change)
        return read_back(lambda: self._change(command).is_there, self._erp, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look whether the customer has the hold."""
        change = self._change(command)
        if change.is_there:
            return Applied("done", "it is there")
        return Applied("refused", "it is not there", previous=self._held(change.found))

    def _change(self, command: Command) -> Change:
        body, releases = command.body, command.kind == "release_credit_hold"
        return self._look(command, body.get("restore") if releases else body.get("value"))
