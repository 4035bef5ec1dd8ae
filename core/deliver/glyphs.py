"""Which characters no font has: printed they would be empty boxes.

Typst says nothing of them, so it is asked to draw each character once, on a page of its own, beside one
that no font can have: where both come out as the same glyph, the character is lacking.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import typst

NOBODYS: Final = "\U0010ffff"  # a code that never becomes a character
MORE_FONTS: Final = "put a font file (.ttf, .otf) that has them, such as one of Noto's, into templates/fonts."
_SOURCE: Final = """\
#set page(width: auto, height: auto, margin: 0pt)
#for each in json(bytes(sys.inputs.characters)) { page(text(each)) }
"""
_DRAWN: Final = re.compile(r'href="#(\w+)"')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})  # controls and blanks draw nothing


class Glyphs:
    """Knows the characters that fonts have; `root` is a folder that it may write its source into."""

    def __init__(self, root: Path, fonts: typst.Fonts) -> None:
        """Take the fonts that letters are printed with."""
        main = root / "glyphs.typ"
        main.write_text(_SOURCE, encoding="utf-8")
        self._compiler = typst.Compiler(main, root=root, font_paths=fonts, package_cache_path=root, package_path=root)
        self._known: dict[str, bool] = {}

    def lacking(self, text: str) -> str:
        """Return the characters of a text that no font has, each once, in the order of their codes."""
        characters = set(text)
        if unknown := sorted(characters - self._known.keys()):
            self._learn(unknown)
        return "".join(sorted(each for each in characters if not self._known[each]))

    def _learn(self, characters: Iterable[str]) -> None:
        seen = [each for each in characters if unicodedata.category(each) not in _UNSEEN]
        self._known |= dict.fromkeys(characters, True)
        if not seen:
            return
        drawn = self._compiler.compile(
            format="svg", sys_inputs={"characters": json.dumps([NOBODYS, *seen], ensure_ascii=False)}
        )
        assert isinstance(drawn, list)
        box, *pages = ({*_DRAWN.findall(page.decode())} for page in drawn)
        self._known |= {each: not box & page for each, page in zip(seen, pages, strict=True)}


def named(characters: str, most: int = 8) -> str:
    """Write characters with their codes: 山 (U+5C71)."""
    told = [f"{each} (U+{ord(each):04X})" for each in characters[:most]]
    return ", ".join([*told, f"and {len(characters) - most} more"] if len(characters) > most else told)
