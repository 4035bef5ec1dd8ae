"""`duehook deliver`, `outbox`, `task`, `hold` and `go-live`: what leaves the house."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from duehook.core.cli.desk import AsJson, Company, Desk, DryRun, Exit, Usage, Yes, desk_of, known_states
from duehook.core.cli.ending import at_a_rest
from duehook.core.runs import holds
from duehook.core.runs.deliver import desk as delivery
from duehook.core.runs.deliver.run import deliver as deliver_now
from duehook.core.runs.deliver.run import look
from duehook.core.runs.deliver.settle import finish_task, settle
from duehook.core.runs.go_live import GoneLive, go_live

Why = Annotated[str, typer.Option(help="The reason, for the audit.")]


def register(app: typer.Typer) -> None:
    """Add the commands and groups."""
    app.command("deliver")(deliver)
    app.command("go-live")(live)
    outbox = typer.Typer(no_args_is_help=True, help="Effects on the outside: queued, sent, in doubt.")
    outbox.command("list")(outbox_list)
    outbox.command("settle")(outbox_settle)
    app.add_typer(outbox, name="outbox")
    task = typer.Typer(no_args_is_help=True, help="What a person has to do.")
    task.command("list")(task_list)
    task.command("done")(task_done)
    app.add_typer(task, name="task")
    hold = typer.Typer(no_args_is_help=True, help="Credit holds that Duehook proposed or set.")
    hold.command("list")(hold_list)
    hold.command("approve")(hold_approve)
    hold.command("drop")(hold_drop)
    app.add_typer(hold, name="hold")


def deliver(
    context: typer.Context,
    most: Annotated[int | None, typer.Option(min=1, help="At most so many notices.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send the approved notices, write notes and holds into the ERP, and tell what is in doubt.

    Ends with 5 when something failed, was refused or is in doubt; `duehook task list` says what. And
    when nothing went out because the other side is down: what waits is tried again by itself. Told to
    end (SIGTERM), it finishes the letter at hand; the others go out by the next call.

    Example: duehook deliver --dry-run
    """
    desk = desk_of(context, as_json=as_json)
    if dry_run:
        _look(desk)
        return
    with at_a_rest() as over:
        report = deliver_now(desk.site, replace(desk.context, over=over), most=most)

    def draw() -> None:
        desk.screen.say(f"{report}.")
        for reason in report.reasons:
            desk.screen.say(f"  {reason}")

    desk.screen.show(report.plain(), draw)
    if not report.complete:
        raise typer.Exit(Exit.PARTIAL)


def _look(desk: Desk) -> None:
    rows = look(desk.site, desk.context)
    columns = ["what", "company", "debtor", "level", "channel", "test", "why"]
    cells = [[row.get(name, "") for name in columns] for row in rows]
    desk.screen.show({"would": rows, "dry_run": True}, lambda: desk.screen.table(columns, cells, right=[3]))


