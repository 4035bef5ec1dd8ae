"""`duehook import`, `quarantine` and `tie-out`: the ERP's book into ours, and the proof that they are equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from duehook.core.cli.desk import AsJson, Company, Desk, DryRun, Exit, desk_of
from duehook.core.redaction import mask_secrets
from duehook.core.runs import tie_out as tie_outs
from duehook.core.runs.imports import ImportReport, site_quarantine
from duehook.core.runs.imports import discard as set_aside
from duehook.core.runs.imports.site import How, import_by_name, import_each
from duehook.core.runs.tie_out import Difference, Explanation, Heading

_LINES: Final = 20
Number = Annotated[int, typer.Argument(help="The row's number, from `quarantine list`.")]
Connection = Annotated[str | None, typer.Option("--connection", help="One connection only.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    parked = typer.Typer(no_args_is_help=True, help="Rows that could not be loaded.")
    parked.command("list")(list_)
    parked.command("show")(show)
    parked.command("retry")(retry)
    parked.command("discard")(discard)
    app.add_typer(parked, name="quarantine")
    app.command("tie-out")(tie_out)


def import_(
    context: typer.Context,
    connection: Annotated[str | None, typer.Argument(help="The connection; else all.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything anew, not only what changed.")] = False,
    accept_drop: Annotated[
        bool, typer.Option("--accept-drop", help="Go on though the open balance falls suddenly.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read customers, items and payments from the ERP.

    A run that was killed is finished first. Rows that cannot be loaded wait in quarantine. A connection
    that cannot be read keeps no other back: each is named, and the command ends with 5.

    Example: duehook import jde --dry-run
    """
    desk = desk_of(context, as_json=as_json)
    names = [connection] if connection else list(desk.site.settings.connections)
    reports, failed = import_each(
        names, lambda name: _import(desk, name, full=full, accept_drop=accept_drop, dry_run=dry_run)
    )
    if len(names) == len(failed) == 1:
        raise failed[0].error
    faults = [{"connection": each.connection, "error": mask_secrets(str(each.error))} for each in failed]
    found = {"imports": [report.as_json() for report in reports], "failed": faults}
    desk.screen.show(found, lambda: _draw_imports(desk, reports, faults))
    if failed:
        raise typer.Exit(Exit.PARTIAL if reports else failed[0].error.exit_code)
    if any(report.stopped for report in reports):
        raise typer.Exit(Exit.FAILED)
    if any(report.parked for report in reports):
        raise typer.Exit(Exit.PARTIAL)


def _import(desk: Desk, name: str, *, full: bool, accept_drop: bool, dry_run: bool) -> ImportReport:
    with _progress(desk, name) as told:
        how = How(full, dry_run, accept_drop, told)
        return import_by_name(desk.site, desk.context, name, as_of=desk.today(), how=how)


@contextmanager
def _progress(desk: Desk, name: str) -> Iterator[Callable[[str, int], None]]:
    """Show rows read, of all streams together."""
    read: dict[str, int] = {}
    with desk.screen.progress(f"import {name}") as steps:

        def told(stream: str, rows: int) -> None:
            read[stream] = rows
            steps(sum(read.values()))

        yield told


def _draw_imports(desk: Desk, reports: list[ImportReport], failed: list[dict[str, str]]) -> None:
    for each in failed:
        desk.screen.say(f"{each['connection']} could not be imported: {each['error']}")
    for report in reports:
        would = "would be " if report.dry_run else ""
        columns = ["stream", "read", f"{would}new", f"{would}changed", "unchanged", f"{would}parked"]
        rows = [
            (part.stream, part.read, part.new, part.changed, part.unchanged, part.parked)
            for part in report.streams.values()
        ]
        desk.screen.table(columns, rows, title=_title(report), right=range(1, 6))
        for line in _notes(report):
            desk.screen.say(line)


def _title(report: ImportReport) -> str:
    if report.dry_run:
        return f"{report.connection}: dry run, nothing was written"
    upto = f"{report.bound_at:%Y-%m-%d %H:%M}"
    return f"{report.connection}: run {report.run_id}, generation {report.generation} up to {upto} UTC"


def _notes(report: ImportReport) -> Iterator[str]:
    """Say what the figures alone would not."""
    sweep = report.sweep
    yield from (note for part in report.streams.values() for note in part.notes)
    if report.resumed:
        yield "A run that had been broken off was finished first."
    if sweep is not None and sweep.vanished:
        became = {
            "cleared": sweep.cleared,
            "still open": sweep.still_open,
            "deleted": sweep.deleted,
            "purged": sweep.purged,
            "deleted or purged": sweep.deleted_or_purged,
        }
        told = ", ".join(f"{count} {name}" for name, count in became.items() if count)
        yield f"{sweep.vanished} open items are no longer listed" + (f": {told}." if told else ".")
    if report.placeholders == 1:
        yield "1 customer is missing in the source; its items are loaded and not dunned."
    elif report.placeholders:
        yield f"{report.placeholders} customers are missing in the source; their items are loaded and not dunned."
    if report.superseded:
        yield f"{report.superseded} rows left quarantine: the source does not have them any more."
    if report.waiting_in_quarantine:
        yield f"{report.waiting_in_quarantine} rows wait in quarantine; see `duehook quarantine list`."
    if report.open_faults:
        first = report.first_open_faults[0]
        yield (
            f"{report.open_faults} items do not add up with their allocations, the first {first.document}: "
            f"open {first.open_amount} {first.currency}, by allocations {first.expected}."
        )
    if report.stopped:
        yield f"A run would be stopped: {report.stopped}"


