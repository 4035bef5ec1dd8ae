"""What every command works at: the caller's context, the screen, and the site when it is asked for."""

from __future__ import annotations

import enum
import getpass
import uuid
from collections.abc import Collection, Sequence, Sized
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from duehook.core.context import Actor, Context
from duehook.core.errors import DuehookError

from .screen import Screen

if TYPE_CHECKING:
    from duehook.core.plugins import Plugins
    from duehook.core.runs.site import Site
    from duehook.core.settings import Settings

# What opens a site is imported when a command asks for it: `--version` needs none of it.
FILE_NAME: Final = "duehook.yaml"

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")]
Company = Annotated[str | None, typer.Option(help="One company only.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class Exit(enum.IntEnum):
    """What a command's exit code says."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CONFIG = 3
    CONNECTION = 4
    PARTIAL = 5


class Usage(DuehookError):
    """The command was not called as it can be called."""

    exit_code = 2


@dataclass
class Desk:
    """One call of the command line."""

    config: Path
    screen: Screen
    actor: str
    correlation_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @cached_property
    def context(self) -> Context:
        """The person at the terminal, by the machine's clock."""
        return Context(Actor("person", self.actor, "cli"), lambda: datetime.now(UTC), self.correlation_id)

    @cached_property
    def plugins(self) -> Plugins:
        """The installed plugins and those beside the configuration."""
        from duehook.core.runs.site import load_plugins

        return load_plugins(self.config)

    @cached_property
    def settings(self) -> Settings:
        """What duehook.yaml says, without opening the books."""
        from duehook.core.settings import load

        settings = load(self.config, self.plugins)
        self.screen.mode = settings.mode
        return settings

    @cached_property
    def site(self) -> Site:
        """The open site; it is closed when the command ends."""
        from duehook.core.runs.site import Site

        site = Site.open(self.config, plugins=self.plugins)
        self.screen.mode = site.settings.mode
        return site

    def today(self, company: str | None = None) -> date:
        """Return the day it is for a company, else for the site."""
        settings = self.site.settings if "site" in vars(self) else self.settings
        zone = settings.zone(company) if company else settings.timezone
        return self.context.now().astimezone(ZoneInfo(zone)).date()

    def expect_company(self, company: str | None, found: Sized) -> None:
        """Refuse a company that is not configured where nothing was found: a mistyped one is no empty list.

        What the books keep of a company that was taken out of the configuration can still be listed.
        """
        if company is not None and not found:
            self.site.settings.company(company)

    def clock(self, at: datetime | None) -> str:
        """Write an instant to the minute in the site's own time."""
        return f"{at.astimezone(ZoneInfo(self.site.settings.timezone)):%Y-%m-%d %H:%M}" if at else ""

    def confirm(self, question: str, *, yes: bool) -> None:
        """Go on when the answer is yes; without a terminal --yes has to say it."""
        if yes:
            return
        if not typer.get_text_stream("stdin").isatty():
            raise Usage(f"{question} Nobody is there to answer.", fix="say it with --yes.")
        if not typer.confirm(question):
            raise typer.Exit(Exit.FAILED)

    def close(self) -> None:
        """Seal the acts of this call and close the site, when it was opened."""
        if "site" not in vars(self):
            return
        from duehook.core.runs.audit import seal_own

        try:
            seal_own(self.site, self.context)
        finally:
            self.site.close()


def desk_of(context: typer.Context, *, as_json: bool = False) -> Desk:
    """Return the desk that the root command set up; a command's own --json counts too."""
    desk = context.find_object(Desk)
    assert desk is not None
    desk.screen.as_json = desk.screen.as_json or as_json
    return desk


def known_states(given: Sequence[str] | None, known: Collection[str]) -> tuple[str, ...]:
    """Return the states that were named, none for none. Raises Usage for one that there is not."""
    for state in given or ():
        if state not in known:
            raise Usage(f"there is no state {state!r}.", fix=f"name one of {', '.join(known)}.")
    return tuple(given or ())


def user_name() -> str:
    """Return who is signed in to the operating system."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
