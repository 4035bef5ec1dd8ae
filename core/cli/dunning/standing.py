"""`duehook block`, `unblock`, `level` and `explain`: what people decide, and why things are as they are."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from typing import Annotated

import typer

from duehook.core.cli.desk import AsJson, desk_of
from duehook.core.runs.dunning import acts
from duehook.core.runs.dunning.explain import explain as explain_named
from duehook.core.runs.dunning.standing import standing_of

Named = Annotated[str, typer.Argument(help="KEY, COMPANY/KEY or CONNECTION/COMPANY/KEY.")]
Why = Annotated[str, typer.Option(help="The reason, for the audit.")]
AsItem = Annotated[bool, typer.Option("--item", help="It names an item, not a debtor.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="That day; else today.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("block")(block)
    app.command("unblock")(unblock)
    levels = typer.Typer(no_args_is_help=True, help="The dunning level of an item.")
    levels.command("set")(set_level)
    levels.command("free")(free_level)
    app.add_typer(levels, name="level")
    app.command("explain")(explain)


def block(
    context: typer.Context,
    named: Named,
    why: Annotated[str, typer.Option(help="Why it may not be dunned.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day it may be dunned again.")
    ] = None,
    item: AsItem = False,
    as_json: AsJson = False,
) -> None:
    """Stop dunning a debtor, or with --item one item, until a day or until it is lifted.

    Example: duehook block 00001/4242 --why "new agreement" --until 2026-04-15
    """
    desk = desk_of(context, as_json=as_json)
    blocked = acts.block_item if item else acts.block
    number = blocked(desk.site, desk.context, named, reason=why, until_on=_day(until))
    end = f"until {_day(until)}" if until else "until it is lifted"
    desk.screen.show({"block": number}, lambda: desk.screen.say(f"{named} is blocked {end} (block {number})."))


def unblock(context: typer.Context, named: Named, why: Why = "", item: AsItem = False, as_json: AsJson = False) -> None:
    """Lift the blocks of a debtor, or with --item of one item.

    Example: duehook unblock 00001/4242 --why "agreement broken"
    """
    desk = desk_of(context, as_json=as_json)
    count = acts.unblock(desk.site.books, desk.context, named, item=item, why=why or None)
    desk.screen.show({"lifted": count}, lambda: desk.screen.say(f"{count} lifted; dunning goes on after the grace."))


def set_level(
    context: typer.Context,
    named: Named,
    level: Annotated[int, typer.Argument(help="0, or the number of a level of its policy.")],
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Set an item's level by hand; runs leave it there.

    Example: duehook level set 00001/4711 2 --why "agreed with the customer"
    """
    desk = desk_of(context, as_json=as_json)
    acts.set_level(desk.site, desk.context, named, level, why=why)
    desk.screen.show({"level": level}, lambda: desk.screen.say(f"{named} stands at level {level}, by hand."))


def free_level(context: typer.Context, named: Named, why: Why = "", as_json: AsJson = False) -> None:
    """Let runs raise an item again whose level was set by hand.

    Example: duehook level free 00001/4711
    """
    desk = desk_of(context, as_json=as_json)
    acts.free_level(desk.site.books, desk.context, named, why=why or None)
    desk.screen.show({"freed": named}, lambda: desk.screen.say(f"{named} may rise again."))


def explain(context: typer.Context, named: Named, on: Day = None, as_json: AsJson = False) -> None:
    """Say in words why an item, or each item of a debtor, was or was not dunned; of a debtor also its level.

    Example: duehook explain 00001/4242 --on 2026-03-10
    """
    desk = desk_of(context, as_json=as_json)
    found = explain_named(desk.site, named, _day(on))
    accounts = [] if on else standing_of(desk.site, desk.context, named)

    def draw() -> None:
        for said in found:
            desk.screen.say(f"{said.words} (policy {said.policy}, so since {said.since})")
        for account in accounts:
            desk.screen.say(str(account))

    plain = {"decisions": [dataclasses.asdict(said) for said in found]}
    desk.screen.show(plain | {"accounts": [dataclasses.asdict(account) for account in accounts]}, draw)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None
