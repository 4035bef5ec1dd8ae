"""What stops a delivery between two letters: the end of the process, a pause, other settings."""

from __future__ import annotations

from typing import Final

from duehook.core.books.store import jobs
from duehook.core.context import Context
from duehook.core.runs.site import Site

PAUSES: Final = frozenset({"deliver", "all"})


class Brake:
    """Asked before each effect outside; once pulled it stays so for the round."""

    def __init__(self, site: Site, context: Context) -> None:
        """Look at the pauses: a person may deliver in one that is there already, the loop may not."""
        self._site, self._context = site, context
        self._known = self._pauses() if context.actor.kind == "person" else frozenset()
        self._why: str | None = None

    @property
    def pulled(self) -> str | None:
        """Say why nothing more may go out; None when it may."""
        if self._why is None:
            self._why = self._look()
        return self._why

    def _look(self) -> str | None:
        if self._context.over():
            return "the process is to end"
        if self._site.seen.changed:
            return "duehook.yaml was changed"
        return "delivery is paused" if self._pauses() - self._known else None

    def _pauses(self) -> frozenset[str]:
        with self._site.books.read() as tx:
            return PAUSES & jobs.pauses(tx).keys()
