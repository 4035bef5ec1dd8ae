"""Say a SuiteQL query in SQLite's words, and refuse what compares a column with what it can never be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from duehook.plugins.netsuite.simulator.tables.schema import Columns, Kind, Schema

from .dialect import OURS, Target, read, refused
from .functions import read_preferred

_COMPARED: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_NEVER_NULL: Final = frozenset({"id", "transaction", "previousdoc", "nextdoc", "entity", "recordid"})


@dataclass(frozen=True)
class Translated:
    """A query in SQLite's words, what it asks of which tables, and how many rows it wants at most."""

    sql: str
    tables: tuple[str, ...]
    fetch: int | None


@dataclass(frozen=True)
class Translator:
    """Translates for one account. `zone` is its time zone, which errors tell."""

    schema: Schema
    zone: str
    _made: dict[tuple[str, frozenset[str]], Translated] = field(default_factory=dict)

    def translate(self, query: str, hidden: frozenset[str]) -> Translated:
        """Translate a query; raises Refused. Tables that are `hidden` have no rows for the role that asks."""
        if (query, hidden) not in self._made:
            if len(self._made) > 500:
                self._made.clear()
            self._made[query, hidden] = self._translated(query, hidden)
        return self._made[query, hidden]

    def _translated(self, query: str, hidden: frozenset[str]) -> Translated:
        tree: exp.Expr = read(query)
        within = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
        tables = [node.name.lower() for node in tree.find_all(exp.Table) if node.name.lower() not in within]
        unknown = [name for name in tables if name not in self.schema.tables]
        if unknown:
            raise refused(f"Record '{unknown[0]}' was not found.")
        for column in tree.find_all(exp.Column):
            self._look(column)
        _name_results(tree)
        for node in reversed(list(tree.walk())):
            made = self._replaced(node, hidden)
            if made is not node:
                node.replace(made)
        for select in list(tree.find_all(exp.Query)):
            _limit(select)
        tree = _rownum(tree)
        limit = tree.args.get("limit")
        fetch = int(limit.expression.name) if limit and limit.expression.name.isdigit() else None
        return Translated(tree.sql(dialect=Target, identify=True), tuple(dict.fromkeys(tables)), fetch)

    def _look(self, column: exp.Column) -> None:
        """Refuse a text beside a column that is no text: a date in another form, an id that is no number."""
        kind = self._kind(column)
        if kind in (None, "text"):
            return
        for other in _compared_with(column):
            if isinstance(other, exp.Literal) and other.is_string:
                self._look_at(other, str(other.this), kind)

    def _look_at(self, literal: exp.Literal, text: str, kind: Kind | None) -> None:
        if kind == "date":
            meant = read_preferred(text)
            if meant is None:
                said = f'Parse of date/time "{text}" failed with date format "M/d/yyyy" in time zone {self.zone}'
                raise refused(f'{said} Caused by: Unparseable date: "{text}"')
            literal.set("this", meant)
            return
        try:
            float(text)
        except ValueError:
            raise refused("Invalid or unsupported search. ORA-01722: invalid number") from None

    def _kind(self, column: exp.Column) -> Kind | None:
        for name, columns in self._sources(column):
            if column.table.lower() in ("", name) and column.name.lower() in columns:
                return columns[column.name.lower()]
        return None

    def _sources(self, column: exp.Column) -> Iterator[tuple[str, Columns]]:
        """Yield the tables that a column may stand in, by the names that the query gives them."""
        select = column.find_ancestor(exp.Select)
        while select is not None:
            for node in (select.args.get("from_"), *(select.args.get("joins") or ())):
                if node is not None and isinstance(node.this, exp.Table):
                    yield node.this.alias_or_name.lower(), self.schema.kinds(node.this.name.lower())
            select = select.find_ancestor(exp.Select)

    def _replaced(self, node: exp.Expr, hidden: frozenset[str]) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and str(node.this).upper() in OURS:
            return exp.Anonymous(this=OURS[str(node.this).upper()], expressions=node.expressions)
        if isinstance(node, exp.CurrentTimestamp) or (isinstance(node, exp.Column) and node.name.upper() == "SYSDATE"):
            return exp.Placeholder(this="now")
        if isinstance(node, exp.Add | exp.Sub):
            sign = 1 if isinstance(node, exp.Add) else -1
            return _call("NS_PLUS", node.this, node.expression, exp.Literal.number(sign))
        if isinstance(node, exp.DPipe):
            return _call("NS_JOIN", node.this, node.expression)
        if isinstance(node, exp.Dot):
            return self._displayed(node)
        if isinstance(node, exp.Ordered) and _never_null(node):
            node.set("nulls_first", not node.args.get("desc"))
        if isinstance(node, exp.Table) and node.name.lower() in hidden:
            empty = exp.select("*").from_(exp.to_table(node.name)).where("1 = 0")
            return empty.subquery(node.alias_or_name)
        return node

    def _displayed(self, node: exp.Dot) -> exp.Expr:
        """Return BUILTIN.DF of a column: what it is displayed as, which for a status depends on the type beside it."""
        call = node.expression
        if node.this.name.upper() != "BUILTIN" or not isinstance(call, exp.Anonymous) or len(call.expressions) != 1:
            raise refused()
        column = call.expressions[0]
        beside = exp.column("type", column.table) if column.name.lower() == "status" else exp.Null()
        return _call("NS_DF", exp.Literal.string(column.name.lower()), column, beside)


def _call(name: str, *given: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[each.copy() for each in given])


def _compared_with(column: exp.Column) -> list[exp.Expr]:
    parent = column.parent
    if isinstance(parent, _COMPARED):
        return [each for each in (parent.this, parent.expression) if each is not column]
    if isinstance(parent, exp.In) and parent.this is column:
        return parent.expressions
    return [parent.args["low"], parent.args["high"]] if isinstance(parent, exp.Between) else []


def _never_null(ordered: exp.Ordered) -> bool:
    return isinstance(ordered.this, exp.Column) and ordered.this.name.lower() in _NEVER_NULL


def _name_results(tree: exp.Expr) -> None:
    """Give what has no name the names that NetSuite gives: expr1, expr2."""
    for select in tree.find_all(exp.Select):
        for place, each in enumerate(select.expressions, 1):
            if not isinstance(each, exp.Column | exp.Alias | exp.Star):
                each.replace(exp.alias_(each.copy(), f"expr{place}"))


def _limit(select: exp.Query) -> None:
    fetch = select.args.get("limit")
    if isinstance(fetch, exp.Fetch):
        select.set("limit", exp.Limit(expression=fetch.args.get("count") or exp.Literal.number(1)))


def _rownum(tree: exp.Expr) -> exp.Expr:
    """Take ROWNUM <= n for a limit, which Oracle applies before it sorts."""
    for column in [each for each in tree.find_all(exp.Column) if each.name.upper() == "ROWNUM"]:
        compared, select = column.parent, column.find_ancestor(exp.Select)
        if (
            not isinstance(compared, exp.LTE | exp.LT)
            or select is None
            or not isinstance(compared.expression, exp.Literal)
        ):
            raise refused()
        most = int(compared.expression.name) - isinstance(compared, exp.LT)
        compared.replace(exp.true())
        order = select.args.get("order")
        select.set("order", None)
        select.set("limit", exp.Limit(expression=exp.Literal.number(most)))
        if order is not None:
            sorted_after = exp.select("*").from_(select.copy().subquery("limited"))
            for each in order.find_all(exp.Column):
                each.set("table", None)
            sorted_after.set("order", order)
            if select is tree:
                return sorted_after
            select.replace(sorted_after)
    return tree
