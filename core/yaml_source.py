"""Read YAML so that every fault can be told as file:line:col, and check it against a model.

Scalars keep what their author meant: numbers with leading zeros stay text ("00001"), numbers with
a point become Decimal from their own text, dates and times stay text for the model to read, and
`no` is Norway. A key that stands twice is a fault. Faults are collected and told all at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from duehook.core.errors import ConfigError

Steps = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
MOST_NODES: Final = 200_000
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9]\d*)\Z")
_DECIMAL: Final = re.compile(r"[-+]?\d+\.\d+\Z")
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", "")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Problem:
    """One fault of a file: where it is, what is wrong, and what to write instead."""

    where: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class BadFile(ConfigError):
    """A file has faults."""

    def __init__(self, problems: Iterable[Problem], *, fix: str | None = None) -> None:
        """Tell every problem on a line of its own."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)), fix=fix)
        self.where = self.problems[0].where if self.problems else None


@dataclass
class Document:
    """A file's content as plain data, and where each part of it stands."""

    name: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    keys: dict[Steps, tuple[int, int]] = field(default_factory=dict)
    values: dict[Steps, tuple[int, int]] = field(default_factory=dict)

    def where(self, path: Steps, *, key: bool = False) -> str:
        """Return file:line:col of the part, or of the nearest part around it that is there.

        Steps that pydantic adds to a path (names of a union's branches) are left out.
        """
        found = self.steps(path)
        marks = self.keys if key and found in self.keys else self.values
        line, column = marks.get(found, (1, 1))
        return f"{self.name}:{line}:{column}"

    def steps(self, path: Steps) -> Steps:
        """Return as much of the path as the file has."""
        found: Steps = ()
        for step in path:
            if (*found, step) in self.values:
                found = (*found, step)
        return found

    def report(self, path: Steps, message: str, hint: str | None = None, *, key: bool = False) -> None:
        """Collect a problem at this part."""
        self.problems.append(Problem(self.where(path, key=key), message, hint))

    def raise_problems(self, *, fix: str | None = None) -> None:
        """Raise BadFile with all that was collected, in the file's order, each once."""
        if self.problems:
            raise BadFile(sorted(dict.fromkeys(self.problems), key=_position), fix=fix)


def read_file(path: Path, *, missing: str | None = None) -> Document:
    """Read a file; `missing` is the fix to name when it is not there."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist.", fix=missing) from error
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8.", fix="save it as UTF-8.", where=f"{path}:1:1") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    return read_text(text, str(path))


def read_text(text: str, name: str) -> Document:
    """Read YAML text; `name` stands in front of every position.

    Raises ConfigError when it is no YAML; faults such as a doubled key are collected instead.
    """
    document = Document(name)
    try:
        node = YAML(pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ConfigError(f"this is no YAML: {error.problem or error.context}.", where=where) from error
    except YAMLError as error:
        raise ConfigError(f"this is no YAML: {str(error).splitlines()[0]}.", where=name) from error
    if node is not None:
        document.data = _Builder(document).build(node, ())
    return document


def check(document: Document, model: type[M], data: Any = None, *, at: Steps = ()) -> M | None:
    """Return the document's data (or the part given, which stands `at`) as the model.

    None when it has faults; they are collected in the document.
    """
    given = document.data if data is None else data
    try:
        return model.model_validate({} if given is None else given)
    except ValidationError as error:
        collect(document, error, model, at=at)
        return None


def collect(document: Document, error: ValidationError, model: type[BaseModel], *, at: Steps = ()) -> None:
    """Turn pydantic's errors into problems with positions and hints."""
    for detail in error.errors(include_url=False, include_input=False):
        path = at + detail["loc"]
        if detail["type"] == "extra_forbidden":
            known = set(known_keys(model, document.steps(path[:-1])[len(at) :]))
            document.report(path, f"unknown key {path[-1]!r}", closest(str(path[-1]), known), key=True)
        elif detail["type"] == "missing":
            named = dotted((*document.steps(path[:-1]), path[-1]))
            document.report(path[:-1], f"{named} is missing", f"write {path[-1]}: …", key=True)
        else:
            document.report(path, f"{dotted(document.steps(path))}: {_words(detail)}")


def closest(word: str, known: Iterable[str]) -> str | None:
    """Say which known word was probably meant, else which there are."""
    names = sorted(known)
    return nearest(word, names) or (f"known here: {', '.join(names)}" if names else None)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Say which known word was probably meant; None where none is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else None


def known_keys(model: type[BaseModel], path: Steps) -> Iterator[str]:
    """Yield the keys that the model knows in the mapping at this path."""
    for annotation in types_at(model, path):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (info.alias or name for name, info in annotation.model_fields.items())


def types_at(model: Any, path: Steps) -> list[Any]:
    """Return the types that may stand at a path of a model, unions and Annotated taken apart."""
    annotations = parts(model)
    for step in path:
        annotations = [part for annotation in annotations for part in step_into(annotation, step)]
    return annotations


def step_into(annotation: Any, step: str | int) -> list[Any]:
    """Return the types of one key or index of a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        return [
            part
            for name, info in fields.items()
            if step in {name, info.alias, info.validation_alias}
            for part in parts(info.annotation)
        ]
    arguments = get_args(annotation)
    if get_origin(annotation) in {dict, Mapping} and len(arguments) == 2:
        return parts(arguments[1])
    return parts(arguments[0]) if arguments and isinstance(step, int) else []


def parts(annotation: Any) -> list[Any]:
    """Take Annotated, Optional and unions apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return parts(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return [part for argument in get_args(annotation) for part in parts(argument)]
    return [annotation]


def dotted(path: Steps) -> str:
    """Name a part of a file, between marks: `name: word` without them reads as a secret in the clear."""
    return f"`{'.'.join(map(str, path))}`" if path else "the file"


class _Builder:
    """Makes plain data of ruamel's nodes and writes down where each stands."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._left = MOST_NODES
        self._open: set[int] = set()

    def build(self, node: Node, path: Steps) -> Any:
        self._left -= 1
        if self._left < 0 or id(node) in self._open:
            raise ConfigError("the file repeats itself by aliases (*name) too often.", where=self._document.where(path))
        self._document.values[path] = _mark(node)
        self._open.add(id(node))
        try:
            return self._content(node, path)
        finally:
            self._open.discard(id(node))

    def _content(self, node: Node, path: Steps) -> Any:
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return plain(node.value) if isinstance(node, ScalarNode) and not node.style else node.value

    def _mapping(self, node: MappingNode, path: Steps) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            line, column = _mark(key)
            where = f"{self._document.name}:{line}:{column}"
            if not isinstance(key, ScalarNode):
                self._document.problems.append(Problem(where, "a key must be plain text"))
            elif key.value in data:
                self._document.problems.append(Problem(where, f"the key {key.value!r} stands here twice"))
            else:
                self._document.keys[(*path, key.value)] = (line, column)
                data[key.value] = self.build(value, (*path, key.value))
        return data


def plain(text: str) -> Any:
    """Return what an unquoted scalar means; see the module for the choices."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return Decimal(text) if _DECIMAL.match(text) else text


def _mark(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _words(detail: ErrorDetails) -> str:
    text = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return text[:1].lower() + text[1:] if text[:2].istitle() else text


def _position(problem: Problem) -> tuple[str, int, int]:
    name, line, column = problem.where.rsplit(":", 2)
    return name, int(line), int(column)
