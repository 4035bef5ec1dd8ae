"""Reads YAML whose scalars stay text, and collects every mistake with its place.

Nothing is guessed from a value's looks: `1.10` is the text "1.10" until a field asks for money,
so no amount ever passes through a float. A mistake is a value in a list, not an exception, so
that one reading tells them all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from duehook.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file: where (line and column count from 1), what, and what to do."""

    path: str
    line: int
    column: int
    message: str
    fix: str

    @property
    def where(self) -> str:
        """Return file:line:col."""
        return f"{self.path}:{self.line}:{self.column}"

    def __str__(self) -> str:
        return f"{self.where}: {self.message} Fix: {self.fix}"


class Source:
    """One YAML file while it is being read: its root, and the mistakes found so far."""

    def __init__(self, text: str, path: str) -> None:
        """Parse the text; a syntax error leaves `root` None and one problem."""
        self.path = path
        self.problems: list[Problem] = []
        self.root: Node | None = None
        try:
            self.root = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            self._syntax(error)
        else:
            if self.root is None:
                self.problems.append(Problem(path, 1, 1, "The file is empty.", "copy a shipped pack and change it."))

    @classmethod
    def open(cls, path: Path) -> Source:
        """Read a file, whose bytes are UTF-8. Raises ConfigError when there is no such file."""
        try:
            return cls(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} cannot be read: {error}.", fix="name a UTF-8 file that exists.") from error

    def report(self, node: Node, message: str, fix: str) -> None:
        """Note a mistake at this place."""
        mark = node.start_mark
        self.problems.append(Problem(self.path, mark.line + 1, mark.column + 1, message, fix))

    def refuse(self) -> ConfigError:
        """Return one error that carries all mistakes, in the file's order."""
        found = sorted(self.problems, key=lambda problem: (problem.line, problem.column))
        return ConfigError("\n".join(map(str, found)), where=None)

    def _syntax(self, error: MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = ": ".join(filter(None, (error.context, error.problem)))
        self.problems.append(
            Problem(
                self.path, line, column, f"This is not YAML: {what}.", "correct the indentation or the quotes here."
            )
        )


class Fields:
    """The entries of one mapping, taken one by one by the reader that knows them."""

    def __init__(self, source: Source, node: Node, *, known: Collection[str], what: str) -> None:
        """Index the mapping; report unknown keys, keys given twice, and what is no mapping."""
        self.source = source
        self.node = node
        self._nodes: dict[str, Node] = {}
        if not isinstance(node, MappingNode):
            source.report(node, f"{what} is a list of `key: value` lines.", "indent them below.")
            return
        for key, value in node.value:
            self._index(key, value, known, what)

    def _index(self, key: Node, value: Node, known: Collection[str], what: str) -> None:
        name = key.value if isinstance(key, ScalarNode) else "?"
        if name not in known:
            self.source.report(key, f"{what} has no `{name}`.", suggestion(name, known))
        elif name in self._nodes:
            self.source.report(key, f"`{name}` is given twice.", "keep one of the two.")
        else:
            self._nodes[name] = value

    def get(self, name: str) -> Node | None:
        """Return the entry's node, or None when the file does not have it."""
        return self._nodes.get(name)

    def need(self, name: str, example: str) -> Node | None:
        """Return the entry's node; report it as missing when there is none."""
        if name not in self._nodes and isinstance(self.node, MappingNode):
            self.source.report(self.node, f"`{name}` is missing.", f"add a line such as `{example}`.")
        return self._nodes.get(name)


def text_of(source: Source, node: Node, what: str) -> str | None:
    """Return a scalar's text as it stands in the file."""
    if isinstance(node, ScalarNode) and node.value != "":
        return str(node.value)
    source.report(node, f"{what} is one value.", "write it behind the colon.")
    return None


def entries_of(source: Source, node: Node, what: str) -> list[Node]:
    """Return the entries of a list."""
    if isinstance(node, SequenceNode):
        return list(node.value)
    source.report(node, f"{what} is a list.", "write each entry on its own line behind `- `, or all in [brackets].")
    return []


def pairs_of(source: Source, node: Node, what: str) -> list[tuple[Node, Node]]:
    """Return the entries of a mapping whose keys are data."""
    if isinstance(node, MappingNode):
        return list(node.value)
    source.report(node, f"{what} is a map.", "write `KEY: value` lines below it, or {KEY: value} behind it.")
    return []


def suggestion(name: str, known: Collection[str]) -> str:
    """Return the advice for a name that is not known: the nearest one, or all of them."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else f"use one of {', '.join(sorted(known))}."


def one_of(source: Source, node: Node, choices: Mapping[str, Any], what: str) -> Any:
    """Return what the scalar stands for; report a value that is none of the choices."""
    text = text_of(source, node, what)
    if text is None:
        return None
    if text.lower() not in choices:
        source.report(node, f"{what} cannot be `{text}`.", suggestion(text.lower(), choices))
        return None
    return choices[text.lower()]
