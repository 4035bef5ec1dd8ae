"""The `duehook` command: its groups, its global options, and its exit codes.

A group of commands is one file in `site`, `ledger` or `dunning` with `register(app)`; COMMANDS names the
file of each, which is imported only when one of its commands is called, and SUMMARIES what `--help` says:

    def register(app: typer.Typer) -> None:
        app.command("aging")(aging)

    def aging(context: typer.Context, as_json: AsJson = False) -> None:
        '''Show what is open, by age.

        Example: duehook aging --as-of 2026-01-31
        '''
        desk = desk_of(context, as_json=as_json)
        found = age(desk.site, desk.context, ...)             # one use case of core/runs
        desk.screen.show({"rows": found}, lambda: desk.screen.table(["customer", "open"], found, right=[1]))

A command prints nothing else, catches nothing, and ends partly done with `raise typer.Exit(Exit.PARTIAL)`.
The first line of its docstring is its help; a line `Example: …` is required (a test looks).
Then run `python tools/reference.py`, which writes docs/reference/cli.md anew.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
import typer

from duehook.core import __version__
from duehook.core.errors import DuehookError, Terminated
from duehook.core.ops import logs
from duehook.core.redaction import mask_secrets

from .desk import FILE_NAME, Desk, Exit, user_name
from .ending import TERMINATED, at_once
from .screen import Screen
from .summaries import SUMMARIES

COMMANDS: Final = {
    "init": "site.init",
    "migrate": "site.init",
    "plugins": "site.plugins",
    "connectors": "site.plugins",
    "check": "site.check",
    "discover": "site.check",
    "simulate": "site.simulate",
    "same-book": "site.same_book",
    "record": "site.record",
    "replay": "site.record",
    "new-connector": "site.new_connector",
    "import": "ledger.imports",
    "tie-out": "ledger.imports",
    "aging": "ledger.aging",
    "dun": "dunning.dun",
    "block": "dunning.standing",
    "unblock": "dunning.standing",
    "explain": "dunning.standing",
    "serve": "site.schedule",
    "deliver": "dunning.deliver",
    "go-live": "dunning.deliver",
    "status": "site.health",
    "doctor": "site.health",
    "config": "site.config",
    "map": "ledger.map",
    "quarantine": "ledger.imports",
    "party": "ledger.parties",
    "policy": "dunning.policy",
    "proposal": "dunning.proposals",
    "notice": "dunning.notices",
    "level": "dunning.standing",
    "schedule": "site.schedule",
    "outbox": "dunning.deliver",
    "task": "dunning.deliver",
    "hold": "dunning.deliver",
    "audit": "site.audit",
}
INTERRUPTED: Final = 130
# click's own errors, wherever typer keeps its click: BadParameter is a UsageError is a ClickException.
_UsageError: Any = typer.BadParameter.__base__
_ClickException: Any = _UsageError.__base__
_log = structlog.get_logger(__name__)


class Commands(typer.core.TyperGroup):
    """The commands, each imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name every command."""
        return list(dict.fromkeys([*COMMANDS, *self.commands]))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List every command with what it does, importing none."""
        others = {name: command.short_help or command.help or "" for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl([(name, (SUMMARIES | others)[name]) for name in self.list_commands(ctx)])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of this name, None when there is none."""
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            part = typer.Typer(rich_markup_mode=None)
            part.callback()(_root)
            importlib.import_module(f"duehook.core.cli.{COMMANDS[cmd_name]}").register(part)
            found: Any = typer.main.get_command(part)
            _in_whole(found)
            self.commands.update(found.commands)
        return super().get_command(ctx, cmd_name)


def _in_whole(command: Any) -> None:
    """Let the list of commands show the whole first paragraph, over as many lines as it needs."""
    first = inspect.cleandoc(command.help or "").split("\n\n")[0]
    command.short_help = " ".join(first.split())
    for each in getattr(command, "commands", {}).values():
        _in_whole(each)


def build() -> typer.Typer:
    """Return the application."""
    app = typer.Typer(
        name="duehook",
        cls=Commands,
        help="Collections beside the ERP: import, age, dun, deliver, and write back.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"duehook {__version__}\n")
        raise typer.Exit


def _root(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", "-c", envvar="DUEHOOK_CONFIG", help="The configuration file.")
    ] = Path(FILE_NAME),
    as_json: Annotated[bool, typer.Option("--json", help="Print results and errors as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the result only.")] = False,
    actor: Annotated[
        str, typer.Option("--actor", envvar="DUEHOOK_ACTOR", help="Who acts; else the signed-in user.")
    ] = "",
    log_level: Annotated[
        str, typer.Option("--log-level", envvar="DUEHOOK_LOG", help="debug, info, warning or error.")
    ] = "warning",
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    level = logs.level_of(log_level)
    desk = context.obj
    desk.config, desk.actor = config, actor or user_name()
    desk.screen.as_json, desk.screen.quiet = as_json, quiet
    logs.configure(level)
    logs.log_uncaught()
    context.with_resource(logs.bound(desk.context))
    context.call_on_close(desk.close)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; errors are told on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    desk = Desk(Path(FILE_NAME), Screen(as_json="--json" in given), user_name())
    try:
        with at_once():
            ended = typer.main.get_command(build()).main(given, prog_name="duehook", standalone_mode=False, obj=desk)
        if ended == INTERRUPTED:  # what typer makes of Ctrl-C
            raise KeyboardInterrupt
        sys.stdout.flush()
        return int(ended) if isinstance(ended, int) else Exit.OK
    except BrokenPipeError:  # whoever read our output has stopped
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except (KeyboardInterrupt, typer.Abort):
        desk.screen.note("Interrupted.")
        return INTERRUPTED
    except Terminated:
        desk.screen.note("Told to end.")
        return TERMINATED
    except Exception as error:  # noqa: BLE001 - the outermost door: whatever comes is told in words
        return told(desk, error)


def told(desk: Desk, error: Exception) -> int:
    """Tell an error on stderr and return the exit code it stands for."""
    if type(error).__name__ == "NoArgsIsHelpError":  # a group without a command: its message is the help
        desk.screen.note(str(error))
        return Exit.USAGE
    if isinstance(error, DuehookError):
        code, text = error.exit_code, str(error)
    elif isinstance(error, _ClickException):
        code, text = Exit.USAGE, _usage(error)
    else:
        code = Exit.FAILED
        _log.error("unexpected error", exc_info=error, correlation_id=desk.correlation_id)
        text = (
            f"an unexpected error ({type(error).__name__}); what was not finished is taken up by the next run. "
            f"Fix: report it with the log line of reference {desk.correlation_id}."
        )
    desk.screen.error(mask_secrets(text), exit_code=int(code), reference=desk.correlation_id)
    return int(code)


def _usage(error: Any) -> str:
    command = error.ctx.command_path if getattr(error, "ctx", None) else "duehook"
    return f"{error.format_message()} See `{command} --help`."
