"""`duehook proposal`: what a dunning run proposes, approved or dropped."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from duehook.core.cli.desk import AsJson, Company, Usage, Yes, desk_of
from duehook.core.money import from_scaled
from duehook.core.runs.dunning import proposals

# Why a person must approve, by the codes of `core/collect/notice.py`.
_WHY: Final = {
    "final": "the last step",
    "hold": "sets a credit hold",
    "not_automatic": "the policy approves none",
    "level": "above the policy's level",
    "amount": "above the policy's sum",
    "manual": "proposed by hand",
}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="The notices that a dunning run proposes.")
    group.command("list")(listed)
    group.command("drop")(drop)
    group.command("approve")(approve)
    app.add_typer(group, name="proposal")


def listed(context: typer.Context, company: Company = None, as_json: AsJson = False) -> None:
    """List the proposed notices, the highest level and the largest sum first.

    Example: duehook proposal list --company 00001
    """
    desk = desk_of(context, as_json=as_json)
    rows = [_plain(row) for row in proposals.proposed(desk.site.books, company)]
    desk.expect_company(company, rows)
    columns = ["id", "company", "debtor", "currency", "kind", "level", "demanded", "channel", "why a person"]

    def draw() -> None:
        cells = [[*list(row.values())[:-1], _WHY.get(row["needs_person"])] for row in rows]
        desk.screen.table(columns, cells, right=[0, 6])
        desk.screen.say(f"{len(rows)} proposed. Approve with `duehook proposal approve ID…` or `--all`.")

    desk.screen.show({"proposals": rows}, draw)


def _plain(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "company": row.company,
        "debtor": row.debtor,
        "currency": row.currency,
        "kind": row.kind,
        "level": f"{row.level} {row.level_name}",
        "demanded": from_scaled(row.demanded, row.currency),
        "channel": row.channel,
        "needs_person": row.needs_person,
    }


def drop(
    context: typer.Context,
    ids: Annotated[list[int], typer.Argument(help="Notices by id.")],
    why: Annotated[str, typer.Option(help="The reason, for the audit.")],
    as_json: AsJson = False,
) -> None:
    """Drop proposed notices: nothing is sent, no level moves.

    Example: duehook proposal drop 17 --why "customer called, pays on Friday"
    """
    desk = desk_of(context, as_json=as_json)
    count = proposals.drop(desk.site.books, desk.context, ids, why=why)
    desk.screen.show({"dropped": count}, lambda: desk.screen.say(f"{count} dropped."))


def approve(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(help="Notices by id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are proposed.")] = False,
    company: Company = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Approve proposed notices; `duehook deliver` sends them.

    Example: duehook proposal approve 17 18
    """
    desk = desk_of(context, as_json=as_json)
    if bool(ids) is everything:
        raise Usage("name the notices by id, or say --all; not both.")
    if everything:
        ids = [row.id for row in proposals.proposed(desk.site.books, company)]
        desk.expect_company(company, ids)
        desk.confirm(f"Approve all {len(ids)} notices?", yes=yes)
    count = proposals.approve(desk.site, desk.context, ids or [])
    desk.screen.show({"approved": count}, lambda: desk.screen.say(f"{count} approved and queued."))
