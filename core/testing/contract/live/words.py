"""Masking of what a database or a function answered, whose columns are seldom named for what stands in them.

A cell is masked where its column is named as people's data are, where Duehook took it for a name, a mail address or
the like, or where two words of letters stand in it; and with one cell its whole column. What was masked once is masked
wherever it comes again: in values, in a statement's literals and in what the driver said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from duehook.core.field_mapping.masking import masked
from duehook.core.redaction import one_line, redact

from .veil import Veil

_WORDS: Final = re.compile(r"[^\W\d_]{2,}[ .,&'/-]+[^\W\d_]{2,}")
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|«[^»]*»")
_HIDDEN: Final = re.compile(r"(\[\w+\])")  # what stands in the place of a mail address or a secret
_LETTER: Final = re.compile(r"(?<=[^\W_])[^\W\d_]")
_NAME_LIKE: Final = re.compile(r"[^\W\d_]{4}|[^\W\d_]\W+[^\W\d_]")
_CODED: Final = re.compile(r"_(?:ID|TYPE|FLAG|FLG|STATUS|SEQ|SEQ_NUM)$", re.IGNORECASE)  # of what is no text
_CATALOGUE: Final = re.compile(
    r"\b(?:QSYS2|SYSIBM|SYSCOLUMNS|INFORMATION_SCHEMA|ALL_TAB_COLUMNS|pragma_table_info|STFC_CONNECTION)\b",
    re.IGNORECASE,
)
_CODES: Final = frozenset({"country", "region", "language"})
_SHORTEST: Final = 3  # signs of a text that is looked for elsewhere

Change = Callable[[str, Any], Any]


class Cell(NamedTuple):
    """Where one cell of a table without columns of its own stands in a row."""

    name: str
    start: int
    end: int


def literals_masked(text: str) -> str:
    """Return a statement or a condition whose literals tell nobody's name; codes, numbers and days stay."""
    return _LITERAL.sub(lambda found: _letters(found.group()), text)


def _letters(text: str) -> str:
    parts = _HIDDEN.split(text)
    if not any(_NAME_LIKE.search(part) for part in parts[::2]):
        return text
    return "".join(part if place % 2 else _LETTER.sub("x", part) for place, part in enumerate(parts))


