"""Say a SuiteQL query in SQLite's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from duehook.plugins.netsuite.simulator.tables.schema import Schema

from .dialect import OURS, Target, read, refused
from .looks import Looks

_NEVER_NULL: Final = frozenset({"id", "transaction", "previousdoc", "nextdoc", "entity", "recordid"})


@dataclass(frozen=True)
class Translated:
    """A query in SQLite's words, what it asks of which tables, and how many rows it wants at most."""

    sql: str
    tables: tuple[str, ...]
    fetch: int | None
    has_star: bool = False


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
        unknown = [name for name in tables if not self.schema.serves(name)]
        if unknown:
            raise refused(f"Record '{unknown[0]}' was not found.")
        Looks(self.schema, self.zone).at(tree)
        has_star = bool(tree.find(exp.Star))
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
        return Translated(tree.sql(dialect=Target, identify=True), tuple(dict.fromkeys(tables)), fetch, has_star)

    def _replaced(self, node: exp.Expr, hidden: frozenset[str]) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and str(node.this).upper() in OURS:
            return exp.Anonymous(this=OURS[str(node.this).upper()], expressions=node.expressions)
        if isinstance(node, exp.CurrentTimestamp) or (isinstance(node, exp.Column) and node.name.upper() == "SYSDATE"):
            return exp.Placeholder(this="now")
        if isinstance(node, exp.Add | exp.Sub):
            sign = 1 if isinstance(node, exp.Add) else -1
            return _call("NS_PLUS", node.this, node.expression, exp.Literal.number(sign))
        if isinstance(node, exp.Literal) and node.is_string and not node.this:
            return exp.Null()  # to Oracle an empty text is none
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
