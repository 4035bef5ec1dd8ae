"""A customer's text: its blocks and their lines, and how a note is broken into such lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from duehook.core.connecting.writing import Refusal
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.settings import NoteSettings
from duehook.plugins.infor_m3.site import M3Site

WIDTH: Final = 60  # signs of a line of text
Block = tuple[str, str]  # its name and its language


class Texts:
    """Reads what stands in the text of customers."""

    def __init__(self, site: M3Site, notes: NoteSettings) -> None:
        """Take the site, and where its texts are."""
        self._site, self._notes = site, notes

    def identity(self, customer: str) -> int:
        """Return a customer's text identity, 0 where it has no text yet; Refusal where there is no such customer."""
        found = self._site.customer(customer)
        if found is None:
            raise Refusal(f"M3 has no customer {customer}")
        return values.sure(values.whole, found, "TXID")

    def lines(self, customer: str) -> Iterator[str]:
        """Yield every line of every block."""
        text = self.identity(customer)
        for block in self.blocks(text):
            yield from self.of(text, block)

    def blocks(self, text: int) -> list[Block]:
        """Return the blocks of a text."""
        if not text:
            return []
        rows = self._site.service.rows(entities.TEXT_BLOCKS, self._asked(text))
        return [(row["TXVR"].strip(), row["LNCD"].strip()) for row in rows]

    def of(self, text: int, block: Block) -> list[str]:
        """Return the lines of a block."""
        name, language = block
        asked = self._asked(text) | {key: held for key, held in (("TXVR", name), ("LNCD", language)) if held}
        return [row["TX60"] for row in self._site.service.rows(entities.TEXT_LINES, asked)]

    def _asked(self, text: int) -> dict[str, str]:
        return {"TXID": str(text), "TFIL": self._notes.transfer_file, "CONO": self._site.settings.company}


def broken(words: str) -> list[str]:
    """Break a text between words into lines of sixty signs; a longer word within itself."""
    lines: list[str] = []
    for word in words.split():
        for piece in _pieces(word):
            if lines and len(lines[-1]) + 1 + len(piece) <= WIDTH:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return lines


def joined(lines: Sequence[str]) -> str:
    """Return lines as one text that falls into the same lines again."""
    return "".join(line.ljust(WIDTH) for line in lines).rstrip()


def _pieces(word: str) -> list[str]:
    return [word[at : at + WIDTH] for at in range(0, len(word), WIDTH)]
