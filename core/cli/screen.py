"""What a command prints: a table and words for a person, JSON for a program, errors on stderr.

In shadow and pilot mode every output says so (rule 23): text begins with a banner, JSON has the
key `mode`. Cells come from ERPs and customers, so nothing in them is taken as markup or as
terminal codes.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final, Protocol

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from duehook.core.redaction import one_line

BANNERS: Final = {
    "shadow": "SHADOW MODE: no ERP is written to, all mail goes to the catch-all, letters are marked TEST.",
    "pilot": "PILOT MODE: only the listed customers get letters; all others are in shadow mode.",
}
Right = frozenset[int]


class Steps(Protocol):
    """Tells how far a long task is."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """Say that `done` of `total` are done."""


class Screen:
    """Where a command's output goes."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        """Write to the process's own stdout and stderr."""
        self.as_json = as_json
        self.quiet = quiet
        self.mode: str | None = None
        self._banner_shown = False
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)

    def show(self, data: Mapping[str, Any], draw: Callable[[], None]) -> None:
        """Give the result: the data as JSON when that was asked for, else what `draw` prints."""
        if self.as_json:
            found = {"mode": self.mode, **data} if self.mode else dict(data)
            self._out.file.write(json.dumps(found, default=_plain, indent=2, ensure_ascii=False) + "\n")
            return
        draw()

    def say(self, text: str = "", *, style: str = "") -> None:
        """Print a line of the result."""
        self._banner()
        self._out.print(Text(_lines(text), style=style), soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a line beside the result, on stderr; nothing with --quiet."""
        if not self.quiet:
            self._err.print(Text(_lines(text)), soft_wrap=True)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        title: str | None = None,
        right: Iterable[int] = (),
    ) -> None:
        """Print a table; `right` are the numbers of the columns that hold figures.

        On a terminal it fits the width; elsewhere nothing is cut.
        """
        self._banner()
        cells = [[one_line(_cell(value)) for value in row] for row in rows]
        if title:
            self._out.print(Text(one_line(title), style="bold"), soft_wrap=True)
        if self._out.is_terminal:
            self._out.print(_rich_table(columns, cells, frozenset(right)))
        else:
            self._plain_table(columns, cells, frozenset(right))

    def _plain_table(self, columns: Sequence[str], cells: Sequence[Sequence[str]], right: Right) -> None:
        lines = [list(columns), *map(list, cells)]
        widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
        for line in lines:
            padded = [
                text.rjust(width) if index in right else text.ljust(width)
                for index, (text, width) in enumerate(zip(line, widths, strict=True))
            ]
            self._out.file.write("  ".join(padded).rstrip() + "\n")

    def raw(self, text: str) -> None:
        """Write text as it is, for CSV and files on stdout; the banner goes to stderr."""
        if self.mode in BANNERS and not self._banner_shown:
            self._banner_shown = True
            self._err.print(Text(BANNERS[self.mode], style="bold yellow"), soft_wrap=True)
        self._out.file.write(text)

    def flush(self) -> None:
        """Hand on what was printed, for whoever reads while the command still runs."""
        self._out.file.flush()

    def error(self, text: str, **more: object) -> None:
        """Print an error on stderr, as JSON when the output is."""
        if self.as_json:
            self._err.file.write(json.dumps({"error": {"message": text, **more}}, default=_plain) + "\n")
            return
        self._err.print(Text(f"Error: {_lines(text)}", style="red"), soft_wrap=True)

    @contextmanager
    def progress(self, label: str) -> Iterator[Steps]:
        """Show how a long task goes, on a terminal only; give the function that is told."""
        if self.quiet or self.as_json or not self._err.is_terminal:
            yield lambda done, total=None: None
            return
        # Slow to import, and few commands run on a terminal that long.
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._err, transient=True) as shown:
            task = shown.add_task(label, total=None)
            yield lambda done, total=None: shown.update(task, completed=done, total=total)

    def _banner(self) -> None:
        if self.mode in BANNERS and not self._banner_shown:
            self._banner_shown = True
            self._out.print(Text(BANNERS[self.mode], style="bold yellow"), soft_wrap=True)


def _console(stream: Any) -> Console:
    """Make a console that never breaks on a character its code page lacks."""
    if hasattr(stream, "reconfigure") and "utf" not in (stream.encoding or "").lower():
        stream.reconfigure(errors="replace")
    return Console(file=stream, markup=False, highlight=False, emoji=False)


def _rich_table(columns: Sequence[str], cells: Sequence[Sequence[str]], right: Right) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(text) for text in row))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_cell(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_cell, value))
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)


def _lines(text: str) -> str:
    return "\n".join(one_line(line) for line in text.split("\n"))


def _plain(value: object) -> Any:
    """Turn what JSON lacks into what it has: a record into its fields; an amount, a day, a path into text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return value.isoformat() if isinstance(value, date) else str(value)
