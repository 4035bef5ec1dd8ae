"""Every SQL text that EnterpriseOne's database is asked, built for one site's dialect and schemas.

JDE's column names are unique over all tables by their prefix, so a join needs no qualifiers. Nothing
here writes: SQL writes into JDE's tables are not supported by its vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from . import tables
from .dialects import DIALECTS
from .settings import JdeSettings
from .tables import Column, Table
from .values import Stamp

GLOBAL_COMPANY: Final = "00000"
Present = Callable[[Table], frozenset[str]]


class Sql(NamedTuple):
    """A text with the values of its question marks."""

    text: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What one stream reads: columns, where they come from, and which rows.

    `stamps` are the (date, time) columns whose change makes the row a changed one; `also_changed`
    further ways to be changed, each from a stamp. `recent` picks the rows of a first reading.
    """

    table: Table
    columns: tuple[str, ...]
    origin: Sql
    where: tuple[Sql, ...] = ()
    stamps: tuple[tuple[str, str], ...] = ()
    also_changed: Callable[[Stamp], Sql] | None = None
    recent: Callable[[int], Sql] | None = None


@dataclass(frozen=True)
class Window:
    """Which rows of a selection one reading wants: changed in [since, until], behind `after`."""

    until: Stamp | None = None
    since: Stamp | None = None
    recent_from: int | None = None
    after: tuple[Any, ...] | None = None


