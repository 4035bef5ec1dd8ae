"""What the ERP answered: files of the drop folder, a row a command; the last row of a command tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Command
from duehook.core.table_mapping.reading import Columns, NoColumn
from duehook.plugins.files.drop.folder import Drop
from duehook.plugins.files.forms.table import Stamp, Table
from duehook.plugins.files.mapping.write_back import Answers

from .wording import name_of

_REASON: Final = 300  # signs of a reason that are kept


class Answer(NamedTuple):
    """What became of a command; `outcome` is None where the ERP's word for it is not in the mapping."""

    place: str
    outcome: Literal["done", "refused"] | None
    said: str
    reason: str

    def __str__(self) -> str:
        """Say it with its place."""
        return f"{self.place}: {self.said}" + (f", {self.reason}" if self.reason else "")


class AnswerFiles:
    """The answers of a connection, read again only where a file came or changed."""

    def __init__(self, drop: Drop, asked: Answers) -> None:
        self._drop, self._asked = drop, asked
        self._form = drop.loaded.mapping.format.under(asked.format)
        self._read: dict[Path, tuple[Stamp, dict[str, Answer]]] = {}

    def of(self, command: Command) -> Answer | None:
        """Return the newest answer to a command, None while there is none.

        Raises ConnectorDown where answers cannot be read now: that is never a word against the command.
        """
        file = name_of(command)
        names = (command.key, command.mark, file, file.removesuffix(".csv"))
        try:
            files = self.files()
        except ConnectorRefused as error:
            raise ConnectorDown(error.message, fix=error.fix) from error
        for found in reversed(files):
            answer = next((found[name] for name in names if name in found), None)
            if answer is not None:
                return answer
        return None

    def unread(self) -> list[Answer]:
        """Return the answers whose word is not in the mapping."""
        return [answer for found in self.files() for answer in found.values() if answer.outcome is None]

    def files(self) -> list[dict[str, Answer]]:
        """Return the answers by key, file by file, the oldest first."""
        return [self._answers(path) for path in self._drop.standing(self._asked.files, self._asked.order)]

    def _answers(self, path: Path) -> dict[str, Answer]:
        table = self._drop.opened(path, self._form, self._asked.named())
        held = self._read.get(path)
        if held is None or held[0] != table.stamp:
            held = self._read[path] = table.stamp, dict(self._rows(table))
            table.refuse_changed()
        return held[1]

    def _rows(self, table: Table) -> Iterator[tuple[str, Answer]]:
        columns, asked = Columns(table.header, table.form), self._asked
        try:
            key, result = columns.at(asked.key), columns.at(asked.result.column)
            reason = columns.at(asked.reason) if asked.reason is not None else None
        except NoColumn as error:
            raise ConnectorRefused(
                f"{table.name}: {error}.", fix="correct `write_back.answers` in the mapping."
            ) from error
        for line, cells in table.lines():
            if len(cells) < len(table.header):
                raise ConnectorGarbled(f"{table.name}:{line}: the row has {len(cells)} of {len(table.header)} columns.")
            if cells[key]:
                outcome = asked.result.codes.get(cells[result])
                why = cells[reason][:_REASON] if reason is not None else ""
                yield cells[key], Answer(f"{table.name}:{line}", outcome, cells[result], why)
