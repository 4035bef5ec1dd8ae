"""`duehook audit`: who did what, and the proof that nobody changed it since."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from duehook.core.cli.desk import AsJson, Company, Exit, desk_of
from duehook.core.runs.audit import listed as acts
from duehook.core.runs.audit import seal_audit, verify_audit


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Who did what, sealed in a chain.")
    group.command("list")(listed)
    group.command("verify")(verify)
    group.command("seal")(seal)
    app.add_typer(group, name="audit")


def listed(
    context: typer.Context,
    debtor: Annotated[str | None, typer.Option(help="One debtor, its items and notices: KEY, or COMPANY/KEY.")] = None,
    company: Company = None,
    act: Annotated[str | None, typer.Option(help="One act, such as hold.release, or all of a kind: hold.")] = None,
    by: Annotated[str | None, typer.Option(help="One person's or plugin's acts, by its name.")] = None,
    most: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List who did what and why, the newest first; --json tells what it was before and after, too.

    Example: duehook audit list --debtor 4711
    Example: duehook audit list --act hold --by ann
    """
    desk = desk_of(context, as_json=as_json)
    rows = [_plain(row) for row in acts(desk.site.books, company=company, debtor=debtor, act=act, actor=by, most=most)]
    desk.expect_company(company, rows)
    columns = ["at", "actor", "source", "act", "company", "subject", "why"]

    def draw() -> None:
        if not rows:
            desk.screen.say("There is no such act.")
            return
        heads = [f"at ({desk.site.settings.timezone})", *columns[1:]]
        desk.screen.table(heads, [[desk.clock(row["at"]), *(row[name] for name in columns[1:])] for row in rows])

    desk.screen.show({"acts": rows}, draw)


def _plain(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at,
        "actor": f"{row.actor_kind}:{row.actor_id}",
        "source": row.actor_source,
        "act": row.act,
        "company": row.company,
        "subject": row.subject,
        "before": row.before,
        "after": row.after,
        "why": row.why,
    }


def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Walk the sealed audit and its anchor; name each row that was edited, deleted, moved or cut off.

    Rows that were deleted before they were sealed are counted.

    Example: duehook audit verify
    """
    desk = desk_of(context, as_json=as_json)
    verdict = verify_audit(desk.site)
    found = {"holds": verdict.holds, "rows": verdict.rows, "seals": verdict.seals, "unsealed": verdict.unsealed}
    faults = [fault.message for fault in verdict.faults]

    def draw() -> None:
        for fault in faults:
            desk.screen.say(f"FAULT: {fault}")
        said = "The chain holds" if verdict.holds else "The chain does not hold"
        desk.screen.say(f"{said}: {verdict.rows} rows in {verdict.seals} seals, {verdict.unsealed} not sealed yet.")

    desk.screen.show({**found, "faults": faults}, draw)
    if not verdict.holds:
        raise typer.Exit(Exit.FAILED)


def seal(context: typer.Context, as_json: AsJson = False) -> None:
    """Seal the acts that no seal covers yet, such as a killed command's; each command does it as it ends.

    Example: duehook audit seal
    """
    desk = desk_of(context, as_json=as_json)
    count = seal_audit(desk.site, desk.context)
    desk.screen.show({"sealed": count}, lambda: desk.screen.say(f"{count} rows sealed."))
