"""What Oracle refuses of a query that SQLite would take, or would take for something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from duehook.plugins.netsuite.simulator.problem import Refused
from duehook.plugins.netsuite.simulator.tables.schema import SUBSIDIARY, Columns, Kind, Schema

from .dialect import refused
from .functions import read_preferred

_COMPARED: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_PSEUDO: Final = ("rownum", "sysdate")
_BEFORE: Final = (exp.Where, exp.Group, exp.Having, exp.Join)  # what comes before the results have their names


@dataclass(frozen=True)
class Looks:
    """Looks at a query; `zone` is the account's, which errors tell."""

    schema: Schema
    zone: str

    def at(self, tree: exp.Expr) -> None:
        """Raise Refused for what Oracle would not take."""
        for column in tree.find_all(exp.Column):
            self._look_whether_of_oneworld(column)
            self._look_beside(column)
            self._look_whether_known(column)
        for select in tree.find_all(exp.Select):
            _look_at_groups(select)

    def _look_whether_of_oneworld(self, column: exp.Column) -> None:
        """Refuse a subsidiary where there is no OneWorld: the tables have none, whatever they are kept with here."""
        if not self.schema.oneworld and column.name.lower() == SUBSIDIARY:
            raise unknown(SUBSIDIARY, dict(self._sources(column)))

    def _look_whether_known(self, column: exp.Column) -> None:
        """Refuse the name of a result where the results have no names yet: SQLite knows them everywhere."""
        name, clause = column.name.lower(), column.find_ancestor(*_BEFORE, exp.Select)
        if column.table or name in _PSEUDO or not isinstance(clause, _BEFORE):
            return
        sources = dict(self._sources(column))
        select = column.find_ancestor(exp.Select)
        known = select is not None and all(isinstance(side.this, exp.Table) for side in _sides(select))
        if known and sources and not any(name in columns for columns in sources.values()):
            if any(not columns for columns in sources.values()):
                return  # a query with a name of its own: its columns are not looked at
            raise unknown(name, sources)

    def _look_beside(self, column: exp.Column) -> None:
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
            for node in _sides(select):
                if isinstance(node.this, exp.Table):
                    yield node.this.alias_or_name.lower(), self.schema.kinds(node.this.name.lower())
            select = select.find_ancestor(exp.Select)


def unknown(name: str, sources: Iterable[str]) -> Refused:
    """Return how NetSuite refuses a name that it does not know."""
    listed = ", ".join(f"{each}={each}" for each in sources)
    said = f"Invalid or unsupported search. Unknown identifier '{name}'. Available identifiers are: {{{listed}}}"
    return refused(said)


def _sides(select: exp.Select) -> Iterator[exp.Expr]:
    """Yield what a query selects from: FROM and each JOIN."""
    for node in (select.args.get("from_"), *(select.args.get("joins") or ())):
        if node is not None:
            yield node


def _look_at_groups(select: exp.Select) -> None:
    """Refuse a result that is neither grouped by nor added up."""
    group = select.args.get("group")
    adds = [each for each in select.expressions if each.find(exp.AggFunc)]
    if group is None and not adds:
        return
    by = {each.sql().lower() for each in (group.expressions if group else ())}
    for each in select.expressions:
        inner = each.unalias()
        if inner.sql().lower() in by or (isinstance(each, exp.Star)):
            continue
        loose = [column for column in inner.find_all(exp.Column) if not _settled(column, inner, by)]
        if loose:
            raise refused("Invalid or unsupported search. ORA-00979: not a GROUP BY expression")


def _settled(column: exp.Column, within: exp.Expr, by: set[str]) -> bool:
    """Say whether a column is added up, or part of what is grouped by."""
    node: exp.Expr | None = column
    while node is not None:
        if isinstance(node, exp.AggFunc) or node.sql().lower() in by or isinstance(node, exp.Subquery):
            return True
        if node is within:
            return False
        node = node.parent
    return False


def _compared_with(column: exp.Column) -> list[exp.Expr]:
    parent = column.parent
    if isinstance(parent, _COMPARED):
        return [each for each in (parent.this, parent.expression) if each is not column]
    if isinstance(parent, exp.In) and parent.this is column:
        return parent.expressions
    return [parent.args["low"], parent.args["high"]] if isinstance(parent, exp.Between) else []
