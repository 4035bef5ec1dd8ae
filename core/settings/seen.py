"""The files that settings were read from, as they were then: whether they are still the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .model import Settings
from .secrets import ENV

_Mark = tuple[int, int, int, int]


@dataclass(frozen=True)
class Seen:
    """Files, each with what told it from its other states; None for one that was not there."""

    marks: Mapping[Path, _Mark | None]

    @classmethod
    def of(cls, files: Iterable[Path]) -> Self:
        """Look at the files now. Look before reading them: what changes meanwhile has changed then."""
        return cls({file: _mark(file) for file in files})

    @classmethod
    def before(cls, config: Path) -> Self:
        """Look at the configuration and the `.env` beside it, before they are read."""
        return cls.of((config, config.resolve().parent / ENV))

    def reading(self, settings: Settings) -> Self:
        """Return the same with the files that the settings' own references led to."""
        return type(self)({**type(self).of(settings.files).marks, **self.marks})

    @property
    def changed(self) -> bool:
        """Say whether a file is another one now."""
        return any(_mark(file) != mark for file, mark in self.marks.items())


def _mark(file: Path) -> _Mark | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
