"""The levels file of `duehook go-live`: the level and last-dunned date of open items, a line each, as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Row

from duehook.core.errors import ConfigError

COLUMNS: Final = ("company", "item", "level", "last_dunned_on")
_LEVEL: Final = re.compile(r"\d{1,3}\Z")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")


class Opening(NamedTuple):
    """One line of the levels file."""

    level: int
    last_dunned_on: date | None
    line: int


@dataclass
class Levels:
    """The levels file, and which of its lines named an open item."""

    lines: Mapping[tuple[str, str], Opening] = field(default_factory=dict)
    named: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path) -> Levels:
        """Read a levels file. Raises ConfigError, with file:line:column, for the first thing that is wrong."""
        found: dict[tuple[str, str], Opening] = {}
        with _told(path), path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file, strict=True)
            places = _places(next(rows, []), path)
            for cells in rows:
                if not any(map(str.strip, cells)):
                    continue
                line = _Line(path, rows.line_num, cells, places)
                key = (line.text("company"), line.text("item"))
                if key in found:
                    raise line.fault("item", f"{'/'.join(key)} stands in line {found[key].line} too", "leave one.")
                found[key] = Opening(line.level(), line.day(), rows.line_num)
        return cls(found)

    def of(self, item: Row[Any]) -> Opening | None:
        """Return the item's line, by its key or document number; a number stands for all its pay items."""
        for key in ((item.company, item.key), (item.company, item.document_no)):
            if key in self.lines:
                self.named.add(key)
                return self.lines[key]
        return None


@dataclass(frozen=True)
class _Line:
    path: Path
    number: int
    cells: Sequence[str]
    places: Mapping[str, int]

    def text(self, column: str) -> str:
        """Return a cell without blanks around it; a line may end before its last column."""
        place = self.places[column]
        return self.cells[place].strip() if place < len(self.cells) else ""

    def level(self) -> int:
        """Return the level."""
        text = self.text("level")
        if not _LEVEL.match(text):
            fix = "write a whole number, 0 for an item that was never dunned."
            raise self.fault("level", f"level {text!r} is no whole number from 0 to 999", fix)
        return int(text)

    def day(self) -> date | None:
        """Return the last-dunned date, None where there is none."""
        text = self.text("last_dunned_on")
        try:
            return date.fromisoformat(text if not text or _DAY.match(text) else "?") if text else None
        except ValueError:
            fix = "write it like 2026-01-31, or leave it empty."
            raise self.fault("last_dunned_on", f"last_dunned_on {text!r} is no date", fix) from None

    def fault(self, column: str, message: str, fix: str) -> ConfigError:
        """Make an error that stands at a column of the line."""
        at = 1 + sum(len(cell) + 1 for cell in self.cells[: self.places[column]])
        return ConfigError(f"{message}.", where=f"{self.path}:{self.number}:{at}", fix=fix)


def _places(header: Sequence[str], path: Path) -> dict[str, int]:
    names = [name.strip() for name in header]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        fix = f"write {','.join(COLUMNS)}, with commas between."
        raise ConfigError(f"the column {missing[0]} is missing.", where=f"{path}:1:1", fix=fix)
    return {name: names.index(name) for name in COLUMNS}


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what reading a file may raise into words."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise ConfigError("this is not UTF-8.", where=f"{path}:1:1", fix="save it as CSV UTF-8.") from error
    except csv.Error as error:
        fix = "see whether a quote is opened and never closed."
        raise ConfigError(f"this is no CSV: {error}.", where=f"{path}:1:1", fix=fix) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", fix="let this user read it.") from error
