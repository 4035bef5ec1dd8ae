"""The names that policies and aging schemes go by, without reading what they say."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final, Literal

Kind = Literal["policy", "scheme"]
_FOLDERS: Final[dict[Kind, str]] = {"policy": ".", "scheme": "aging"}
_LINE: Final = r"^{}\s*:\s*([\"']?)(\S.*?)\1\s*(?:#.*)?$"
_IN_BRACES: Final = (
    r"[{{,]\s*([\"']?){}\1\s*:\s*([\"']?)([^\s\"',}}]+)\2"  # a pack may be one map in braces, as JSON is
)


def known_names(kind: Kind, own: Path) -> set[str]:
    """Return the names of what ships and of what the site's own folder of rules has.

    A file that has mistakes counts by its name: they are told where it is read.
    """
    return {*_shipped(kind), *_names(kind, own / _FOLDERS[kind])}


@cache
def _shipped(kind: Kind) -> frozenset[str]:
    with as_file(files("duehook.rules")) as folder:
        return _names(kind, folder / _FOLDERS[kind])


def _names(kind: Kind, folder: Path) -> frozenset[str]:
    line, in_braces = re.compile(_LINE.format(kind), re.MULTILINE), re.compile(_IN_BRACES.format(kind))
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in folder.glob("*.yaml") if file.is_file()]
    own_lines = frozenset(found[2] for text in texts for found in line.finditer(text))
    return own_lines | {found[3] for text in texts for found in in_braces.finditer(text)}
