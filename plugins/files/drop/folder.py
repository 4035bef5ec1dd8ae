"""The drop folder: which files belong to a stream, which are complete, and which come first."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from duehook.core.connecting.manifests import agreed
from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import ConnectionConfig, UpperBound
from duehook.core.records import Stream
from duehook.core.table_mapping.rows import RowMapper
from duehook.core.table_mapping.writing import Column
from duehook.plugins.files.client.sftp import SftpFolder
from duehook.plugins.files.forms.opening import open_table
from duehook.plugins.files.forms.table import Stamp, Table
from duehook.plugins.files.mapping.form import Format
from duehook.plugins.files.mapping.lint import Loaded, load_mapping
from duehook.plugins.files.mapping.model import Manifest, StreamMapping
from duehook.plugins.files.settings import FilesSettings

from .fetching import Copies
from .manifest import ManifestReader, Named, faults_of, none_there, patterns
from .rows import mapper_of

UNFINISHED: Final = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
_NANO: Final = 1_000_000_000


@dataclass
class Drop:
    """A connection's folder with its mapping; it remembers which files it has seen standing still."""

    folder: Path
    loaded: Loaded
    settings: FilesSettings
    copies: Copies | None = None
    _still: dict[Path, Stamp] = field(default_factory=dict)
    _waiting: dict[Path, None] = field(default_factory=dict)
    _is_fetched: bool = False
    _seen: tuple[list[tuple[Path, Stamp]], frozenset[Path]] = ([], frozenset())

    @classmethod
    def of(cls, connection: ConnectionConfig) -> Drop:
        """Open the drop folder of a connection. Raises ConfigError for faults of the mapping."""
        settings = connection.settings
        if not isinstance(settings, FilesSettings):
            raise TypeError(f"connection {connection.name} holds {type(settings).__name__}, not FilesSettings")
        base = Path(connection.base)
        made = cls(base / settings.folder, load_mapping(base / settings.mapping), settings)
        if settings.sftp is not None:
            made.copies = Copies(SftpFolder(settings.sftp, base), made.folder, settings.settle_seconds)
        return made

    def mapping(self, stream: Stream) -> StreamMapping:
        """Return the mapping of a stream."""
        return self.loaded.mapping.streams[stream]

    def table(self, path: Path, stream: Stream) -> Table:
        """Open a file as the stream's mapping says it is written."""
        form = self.loaded.mapping.format_of(stream)
        return open_table(path, form, self._still[path], self.mapping(stream).named())

    def opened(self, path: Path, form: Format, columns: Iterable[Column]) -> Table:
        """Open a file that is of no stream."""
        return open_table(path, form, self._still[path], columns)

    @property
    def waiting(self) -> list[str]:
        """Name the files that were still being written when they were last looked at."""
        elsewhere = self.copies.waiting if self.copies is not None else ()
        return sorted({*(path.name for path in self._waiting), *elsewhere})

    def files(self, stream: Stream, bound: UpperBound | None = None) -> list[Path]:
        """Return the complete files of a stream, oldest first, none that came past the bound.

        Of a snapshot `newest` it is the newest alone. Raises ConnectorRefused when the folder cannot be
        listed, or when a snapshot has no file at all.
        """
        mapping = self.mapping(stream)
        found = self._state(mapping)
        if mapping.snapshot and not found:
            raise ConnectorRefused(
                f"no complete file of {stream} is in {self.folder}: looked for {', '.join(mapping.files)}"
                + (f"; still being written: {', '.join(self.waiting)}." if self.waiting else "."),
                fix="drop the export there, or correct `files` in the mapping.",
            )
        late = [path for path in found if bound and self._still[path].changed > int(bound.mark["changed"])]
        if late and mapping.snapshot and self.loaded.mapping.manifest:
            raise ConnectorDown(
                f"{late[0].name} came while the files of its manifest were read; nothing is lost.", fix="import again."
            )
        found = [path for path in found if path not in late]
        found = self._in_order(found, mapping.order)
        return found[-1:] if mapping.snapshot == "newest" else found

    def bound(self) -> UpperBound:
        """Return the instant of the newest complete file; for people that of the newest with items.

        What is in the books is as fresh as the items are, however new the file of customers is.
        """
        self._is_fetched = False
        newest = {
            stream: max((self._still[path].changed for path in self._state(mapping)), default=0)
            for stream, mapping in self.loaded.mapping.streams.items()
        }
        changed = max(newest.values(), default=0)
        told = newest.get("item") or changed
        return UpperBound({"changed": changed}, datetime.fromtimestamp(told / _NANO, UTC))

    def _state(self, mapping: StreamMapping) -> list[Path]:
        """List the complete files of a stream; of a snapshot under a manifest those that the manifest names."""
        found = self._complete(mapping.files)
        manifest = self.loaded.mapping.manifest
        if manifest is None or mapping.snapshot is None:
            return found
        named = self._agreed(manifest)
        found = [path for path in found if path in named]
        if mapping.snapshot == "newest" and len(found) > 1:
            raise ConnectorGarbled(
                f"the manifest names {len(found)} files that match {', '.join(mapping.files)}, and `snapshot: newest` "
                "takes one alone. Nothing was read.",
                fix="write `snapshot: together` in the mapping.",
            )
        return found

    def _agreed(self, asked: Manifest) -> frozenset[Path]:
        """Return the files that the newest manifest names, once they are all there and as it says."""
        manifests = self.standing(asked.files, asked.order)
        if not manifests:
            raise none_there(asked, self.folder)
        form = self.loaded.mapping.format.under(asked.format)
        table = self.opened(manifests[-1], form, asked.named())
        named = ManifestReader(asked, self.loaded.document, table).files()
        there = {path.name.lower(): path for path in self._complete(patterns(named))}
        seen = [(path, self._still[path]) for path in (manifests[-1], *there.values())]
        if self._seen[0] != seen:
            self._seen = seen, agreed(named, there, self._faults)
        return self._seen[1]

    def _faults(self, named: Named, path: Path) -> Iterator[str]:
        file = self.opened(path, Format(), ())
        streams = [
            stream for stream, mapping in self.loaded.mapping.streams.items() if _is_meant(path.name, mapping.files)
        ]
        return faults_of(named, file, (self._opened(path, cast(Stream, stream)) for stream in streams))

    def _opened(self, path: Path, stream: Stream) -> tuple[Table, RowMapper]:
        table = self.table(path, stream)
        table.refuse_misread()
        return table, mapper_of(self.loaded, stream, table)

    def standing(self, patterns: Iterable[str], order: str) -> list[Path]:
        """Return the complete files of these patterns, the oldest first."""
        return self._in_order(self._complete(patterns), order)

    def _in_order(self, paths: Iterable[Path], order: str) -> list[Path]:
        if order == "time":
            return sorted(paths, key=lambda path: (self._still[path].changed, path.name))
        return list(paths)

    def _complete(self, patterns: Iterable[str]) -> list[Path]:
        """List the files that stand still, by name; wait once for those not seen before."""
        self._fetch()
        found = self._matching(patterns)
        fresh = {path: stamp for path, stamp in found.items() if self._still.get(path) != stamp}
        if fresh and self.settings.settle_seconds and self.copies is None:  # a copy is shown when it is whole
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

    def _fetch(self) -> None:
        """Bring the copies up to what is there now, once for each upper bound."""
        if self.copies is None or self._is_fetched:
            return
        mapping = self.loaded.mapping
        states = [pattern for stream in mapping.streams.values() if stream.snapshot for pattern in stream.files]
        wanted = ["*"] if mapping.manifest is not None else list(mapping.patterns())
        self.copies.refresh(
            lambda name: _is_meant(name, wanted), lambda name: _is_meant(name, states), endings=UNFINISHED
        )
        self._is_fetched = True

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
