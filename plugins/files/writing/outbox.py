"""The folder that the ERP imports from: each file is put there once, whole, and never again after it was taken.

A note of what was put there stays in a hidden folder beside the files. It is written between the file's bytes
and the rename that shows the file to the ERP: a note with the bytes still under their first name says that
the rename did not happen, a note without them that it did.
"""

from __future__ import annotations

import hashlib
from typing import Final

from duehook.core.errors import ConnectorDown
from duehook.core.wire import ReplyLost

from .shelves import Shelf

NOTES: Final = ".duehook"
PART: Final = ".part"


class Outbox:
    """The files for an ERP to take."""

    def __init__(self, shelf: Shelf) -> None:
        """Open nothing yet."""
        self._shelf, self.name = shelf, shelf.name

    def has_had(self, name: str) -> bool:
        """Say whether the file was shown to the ERP, be it there still or taken."""
        with self._shelf.reached("be looked at"):
            return self._is_shown(name)

    def put(self, name: str, content: bytes) -> None:
        """Show a file to the ERP, once.

        Raises ConnectorDown, and then it was not shown; ReplyLost where nobody could look whether it was.
        """
        try:
            with self._shelf.reached("be written to"):
                if not self._is_shown(name):
                    self._show(name, content)
        except ReplyLost as lost:
            try:
                shown = self.has_had(name)
            except ConnectorDown:
                raise lost from None
            if not shown:
                raise ConnectorDown(
                    f"{self.name} broke off, and {name} was not shown to the ERP.",
                    fix="it is put there by the next run.",
                ) from lost

    def waiting(self) -> list[str]:
        """Name the files that the ERP has not taken yet."""
        with self._shelf.reached("be listed"):
            return [name for name in self._shelf.listed() if not name.endswith(PART)]

    def close(self) -> None:
        """Hang up."""
        self._shelf.close()

    def _is_shown(self, name: str) -> bool:
        has = self._shelf.has
        return has(name) or (has(_note(name)) and not has(name + PART))

    def _show(self, name: str, content: bytes) -> None:
        part, note, shelf = name + PART, _note(name), self._shelf
        if not (shelf.has(note) and shelf.has(part)):
            shelf.lay(part, content)
            shelf.lay(note, hashlib.sha256(content).hexdigest().encode())
            shelf.settle(note, part)
        shelf.show(part, name)


def _note(name: str) -> str:
    return f"{NOTES}/{hashlib.sha256(name.encode()).hexdigest()[:2]}/{name}"
