"""Whether letters can be printed: the fonts have every character of the debtors' names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from duehook.core.books.store import health
from duehook.core.deliver.glyphs import MORE_FONTS, Glyphs, named
from duehook.core.runs.packs import own_fonts
from duehook.core.runs.site import Site

from .sign import Sign, ok, warning


def names(site: Site) -> Iterator[Sign]:
    """Yield the characters of the names of those who owe that no font has."""
    own = own_fonts(site.settings)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[own] if own else [])
    with TemporaryDirectory(prefix="duehook-doctor-") as folder, site.books.read() as tx:
        lacking = Glyphs(Path(folder), fonts).lacking("".join({*chain.from_iterable(health.debtors_names(tx))}))
        many = sum(not {*lacking}.isdisjoint(name) for name in health.debtors_names(tx)) if lacking else 0
    if lacking:
        yield warning("fonts.names", f"no font for {named(lacking)}: letters wait, of debtors: {many}", MORE_FONTS)
    else:
        yield ok("fonts.names", "the fonts have every character of the debtors' names")
