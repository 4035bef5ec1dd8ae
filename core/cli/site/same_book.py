"""`duehook same-book`: one book, read through several connectors, ties out with each ERP and is the same in all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from duehook.core.cli.desk import AsJson, Desk, Exit, desk_of
from duehook.core.runs.same_book import Balance, Compared, SameBook, Shape, added_up, same_book, simulated
from duehook.core.runs.same_book.reading import NOT_COUNTED

FIRST_DAY: Final = datetime(2026, 3, 2)  # noqa: DTZ001 - a day of the book, in no zone


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("same-book")(same_book_)


def same_book_(
    context: typer.Context,
    types: Annotated[
        list[str] | None, typer.Argument(metavar="[TYPE]...", help="The connectors; else all that have a simulator.")
    ] = None,
    customers: Annotated[int, typer.Option(min=1, help="How many customers.")] = 200,
    items: Annotated[int, typer.Option(min=1, help="How many open items.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same book.")] = 1,
    start_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The book's first day.")] = FIRST_DAY,
    days: Annotated[int, typer.Option(min=0, help="How many days pass between the two readings.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Read one simulated book through several connectors, tie each out, and show that all hold the same.

    Each connector reads a simulator of its own over the same seeded book, into books of its own: first
    all of it, then what some days changed. What an ERP cannot tell of the book is listed with the
    reason; anything else that differs ends the command with 1.

    Example: duehook same-book jde sap d365
    """
    desk = desk_of(context, as_json=as_json)
    shape = Shape(customers, items, seed, start_on.date(), days)
    found = same_book(desk.plugins, types or simulated(desk.plugins), shape, desk.context)
    desk.screen.show(_plain(found), lambda: _draw(desk, found))
    if not found.same:
        raise typer.Exit(Exit.FAILED)


def _plain(found: SameBook) -> dict[str, Any]:
    told = [
        {"same": each.same, **asdict(each.reading), "differs": each.differs, "other_classes": each.other_classes}
        for each in found.connectors
    ]
    book = {**asdict(found.shape), "documents": found.documents, "balances": found.balances}
    return {"same": found.same, "book": book, "connectors": told}


def _draw(desk: Desk, found: SameBook) -> None:
    shape = found.shape
    currencies = sorted({each.currency for each in found.balances})
    title = f"The book of seed {shape.seed}: {shape.customers} customers, {_days(shape)}"
    columns = ["", "documents", *currencies, "unexplained", "requests", "same"]
    rows = [("the book", found.documents, *_sums(found.balances, currencies), "", "", "")]
    rows += [_row(each, currencies) for each in found.connectors]
    desk.screen.table(columns, rows, title=title, right=range(1, len(currencies) + 3))
    for each in found.connectors:
        for line in _lines(each):
            desk.screen.say(f"{each.reading.connector}: {line}")
    names = ", ".join(each.reading.connector for each in found.connectors if not each.same)
    desk.screen.say(
        f"NOT the same: {names}." if names else f"All {len(found.connectors)} tie out and hold the same book."
    )


def _days(shape: Shape) -> str:
    first, last = shape.start_on, shape.ends_on
    return f"read on {first} and on {last}" if shape.days else f"read on {first}"


def _row(each: Compared, currencies: Sequence[str]) -> tuple[Any, ...]:
    reading = each.reading
    if reading.error:
        return (reading.connector, *[""] * (len(currencies) + 3), each.same)
    asked = " + ".join("?" if step.requests is None else str(step.requests) for step in reading.steps)
    counted = "" if NOT_COUNTED in reading.lacks else asked
    sums = _sums(reading.balances, currencies)
    return (reading.connector, reading.documents, *sums, reading.unexplained, counted, each.same)


def _sums(told: Sequence[Balance], currencies: Sequence[str]) -> list[Decimal]:
    sums = added_up(told, lambda each: "")
    return [sums.get(("", currency), Decimal(0)) for currency in currencies]


def _lines(each: Compared) -> Iterator[str]:
    """Say what the table does not: what the ERP cannot tell and why, and what is wrong."""
    reading = each.reading
    if reading.error:
        yield f"it could not be read: {reading.error}"
    for gap in reading.left_out:
        yield f"{gap.documents} {gap.item_class} ({_money(gap.balances)}) are not in it: {gap.reason}."
    for name, why in reading.lacks.items():
        yield f"{'requests are not counted' if name == NOT_COUNTED else f'it gives no {name}'}: {why}."
    for of in reading.explained:
        rest = f", {of.company_amount} {of.company_currency}" if of.company_amount else ""
        yield f"{of.documents} documents differ from the ERP by {of.amount} {of.currency}{rest}: {of.explained_by}."
    if each.other_classes:
        told = "; ".join(f"{one.name} {one.read} {one.currency} and not {one.in_book}" for one in each.other_classes)
        yield f"it tells the same money under other classes than the book: {told}."
    for one in each.differs:
        yield f"company {one.name} has {one.read} {one.currency} and not {one.in_book}, which nothing explains."
    if reading.unexplained:
        yield f"{reading.unexplained} documents differ from the ERP, which nothing explains."


def _money(told: Sequence[Balance]) -> str:
    sums = added_up(told, lambda each: "")
    return ", ".join(f"{amount} {currency}" for (_, currency), amount in sorted(sums.items()))
