"""What became of transactions that SuiteQL shows no more: the record API tells what was deleted from what is hidden.

SuiteQL leaves out what the role may not see, and says nothing of it. The record API answers a single id: that there is
none (NONEXISTENT_ID, RCRD_DSNT_EXIST), or why the role may not have it. An id alone does not say of which type it was,
so only what is none of any type was deleted; and a type is believed that shows a transaction which SuiteQL shows too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from duehook.core.errors import ConnectorRefused
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.site import NetsuiteSite

MOST: Final = 100  # transactions that are asked for at a time: each is a request, or one for each type
_LATER: Final = f"SuiteQL does not show it; {MOST} such are asked for at a time, and this one is by the next run"


@dataclass(frozen=True)
class Fates:
    """What became of transactions that are not shown: what was deleted, and of what that is not sure, and why."""

    deleted: frozenset[int] = frozenset()
    unsure: Mapping[int, str] = field(default_factory=dict)


@dataclass
class RecordLook:
    """Looks transactions up by the record API, one after the other, at the pace that the connection has."""

    site: NetsuiteSite
    _blind: dict[str, str | None] = field(default_factory=dict)  # of each type, why it is not believed

    def fates(self, hidden: set[int]) -> Fates:
        """Return what became of these; what SuiteQL shows as another type, or not posted, is told by neither list."""
        shown = {int(row["id"]) for row in self.site.by_id(tables.HEADER, "t.id", hidden)}
        wanted = sorted(hidden - shown)
        said = {number: self._why_unsure(number) for number in wanted[:MOST]}
        unsure = {number: why for number, why in said.items() if why is not None}
        return Fates(frozenset(said.keys() - unsure.keys()), unsure | dict.fromkeys(wanted[MOST:], _LATER))

    def blind(self) -> Iterator[tuple[str, str]]:
        """Yield the types of which the record API cannot tell what was deleted, each with the reason."""
        for kind in self.site.kinds:
            why = self._why_blind(kind)
            if why is not None:
                yield kind, why

    def _why_unsure(self, number: int) -> str | None:
        """Return why a transaction may still be there; None for one that was deleted."""
        for kind in self.site.kinds:
            record = tables.RECORDS[kind][0]
            try:
                found = self.site.service.record(record, str(number))
            except ConnectorRefused as error:
                return f"SuiteQL does not show it, and the record API does not tell of it: {error.message}"
            if found is not None:
                return f"SuiteQL does not show it, and it is there as {record}: a restriction of the role hides it"
            why = self._why_blind(kind)
            if why is not None:
                return f"SuiteQL does not show it, and {why}"
        return None

    def _why_blind(self, kind: str) -> str | None:
        if kind not in self._blind:
            self._blind[kind] = self._tried(kind)
        return self._blind[kind]

    def _tried(self, kind: str) -> str | None:
        """Look up a transaction that is surely there; where none is shown there is nothing to try it on."""
        record, rows = tables.RECORDS[kind][0], self.site.service.rows(self.site.of_kind(kind).page(None, 1))
        if not rows:
            return None
        try:
            found = self.site.service.record(record, str(rows[0]["id"]))
        except ConnectorRefused as error:
            return f"the record API does not show a {record}: {error.message}"
        known = f"{record} {rows[0]['id']}"
        return None if found is not None else f"the record API knows nothing of {known} either, which SuiteQL shows"
