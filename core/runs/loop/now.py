"""Run a job now, out of its schedule, because a person asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from duehook.core.context import Context
from duehook.core.errors import DuehookError, NotFound
from duehook.core.redaction import mask_secrets
from duehook.core.runs.site import Site

from .acts import known
from .steps import CHAIN, Step
from .tick import EVERYTHING


@dataclass(frozen=True)
class Done:
    """What came of one step; `error` is what stopped it, and the later steps of its company."""

    job: str
    company: str
    outcome: str
    error: DuehookError | None = None


def run_now(site: Site, context: Context, name: str, *, company: str | None = None) -> Iterator[Done]:
    """Run a job's steps for every company, or for one; delivery, which is for all, comes last.

    A connection that feeds several companies is read and tied out once.
    It leaves no row among the jobs, so the schedule's own slot still comes. Raises NotFound for a
    job or a company that is not there, and for delivery for one company.
    """
    delivers = known(name) in {"deliver", EVERYTHING}
    if company is not None:
        site.settings.company(company)
        if delivers:
            raise NotFound("delivery is for all companies at once.", fix="leave --company out, or run nightly.")
    steps = CHAIN if name in {"nightly", EVERYTHING} else () if name == "deliver" else (name,)
    since = context.now()
    for one in [company] if company else list(site.settings.companies):
        yield from _steps(site, context, steps, company=one, since=since)
    if delivers:
        yield _done(site, context, Step("deliver", ""), since=since)


def _steps(site: Site, context: Context, names: tuple[str, ...], *, company: str, since: datetime) -> Iterator[Done]:
    """Run the steps of one company up to one that fails."""
    for name in names:
        done = _done(site, context, Step(name, company), since=since)
        yield done
        if done.error:
            return


def _done(site: Site, context: Context, step: Step, *, since: datetime) -> Done:
    try:
        return Done(step.name, step.company, step.run(site, context, since=since))
    except DuehookError as error:
        return Done(step.name, step.company, f"failed: {mask_secrets(str(error))}", error)
