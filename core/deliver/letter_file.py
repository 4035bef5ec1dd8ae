"""The channel "letter": PDFs into a folder for printing, with a manifest of what to post.

A written file is not yet a posted letter, so handing it over ends `in_doubt`: it counts as sent
when a person or the print service confirms it (rule 32). Writing the same message again finds
it in the manifest and changes nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from duehook.core.errors import ConfigError
from duehook.core.hookspecs import Channel, Finding, Message, Sent, hookimpl

from .archive import flush, write_whole

duehook_api = 1
MANIFEST: Final = "manifest.jsonl"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.pdf\Z")


class LetterSettings(BaseModel):
    """The `letter` part of the channels: the folder that is printed from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path


class LetterChannel:
    """Writes letters for printing."""

    name = "letter"
    needs_address = False

    def __init__(self, settings: LetterSettings) -> None:
        """Take the folder; it is made on first use."""
        self._folder = settings.folder
        self._known = _Known()

    def check(self) -> Iterable[Finding]:
        """Try to make and write the folder."""
        subject = f"letters to {self._folder}"
        try:
            with self._manifest():
                return [Finding(subject, ok=True, message="can be written", severity="info")]
        except OSError as error:
            advice = "make the folder writable for the user that runs Duehook."
            return [Finding(subject, ok=False, message=str(error.strerror or error), advice=advice)]

    def send(self, message: Message) -> Sent:
        """Write the PDF and its line in the manifest, once per message."""
        if not _NAME.match(message.file_name):
            return Sent("failed", f"{message.file_name!r} is no file name of a letter (letters, digits, . _ -, .pdf)")
        digest = sha256(message.content).hexdigest()
        try:
            with self._manifest() as manifest:
                return self._write(message, digest, manifest)
        except OSError as error:
            return Sent("retry", f"{self._folder}: {error.strerror or error}")

    def _write(self, message: Message, digest: str, manifest: IO[bytes]) -> Sent:
        path = self._folder / message.file_name
        known = self._known.digests(manifest)
        if message.id in known:
            if known[message.id] != digest:
                return Sent("failed", f"{message.id} is in the manifest with other content")
            return Sent("in_doubt", f"{path} was written before; confirm it when it is posted")
        if path.exists() and path.read_bytes() != message.content:
            return Sent("failed", f"{path} exists with other content")
        write_whole(path, message.content)
        flush(self._folder)
        line = {"id": message.id, "file": message.file_name, "sha256": digest, "bytes": len(message.content)}
        _append(manifest, line)
        return Sent("in_doubt", f"{path} is ready to print; confirm it when it is posted")

    def close(self) -> None:
        """Do nothing: each letter is whole when `send` returns."""

    @contextmanager
    def _manifest(self) -> Iterator[IO[bytes]]:
        """Open the manifest for this process alone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / MANIFEST).open("a+b") as manifest:
            fcntl.flock(manifest, fcntl.LOCK_EX)
            yield manifest


@hookimpl
def channel(name: str, settings: Mapping[str, Any]) -> Channel | None:
    """Give the channel "letter"; raises ConfigError where its settings do not hold together."""
    if name != LetterChannel.name:
        return None
    try:
        return LetterChannel(LetterSettings.model_validate(dict(settings)))
    except ValidationError as error:
        raise ConfigError(
            "The letter channel needs a `folder`, and nothing else.", fix="write `letters: {folder: letters}`."
        ) from error


class _Known:
    """The letters of a manifest, read once and then only what was added: it grows for years."""

    def __init__(self) -> None:
        self._file: tuple[int, int] | None = None
        self._upto = 0
        self._digests: dict[str, str] = {}

    def digests(self, manifest: IO[bytes]) -> Mapping[str, str]:
        """Return {message's id: digest}; another file of the name, or one that shrank, is read from its start."""
        found = os.fstat(manifest.fileno())
        file = (found.st_dev, found.st_ino)
        if file != self._file or found.st_size < self._upto:
            self._file, self._upto, self._digests = file, 0, {}
        manifest.seek(self._upto)
        whole, end, _ = manifest.read().rpartition(b"\n")
        self._upto += len(whole) + len(end)
        for line in _lines(whole):
            self._digests[line["id"]] = line["sha256"]
        return self._digests


def _lines(written: bytes) -> Iterator[dict[str, Any]]:
    """Yield the manifest's lines; one that a crash cut off is skipped."""
    for line in written.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _append(manifest: IO[bytes], line: dict[str, Any]) -> None:
    whole = json.dumps(line, sort_keys=True).encode() + b"\n"
    size = manifest.seek(0, os.SEEK_END)
    if size and not _ends_line(manifest, size):
        whole = b"\n" + whole
    manifest.write(whole)
    manifest.flush()
    os.fsync(manifest.fileno())


def _ends_line(manifest: IO[bytes], size: int) -> bool:
    manifest.seek(size - 1)
    return manifest.read(1) == b"\n"
