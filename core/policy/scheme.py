"""Reads an aging scheme: the buckets, the date they count from, and what becomes of credits."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Final

from ruamel.yaml.nodes import Node

from .model import AgingScheme, Basis, Credits
from .reader import Fields, Source, entries_of, one_of, text_of
from .values import read_count, read_name

KEYS: Final = ("scheme", "about", "basis", "credits", "upper")
MOST_BUCKETS: Final = 10
_CREDITS: Final = {mode: mode for mode in ("own_column", "by_own_date", "offset_oldest")}
_BASES: Final = {basis: basis for basis in ("due", "document")}


def load_scheme(path: Path) -> AgingScheme:
    """Read one scheme file. Raises ConfigError that lists every mistake as file:line:col."""
    source = Source.open(path)
    scheme = scheme_of(source)
    if scheme is None:
        raise source.refuse()
    return scheme


def read_scheme(text: str, path: str = "scheme") -> AgingScheme:
    """Read a scheme from text; `path` names it in mistakes."""
    source = Source(text, path)
    scheme = scheme_of(source)
    if scheme is None:
        raise source.refuse()
    return scheme


def scheme_of(source: Source) -> AgingScheme | None:
    """Read a source into a scheme; None when it has mistakes, which the source then holds."""
    if source.root is None:
        return None
    fields = Fields(source, source.root, known=KEYS, what="An aging scheme")
    name, about = fields.need("scheme", "scheme: standard"), fields.need("about", "about: By month")
    upper = fields.need("upper", "upper: [0, 30, 60, 90]")
    basis, credits = fields.get("basis"), fields.get("credits")
    title = read_name(source, name, "`scheme`") if name else None
    words = text_of(source, about, "`about`") if about else None
    days = _read_upper(source, upper) if upper else ()
    mode: Credits | None = one_of(source, credits, _CREDITS, "`credits`") if credits else "own_column"
    counted: Basis | None = one_of(source, basis, _BASES, "`basis`") if basis else "due"
    if source.problems or not (title and words and mode and counted):
        return None
    return AgingScheme(title, words, days, credits=mode, basis=counted)


def _read_upper(source: Source, node: Node) -> tuple[int, ...]:
    nodes = entries_of(source, node, "`upper`")
    days = [read_count(source, entry, "A bucket's last day") for entry in nodes]
    upper = tuple(day for day in days if day is not None)
    if not upper or upper[0] != 0:
        source.report(node, "The first bucket ends on day 0: due today is current.", "start `upper` with 0.")
    if any(later <= earlier for earlier, later in itertools.pairwise(upper)):
        source.report(node, "The buckets do not rise.", "give each last day once, in rising order.")
    if len(upper) >= MOST_BUCKETS:
        source.report(node, f"A scheme has at most {MOST_BUCKETS} buckets.", f"give at most {MOST_BUCKETS - 1} days.")
    return upper
