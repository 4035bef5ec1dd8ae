"""`duehook dun`: decide about every open item and propose the notices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import typer

from duehook.core.cli.desk import AsJson, Company, Desk, DryRun, Exit, Usage, desk_of
from duehook.core.runs.dunning.dun import DunReport, KeptBack, dun
from duehook.core.runs.dunning.manual import propose_manual

REASONS: Final = 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dun")(run)


def run(
    context: typer.Context,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; else today.")] = None,
    company: Company = None,
    notice: Annotated[
        str | None, typer.Option(help="Propose a notice to this debtor now, whatever the interval.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Decide about every open item and propose the notices; nothing is sent.

    Ends with 5 when a plugin that was asked failed: what it was asked about is kept back.

    Example: duehook dun --dry-run
    """
    desk = desk_of(context, as_json=as_json)
    if notice is not None:
        if dry_run:
            raise Usage("--notice proposes at once.", fix="leave --dry-run out, or --notice.")
        _manual(desk, notice, as_of)
        return
    companies = [company] if company else list(desk.site.settings.companies)
    reports = [
        dun(desk.site, desk.context, one, as_of=as_of.date() if as_of else desk.today(one), dry_run=dry_run)
        for one in companies
    ]
    rows = [row for report in reports for row in report.rows()]

    def draw() -> None:
        if rows:
            columns = ["company", "debtor", "currency", "kind", "level", "demanded", "items"]
            desk.screen.table(columns, [[row[name] for name in columns] for row in rows], right=[4, 5, 6])
        if not reports:
            desk.screen.say("No company is configured, so nobody is dunned: write companies: in duehook.yaml.")
        for report in reports:
            desk.screen.say(str(report))
            _draw_codes(desk, report)
            for kept in report.kept_back:
                desk.screen.say(f"  {_kept(kept)}")
        if rows and not dry_run:
            desk.screen.say("Look through them with `duehook proposal list`.")

    found = [
        {
            "company": report.company,
            "as_of": report.as_of,
            "gate": report.gate,
            "codes": report.codes,
            "kept_back": report.kept_back,
        }
        for report in reports
    ]
    desk.screen.show({"notices": rows, "runs": found, "dry_run": dry_run}, draw)
    if any(kept.failure for report in reports for kept in report.kept_back):
        raise typer.Exit(Exit.PARTIAL)


def _kept(kept: KeptBack) -> str:
    """Say which plugin kept how many notices back, and why."""
    if kept.failure:
        return f"plugin {kept.plugin} failed, so its {kept.notices} notices are kept back: {kept.failure}"
    more = "; …" if len(kept.reasons) > REASONS else ""
    return f"plugin {kept.plugin} keeps {kept.notices} notices back: {'; '.join(kept.reasons[:REASONS])}{more}"


def _draw_codes(desk: Desk, report: DunReport) -> None:
    for code, count in report.codes.items():
        desk.screen.say(f"  {count:>7} {code.replace('_', ' ')}")


def _manual(desk: Desk, named: str, as_of: datetime | None) -> None:
    number = propose_manual(desk.site, desk.context, named, as_of=as_of.date() if as_of else None)
    text = f"Notice {number} is proposed; `duehook proposal approve {number}` lets it go."
    desk.screen.show({"notice": number}, lambda: desk.screen.say(text))
