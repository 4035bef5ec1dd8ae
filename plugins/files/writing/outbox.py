"""The folder that the ERP imports from: each file is put there once, whole, and never again after it was taken.

A note of what was put there stays in a hidden folder beside the files. It is written between the file's bytes
and the rename that shows the file to the ERP: a note with the bytes still under their first name says that
the rename did not happen, a note without them that it did.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from duehook.core.deliver.archive import flush
from duehook.core.errors import ConnectorDown

NOTES: Final = ".duehook"
PART: Final = ".part"


class Outbox:
    """The files for an ERP to take."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self.folder = folder

    def has_had(self, name: str) -> bool:
        """Say whether the file was shown to the ERP, be it there still or taken."""
        with self._reachable("be looked at"):
            return (self.folder / name).exists() or (self._note(name).exists() and not self._part(name).exists())

    def put(self, name: str, content: bytes) -> None:
        """Show a file to the ERP, once. Raises ConnectorDown, and then it was not shown."""
        if self.has_had(name):
            return
        with self._reachable("be written to"):
            if not (self._note(name).exists() and self._part(name).exists()):
                _write(self._part(name), content)
                self._note(name).parent.mkdir(parents=True, exist_ok=True)
                _write(self._note(name), hashlib.sha256(content).hexdigest().encode())
                flush(self._note(name).parent)
                flush(self.folder)
            self._part(name).rename(self.folder / name)
            flush(self.folder)

    def waiting(self) -> list[str]:
        """Name the files that the ERP has not taken yet."""
        with self._reachable("be listed"):
            listed = sorted(path.name for path in self.folder.iterdir() if path.is_file())
        return [name for name in listed if not name.endswith(PART)]

    def _note(self, name: str) -> Path:
        return self.folder / NOTES / hashlib.sha256(name.encode()).hexdigest()[:2] / name

    def _part(self, name: str) -> Path:
        return self.folder / f"{name}{PART}"

    @contextmanager
    def _reachable(self, asked: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConnectorDown(
                f"the folder {self.folder} cannot {asked}: {error.strerror}. Nothing was written.",
                fix="make it, let Duehook's user write there, or correct `write_back.folder` in the mapping.",
            ) from error


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
