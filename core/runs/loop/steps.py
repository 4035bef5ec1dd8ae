"""The steps of the loop, one job each: import, tie-out, aging, dunning, delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from duehook.core.context import Context
from duehook.core.runs.age import age
from duehook.core.runs.days import day_at
from duehook.core.runs.deliver.run import deliver
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.imports.site import import_company
from duehook.core.runs.packs import scheme_of
from duehook.core.runs.site import Site
from duehook.core.runs.tie_out import tie_out_in_turn

CHAIN: Final = ("import", "tie_out", "aging", "dun")


@dataclass(frozen=True)
class Step:
    """One step for one company (delivery: for all)."""

    name: str
    company: str

    def run(self, site: Site, context: Context, *, since: datetime) -> str:
        """Run it and say in a line what came of it. Raises the use case's own errors.

        An import or a tie-out is left out where another company's did it for all since `since`.
        """
        today = day_at(site.settings, self.company, context.now())
        if self.name == "import":
            return _import(site, context, self.company, today, since=since)
        if self.name == "tie_out":
            return tie_out_in_turn(site, context, self.company, since=since)
        return _STEPS[self.name](site, context, self.company, today)


def _import(site: Site, context: Context, company: str, today: date, *, since: datetime) -> str:
    reports = import_company(site, context, company, as_of=today, since=since)
    said = (f"{one.connection} run {one.run_id}: {one.written} rows written, {one.parked} parked" for one in reports)
    return "; ".join(said) or "read already"


def _age(site: Site, context: Context, company: str, today: date) -> str:
    aged = age(site.books, context, company, scheme_of(site, company), as_of=today)
    return f"{aged.rows} rows by {aged.scheme} as of {aged.as_of}"


def _dun(site: Site, context: Context, company: str, today: date) -> str:
    return str(dun(site, context, company, as_of=today))


def _deliver(site: Site, context: Context, _company: str, _today: date) -> str:
    return str(deliver(site, context))


_STEPS: Final[Mapping[str, Callable[[Site, Context, str, date], str]]] = {
    "aging": _age,
    "dun": _dun,
    "deliver": _deliver,
}