class Words:
    """What is masked in the answers of one recording."""

    def __init__(self, veil: Veil) -> None:
        """Know nothing yet."""
        self._veil = veil
        self._names: set[str] = set()  # what Duehook took for people's data
        self._columns: set[str] = set()  # columns in which words stand
        self._masked: dict[str, str] = {}

    def took(self, row: Mapping[str, Any]) -> None:
        """Learn from a record what are names, mail addresses and the like."""
        for name, value in row.items():
            if self._veil.personal and self._veil.is_masked(name):
                self._names.update(text.strip() for text in _texts(value) if _tells(text))

    def learn(self, answers: Sequence[tuple[str, Any]]) -> None:
        """Look at all answers to statements for the columns that hold words, then for what stands in them."""
        for look in (self._find, self._keep):
            for of, answer in answers:
                if not _CATALOGUE.search(of):
                    _changed(answer, look)

    def _find(self, column: str, value: Any) -> Any:
        if self._veil.personal and isinstance(value, str):
            text = value.strip()
            if text in self._names or _WORDS.search(text):
                self._columns.add(column)
        return value

    def _keep(self, column: str, value: Any) -> Any:
        if isinstance(value, str) and self._is_masked(column) and _tells(value):
            self._masked[value.strip()] = masked(value.strip())
        return value

    def _is_masked(self, column: str) -> bool:
        if self._veil.is_given(column) or column in self._columns:
            return True
        return self._veil.is_masked(column) and not _CODED.search(column)

    def answer(self, answer: Any, of: str) -> Any:
        """Return the answer to a statement as it may be kept; what tells of the system is nobody's data."""
        return answer if _CATALOGUE.search(of) else _changed(answer, self._cell)

    def _cell(self, column: str, value: Any) -> Any:
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and self._veil.is_given(column):
            return type(value)(masked(str(value)))
        if not isinstance(value, str):
            return value
        if self._is_masked(column) or value.strip() in self._masked:
            return masked(value)
        return self._veil.text(value)

    def asked(self, value: Any) -> Any:
        """Return what is given to a question as it may be kept."""
        return _changed(value, lambda _, held: self._given(held))

    def _given(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = self._masked.get(value.strip())
        return found if found is not None else self.statement(value)

    def statement(self, text: str) -> str:
        """Return a statement or condition as it may be kept."""
        return literals_masked(self._veil.text(_LITERAL.sub(self._known, text)))

    def _known(self, found: re.Match[str]) -> str:
        text = found.group()[1:-1]
        return f"'{self._masked.get(text.strip(), text)}'"

    def told(self, text: str, of: str) -> str:
        """Return what a driver said of a statement: what it quotes is masked, but for what the statement names."""
        bare = _LITERAL.sub("", of).lower()

        def quoted(found: re.Match[str]) -> str:
            inside = found.group().strip("'\"«»")
            return found.group() if all(part in bare for part in inside.lower().split(".")) else masked(found.group())

        return self._veil.text(_QUOTED.sub(quoted, self.known(text)))

    def known(self, text: str) -> str:
        """Return a text in which all that was masked elsewhere is masked too."""
        for told in sorted((each for each in self._masked if each in text), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(told)}(?!\w)", lambda found: masked(found.group()), text)
        return text


def said(text: str) -> tuple[str, str]:
    """Return the ways in which what a driver said may stand in a message of ours."""
    return text.rstrip(". "), one_line(redact(text))[:200]


def _tells(text: str) -> bool:
    return len(text.strip()) >= _SHORTEST and any(letter.isalpha() for letter in text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, held in value.items():
            if name not in _CODES:
                yield from _texts(held)
    elif isinstance(value, (list, tuple)):
        for held in value:
            yield from _texts(held)


def _changed(value: Any, change: Change, name: str = "") -> Any:
    """Return plain data with every single value changed, which is told the column that it stands in."""
    if isinstance(value, Mapping):
        if {*value} == {"columns", "rows"}:
            names = [str(each).upper() for each in value["columns"]]
            rows = [[change(*cell) for cell in zip(names, row, strict=True)] for row in value["rows"]]
            return {"columns": list(value["columns"]), "rows": rows}
        cells = _cells(value)
        return {key: _rows(held, cells, change, key) if cells else _changed(held, change, key)
                for key, held in value.items()}  # fmt: skip
    if isinstance(value, (list, tuple)) or type(value).__name__ == "Row":
        return [_changed(held, change, name) for held in value]
    return change(name.upper(), value)


def _cells(answer: Mapping[str, Any]) -> list[Cell]:
    """Return where the columns stand in the rows of a table that SAP gives as lines of text."""
    try:
        return [
            Cell(str(each["FIELDNAME"]).strip().upper(), int(each["OFFSET"]), int(each["OFFSET"]) + int(each["LENGTH"]))
            for each in answer.get("FIELDS", ())
        ]
    except (KeyError, TypeError, ValueError):
        return []


def _rows(held: Any, cells: list[Cell], change: Change, name: str) -> Any:
    """Return the lines of such a table, each cell changed in its place; what describes the columns stays."""
    if name == "FIELDS" or not isinstance(held, (list, tuple)):
        return held if name == "FIELDS" else _changed(held, change, name)
    return [
        {key: _line(text, cells, change) if isinstance(text, str) else text for key, text in row.items()}
        if isinstance(row, Mapping) and len(row) == 1
        else _changed(row, change, name)
        for row in held
    ]


def _line(text: str, cells: list[Cell], change: Change) -> str:
    for cell in cells:
        there = text[cell.start : cell.end]
        text = text[: cell.start] + str(change(cell.name, there))[: len(there)].ljust(len(there)) + text[cell.end :]
    return text
