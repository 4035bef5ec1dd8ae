"""`duehook policy`: check your own packs, and read a policy back in words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from duehook.core.cli.desk import AsJson, Exit, desk_of
from duehook.core.errors import NotFound
from duehook.core.policy.lint import lint
from duehook.core.policy.words import explain
from duehook.core.runs.packs import currencies_in_use, policies, ways


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Policy packs: who is dunned when, and how.")
    group.command("check")(check)
    group.command("show")(show)
    app.add_typer(group, name="policy")


def check(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A file or folder; else the site's rules.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check policy files and tell every mistake with its place.

    Currencies in use need a minimum, and each channel and template has to be there.

    Example: duehook policy check rules/ours.yaml
    """
    desk = desk_of(context, as_json=as_json)
    where = path or desk.settings.path(desk.settings.rules)
    if not where.exists():
        raise NotFound(f"there is no {where}.", fix="name a file, or make the folder and copy a pack into it.")
    problems = lint(where, currencies_in_use(desk.site), ways(desk.site))

    def draw() -> None:
        for problem in problems:
            desk.screen.say(str(problem))
        desk.screen.say(f"{where}: {len(problems)} mistakes.")

    desk.screen.show({"path": where, "problems": [str(problem) for problem in problems]}, draw)
    if problems:
        raise typer.Exit(Exit.CONFIG)


def show(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The policy; else the names of all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read a policy back in words, or list those there are.

    Example: duehook policy show default
    """
    desk = desk_of(context, as_json=as_json)
    known = policies(desk.site)
    if name is not None and name not in known:
        raise NotFound(f"there is no policy {name!r}.", fix=f"name one of {', '.join(known)}.")
    told = {each.name: explain(each) for each in known.values() if name in {None, each.name}}

    def draw() -> None:
        if name is not None:
            desk.screen.say(told[name])
            return
        desk.screen.table(["policy", "about"], [[each.name, each.about] for each in known.values()])

    desk.screen.show({"policies": told}, draw)
