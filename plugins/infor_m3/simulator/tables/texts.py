"""Texts (OSYTXH, OSYTXL): blocks of lines under a text identity, and which record has which identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from duehook.plugins.infor_m3.simulator.codes import CUSTOMER_FILE
from duehook.plugins.infor_m3.simulator.refusal import EXISTS, UNKNOWN, nok

WIDTH: Final = 60
_FIRST: Final = 1001
Block = dict[str, Any]


class Texts:
    """All texts, kept as JSON. A line stands beside whether the next goes on with it."""

    def __init__(self, kept: dict[str, Any]) -> None:
        """Keep them in that mapping."""
        self._kept: dict[str, Any] = kept.setdefault("texts", {"next": _FIRST, "ids": {}, "blocks": {}})

    def identity(self, file: str, key: str) -> int:
        """Return the identity of a record's text, 0 where it has none."""
        return int(self._kept["ids"].get(f"{file}|{key}", 0))

    def new_identity(self) -> int:
        """Return an identity that nobody has."""
        self._kept["next"] += 1
        return int(self._kept["next"]) - 1

    def identify(self, file: str, key: str, identity: int) -> None:
        """Give a record an identity, in the place of the one that it had."""
        self._kept["ids"][f"{file}|{key}"] = identity

    def knows(self, identity: int) -> bool:
        """Say whether an identity was ever given out."""
        return _FIRST <= identity < int(self._kept["next"])

    def blocks(self, identity: int) -> list[Block]:
        """Return the blocks of a text, oldest first."""
        found: list[Block] = self._kept["blocks"].get(str(identity), [])
        return found

    def block(self, identity: int, name: str, language: str) -> Block:
        """Return a block; Nok for one that there is not."""
        for block in self.blocks(identity):
            if block["name"] == name and language in ("", block["language"]):
                return block
        raise nok("TXVR", UNKNOWN, f"Text block {name}")

    def head(self, identity: int, name: str, language: str, *, text: str = "") -> Block:
        """Begin a block; Nok for one that is there already."""
        if any((each["name"], each["language"]) == (name, language) for each in self.blocks(identity)):
            raise nok("TXVR", EXISTS, f"Text block {name}")
        made: Block = {"name": name, "language": language, "text": text, "lines": []}
        self._kept["blocks"].setdefault(str(identity), []).append(made)
        return made

    def drop(self, identity: int, block: Block) -> None:
        """Take a block away with its lines."""
        self.blocks(identity).remove(block)

    def append(self, customer: str, name: str, language: str, *, lines: Sequence[str]) -> None:
        """Write lines behind a block of a customer's text, begun where it is not there."""
        identity = self.identity(CUSTOMER_FILE, customer)
        if not identity:
            identity = self.new_identity()
            self.identify(CUSTOMER_FILE, customer, identity)
        there = [each for each in self.blocks(identity) if (each["name"], each["language"]) == (name, language)]
        block = there[0] if there else self.head(identity, name, language)
        for line in lines:
            block["lines"] += [[part, goes_on] for part, goes_on in _cut(line)]

    def whole(self, customer: str) -> Iterator[str]:
        """Yield each block of a customer's text as it is read, its lines one below the other."""
        for block in self.blocks(self.identity(CUSTOMER_FILE, customer)):
            ends = ("" if goes_on else "\r\n" for _, goes_on in block["lines"])
            yield "".join(part + end for (part, _), end in zip(block["lines"], ends, strict=True)).removesuffix("\r\n")


def _cut(line: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a text that is longer than one, each with whether it goes on."""
    for at in range(0, max(len(line), 1), WIDTH):
        yield line[at : at + WIDTH], at + WIDTH < len(line)
