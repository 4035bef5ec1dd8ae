"""The columns that SQL text names, as ALIAS.COLUMN, and how such text becomes a database's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<literal>'(?:[^']|'')*')|\{(?P<table>\w+)\}|:(?P<value>[a-z]\w*)|\b(?P<alias>[A-Z]\w*)\.(?P<column>[A-Z][\w#$@]*)"
)


def columns_in(texts: Iterable[str], tables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (table, column) of every column that the texts name, some more than once."""
    for text in texts:
        for found in _TOKEN.finditer(text):
            if found["alias"] in tables:
                yield tables[found["alias"]], found["column"]


def written(
    text: str, *, table: Callable[[str], str], column: Callable[[str, str], str], value: Callable[[str], str]
) -> str:
    """Return SQL text with its tables, columns and values put in; what stands between quotes stays."""

    def put(found: re.Match[str]) -> str:
        if found["literal"]:
            return found[0]
        if found["table"]:
            return table(found["table"])
        return value(found["value"]) if found["value"] else column(found["alias"], found["column"])

    return _TOKEN.sub(put, text)
