"""Checks policy files before they are used: all mistakes of all files at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from .read import policy_of
from .reader import Problem, Source, suggestion
from .scheme import scheme_of

_SCHEMES: Final = "aging"


@dataclass(frozen=True)
class Ways:
    """What a step of a policy may go out by; `offers` says it of a channel that is not named here."""

    channels: Collection[str]
    templates: Collection[str]
    offers: Callable[[str], bool]


def lint(path: Path, currencies: Collection[str], ways: Ways | None = None) -> list[Problem]:
    """Return the mistakes of one file, or of every *.yaml below a folder.

    `currencies` are those in use: each must have a minimum. Channels and templates are looked for
    among the `ways`, where those are given. Files in a folder called `aging` are aging schemes, all
    others policies; two policies of one name are a mistake.
    """
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    problems: list[Problem] = []
    names: dict[tuple[bool, str], str] = {}
    for file in files:
        source = Source.open(file)
        name = _check(source, currencies, ways, is_scheme=file.parent.name == _SCHEMES)
        key = (file.parent.name == _SCHEMES, name or "")
        if name and key in names and source.root is not None:
            source.report(source.root, f"`{name}` is already in {names[key]}.", "give this one another name.")
        names.setdefault(key, str(file))
        problems += sorted(source.problems, key=lambda problem: (problem.line, problem.column))
    return problems


def _check(source: Source, currencies: Collection[str], ways: Ways | None, *, is_scheme: bool) -> str | None:
    """Read the source as what it is; return its name when it has no mistakes."""
    if is_scheme:
        scheme = scheme_of(source)
        return scheme.name if scheme else None
    policy = policy_of(source)
    _check_currencies(source, currencies)
    if ways is not None:
        _check_ways(source, ways)
    return policy.name if policy else None


def _check_currencies(source: Source, currencies: Collection[str]) -> None:
    """Report each amount map that lacks a currency in use (never converted, never guessed)."""
    for node in _minimums(source.root):
        held = {key.value for key, _ in node.value if isinstance(key, ScalarNode)}
        missing = sorted(set(currencies) - held)
        if missing:
            source.report(
                node,
                f"`minimum` has no {', '.join(missing)}, in which there are items.",
                f"add a line such as `{missing[0]}: 10`.",
            )


def _check_ways(source: Source, ways: Ways) -> None:
    """Report each channel that nobody offers, and each template of which there is no wording."""
    for step in _steps(source.root):
        for key, node in _entries(step):
            if not isinstance(node, ScalarNode):
                continue
            if key == "channel" and node.value not in ways.channels and not ways.offers(node.value):
                _report_unknown(source, node, key, ways.channels)
            if key == "template" and node.value not in ways.templates:
                _report_unknown(source, node, key, ways.templates)


def _report_unknown(source: Source, node: ScalarNode, what: str, known: Collection[str]) -> None:
    there = ", ".join(sorted(known))
    source.report(node, f"There is no {what} `{node.value}`; there are {there}.", suggestion(node.value, known))


def _steps(root: Node | None) -> Iterable[MappingNode]:
    """Yield what is sent at some time: each level, and the reminder before the due date."""
    for key, value in _entries(root):
        entries = [value] if key == "pre_due" else value.value if key == "levels" else []
        yield from (entry for entry in entries if isinstance(entry, MappingNode))


def _minimums(root: Node | None) -> Iterable[MappingNode]:
    for key, value in _entries(root):
        if key == "minimum" and isinstance(value, MappingNode):
            yield value
        if key == "levels":
            for level in value.value if not isinstance(value, ScalarNode) else ():
                yield from _minimums(level if isinstance(level, MappingNode) else None)


def _entries(node: Node | None) -> Iterable[tuple[str, Node]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                yield key.value, value
