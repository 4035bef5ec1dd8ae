"""Writes back as files: a line a command into the folder that the ERP imports from, and its answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from duehook.core.connecting.writing import Writers, WritingTarget
from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Finding

from .client.sftp import SftpFolder
from .drop.folder import Drop
from .mapping.write_back import WriteBack
from .reading import Reading
from .writing.answers import AnswerFiles
from .writing.outbox import Outbox
from .writing.shelves import Here, Shelf, There
from .writing.writer import FileWriter

ERP: Final = "files"


class FilesTarget(WritingTarget):
    """Puts a file a command into the outbox. Where the ERP answers, nothing is done before it says so."""

    def __init__(self, drop: Drop, asked: WriteBack, base: Path) -> None:
        """Take the drop folder, what the mapping says of writing, and what its folder counts from."""
        self._drop = drop
        self._outbox = Outbox(_shelf(drop, asked, base))
        self._answers = AnswerFiles(drop, asked.answers) if asked.answers else None
        form = drop.loaded.mapping.format.to_write(asked.format)
        writer = FileWriter(asked, form, self._outbox, self._answers)
        super().__init__(Writers(ERP, dict.fromkeys(asked.commands, writer)))

    def check(self) -> Iterable[Finding]:
        """Look whether the folder is there, what waits in it, and whether the answers can be read."""
        try:
            waiting = self._outbox.waiting()
        except ConnectorError as error:
            yield Finding("outbox", False, error.message, error.fix)
            return
        text = f"{len(waiting):,} files wait for the ERP in {self._outbox.name}"
        yield Finding("outbox", True, text, severity="info")
        try:
            unread = self._answers.unread() if self._answers else []
        except ConnectorError as error:
            yield Finding("answers", False, error.message, error.fix)
            return
        for answer in unread:
            yield Finding(
                "answers", False, f"{answer} is no word of the mapping", "add it to `answers.result.codes`", "warning"
            )

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold of the last export. Raises ConnectorRefused where the files do not say it."""
        mapping = self._drop.loaded.mapping.streams.get("customer")
        if mapping is None or "hold" not in mapping.fields:
            raise ConnectorRefused("the files do not say which hold a customer has.")
        found = Reading(self._drop, "customer").lookup([(company, customer)]).found
        return str(found[0]["hold"]) if found and found[0].get("hold") else None

    def close(self) -> None:
        """Hang up."""
        self._outbox.close()


def _shelf(drop: Drop, asked: WriteBack, base: Path) -> Shelf:
    """Return where files are laid: on the server that the exports come from, or here."""
    sftp = drop.settings.sftp
    if sftp is None or asked.here:
        return Here(base / asked.folder)
    return There(SftpFolder(sftp.model_copy(update={"folder": asked.folder}), base))
