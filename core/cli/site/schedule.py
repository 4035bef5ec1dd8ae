"""`duehook serve` and `duehook schedule`: the loop, and what it runs when."""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from duehook.core.cli.desk import AsJson, Company, Desk, Exit, desk_of
from duehook.core.cli.ending import at_a_rest
from duehook.core.runs.loop import acts
from duehook.core.runs.loop.now import run_now
from duehook.core.runs.loop.serve import serve as keep_serving
from duehook.core.runs.loop.tick import EVERYTHING, Ran

Name = Annotated[str, typer.Argument(help=f"One of {', '.join(acts.NAMES)}.")]
Why = Annotated[str, typer.Option(help="The reason.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    group = typer.Typer(no_args_is_help=True, help="What the loop runs, and when.")
    group.command("list")(listed)
    group.command("run")(run)
    group.command("pause")(pause)
    group.command("resume")(resume)
    app.add_typer(group, name="schedule")


def serve(context: typer.Context) -> None:
    """Keep the loop going: import, tie-out, aging, dunning and delivery by the schedule.

    A step that fails is tried again after 5, 10 and 30 minutes and 1, 2 and 4 hours, until its next slot comes.

    Example: duehook serve
    """
    desk = desk_of(context)
    desk.screen.say(f"Serving {len(desk.site.settings.companies)} companies; stop with Ctrl-C.")
    desk.screen.flush()

    def tell(ran: Ran) -> None:
        desk.screen.note(f"{ran.key.job} {ran.key.company} {ran.key.slot}: {ran.state}: {ran.outcome}")

    keep_serving(desk.site, lambda: datetime.now(UTC), told=tell)


def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List the jobs with their next slot, and the newest runs.

    Example: duehook schedule list
    """
    desk = desk_of(context, as_json=as_json)
    coming = [dataclasses.asdict(job) for job in acts.coming(desk.site, desk.context.now())]
    pauses, newest = acts.pauses(desk.site), acts.newest(desk.site)

    def draw() -> None:
        _draw_coming(desk, coming)
        if pauses:
            desk.screen.table(
                ["job", "since", "actor", "reason"],
                [[row["job"], desk.clock(row["since"]), row["actor"], row["reason"]] for row in pauses],
                title="Paused",
            )
        _draw_newest(desk, newest)

    desk.screen.show({"next": coming, "pauses": pauses, "runs": newest}, draw)


def _draw_coming(desk: Desk, coming: list[dict[str, Any]]) -> None:
    rows = [[job["job"], job["company"], job["slot"], desk.clock(job["next_at"]), job["paused"]] for job in coming]
    desk.screen.table(["job", "company", "slot", f"next ({desk.site.settings.timezone})", "paused"], rows)
    if not desk.site.settings.companies:
        desk.screen.say("No company is configured, so only delivery is run: write companies: in duehook.yaml.")
    elif len(coming) == 1:
        desk.screen.say(
            'Nothing but delivery is scheduled: write schedule: {nightly: "05:30 Mon-Fri"} in duehook.yaml.'
        )


def _draw_newest(desk: Desk, newest: list[dict[str, Any]]) -> None:
    if not newest:
        desk.screen.say("Nothing was run by the schedule yet: `duehook serve` keeps it.")
        return
    columns = ["job", "company", "state", f"started ({desk.site.settings.timezone})", "attempts", "outcome"]
    rows = [
        [row["job"], row["company"], row["state"], desk.clock(row["started_at"]), row["attempts"], row["outcome"]]
        for row in newest
    ]
    desk.screen.table(columns, rows, title="Newest runs")


def run(
    context: typer.Context,
    name: Name,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Run a job now, out of its schedule; a step that fails stops the later ones of its company.

    Example: duehook schedule run nightly --company 00001
    """
    desk = desk_of(context, as_json=as_json)
    with at_a_rest() if name in {"deliver", EVERYTHING} else nullcontext(desk.context.over) as over:
        done = list(run_now(desk.site, dataclasses.replace(desk.context, over=over), name, company=company))
    errors = [each.error for each in done if each.error]
    if len(done) == len(errors) == 1:
        raise errors[0]
    rows = [[each.job, each.company, each.outcome] for each in done]
    desk.screen.show({"ran": rows}, lambda: desk.screen.table(["job", "company", "outcome"], rows))
    if errors:
        raise typer.Exit(Exit.PARTIAL if len(errors) < len(done) else errors[0].exit_code)


def pause(context: typer.Context, name: Name, why: Why = "", as_json: AsJson = False) -> None:
    """Pause a job, a step of nightly, or all; of the slots that pass, the newest is run when it is resumed.

    Example: duehook schedule pause dun --why "year-end closing"
    """
    desk = desk_of(context, as_json=as_json)
    acts.pause(desk.site, desk.context, name, why=why or None)
    desk.screen.show({"paused": name}, lambda: desk.screen.say(f"{name} is paused."))


def resume(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """End a pause.

    Example: duehook schedule resume dun
    """
    desk = desk_of(context, as_json=as_json)
    acts.resume(desk.site, desk.context, name)
    desk.screen.show({"resumed": name}, lambda: desk.screen.say(f"{name} goes on."))