def live(
    context: typer.Context,
    levels: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV: company,item,level,last_dunned_on.")
    ] = None,
    first_run_notices: Annotated[
        int | None, typer.Option(min=0, help="How many notices the first live run may send.")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Open the site for live letters: give every open item its opening level, without sending.

    Levels and last-dunned dates come from the CSV, else from the ERP, else from the item's age.
    What shadow mode queued or raised is taken back. Run again with --first-run-notices alone, it
    only changes how many notices the first live run may send.

    Example: duehook go-live --first-run-notices 250
    """
    desk = desk_of(context, as_json=as_json)
    if not dry_run:
        desk.confirm(f"Go live in mode {desk.site.settings.mode}?", yes=yes)
    gone = go_live(desk.site, desk.context, levels=levels, first_run_notices=first_run_notices, dry_run=dry_run)
    desk.screen.show(gone.plain(), lambda: _draw_live(desk, gone))


def _draw_live(desk: Desk, gone: GoneLive) -> None:
    if gone.again:
        may, end = ("might", " Nothing was changed.") if gone.dry_run else ("may", "")
        desk.screen.say(f"The first live run {may} send {gone.first_run_notices} notices.{end}")
        return
    desk.screen.say(
        f"Opening levels: {gone.from_file} from the file, {gone.from_erp} from the ERP, {gone.from_age} from age."
    )
    were = "would be" if gone.dry_run else "were"
    desk.screen.say(f"{gone.cancelled} notices of the rehearsal {were} taken back.")
    desk.screen.say("Nothing was changed." if gone.dry_run else f"First run: {gone.first_run_notices} notices at most.")


def outbox_list(
    context: typer.Context,
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(delivery.STATES)}.")] = None,
    most: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List effects on the outside, the newest first.

    Example: duehook outbox list --state in_doubt
    """
    desk = desk_of(context, as_json=as_json)
    rows = delivery.effects(desk.site, states=known_states(state, delivery.STATES), most=most)
    columns = ["key", "kind", "target", "company", "customer", "state", "attempts", "made_at", "outcome"]
    _show(desk, "effects", columns, rows, right=[6])


def outbox_settle(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The beginning of the effect's key.")],
    why: Why,
    sent: Annotated[bool, typer.Option("--sent", help="It went out.")] = False,
    not_sent: Annotated[bool, typer.Option("--not-sent", help="It did not go out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Settle an effect that is in doubt, by what you found out; it is never sent again by itself.

    This ends its task, too.

    Example: duehook outbox settle 3fa29c01 --sent --why "the debtor has it"
    """
    if sent == not_sent:
        raise Usage("say what you found out, one of the two.", fix="add --sent or --not-sent.")
    desk = desk_of(context, as_json=as_json)
    settled = settle(desk.site, desk.context, key, sent=sent, why=why)
    said = f"{settled[:12]} is settled as {'sent' if sent else 'not sent'}."
    desk.screen.show({"key": settled, "sent": sent}, lambda: desk.screen.say(said))


def task_list(
    context: typer.Context,
    company: Company = None,
    done: Annotated[bool, typer.Option("--done", help="Those that are done.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what a person has to do, the oldest first.

    Example: duehook task list --company 00001
    """
    desk = desk_of(context, as_json=as_json)
    rows = delivery.tasks(desk.site, state="done" if done else "open", company=company)
    desk.expect_company(company, rows)
    _show(desk, "tasks", ["id", "company", "debtor", "kind", "text", "due_on"], rows, right=[0])


def task_done(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="The task.")],
    outcome: Annotated[str, typer.Option(help="What came of it.")] = "done",
    as_json: AsJson = False,
) -> None:
    """Mark a task done.

    One to post a letter takes `--outcome posted` alone, which settles the letter as sent. One about
    something in doubt is ended by `duehook outbox settle`.

    Example: duehook task done 12 --outcome posted
    """
    desk = desk_of(context, as_json=as_json)
    said = finish_task(desk.site, desk.context, number, outcome=outcome)
    desk.screen.show({"task": number, "done": said}, lambda: desk.screen.say(f"Task {number}: {said}."))


def hold_list(
    context: typer.Context,
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(holds.STATES)}.")] = None,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """List credit holds: proposed, set, to be released, refused, drifted.

    Example: duehook hold list --state release_proposed
    """
    desk = desk_of(context, as_json=as_json)
    states = known_states(state, holds.STATES)
    rows = [dict(row._mapping) for row in holds.listed(desk.site, states=states, company=company)]
    desk.expect_company(company, rows)
    columns = ["id", "company", "customer", "state", "value", "previous", "decided_on", "set_at", "reason"]
    _show(desk, "holds", columns, rows, right=[0])


def hold_approve(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Holds by id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All whose release is proposed.")] = False,
    why: Annotated[str | None, typer.Option(help="The reason, for the audit.")] = None,
    as_json: AsJson = False,
) -> None:
    """Approve the release of holds; `duehook deliver` takes them off in the ERP.

    Example: duehook hold approve 7 --why "paid in full"
    """
    desk = desk_of(context, as_json=as_json)
    if bool(ids) is everything:
        raise Usage("name the holds by id, or say --all; not both.")
    count = holds.approve_releases(desk.site, desk.context, None if everything else ids or [], why=why)
    desk.screen.show({"approved": count}, lambda: desk.screen.say(f"{count} releases approved."))


def hold_drop(
    context: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Holds by id.")],
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Drop a proposal: a hold that is not set yet is not set, a release is not made.

    Example: duehook hold drop 7 --why "wait for the next order"
    """
    desk = desk_of(context, as_json=as_json)
    states = holds.drop_all(desk.site, desk.context, ids, why=why)
    desk.screen.show({"holds": states}, lambda: desk.screen.say(f"{len(states)} proposals dropped."))


def _show(desk: Desk, name: str, columns: list[str], rows: list[dict[str, Any]], *, right: list[int]) -> None:
    cells = [[row[column] for column in columns] for row in rows]

    def draw() -> None:
        desk.screen.table(columns, cells, right=right)
        desk.screen.say(f"{len(rows)} {name}.")

    desk.screen.show({name: rows}, draw)
