"""Carry a command out: look for its answer and its file, write it once, and say what is known."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Applied, Command
from duehook.plugins.files.mapping.form import Format
from duehook.plugins.files.mapping.write_back import WriteBack, Written

from .answers import Answer, AnswerFiles
from .outbox import Outbox
from .wording import content_of, line_of, name_of


class FileWriter:
    """Writes commands of every kind that the mapping has a line for."""

    def __init__(self, asked: WriteBack, form: Format, outbox: Outbox, answers: AnswerFiles | None) -> None:
        """Take what the mapping says, and where files go and answers come from."""
        self._asked, self._form = asked, form
        self._outbox, self._answers = outbox, answers

    def preview(self, command: Command) -> str:
        """Say which line would be written, and under which name."""
        told = "; ".join(f"{name}={text}" for name, text in self._line(command).items())
        return f"write {name_of(command)}: {told}"

    def apply(self, command: Command) -> Applied:
        """Look for the ERP's answer and for the file, then write it."""
        name, answer = name_of(command), self._answer(command)
        if answer is not None and answer.outcome is not None:
            return Applied("already" if answer.outcome == "done" else "refused", str(answer), reference=name)
        was_there = self._outbox.has_had(name)
        if not was_there:
            self._outbox.put(name, content_of(self._line(command), self._form))
        if self._answers is not None:
            return self._unanswered(name, answer)
        return Applied("already" if was_there else "done", f"written as {name}", reference=name)

    def verify(self, command: Command) -> Applied:
        """Take the ERP's answer; a file that was never shown to it certainly did nothing."""
        try:
            return self._verified(command)
        except ConnectorError as error:  # it may answer while nobody can look
            return Applied("unknown", error.message, wait=self._wait)

    def _verified(self, command: Command) -> Applied:
        name, answer = name_of(command), self._answer(command)
        if answer is not None and answer.outcome is not None:
            return Applied(answer.outcome, str(answer), reference=name)
        if not self._outbox.has_had(name):
            return Applied("refused", f"{name} was not written")
        if self._answers is not None:
            return self._unanswered(name, answer)
        return Applied("done", f"written as {name}", reference=name)

    def _line(self, command: Command) -> dict[str, str]:
        line = self._asked.commands[cast(Written, command.kind)]
        return line_of(command, line, self._form)

    def _answer(self, command: Command) -> Answer | None:
        return self._answers.of(command) if self._answers is not None else None

    def _unanswered(self, name: str, answer: Answer | None) -> Applied:
        """Say that nobody knows yet, and why."""
        if answer is not None:
            return Applied("unknown", f"written as {name}; the answer {answer} is no word of the mapping")
        return Applied("unknown", f"written as {name}, which the ERP has not answered yet", wait=self._wait)

    @property
    def _wait(self) -> timedelta | None:
        """How long the ERP may take to answer, None where it does not."""
        return timedelta(hours=self._asked.answers.within_hours) if self._asked.answers is not None else None
