"""`duehook aging`: what is open, by age, as of any day."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

import typer

from duehook.core.cli.desk import AsJson, Company, desk_of
from duehook.core.errors import NotFound
from duehook.core.money import from_scaled
from duehook.core.policy.model import AgingScheme
from duehook.core.runs.age import AgingLine, By, Habit, habits_of, report
from duehook.core.runs.packs import schemes

_HABITS: Final = ("days to pay", "days late", "last paid", "last payment")
_UNKNOWN: Final = Habit(None, None, None, None)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("aging")(aging)


def aging(
    context: typer.Context,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; else today.")] = None,
    by: Annotated[str, typer.Option(help="debtor, company or bucket.")] = "debtor",
    company: Company = None,
    scheme: Annotated[str, typer.Option(help="The aging scheme.")] = "standard",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is open, by age, in each currency; today's by debtor also says how each pays.

    Example: duehook aging --as-of 2026-01-31 --by company
    """
    desk = desk_of(context, as_json=as_json)
    if company is not None:
        desk.site.settings.company(company)
    day = as_of.date() if as_of else desk.today(company)
    chosen = schemes(desk.site).get(scheme)
    if chosen is None:
        raise NotFound(f"there is no aging scheme {scheme!r}.", fix=f"name one of {', '.join(schemes(desk.site))}.")
    lines = report(desk.site.books, chosen, day, company=company, by=_by(by))
    columns, rows = _by_bucket(lines, chosen) if by == "bucket" else _wide(lines, chosen, by_debtor=by == "debtor")
    if by == "debtor" and as_of is None:
        columns, rows = [*columns, *_HABITS], _with_habits(rows, lines, habits_of(desk.site.books, company))
    if as_csv:
        desk.screen.raw(_csv(columns, rows))
        return
    figures = [
        index
        for index, name in enumerate(columns)
        if name not in {"company", "debtor", "currency", "bucket", "oldest due", "last paid"}
    ]
    title = f"Aging as of {day}, scheme {chosen.name}"
    found = {"as_of": day, "scheme": chosen.name, "rows": [dict(zip(columns, row, strict=True)) for row in rows]}
    desk.screen.show(found, lambda: desk.screen.table(columns, rows, title=title, right=figures))


def _by(text: str) -> By:
    for known in ("debtor", "company", "bucket"):
        if text == known:
            return known
    raise NotFound(f"aging cannot be shown by {text!r}.", fix="use --by debtor, company or bucket.")


def _wide(lines: list[AgingLine], scheme: AgingScheme, *, by_debtor: bool) -> tuple[list[str], list[list[Any]]]:
    columns = [
        "company",
        *(["debtor"] if by_debtor else []),
        "currency",
        *scheme.labels,
        "unapplied",
        "balance",
        "oldest due",
    ]
    rows = [
        [
            line.company,
            *([line.debtor] if by_debtor else []),
            line.currency,
            *(from_scaled(amount, line.currency) for amount in (*line.buckets, line.unapplied, line.balance)),
            line.oldest_due_on,
        ]
        for line in lines
    ]
    return columns, rows


def _with_habits(
    rows: list[list[Any]], lines: list[AgingLine], habits: Mapping[tuple[str, str, str, str], Habit]
) -> list[list[Any]]:
    """Add to each debtor's row how it pays; nothing where that is not known."""
    found = (habits.get((line.company, line.connection, line.debtor, line.currency), _UNKNOWN) for line in lines)
    return [
        [*row, habit.days_to_pay, habit.days_late, habit.last_paid_on, habit.last_paid_amount]
        for row, habit in zip(rows, found, strict=True)
    ]


def _by_bucket(lines: list[AgingLine], scheme: AgingScheme) -> tuple[list[str], list[list[Any]]]:
    rows = [
        [line.company, line.currency, label, from_scaled(amount, line.currency)]
        for line in lines
        for label, amount in zip(
            (*scheme.labels, "unapplied", "balance"), (*line.buckets, line.unapplied, line.balance), strict=True
        )
    ]
    return ["company", "currency", "bucket", "amount"], rows


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Keep a spreadsheet from reading a name as a formula."""
    if isinstance(value, date):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
