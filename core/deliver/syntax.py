"""What a template's syntax tree may hold, and the walk that refuses the rest by file:line:col."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, NoReturn

from jinja2 import nodes

from duehook.core.errors import ConfigError

from .allowed import Allowed, Each, Fields, Kind, Maybe

DEEPEST_LOOP: Final = 2
DEEPEST_TREE: Final = 100


@dataclass
class Tokens:
    """Where each token stands, to point at the one that is refused."""

    source: str
    where: str
    raw: Iterable[tuple[int, str, str]]
    placed: list[tuple[int, str, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Find each token behind the one before it: the lexer gives lines but no columns."""
        self.placed = []
        text = self.source.replace("\r\n", "\n").replace("\r", "\n")
        at = 0
        for line, _, token in self.raw:
            found = text.index(token, at)
            self.placed.append((line, token, found - text.rfind("\n", 0, found)))
            at = found + len(token)

    def refuse(self, line: int, token: str | None, message: str, *, fix: str) -> NoReturn:
        """Raise ConfigError at the first such token from that line on."""
        for placed_line, placed, column in self.placed:
            if placed_line >= line and (placed == token if token else placed.strip()):
                raise ConfigError(message, where=f"{self.where}:{placed_line}:{column}", fix=fix)
        raise ConfigError(message, where=f"{self.where}:{line}:1", fix=fix)


_SUMS: Final = ("computes nothing", "sums come ready-made, such as notice.demanded")
_LISTS: Final = ("makes no lists", "go over a given one, such as notice.overdue")
_COPY: Final = ("takes in no other file", "copy the text here")
_WRITE_OUT: Final = ("defines and calls nothing", "write the text out")
_SETS: Final = ("sets nothing", "print the field where it is needed")
_OPERATORS: Final = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
_REFUSED: Final[Mapping[str, tuple[str, tuple[str, str]]]] = {
    **{name: (operator, _SUMS) for name, operator in _OPERATORS.items()},
    "Neg": ("-", _SUMS),
    "Pos": ("+", _SUMS),
    "Call": ("(", ("calls nothing", "use a filter, such as {{ notice.demanded|money }}")),
    "Concat": ("~", ("joins nothing", "print each value in its own {{ … }}")),
    "Getitem": ("[", ("reads no position", "write a field by its name, such as notice.number")),
    "List": ("[", _LISTS),
    "Tuple": (",", _LISTS),
    "Dict": ("{", _LISTS),
    "Test": ("is", ("knows no tests", "write {% if notice.pay_by_on %}: what is missing counts as no")),
    "Include": ("include", _COPY),
    "Import": ("import", _COPY),
    "FromImport": ("from", _COPY),
    "Extends": ("extends", _COPY),
    "Macro": ("macro", _WRITE_OUT),
    "CallBlock": ("call", _WRITE_OUT),
    "FilterBlock": ("filter", ("filters no blocks", "put the filter on each value")),
    "Assign": ("set", _SETS),
    "AssignBlock": ("set", _SETS),
    "With": ("with", _SETS),
    "Scope": ("autoescape", ("leaves escaping as it is", "take autoescape out")),
}
_COMPARED: Final = frozenset({"eq", "ne", "gt", "gteq", "lt", "lteq"})
_LOOP: Final = Fields({"first": bool, "last": bool, "index": int})
_PRINTED_BY: Final = ((Decimal, "money"), (date, "day"))
Scope = Mapping[str, Kind]


