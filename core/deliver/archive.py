"""The archive of what went out: files by the SHA-256 of their content, written to last.

A file stands at ab/cd/<digest> and is complete from the moment it has its name: it is written
under another one, flushed to disk, renamed, and its folders are flushed behind it. Putting the
same bytes twice writes once. Whatever is read is checked against its name.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from duehook.core.errors import DuehookError, NotFound

_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")


class ArchiveDamaged(DuehookError):
    """A file of the archive is not what it was when it was put there."""


class Archive:
    """Content-addressed files under one folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made on the first put."""
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep the bytes on disk for good; return their SHA-256 in hex.

        A file that is there but damaged is written anew.
        """
        digest = sha256(content).hexdigest()
        path = self._path(digest)
        if path.is_file() and path.read_bytes() == content:
            flush(path)  # whoever wrote it may have died before its folders were flushed
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        for folder in (path.parent, path.parent.parent, self._folder, self._folder.parent):
            flush(folder)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes; raises NotFound, or ArchiveDamaged with the file's name."""
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise NotFound(
                f"The archive has no {digest}: {path} is missing.", fix="restore it from the backup of the archive."
            ) from None
        if sha256(content).hexdigest() != digest:
            raise ArchiveDamaged(
                f"{path} was altered or cut off: its content is not {digest}.",
                fix="restore it from the backup of the archive.",
            )
        return content

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, str) and self._path(digest).is_file()

    def _path(self, digest: str) -> Path:
        if not _DIGEST.match(digest):
            raise NotFound(f"{digest!r} is no SHA-256 in hex.")
        return self._folder / digest[:2] / digest[2:4] / digest


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all; its folder is flushed by the caller."""
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        new = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise


def flush(path: Path) -> None:
    """Have the file or folder on disk, not in memory only."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
