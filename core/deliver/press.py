"""The letter as PDF: Typst, compiled by one reused compiler, the sheet handed over as JSON.

A press works in a folder of its own which holds the layout, the logos and nothing else, so a
layout can read nothing of the machine. The same sheet and date give the same bytes, so that an
archive address repeats. It is untagged, which makes it a quarter of the size: the HTML mail is
its twin for screen readers. Fonts are those built into Typst and the site's templates/fonts.
"""

from __future__ import annotations

import json
import re
import shutil
import stat
from datetime import UTC, datetime, time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import TracebackType
from typing import Final, Self

import typst

from duehook.core.errors import ConfigError

from .glyphs import MORE_FONTS, Glyphs, named
from .notice import NoticeLetter
from .sheet import Sheet
from .wording import Templates

PREFIX: Final = "duehook-press-"
ABANDONED: Final = 24 * 3600  # seconds; a press lives for one delivery
LAYOUT: Final = "layout/letter.typ"
LOGOS: Final = frozenset({".png", ".jpg", ".jpeg", ".svg"})
LARGEST_LOGO: Final = 1_000_000
_PACKAGE: Final = re.compile(r'"@[a-z]')
_AT: Final = re.compile(r"letter\.typ:(\d+):(\d+)")


class Press:
    """Prints letters with one layout; close it, or use it as a context manager."""

    def __init__(self, templates: Templates, *, fonts: Path | None = None) -> None:
        """Take the layout in force; `fonts` is a folder with the site's own font files."""
        source, self._where = templates.need(LAYOUT)
        if found := _PACKAGE.search(source):
            before = source[: found.start()]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            raise ConfigError(
                "imports a Typst package; letters are made offline.",
                where=f"{self._where}:{line}:{column}",
                fix="copy what you need into the layout.",
            )
        self._folder = TemporaryDirectory(prefix=PREFIX)
        self._root = Path(self._folder.name)
        _sweep(self._root)
        self._main = self._root / "letter.typ"
        self._main.write_text(source, encoding="utf-8")
        known = typst.Fonts(include_system_fonts=False, font_paths=[fonts] if fonts else [])
        self._compiler = typst.Compiler(
            self._main, root=self._root, font_paths=known, package_cache_path=self._root, package_path=self._root
        )
        self._glyphs = Glyphs(self._root, known)
        self._lock = Lock()
        self._logos: dict[str, str] = {}

    def pdf(self, notice: NoticeLetter, sheet: Sheet) -> bytes:
        """Print the sheet.

        Raises ConfigError where the layout or the logo is at fault, or no font has one of its characters.
        """
        data = json.dumps({**vars(sheet), "logo": self._logo(notice.creditor.logo)}, ensure_ascii=False, default=vars)
        printed_at = datetime.combine(notice.letter_on, time(12), UTC)
        with self._lock:
            if lacking := self._glyphs.lacking(data):
                raise ConfigError(f"no font for {named(lacking)}: empty boxes would be printed.", fix=MORE_FONTS)
            try:
                made = self._compiler.compile(
                    format="pdf", sys_inputs={"sheet": data}, timestamp=printed_at, pdf_tags=False
                )
            except typst.TypstError as error:
                raise ConfigError(f"{error.message}.", where=self._place(error)) from error
        assert isinstance(made, bytes)
        return made

    def _logo(self, path: str | None) -> str:
        if not path:
            return ""
        if path not in self._logos:
            self._logos[path] = self._copied(Path(path))
        return self._logos[path]

    def _copied(self, logo: Path) -> str:
        fix = "correct `logo` of the company: a PNG, JPEG or SVG of at most 1 MB."
        if logo.suffix.lower() not in LOGOS:
            raise ConfigError(f"The logo {logo} is no picture Duehook prints.", fix=fix)
        try:
            picture = logo.read_bytes()
        except OSError as error:
            raise ConfigError(f"The logo {logo} cannot be read: {error.strerror}.", fix=fix) from error
        if len(picture) > LARGEST_LOGO:
            raise ConfigError(f"The logo {logo} is too large.", fix=fix)
        name = sha256(picture).hexdigest()[:32] + logo.suffix.lower()
        (self._root / name).write_bytes(picture)
        return name

    def _place(self, error: typst.TypstError) -> str:
        found = _AT.search(error.diagnostic)
        return f"{self._where}:{found[1]}:{int(found[2]) + 1}" if found else self._where

    def close(self) -> None:
        """Remove the press's folder."""
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _sweep(own: Path) -> None:
    """Remove the folders that presses of ours left which were killed a day ago and more."""
    mine = own.stat()
    for other in own.parent.glob(f"{PREFIX}*"):
        try:
            found = other.lstat()
        except OSError:  # its press has just closed
            continue
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == mine.st_uid
        if ours and mine.st_mtime - found.st_mtime > ABANDONED:
            shutil.rmtree(other, ignore_errors=True)