def list_(context: typer.Context, connection: Connection = None, as_json: AsJson = False) -> None:
    """List the rows that wait in quarantine.

    Example: duehook quarantine list --connection jde
    """
    desk = desk_of(context, as_json=as_json)
    rows = site_quarantine.waiting(desk.site, connection)
    columns = ["number", "connection", "stream", "company", "key", "reason", "seen"]
    cells = [
        [row[name] for name in ("id", "connection", "stream", "company", "key", "reason", "last_seen_at")]
        for row in rows
    ]
    if not rows:
        text = f"No row{f' of {connection}' if connection else ''} waits in quarantine."
        desk.screen.show({"rows": rows}, lambda: desk.screen.say(text))
        return
    desk.screen.show({"rows": rows}, lambda: desk.screen.table(columns, cells))


def show(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """Show a parked row as it came.

    Example: duehook quarantine show 7
    """
    desk = desk_of(context, as_json=as_json)
    row = site_quarantine.one(desk.site, number)
    desk.screen.show(row, lambda: desk.screen.table(["field", "value"], _flat(row)))


def _flat(row: dict[str, Any]) -> list[tuple[str, Any]]:
    payload = row.get("payload") or {}
    return [*((name, value) for name, value in row.items() if name != "payload"), *sorted(payload.items())]


def retry(
    context: typer.Context,
    connection: Annotated[str | None, typer.Argument(help="The connection; else all that have parked rows.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read the parked rows again from the ERP; those that load now leave quarantine.

    Example: duehook quarantine retry jde
    """
    desk = desk_of(context, as_json=as_json)
    reports = site_quarantine.retry_all(desk.site, desk.context, connection, as_of=desk.today())
    found = [(report.connection, report.resolved, report.waiting_in_quarantine) for report in reports]
    data = {"retried": [dict(zip(("connection", "loaded", "waiting"), row, strict=True)) for row in found]}
    desk.screen.show(data, lambda: desk.screen.table(["connection", "loaded", "still waiting"], found, right=[1, 2]))
    if any(waiting for _, _, waiting in found):
        raise typer.Exit(Exit.PARTIAL)


def discard(
    context: typer.Context,
    number: Number,
    why: Annotated[str, typer.Option(help="The reason, for the audit.")],
    as_json: AsJson = False,
) -> None:
    """Set a parked row aside for good.

    Example: duehook quarantine discard 7 --why "test row"
    """
    desk = desk_of(context, as_json=as_json)
    set_aside(desk.site.books, number, desk.context, why=why)
    desk.screen.show({"discarded": number}, lambda: desk.screen.say(f"Row {number} is set aside."))


def tie_out(
    context: typer.Context,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Compare every open document with the ERP, to the cent; what stays unexplained locks dunning.

    Example: duehook tie-out --company 00001
    """
    desk = desk_of(context, as_json=as_json)
    if company is not None:
        desk.site.settings.company(company)
        found = [tie_outs.tie_out(desk.site, desk.context, company)]
    else:
        found = tie_outs.tie_out_all(desk.site, desk.context)
    desk.screen.show({"companies": found}, lambda: _draw_tie_outs(desk, found))
    if not all(each.balanced for each in found):
        raise typer.Exit(Exit.FAILED)


def _draw_tie_outs(desk: Desk, found: list[tie_outs.CompanyTieOut]) -> None:
    for part in (part for each in found for part in each.parts):
        title = f"{part.company} with {part.connection}: {part.state}, {part.documents} documents"
        columns = ["class", "currency", "here", "in the ERP", "difference"]
        rows = [row for one in part.headings for row in _sums(one)]
        desk.screen.table(columns, rows, title=title, right=[2, 3, 4])
        _draw_differences(desk, part)


def _sums(one: Heading) -> Iterator[tuple[str, str, Decimal, Decimal, Decimal]]:
    """Yield a heading's line, and one in the company's currency where that is another."""
    yield one.item_class, one.currency, one.ours, one.theirs, one.ours - one.theirs
    ours, theirs = one.ours_company, one.theirs_company
    if ours is not None and theirs is not None and one.company_currency != one.currency:
        yield one.item_class, f"{one.currency} in {one.company_currency}", ours, theirs, ours - theirs


def _draw_differences(desk: Desk, part: tie_outs.TieOut) -> None:
    if not part.differences:
        return
    if part.explanations:
        reasons = [
            (one.documents, one.explained_by, f"{one.amount} {one.currency}", _in_company(one, one.company_amount))
            for one in part.explanations
        ]
        columns = ["documents", "explained by", "difference", "in company currency"]
        desk.screen.table(columns, reasons, title="Explained", right=[0, 2, 3])
    columns = ["document", "class", "currency", "here", "in the ERP", "in company currency", "explained by"]
    rows = [_difference(one) for one in part.differences[:_LINES]]
    more = len(part.differences) - len(rows)
    desk.screen.table(columns, rows, title=f"{len(part.differences)} documents differ", right=[3, 4, 5])
    if more:
        desk.screen.say(f"… and {more} more; see them all with --json.")
    if not part.balanced:
        desk.screen.say(f"Dunning of {part.company} is locked until a later tie-out is clean.")


def _difference(one: Difference) -> tuple[object, ...]:
    none = Decimal(0)
    apart = (one.ours_company or none) - (one.theirs_company or none)
    why = one.explained_by or "UNEXPLAINED"
    return one.document, one.item_class, one.currency, one.ours, one.theirs, _in_company(one, apart), why


def _in_company(one: Difference | Explanation, amount: Decimal | None) -> str:
    """Write a difference in company currency where that is another."""
    return f"{amount} {one.company_currency}" if one.company_currency not in (None, one.currency) else ""
