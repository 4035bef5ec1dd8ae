"""Notes: appended to the customer's text, or a block of it each; found again by the mark that they begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.connecting.writing import Refusal, marker, read_back
from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire.reply import SENSELESS
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Nok
from duehook.plugins.infor_m3.settings import NoteSettings
from duehook.plugins.infor_m3.site import ERP, M3Site

from .texts import WIDTH, Texts, broken, joined

LINES: Final = entities.ADD_TEXT.inputs["PARM"].length // WIDTH  # that one AddText takes


class NoteWriter:
    """Appends to the customer's text; a note that is longer than AddText takes goes in parts, each with its mark."""

    def __init__(self, site: M3Site, notes: NoteSettings) -> None:
        """Take the site, and where its texts are."""
        self._site, self._notes, self._texts = site, notes, Texts(site, notes)

    def preview(self, command: Command) -> str:
        """Say which text would be appended."""
        self._texts.identity(command.customer)
        return f"append to the text of customer {command.customer} in M3: {' '.join(_parts(command)[0].split())}"

    def apply(self, command: Command) -> Applied:
        """Append what is not there yet."""
        left = self._missing(command)
        if not left:
            return Applied("already", "the note was there")
        language = {"LNCD": self._notes.language} if self._notes.language else {}
        to = {"CUNO": command.customer, "CONO": self._site.settings.company, **language}
        self._site.service.write_all([(entities.ADD_TEXT, {**to, "PARM": part}) for part in left])
        return read_back(lambda: not self._missing(command), ERP)

    def verify(self, command: Command) -> Applied:
        """Look for the marks."""
        missing = self._missing(command)
        return Applied("refused", "the note is not there") if missing else Applied("done", "the note is there")

    def _missing(self, command: Command) -> list[str]:
        """Return the parts whose mark stands nowhere in the text."""
        lines = list(self._texts.lines(command.customer))
        return [part for part in _parts(command) if not any(_mark_of(part) in line for line in lines)]


class BlockNoteWriter:
    """Writes each note as a block of the customer's text, named by its command."""

    def __init__(self, site: M3Site, notes: NoteSettings) -> None:
        """Take the site, and where its texts are."""
        self._site, self._notes, self._texts = site, notes, Texts(site, notes)

    def preview(self, command: Command) -> str:
        """Say which block would be made."""
        self._texts.identity(command.customer)
        return f"add block {_block(command)} to the text of customer {command.customer}: {_lines(command)[0]}"

    def apply(self, command: Command) -> Applied:
        """Make the block, and write the lines that it does not have yet."""
        left = self._missing(command)
        if not left:
            return Applied("already", "the note was there")
        text = self._texts.identity(command.customer) or self._new_text(command.customer)
        if _block(command) not in {name for name, _ in self._texts.blocks(text)}:
            self._add_block(command, text)
        place = self._place(command, text)
        self._site.service.write_all([(entities.ADD_LINE, {**place, "TX60": line}) for line in left])
        return read_back(lambda: not self._missing(command), ERP, reference=_block(command))

    def verify(self, command: Command) -> Applied:
        """Look for the block and its lines."""
        missing = self._missing(command)
        return Applied("refused", "the note is not there") if missing else Applied("done", "the note is there")

    def _missing(self, command: Command) -> list[str]:
        """Return the lines that the command's block does not have; all where there is no such block."""
        text, wanted = self._texts.identity(command.customer), _lines(command)
        blocks = [block for block in self._texts.blocks(text) if block[0] == _block(command)]
        held = [line.rstrip() for block in blocks for line in self._texts.of(text, block)]
        if held != wanted[: len(held)]:
            raise Refusal(f"block {_block(command)} of the text of customer {command.customer} holds something else")
        return wanted[len(held) :]

    def _new_text(self, customer: str) -> int:
        """Give the customer a text; where another was quicker, take that one."""
        service, file, company = self._site.service, self._notes.file, self._site.settings.company
        drawn = service.write(entities.NEW_TEXT, {"FILE": file, "CONO": company})
        made = values.sure(values.whole, drawn[0], "TXID") if drawn else 0
        if not made:
            raise ConnectorGarbled(f"{entities.NEW_TEXT.title} gave no text identity.", fix=SENSELESS)
        held = self._texts.identity(customer)
        if held:
            return held
        service.write(entities.SET_TEXT, {"FILE": file, "TXID": str(made), "KV01": company, "KV02": customer})
        return self._texts.identity(customer) or made

    def _add_block(self, command: Command, text: int) -> None:
        place = self._place(command, text)
        subject = " ".join(str(command.body.get("subject") or "Duehook").split())[:40]
        more = {"KFLD": command.customer, "USID": self._notes.user, "TX40": subject}
        try:
            self._site.service.write(entities.ADD_BLOCK, {**place, **more})
        except Nok as refused:
            if not refused.is_there:
                raise

    def _place(self, command: Command, text: int) -> dict[str, str]:
        return {
            "TXID": str(text), "TFIL": self._notes.transfer_file, "FILE": self._notes.file,
            "CONO": self._site.settings.company, "TXVR": _block(command),
            **({"LNCD": self._notes.language} if self._notes.language else {}),
        }  # fmt: skip


def _parts(command: Command) -> list[str]:
    """Return the note as AddText takes it, each part beginning with its mark: a line is not broken within it."""
    told, mark = str(command.body.get("text", "")), marker(command)
    whole = broken(f"{mark} {told}")
    if len(whole) <= LINES:
        return [joined(whole)]
    return [joined(part) for part in _numbered(mark, told.split())]


def _numbered(mark: str, words: list[str]) -> Iterator[list[str]]:
    """Yield as many words at a time as fit behind a mark and a number."""
    number = 0
    while words:
        number, count = number + 1, len(words)
        while len(broken(f"{mark}/{number} {' '.join(words[:count])}")) > LINES and count > 1:
            count = count * 3 // 4 if count > 8 else count - 1
        lines = broken(f"{mark}/{number} {' '.join(words[:count])}")
        kept = lines[:LINES]
        cut = "".join(lines[LINES:])
        words = [*([cut] if cut else []), *words[count:]]
        yield kept


def _mark_of(part: str) -> str:
    """Return what a part begins with: its mark, and its number where there are several."""
    return part.split(" ", 1)[0]


def _block(command: Command) -> str:
    return f"DH{command.mark[:8].upper()}"


def _lines(command: Command) -> list[str]:
    return broken(f"{marker(command)} {command.body.get('text', '')}")