class Walk:
    """One walk over one tree; `deepest` is the deepest loop it met."""

    def __init__(self, allowed: Allowed, tokens: Tokens) -> None:
        """Start outside of every loop."""
        self.allowed, self.tokens = allowed, tokens
        self.deepest = self._loops = self._depth = 0
        self._asked: tuple[str, ...] = ()

    def template(self, tree: nodes.Template) -> None:
        """Refuse whatever is not on the list."""
        if self.allowed.blocks:
            self._blocks(tree)
        else:
            self._body(tree.body, self.allowed.names)

    def _blocks(self, tree: nodes.Template) -> None:
        found = set()
        for node in tree.body:
            if isinstance(node, nodes.Block):
                found.add(self._block(node))
            elif not _blank(node):
                self._refuse(node, None, "text outside of the blocks is never printed", "move it into a block.")
        for missing in sorted(self.allowed.blocks - found):
            self._refuse(tree, None, f"block {missing} is missing", f"add {{% block {missing} %}}…{{% endblock %}}.")

    def _block(self, node: nodes.Block) -> str:
        if node.name not in self.allowed.blocks:
            self._refuse_name(node, node.name, "block", self.allowed.blocks)
        self._body(node.body, self.allowed.names)
        return node.name

    def _body(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for printed in node.nodes:
                    self._printed(printed, scope)
            elif isinstance(node, nodes.If):
                self._if(node, scope)
            elif isinstance(node, nodes.For):
                self._for(node, scope)
            elif isinstance(node, nodes.Block):
                self._refuse(node, "block", "a block stands here", "blocks stand beside each other at the top.")
            else:
                self._refuse_kind(node)

    def _printed(self, node: nodes.Expr, scope: Scope) -> None:
        if isinstance(node, nodes.TemplateData):
            return
        kind = self._there(node, self._kind(node, scope))
        if not isinstance(kind, type):
            self._refuse(node, None, "only a single value can be printed", "name one of its fields.")
        for made, name in _PRINTED_BY:
            if issubclass(kind, made):
                self._refuse(node, None, f"a {made.__name__.lower()} needs its format", f"add |{name} behind it.")

    def _there(self, node: nodes.Expr, kind: Kind) -> Kind:
        if not isinstance(kind, Maybe):
            return kind
        path = _path(node)
        if path not in self._asked:
            self._refuse(node, None, f"{path} may be missing", f"write {{% if {path} %}}…{{% endif %}} around it.")
        return kind.of

    def _if(self, node: nodes.If, scope: Scope) -> None:
        self._kind(node.test, scope)
        before, self._asked = self._asked, (*self._asked, *_asked(node.test))
        self._body(node.body, scope)
        self._asked = before
        for other in node.elif_:
            self._if(other, scope)
        self._body(node.else_, scope)

    def _for(self, node: nodes.For, scope: Scope) -> None:
        over = self._kind(node.iter, scope)
        if not isinstance(over, Each):
            self._refuse(node.iter, None, "loops go over given lists only", "go over one such as notice.overdue.")
        if not isinstance(node.target, nodes.Name) or node.target.name in {*scope, "loop"}:
            self._refuse(node, "for", "the loop's name is taken or not a single one", "choose one new name.")
        if node.recursive:
            self._refuse(node, "recursive", "loops never call themselves", "take `recursive` out.")
        self._loops += 1
        self.deepest = max(self.deepest, self._loops)
        if self._loops > DEEPEST_LOOP:
            self._refuse(node, "for", "loops are nested too deeply", f"at most {DEEPEST_LOOP} inside each other.")
        inner = {**scope, node.target.name: over.of}
        if node.test is not None:
            self._kind(node.test, inner)
        self._body(node.body, {**inner, "loop": _LOOP})
        self._loops -= 1
        self._body(node.else_, scope)

    def _kind(self, node: nodes.Node, scope: Scope) -> Kind:
        self._depth += 1
        if self._depth > DEEPEST_TREE:
            self._refuse(node, None, "an expression is nested too deeply", "split it into several {% if %}.")
        kind = self._kind_of(node, scope)
        self._depth -= 1
        return kind

    def _kind_of(self, node: nodes.Node, scope: Scope) -> Kind:
        match node:
            case nodes.Name():
                return self._name(node, scope)
            case nodes.Getattr():
                return self._getattr(node, scope)
            case nodes.Const():
                return type(node.value)
            case nodes.Filter():
                return self._filter(node, scope)
            case nodes.CondExpr():
                return self._choice(node, scope)
            case nodes.Compare():
                return self._compare(node, scope)
            case nodes.And() | nodes.Or():
                self._kind(node.left, scope)
                self._kind(node.right, scope)
            case nodes.Not():
                self._kind(node.node, scope)
            case _:
                self._refuse_kind(node)
        return bool

    def _name(self, node: nodes.Name, scope: Scope) -> Kind:
        kind = scope.get(node.name)
        if kind is None:
            self._refuse_name(node, node.name, "name", scope)
        return kind

    def _getattr(self, node: nodes.Getattr, scope: Scope) -> Kind:
        owner = self._kind(node.node, scope)
        fields = owner.of if isinstance(owner, Fields) else {}
        if node.attr not in fields or node.attr.startswith("_"):
            self._refuse_name(node, node.attr, "field", fields)
        return fields[node.attr]

    def _filter(self, node: nodes.Filter, scope: Scope) -> Kind:
        rule = self.allowed.filters.get(node.name)
        if rule is None or node.node is None:
            self._refuse_name(node, node.name, "filter", self.allowed.filters)
        kind = self._there(node.node, self._kind(node.node, scope))
        if not isinstance(kind, type) or not issubclass(kind, rule.takes):
            takes = " or ".join(made.__name__.lower() for made in rule.takes)
            self._refuse(node, node.name, f"{node.name} formats a {takes}", "take it off, or name another field.")
        given = [type(each.value) if isinstance(each, nodes.Const) else None for each in node.args]
        if tuple(given) != rule.arguments or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self._refuse(node, node.name, f"{node.name} takes {len(rule.arguments)} fixed values", "write them out.")
        return str

    def _choice(self, node: nodes.CondExpr, scope: Scope) -> Kind:
        self._kind(node.test, scope)
        if node.expr2 is None:
            self._refuse(node, "if", "the choice has no else", "write {% if … %}…{% endif %} around it.")
        before, self._asked = self._asked, (*self._asked, *_asked(node.test))
        first = self._there(node.expr1, self._kind(node.expr1, scope))
        self._asked = before
        second = self._there(node.expr2, self._kind(node.expr2, scope))
        if first != second:
            self._refuse(node, "if", "both sides of the choice are of one kind", "format each of them alike.")
        return first

    def _compare(self, node: nodes.Compare, scope: Scope) -> Kind:
        self._kind(node.expr, scope)
        for operand in node.ops:
            if operand.op not in _COMPARED:
                self._refuse(node, operand.op, f"compares nothing by `{operand.op}`", "use == != < <= > >=.")
            self._kind(operand.expr, scope)
        return bool

    def _refuse_kind(self, node: nodes.Node) -> NoReturn:
        kind = type(node).__name__
        token, (message, fix) = _REFUSED.get(kind, (None, (f"knows no {kind}", "take it out")))
        self._refuse(node, token, f"a template {message}", f"{fix}.")

    def _refuse_name(self, node: nodes.Node, name: str, what: str, known: Iterable[str]) -> NoReturn:
        near: Sequence[str] = get_close_matches(name, list(known), 1) or sorted(known)
        fix = f"use {', '.join(near)}." if near else "take it out."
        self._refuse(node, name, f"there is no {what} {name!r} here", fix)

    def _refuse(self, node: nodes.Node, token: str | None, message: str, fix: str) -> NoReturn:
        self.tokens.refuse(node.lineno or 1, token, f"{message}.", fix=fix)


def _blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "it"


def _asked(test: nodes.Node) -> tuple[str, ...]:
    if isinstance(test, nodes.And):
        return (*_asked(test.left), *_asked(test.right))
    return (_path(test),) if isinstance(test, nodes.Getattr | nodes.Name) else ()