class Queries:
    """Builds the texts; `present` says which columns a table of this site has."""

    def __init__(self, settings: JdeSettings, present: Present) -> None:
        self._settings = settings
        self._present = present
        self.dialect = DIALECTS[settings.dialect]

    # What a selection is made of

    def origin(self, table: Table | str, *, control: bool = False) -> str:
        """Return a table as it stands behind FROM."""
        schema = (control and self._settings.control_schema) or self._settings.data_schema
        return self.dialect.table(schema, table if isinstance(table, str) else table.name)

    def q(self, name: str) -> str:
        """Return a column, quoted."""
        return self.dialect.quoted(name)

    def columns(self, table: Table, *, exact: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the table's columns in order; one that the site lacks reads as NULL."""
        present = self._present(table)
        return tuple(self._column(column, present, exact=column.name in exact) for column in table.columns)

    def _column(self, column: Column, present: frozenset[str], *, exact: bool) -> str:
        if column.optional and column.name not in present:
            return "CAST(NULL AS VARCHAR(1))"
        quoted = self.q(column.name)
        if exact:
            return self.dialect.exact.format(quoted)
        if column.width and self._settings.ccsid:
            return f"CAST({quoted} AS VARCHAR({column.width}) CCSID {self._settings.ccsid})"
        return quoted

    # Whole statements

    def page(self, selection: Selection, window: Window, limit: int) -> Sql:
        """Return one page in key order."""
        conditions = [*selection.where, *self._within(selection, window)]
        if window.after is not None:
            conditions.append(behind([self.q(column.name) for column in selection.table.key], window.after))
        order = ", ".join(self.q(column.name) for column in selection.table.key)
        return self._statement(selection, conditions, order=order, limit=limit)

    def rows(self, selection: Selection, keys: Sequence[Sequence[Any]]) -> Sql:
        """Return the rows of these keys."""
        names = [self.q(column.name) for column in selection.table.key]
        return self._statement(selection, [*selection.where, any_of([equal(names, key) for key in keys])])

    def keys_in(self, table: str, selection: Selection, keys: Sequence[Sequence[Any]]) -> Sql:
        """Return which of these keys are in another table of the same columns, such as a purge file."""
        names = [self.q(column.name) for column in selection.table.key]
        found = any_of([equal(names, key) for key in keys])
        text = f"SELECT {', '.join(names)} FROM {self.origin(table)} WHERE {found.text}{self.dialect.dirty}"
        return Sql(text, found.values)

    def plain(self, columns: str, table: Table | str, where: str = "", *values: Any, control: bool = False) -> Sql:
        """Return a small statement over one table, its column names in `{braces}`."""
        named = _Quoted(self)
        text = f"SELECT {columns.format_map(named)} FROM {self.origin(table, control=control)}"
        text += f" WHERE {where.format_map(named)}" if where else ""
        return Sql(text + self.dialect.dirty, values)

    def nothing(self, table: str, *, control: bool = False) -> Sql:
        """Return a statement without rows that shows the right to read a table, and its columns."""
        return Sql(f"SELECT * FROM {self.origin(table, control=control)} WHERE 1 = 0{self.dialect.dirty}")

    def clock(self) -> Sql:
        """Return the statement that reads the database's clock."""
        return Sql(self._settings.clock_query or self.dialect.clock)

    def _within(self, selection: Selection, window: Window) -> list[Sql]:
        found = []
        if window.until is not None and selection.stamps:
            found.append(self._until(selection.stamps[0], window.until))
        if window.since is not None and selection.stamps:
            ways = [self.since(stamp, window.since) for stamp in selection.stamps]
            if selection.also_changed:
                ways.append(selection.also_changed(window.since))
            found.append(any_of(ways))
        if window.recent_from is not None and selection.recent:
            found.append(selection.recent(window.recent_from))
        return found

    def since(self, stamp: tuple[str, str], since: Stamp) -> Sql:
        """Return the condition "changed at this stamp or after"."""
        day, time = map(self.q, stamp)
        return Sql(f"({day} > ? OR ({day} = ? AND {time} >= ?))", (since[0], *since))

    def _until(self, stamp: tuple[str, str], until: Stamp) -> Sql:
        day, time = map(self.q, stamp)
        return Sql(f"({day} < ? OR ({day} = ? AND {time} <= ?) OR {day} IS NULL)", (until[0], *until))

    def _statement(
        self, selection: Selection, conditions: Sequence[Sql], *, order: str = "", limit: int | None = None
    ) -> Sql:
        dialect = self.dialect
        top = dialect.top.format(limit) if limit else ""
        tail = dialect.tail.format(limit) if limit else ""
        where = all_of(conditions)
        text = f"SELECT {top}{', '.join(selection.columns)} FROM {selection.origin.text}"
        text += f" WHERE {where.text}" if conditions else ""
        text += f" ORDER BY {order}" if order else ""
        return Sql(text + tail + dialect.dirty, (*selection.origin.values, *where.values))

    # The selections of the streams

    def simple(self, table: Table, *, recent: str = "", exact: Sequence[str] = ()) -> Selection:
        """Return all columns of one table; `recent` names the date of a first reading's rows."""
        return Selection(
            table,
            self.columns(table, exact=exact),
            Sql(self.origin(table)),
            stamps=(table.stamp,) if table.stamp else (),
            recent=(lambda day: Sql(f"{self.q(recent)} >= ?", (day,))) if recent else None,
        )

    def items(self) -> Selection:
        """Return F03B11: what is open, and what was posted or closed in the history."""
        posted, closed, present = self.q("RPDGJ"), self.q("RPJCL"), self._present(tables.ITEM)
        ways = f"{self.is_open} OR {posted} >= ?" + (f" OR {closed} >= ?" if "RPJCL" in present else "")
        return Selection(
            tables.ITEM,
            self.columns(tables.ITEM),
            Sql(self.origin(tables.ITEM)),
            stamps=(("RPUPMJ", "RPUPMT"),),
            recent=lambda day: Sql(f"({ways})", (day,) * ways.count("?")),
        )

    def open_items(self, table: Table) -> Selection:
        """Return the rows of F03B11 that are open now, in the columns of the table or a narrower one of it."""
        present = self._present(tables.ITEM)
        columns = tuple(self._column(column, present, exact=False) for column in table.columns)
        return Selection(table, columns, Sql(self.origin(table)), where=(Sql(f"({self.is_open})"),))

    @property
    def is_open(self) -> str:
        """Return the condition for an open item: either balance, so that rounding residues count."""
        return f"{self.q('RPAAP')} <> 0 OR {self.q('RPFAP')} <> 0"

    def payments(self) -> Selection:
        """Return F03B13: unapplied receipts, and those of the history."""
        base = self.simple(tables.PAYMENT)
        way = f"({self.q('RYAAP')} <> 0 OR {self.q('RYDMTJ')} >= ? OR {self.q('RYVDGJ')} >= ?)"
        return Selection(
            base.table, base.columns, base.origin, stamps=base.stamps, recent=lambda day: Sql(way, (day, day))
        )

    def allocations(self) -> Selection:
        """Return F03B14: lines of the history, and all lines of what is still open."""
        base = self.simple(tables.ALLOCATION)
        same = " AND ".join(
            f"{self.q('RP' + alias)} = {self.q('RZ' + alias)}" for alias in ("KCO", "DCT", "DOC", "SFX")
        )
        still = f"EXISTS (SELECT 1 FROM {self.origin(tables.ITEM)} WHERE {same} AND ({self.is_open}))"
        way = f"({self.q('RZDGJ')} >= ? OR {self.q('RZDMTJ')} >= ? OR {still})"
        return Selection(
            base.table, base.columns, base.origin, stamps=base.stamps, recent=lambda day: Sql(way, (day, day))
        )

    def customers(self, today: int) -> Selection:
        """Return F03012 with name, mailing name, the postal address in force, and the parent."""
        q, origin = self.q, self.origin
        address = self._columns_of(tables.POSTAL)
        joins = (
            f"{origin(tables.CUSTOMER)} INNER JOIN {origin(tables.ADDRESS_BOOK)} ON {q('ABAN8')} = {q('AIAN8')}"
            f" LEFT JOIN {origin(tables.WHO)} ON {q('WWAN8')} = {q('AIAN8')} AND {q('WWIDLN')} = 0"
            f" LEFT JOIN {origin(tables.POSTAL)} ON {q('ALAN8')} = {q('AIAN8')} AND {q('ALEFTB')} <= ?"
        )
        newest = (
            f"SELECT MAX(NEWER.{q('ALEFTB')}) FROM {self.aliased(tables.POSTAL, 'NEWER')}"
            f" WHERE NEWER.{q('ALAN8')} = {q('AIAN8')} AND NEWER.{q('ALEFTB')} <= ?"
        )
        in_force = Sql(f"({q('ALEFTB')} IS NULL OR {q('ALEFTB')} = ({newest}))", (today,))
        return Selection(
            tables.CUSTOMER,
            (*self._columns_of(tables.CUSTOMER), *self._columns_of(tables.ADDRESS_BOOK), q("WWMLNM"), *address,
             f"({self._parent()})"),
            Sql(joins, (today,)),
            where=(in_force,),
            stamps=(("AIUPMJ", "AIUPMT"), ("ABUPMJ", "ABUPMT"), ("WWUPMJ", "WWUPMT"), *self._stamp(tables.POSTAL)),
            also_changed=lambda since: Sql(f"{q('ALEFTB')} >= ?", (since[0],)),
        )  # fmt: skip

    def contacts(self) -> Selection:
        """Return the who's-who lines of customers, changed when their mail or phone is."""
        q = self.q
        customer = f"EXISTS (SELECT 1 FROM {self.origin(tables.CUSTOMER)} WHERE {q('AIAN8')} = {q('WWAN8')})"
        base = self.simple(tables.WHO)
        return Selection(
            base.table, base.columns, base.origin, where=(Sql(customer),), stamps=base.stamps,
            also_changed=self._reachable_since,
        )  # fmt: skip

    def lines_of(self, table: Table, customers: Sequence[int]) -> Sql:
        """Return the phones or mail addresses of these customers in key order."""
        number = self.q(f"{table.prefix}AN8")
        marks = ", ".join("?" * len(customers))
        order = ", ".join(self.q(column.name) for column in table.key)
        text = f"SELECT {', '.join(self.columns(table))} FROM {self.origin(table)} WHERE {number} IN ({marks})"
        return Sql(f"{text} ORDER BY {order}{self.dialect.dirty}", tuple(customers))

    def holds(self, customer: int, company: str) -> Sql:
        """Return the customer's rows that can govern in a company, with their hold codes."""
        return self.plain(
            "{AICO}, {AIHOLD}", tables.CUSTOMER, "{AIAN8} = ? AND {AICO} IN (?, ?)", customer, company, GLOBAL_COMPANY
        )

    def aliased(self, table: Table, alias: str) -> str:
        """Return a table under another name; SQL Server wants the hint behind it."""
        plain = self.origin(table)
        hint = self.dialect.hint
        return f"{plain[: len(plain) - len(hint)]} {alias}{hint}"

    def _columns_of(self, table: Table) -> tuple[str, ...]:
        return self.columns(table)

    def _parent(self) -> str:
        structure = self._settings.parent_structure
        spellings = ", ".join(sorted({f"'{structure}'" if structure else "' '", f"'{structure.ljust(3)}'"}))
        return (
            f"SELECT MIN({self.q('MAPA8')}) FROM {self.origin(tables.PARENT)}"
            f" WHERE {self.q('MAAN8')} = {self.q('AIAN8')} AND {self.q('MAOSTP')} IN ({spellings})"
        )

    def _stamp(self, table: Table) -> tuple[tuple[str, str], ...]:
        stamp = table.stamp
        return (stamp,) if stamp and self._present(table).issuperset(stamp) else ()

    def _reachable_since(self, since: Stamp) -> Sql:
        q = self.q
        ways = []
        for table in (tables.EMAIL, tables.PHONE):
            for stamp in self._stamp(table):
                changed = self.since(stamp, since)
                number, line = q(f"{table.prefix}AN8"), q(f"{table.prefix}IDLN")
                same = f"{number} = {q('WWAN8')} AND {line} = {q('WWIDLN')}"
                ways.append(
                    Sql(f"EXISTS (SELECT 1 FROM {self.origin(table)} WHERE {same} AND {changed.text})", changed.values)
                )
        return any_of(ways) if ways else Sql("1 = 0")


class _Quoted(dict[str, str]):
    def __init__(self, queries: Queries) -> None:
        super().__init__()
        self._queries = queries

    def __missing__(self, name: str) -> str:
        return self._queries.q(name)


def equal(names: Sequence[str], values: Sequence[Any]) -> Sql:
    """Return the condition that all these columns have these values."""
    return Sql("(" + " AND ".join(f"{name} = ?" for name in names) + ")", tuple(values))


def behind(names: Sequence[str], values: Sequence[Any]) -> Sql:
    """Return the condition "behind this key", its first column bare so that an index serves."""
    text = f"{names[-1]} > ?"
    found: tuple[Any, ...] = (values[-1],)
    for name, value in zip(reversed(names[:-1]), reversed(values[:-1]), strict=True):
        text, found = f"{name} > ? OR ({name} = ? AND ({text}))", (value, value, *found)
    return Sql(f"({names[0]} >= ? AND ({text}))", (values[0], *found))


def any_of(conditions: Sequence[Sql]) -> Sql:
    """Return the conditions joined by OR."""
    return _joined(" OR ", conditions)


def all_of(conditions: Sequence[Sql]) -> Sql:
    """Return the conditions joined by AND."""
    return _joined(" AND ", conditions)


def _joined(word: str, conditions: Sequence[Sql]) -> Sql:
    values: tuple[Any, ...] = ()
    for condition in conditions:
        values += condition.values
    text = word.join(condition.text for condition in conditions)
    return Sql(f"({text})" if word == " OR " else text, values)
