"""Jinja2 under an allow-list: a template may print given fields, choose and list, nothing else.

The list is held on the syntax tree before anything is compiled. Names, fields and the types of
values are known from `Allowed`, so a misspelt field is found on loading, not on sending; no
call, arithmetic, test, include, macro or assignment gets through. What is left is compiled once
per content in an environment without globals, and rendered under an output cap. Jinja2's own
sandbox watches every attribute while rendering, at four times the cost; here nothing is left
for it to find, because every attribute was checked by name beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import CodeType
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes

from duehook.core.errors import ConfigError

from .allowed import Allowed
from .syntax import Tokens, Walk

LONGEST_SOURCE: Final = 64_000
LONGEST_OUTPUT: Final = 5_000_000
PARTS_AT_ONCE: Final = 512
MOST_ROUNDS: Final = 250_000


@dataclass(frozen=True, eq=False)
class Guarded:
    """A template that passed; `nested` when a loop stands in a loop."""

    where: str
    template: Template
    nested: bool

    def render(self, values: Mapping[str, Any], *, rounds: int = 0, longest: int = LONGEST_OUTPUT) -> str:
        """Return the whole template's text; `rounds` is the length of the longest list in it."""
        self._refuse_long_loops(rounds)
        context = self.template.new_context(dict(values))
        return self._joined(self.template.root_render_func(context), longest)

    def blocks(self, values: Mapping[str, Any], *, rounds: int = 0, longest: int = LONGEST_OUTPUT) -> dict[str, str]:
        """Return each block's text, by name."""
        self._refuse_long_loops(rounds)
        context = self.template.new_context(dict(values))
        return {name: self._joined(block(context), longest) for name, block in self.template.blocks.items()}

    def _refuse_long_loops(self, rounds: int) -> None:
        if self.nested and rounds * rounds > MOST_ROUNDS:
            raise ConfigError(
                f"a loop in a loop over {rounds} lines is too much.", where=self.where, fix="take the inner loop out."
            )

    def _joined(self, parts: Iterator[str], longest: int) -> str:
        written: list[str] = []
        left = longest
        try:
            while some := tuple(islice(parts, PARTS_AT_ONCE)):
                text = "".join(some)
                left -= len(text)
                if left < 0:
                    raise ConfigError(
                        f"the text grows beyond {longest:,} characters.", where=self.where, fix="shorten the template."
                    )
                written.append(text)
        except (TemplateError, TypeError, ValueError) as error:
            raise ConfigError(f"cannot be filled in: {error}.", where=self.where) from error
        return "".join(written)


@lru_cache(maxsize=512)
def guarded(source: str, where: str, allowed: Allowed) -> Guarded:
    """Return the template, compiled once per content; raises ConfigError with file:line:col.

    `where` is the file's name as the reader knows it.
    """
    environment = _environment(allowed)
    try:
        tree = _parsed(source, where, environment)
        walk = Walk(allowed, Tokens(source, where, environment.lex(source)))
        walk.template(tree)
        code = environment.compile(tree, name=where, filename=where)
    except (RecursionError, SyntaxError, ValueError, OverflowError) as error:  # Python's own limits
        raise ConfigError("is nested too deeply or holds too long a number.", where=f"{where}:1:1") from error
    assert isinstance(code, CodeType)
    template = environment.template_class.from_code(environment, code, {})
    return Guarded(where, template, nested=walk.deepest > 1)


@lru_cache(maxsize=64)
def _environment(allowed: Allowed) -> Environment:
    environment = Environment(
        undefined=StrictUndefined,
        autoescape=allowed.autoescape,  # noqa: S701  # off for plain text, on for HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        cache_size=0,
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {name: rule.function for name, rule in allowed.filters.items()}
    return environment


def _parsed(source: str, where: str, environment: Environment) -> nodes.Template:
    if len(source) > LONGEST_SOURCE:
        raise ConfigError(f"is longer than {LONGEST_SOURCE:,} characters.", where=f"{where}:1:1", fix="shorten it.")
    try:
        return environment.parse(source, where, where)
    except TemplateSyntaxError as error:
        lines = source.splitlines() or [""]
        line = lines[min(error.lineno, len(lines)) - 1]
        column = max(line.find("{%"), line.find("{{"), 0) + 1
        raise ConfigError(
            f"cannot be read: {error.message}.",
            where=f"{where}:{error.lineno}:{column}",
            fix="close what was opened; only block, for, if, elif, else and {{ … }} are known.",
        ) from error
