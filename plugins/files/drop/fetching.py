"""Keep a local copy of a folder elsewhere: what stands still there is fetched whole, once, and shown at once.

A hidden file beside the copies says what each was when it was fetched, by size and time. Copies of what is a
state vanish with it; copies of news stay, for totals and full imports are read from them.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final, Protocol

from duehook.core.errors import ConnectorDown, ConnectorRefused
from duehook.plugins.files.forms.table import Stamp

Meant = Callable[[str], bool]
INDEX: Final = ".fetched.json"


class Remote(Protocol):
    """A folder elsewhere; all but `reached` while that lasts."""

    name: str

    def reached(self) -> AbstractContextManager[None]:
        """Connect."""

    def listed(self) -> dict[str, Stamp]:
        """Return the files by name."""

    def fetch(self, name: str, into: IO[bytes]) -> Stamp:
        """Copy a file, and return what tells it afterwards."""


class Copies:
    """The local copies of a remote folder."""

    def __init__(self, remote: Remote, folder: Path, settle_seconds: float) -> None:
        """Take where files come from and go to, and how long one must stand still."""
        self._remote, self._folder, self._settle = remote, folder, settle_seconds
        self.waiting: list[str] = []

    def refresh(self, is_wanted: Meant, is_state: Meant, endings: tuple[str, ...]) -> None:
        """Fetch what is new or changed there and stands still; let copies of states go that are there no more."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            held = self._held()
            with self._remote.reached():
                still, self.waiting = self._still(is_wanted, held, endings)
                for name, stamp in still.items():
                    if held.get(name) != stamp:
                        held[name] = self._fetched(name, stamp)
                        self._note(held)
            self._forget(held, {*still, *self.waiting}, is_state)
        except OSError as error:
            raise ConnectorRefused(
                f"copies cannot be kept in {self._folder}: {error.strerror}.",
                fix="let Duehook's user write there, or correct `folder` in duehook.yaml.",
            ) from error

    def _still(
        self, is_wanted: Meant, held: Mapping[str, Stamp], endings: tuple[str, ...]
    ) -> tuple[dict[str, Stamp], list[str]]:
        """Return the wanted files that stand still there, and the names of those that do not."""
        listed = self._remote.listed()
        if self._settle and any(held.get(name) != stamp for name, stamp in listed.items() if is_wanted(name)):
            time.sleep(self._settle)
            before, listed = listed, self._remote.listed()
        else:
            before = listed
        wanted = {name: stamp for name, stamp in listed.items() if is_wanted(name)}
        parts = {name for name in wanted if any(name + ending in listed for ending in endings)}
        still = {name: stamp for name, stamp in wanted.items() if before.get(name) == stamp and name not in parts}
        return still, sorted(wanted.keys() - still.keys())

    def _fetched(self, name: str, stamp: Stamp) -> Stamp:
        """Copy one file. Raises ConnectorDown when it changed meanwhile or came short."""
        with NamedTemporaryFile(dir=self._folder, prefix=".new-", delete=False) as file:
            new = Path(file.name)
            try:
                after = self._remote.fetch(name, file)
                file.flush()
                os.fsync(file.fileno())
                if after != stamp or new.stat().st_size != stamp.size:
                    told = f"{name} changed on {self._remote.name} while it was fetched; nothing is lost."
                    raise ConnectorDown(told, fix="it is fetched again by the next run.")
                os.utime(new, ns=(stamp.changed, stamp.changed))
                new.replace(self._folder / name)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
        return stamp

    def _held(self) -> dict[str, Stamp]:
        """Return the copies that are there as they were fetched."""
        try:
            told: dict[str, list[int]] = json.loads((self._folder / INDEX).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        found = {name: Stamp(*stamp) for name, stamp in told.items()}
        return {name: stamp for name, stamp in found.items() if _is_there(self._folder / name, stamp)}

    def _forget(self, held: dict[str, Stamp], there: set[str], is_state: Meant) -> None:
        """Let the copies of states go that the remote folder has no more."""
        gone = [name for name in held.keys() - there if is_state(name)]
        for name in gone:
            (self._folder / name).unlink(missing_ok=True)

    def _note(self, held: Mapping[str, Stamp]) -> None:
        """Write down what the copies are."""
        new = self._folder / f"{INDEX}.new"
        new.write_text(json.dumps({name: [stamp.size, stamp.changed] for name, stamp in held.items()}))
        new.replace(self._folder / INDEX)


def _is_there(path: Path, stamp: Stamp) -> bool:
    try:
        return Stamp.of(path) == stamp
    except FileNotFoundError:
        return False
