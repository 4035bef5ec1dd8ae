"""`duehook notice`: what went to whom, a copy of it, and taking one back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from duehook.core.cli.desk import AsJson, Company, Exit, Usage, desk_of, known_states
from duehook.core.money import from_scaled
from duehook.core.runs.deliver import notices

Number = Annotated[int, typer.Argument(metavar="ID", help="The notice by its id.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="The notices: what went to whom, and what became of it.")
    group.command("list")(listed)
    group.command("save")(save)
    group.command("verify")(verify)
    group.command("cancel")(cancel)
    app.add_typer(group, name="notice")


def listed(
    context: typer.Context,
    debtor: Annotated[str | None, typer.Option(help="One debtor: KEY, or COMPANY/KEY.")] = None,
    company: Company = None,
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(notices.STATES)}.")] = None,
    most: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List notices, the newest first.

    Example: duehook notice list --debtor 4711
    """
    desk = desk_of(context, as_json=as_json)
    states = known_states(state, notices.STATES)
    found = notices.listed(desk.site.books, company=company, debtor=debtor, states=states, most=most)
    desk.expect_company(company, found)
    rows = [_plain(row) for row in found]
    columns = [name.replace("_", " ") for name in (rows[0] if rows else ())]

    def draw() -> None:
        if rows:
            desk.screen.table(columns, [list(row.values()) for row in rows], right=[0, 6])
        else:
            desk.screen.say("There is no such notice.")

    desk.screen.show({"notices": rows}, draw)


def _plain(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "company": row.company,
        "debtor": row.debtor,
        "kind": row.kind,
        "level": f"{row.level} {row.level_name}",
        "demanded": from_scaled(row.demanded, row.currency),
        "currency": row.currency,
        "channel": row.channel,
        "state": row.state,
        "sent_on": row.sent_on,
        "reason": row.reason,
    }


def save(
    context: typer.Context,
    number: Number,
    into: Annotated[Path, typer.Argument(file_okay=False, help="The folder; made where it is not there.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Save the mail or letter of a notice as it went out, from the archive.

    Example: duehook notice save 17 copies
    """
    desk = desk_of(context, as_json=as_json)
    copy = notices.copy_of(desk.site, number)
    path = into / copy.name
    if path.exists() and path.read_bytes() != copy.content:
        raise Usage(f"{path} is there already, with something else in it.", fix="name another folder.")
    into.mkdir(parents=True, exist_ok=True)
    path.write_bytes(copy.content)
    desk.screen.show({"saved": str(path)}, lambda: desk.screen.say(f"Saved as {path}."))


def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Compare every archived mail and letter with its digest in the books; name what is missing or was altered.

    Example: duehook notice verify
    """
    desk = desk_of(context, as_json=as_json)
    kept = notices.verify(desk.site)
    faults = [fault.message for fault in kept.faults]

    def draw() -> None:
        for fault in faults:
            desk.screen.say(f"FAULT: {fault}")
        whole = kept.files - len(faults)
        desk.screen.say(f"{whole} of {kept.files} archived notices are as they were written.")

    desk.screen.show({"files": kept.files, "faults": faults}, draw)
    if faults:
        raise typer.Exit(Exit.FAILED)


def cancel(
    context: typer.Context,
    number: Number,
    why: Annotated[str, typer.Option(help="The reason, for the audit.")],
    as_json: AsJson = False,
) -> None:
    """Cancel a queued notice, or take a sent one back: its levels and the debtor's interval return.

    Nothing that the debtor has is called back; write to them.

    Example: duehook notice cancel 17 --why "a wrong bank account stood on it"
    """
    desk = desk_of(context, as_json=as_json)
    notices.cancel(desk.site, desk.context, number, why=why)
    desk.screen.show({"cancelled": number}, lambda: desk.screen.say(f"Notice {number} is cancelled."))
