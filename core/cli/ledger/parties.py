"""`duehook party`: which customers of different ERPs are one debtor, found and confirmed by a person."""

from __future__ import annotations

from typing import Annotated

import typer

from duehook.core.cli.desk import AsJson, Desk, desk_of
from duehook.core.runs import parties

Number = Annotated[int, typer.Argument(help="The number of a match, as `party list` shows it.")]
Why = Annotated[str, typer.Option(help="The reason, for the audit.")]
WORDS = {"vat_id": "VAT id", "duns": "DUNS number", "bank_account": "bank account", "name": "name and place"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    party = typer.Typer(no_args_is_help=True, help="Customers of different ERPs that are one debtor.")
    for name, command in (("find", find), ("list", show), ("confirm", confirm), ("reject", reject), ("undo", undo)):
        party.command(name)(command)
    app.add_typer(party, name="party")


def find(context: typer.Context, as_json: AsJson = False) -> None:
    """Compare the customers of all connections by VAT id, DUNS number, bank account, and name with place.

    Nothing is joined before a person confirms it.

    Example: duehook party find
    """
    desk = desk_of(context, as_json=as_json)
    found = parties.find(desk.site.books, desk.context)
    words = f"{found.new} new, {found.gone} gone, {found.waiting} wait for a person: see `duehook party list`."
    desk.screen.show(vars(found), lambda: desk.screen.say(words))


def show(
    context: typer.Context,
    rejected: Annotated[bool, typer.Option("--rejected", help="Also those that are not one party.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the matches that wait or are confirmed, and what speaks for each.

    Example: duehook party list
    """
    desk = desk_of(context, as_json=as_json)
    found = parties.told(desk.site.books, [*parties.SHOWN, *(["rejected"] if rejected else [])])
    desk.screen.show({"matches": [vars(each) for each in found]}, lambda: _draw(desk, found))


def confirm(context: typer.Context, number: Number, why: Why = "", as_json: AsJson = False) -> None:
    """Say that the two customers of a match are one party.

    Example: duehook party confirm 3
    """
    _decide(desk_of(context, as_json=as_json), number, "confirmed", why)


def reject(context: typer.Context, number: Number, why: Why = "", as_json: AsJson = False) -> None:
    """Say that they are two; the match is not proposed again.

    Example: duehook party reject 3 --why "mother and daughter"
    """
    _decide(desk_of(context, as_json=as_json), number, "rejected", why)


def undo(context: typer.Context, number: Number, why: Why = "", as_json: AsJson = False) -> None:
    """Take a decision back; the match waits for a person again.

    Example: duehook party undo 3 --why "a mistake"
    """
    desk = desk_of(context, as_json=as_json)
    parties.undo(desk.site.books, desk.context, number, why=why or None)
    desk.screen.show({"match": number, "state": "proposed"}, lambda: desk.screen.say(f"match {number} is open again."))


def _decide(desk: Desk, number: int, state: parties.Decided, why: str) -> None:
    parties.decide(desk.site.books, desk.context, number, state, why=why or None)
    desk.screen.show({"match": number, "state": state}, lambda: desk.screen.say(f"match {number} is {state}."))


def _draw(desk: Desk, found: list[parties.Told]) -> None:
    rows = [
        (each.number, each.state, each.one, each.one_name, each.other, each.other_name,
         ", ".join(WORDS[name] for name in each.evidence))
        for each in found
    ]  # fmt: skip
    desk.screen.table(["no", "state", "customer", "name", "other", "name", "same"], rows, right=[0])
    if not rows:
        desk.screen.say("None: `duehook party find` looks for them.")
