"""The drop folder: which files belong to a stream, which are complete, and which come first."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import ConnectionConfig, UpperBound
from duehook.core.records import Stream
from duehook.plugins.files.forms.opening import open_table
from duehook.plugins.files.forms.table import Stamp, Table
from duehook.plugins.files.mapping.lint import Loaded, load_mapping
from duehook.plugins.files.mapping.model import StreamMapping
from duehook.plugins.files.settings import FilesSettings

UNFINISHED: Final = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
_NANO: Final = 1_000_000_000


@dataclass
class Drop:
    """A connection's folder with its mapping; it remembers which files it has seen standing still."""

    folder: Path
    loaded: Loaded
    settings: FilesSettings
    _still: dict[Path, Stamp] = field(default_factory=dict)
    _waiting: dict[Path, None] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: ConnectionConfig) -> Drop:
        """Open the drop folder of a connection. Raises ConfigError for faults of the mapping."""
        settings = connection.settings
        if not isinstance(settings, FilesSettings):
            raise TypeError(f"connection {connection.name} holds {type(settings).__name__}, not FilesSettings")
        base = Path(connection.base)
        return cls(base / settings.folder, load_mapping(base / settings.mapping), settings)

    def mapping(self, stream: Stream) -> StreamMapping:
        """Return the mapping of a stream."""
        return self.loaded.mapping.streams[stream]

    def table(self, path: Path, stream: Stream) -> Table:
        """Open a file as the stream's mapping says it is written."""
        form = self.loaded.mapping.format_of(stream)
        return open_table(path, form, self._still[path], self.mapping(stream).named())

    @property
    def waiting(self) -> list[str]:
        """Name the files that were still being written when they were last looked at."""
        return sorted(path.name for path in self._waiting)

    def files(self, stream: Stream, bound: UpperBound | None = None) -> list[Path]:
        """Return the complete files of a stream, oldest first, none that came past the bound.

        Of a snapshot `newest` it is the newest alone. Raises ConnectorRefused when the folder cannot be
        listed, or when a snapshot has no file at all.
        """
        mapping = self.mapping(stream)
        found = self._complete(mapping.files)
        if mapping.snapshot and not found:
            raise ConnectorRefused(
                f"no complete file of {stream} is in {self.folder}: looked for {', '.join(mapping.files)}"
                + (f"; still being written: {', '.join(self.waiting)}." if self.waiting else "."),
                fix="drop the export there, or correct `files` in the mapping.",
            )
        if bound is not None:
            found = [path for path in found if self._still[path].changed <= int(bound.mark["changed"])]
        if mapping.order == "time":
            found.sort(key=lambda path: (self._still[path].changed, path.name))
        return found[-1:] if mapping.snapshot == "newest" else found

    def bound(self) -> UpperBound:
        """Return the instant of the newest complete file; for people that of the newest with items.

        What is in the books is as fresh as the items are, however new the file of customers is.
        """
        newest = {
            stream: max((self._still[path].changed for path in self._complete(mapping.files)), default=0)
            for stream, mapping in self.loaded.mapping.streams.items()
        }
        changed = max(newest.values(), default=0)
        told = newest.get("item") or changed
        return UpperBound({"changed": changed}, datetime.fromtimestamp(told / _NANO, UTC))

    def _complete(self, patterns: Iterable[str]) -> list[Path]:
        """List the files that stand still, by name; wait once for those not seen before."""
        found = self._matching(patterns)
        fresh = {path: stamp for path, stamp in found.items() if self._still.get(path) != stamp}
        if fresh and self.settings.settle_seconds:
            time.sleep(self.settings.settle_seconds)
            again = self._matching(patterns)
            fresh = {path: stamp for path, stamp in fresh.items() if again.get(path) == stamp}
        self._still.update(fresh)
        for path, stamp in found.items():
            if self._still.get(path) == stamp and not self._has_part(path):
                self._waiting.pop(path, None)
            else:
                self._waiting[path] = None
        return [path for path in found if path not in self._waiting]

    def _matching(self, patterns: Iterable[str]) -> dict[Path, Stamp]:
        try:
            listed = sorted(path for path in self.folder.iterdir() if path.is_file())
            return {path: Stamp.of(path) for path in listed if _is_meant(path.name, patterns)}
        except OSError as error:
            raise ConnectorRefused(
                f"the drop folder {self.folder} cannot be listed: {error.strerror}.",
                fix="make it, let Duehook's user read it, or correct `folder` in duehook.yaml.",
            ) from error

    @staticmethod
    def _has_part(path: Path) -> bool:
        return any(path.with_name(path.name + ending).exists() for ending in UNFINISHED)


def _is_meant(name: str, patterns: Iterable[str]) -> bool:
    if name.startswith((".", "~$")) or name.lower().endswith(UNFINISHED):
        return False
    return any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
