"""Where files are laid for the ERP: a folder of this machine, or one on the SFTP server that the exports come from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol

from duehook.core.deliver.archive import flush
from duehook.core.errors import ConnectorDown, ConnectorRefused
from duehook.core.wire import ReplyLost
from duehook.plugins.files.client.sftp import SftpFolder

_FIX: Final = "make it, let Duehook's user write there, or correct `write_back.folder` in the mapping."


class Shelf(Protocol):
    """A folder that files are laid into. Names may have folders before them, which are made."""

    name: str

    def reached(self, asked: str) -> AbstractContextManager[None]:
        """Be there for a while; ConnectorDown, which says what was `asked`, where it is not."""

    def has(self, name: str) -> bool:
        """Say whether a file is there."""

    def lay(self, name: str, content: bytes) -> None:
        """Write a whole file, also over one of that name, and make sure of it."""

    def settle(self, *names: str) -> None:
        """Make sure that these files stand in their folders."""

    def show(self, old: str, new: str) -> None:
        """Rename a file. Raises ReplyLost where nobody knows whether that happened."""

    def listed(self) -> list[str]:
        """Name the plain files of the folder itself."""

    def close(self) -> None:
        """Hang up."""


class Here:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self._folder, self.name = folder, str(folder)

    @contextmanager
    def reached(self, asked: str) -> Iterator[None]:
        """Turn what the system raises into ConnectorDown."""
        try:
            yield
        except OSError as error:
            told = f"the folder {self.name} cannot {asked}: {error.strerror}. Nothing was written."
            raise ConnectorDown(told, fix=_FIX) from error

    def has(self, name: str) -> bool:
        """Say whether a file is there."""
        return (self._folder / name).exists()

    def lay(self, name: str, content: bytes) -> None:
        """Write a file and sync it."""
        path = self._folder / name
        if path.parent != self._folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def settle(self, *names: str) -> None:
        """Sync the folders."""
        for name in names:
            flush((self._folder / name).parent)

    def show(self, old: str, new: str) -> None:
        """Rename a file and sync its folder."""
        (self._folder / old).rename(self._folder / new)
        flush(self._folder)

    def listed(self) -> list[str]:
        """Name the files."""
        return sorted(path.name for path in self._folder.iterdir() if path.is_file())

    def close(self) -> None:
        """Nothing stays open."""


class There:
    """A folder on an SFTP server, signed in to at the first question and again after the line broke."""

    def __init__(self, folder: SftpFolder) -> None:
        """Take the folder; nothing is asked yet."""
        self._folder, self.name = folder, folder.name
        self._session: ExitStack | None = None

    @contextmanager
    def reached(self, asked: str) -> Iterator[None]:
        """Sign in, unless that is done."""
        try:
            if self._session is None:
                session = ExitStack()
                session.enter_context(self._folder.reached())
                self._session = session
            yield
        except ReplyLost:
            self.close()
            raise
        except (ConnectorRefused, ConnectorDown) as error:
            self.close()
            told = f"the folder {self.name} cannot {asked}: {error.message} Nothing was written."
            raise ConnectorDown(told, fix=error.fix or _FIX) from error

    def has(self, name: str) -> bool:
        """Say whether a file is there."""
        return self._folder.has(name)

    def lay(self, name: str, content: bytes) -> None:
        """Write a file, whose size the server then says."""
        folders = Path(name).parts[:-1]
        for depth in range(1, len(folders) + 1):
            self._folder.make("/".join(folders[:depth]))
        self._folder.put(name, content)

    def settle(self, *names: str) -> None:
        """Leave that to the server."""

    def show(self, old: str, new: str) -> None:
        """Rename a file, never over another."""
        try:
            self._folder.rename(old, new)
        except ConnectorDown as error:
            raise ReplyLost(f"{error.message} Nobody knows whether {new} was shown to the ERP.") from error

    def listed(self) -> list[str]:
        """Name the files."""
        return sorted(self._folder.listed())

    def close(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        if session is not None:
            session.close()
