"""The digest of a plugin's code, which tells whether a grade was earned by the code that is here now."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_IMPORTED: Final = re.compile(r"^\s*(?:from|import) duehook\.plugins\.(\w+)", re.MULTILINE)


def digest_of(home: Path) -> str:
    """Return the SHA-256 over the names and bytes of a plugin's Python files, or of its one file.

    What it shares with the other plugins of a family is part of it, and so is what it says as data (ledger.yaml).
    """
    digest = hashlib.sha256()
    for file in [*_sources(home), *(file for shared in _shared(home) for file in _sources(shared))]:
        digest.update(str(file.relative_to(home.parent).as_posix()).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources(home: Path) -> Iterable[Path]:
    return sorted([*home.rglob("*.py"), *home.glob("ledger.yaml")]) if home.is_dir() else [home]


def _shared(home: Path) -> Iterable[Path]:
    """Return the folders beside a plugin's that any of its files imports from."""
    if not home.is_dir():
        return []
    named = {name for file in home.rglob("*.py") for name in _IMPORTED.findall(file.read_text(encoding="utf-8"))}
    return sorted(home.parent / name for name in named - {home.name} if (home.parent / name).is_dir())
