"""What each stream reads: its columns, where they come from, which rows are open, recent or changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from duehook.core.records import Stream
from duehook.core.wire.sql import Sql, all_of, any_of
from duehook.plugins.jde import tables
from duehook.plugins.jde.tables import Column, Table
from duehook.plugins.jde.values import Stamp

from .queries import Queries, Selection


class Selections:
    """The selections of the streams, on one site; `more` says which columns the site's own file adds."""

    def __init__(self, queries: Queries, more: Callable[[Stream], Sequence[Column]] = lambda stream: ()) -> None:
        self._queries, self._more = queries, more
        self.q, self.origin, self.columns = queries.q, queries.origin, queries.columns

    def simple(self, table: Table, *, recent: str = "", exact: Sequence[str] = ()) -> Selection:
        """Return all columns of one table; `recent` names the date of a first reading's rows."""
        return Selection(
            table,
            self.columns(table, exact=exact),
            Sql(self.origin(table)),
            stamp=table.stamp,
            recent=(lambda day: Sql(f"{self.q(recent)} >= ?", (day,))) if recent else None,
        )

    def items(self) -> Selection:
        """Return F03B11: what is open, and what was posted or closed in the history."""
        posted, closed, present = self.q("RPDGJ"), self.q("RPJCL"), self._queries.present(tables.ITEM)
        ways = f"{self._queries.is_open} OR {posted} >= ?" + (f" OR {closed} >= ?" if "RPJCL" in present else "")
        return Selection(
            tables.ITEM,
            (*self.columns(tables.ITEM), *self._added("item")),
            Sql(self.origin(tables.ITEM)),
            stamp=("RPUPMJ", "RPUPMT"),
            recent=lambda day: Sql(f"({ways})", (day,) * ways.count("?")),
        )

    def open_items(self, table: Table) -> Selection:
        """Return the rows of F03B11 that are open now, in the columns of the table or a narrower one of it."""
        present = self._queries.present(tables.ITEM)
        wanted = (*table.columns, *(self._more("item") if table is tables.ITEM else ()))
        columns = tuple(self._queries.column(column, present) for column in wanted)
        return Selection(table, columns, Sql(self.origin(table)), where=(Sql(f"({self._queries.is_open})"),))

    def payments(self) -> Selection:
        """Return F03B13: unapplied receipts, and those of the history."""
        base = self.simple(tables.PAYMENT)
        way = f"({self.q('RYAAP')} <> 0 OR {self.q('RYDMTJ')} >= ? OR {self.q('RYVDGJ')} >= ?)"
        return Selection(
            base.table, (*base.columns, *self._added("payment")), base.origin, stamp=base.stamp,
            recent=lambda day: Sql(way, (day, day)),
        )  # fmt: skip

    def allocations(self) -> Selection:
        """Return F03B14: lines of the history, and all lines of what is still open."""
        base = self.simple(tables.ALLOCATION)
        same = " AND ".join(
            f"{self.q('RP' + alias)} = {self.q('RZ' + alias)}" for alias in ("KCO", "DCT", "DOC", "SFX")
        )
        still = f"EXISTS (SELECT 1 FROM {self.origin(tables.ITEM)} WHERE {same} AND ({self._queries.is_open}))"
        way = f"({self.q('RZDGJ')} >= ? OR {self.q('RZDMTJ')} >= ? OR {still})"
        return Selection(
            base.table, base.columns, base.origin, stamp=base.stamp, recent=lambda day: Sql(way, (day, day))
        )

    def customers(self, today: int) -> Selection:
        """Return F03012 with name, mailing name, the postal address in force, and the parent."""
        q, origin = self.q, self.origin
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
        own, named, address = (self.columns(table) for table in (tables.CUSTOMER, tables.ADDRESS_BOOK, tables.POSTAL))
        return Selection(
            tables.CUSTOMER,
            (*own, *named, q("WWMLNM"), *address, f"({self._parent()})", *self._added("customer")),
            Sql(joins, (today,)),
            where=(in_force,),
            stamp=("AIUPMJ", "AIUPMT"),
            changed=lambda since: self._numbered("AIAN8", self._customers_since(since, today)),
        )

    def contacts(self) -> Selection:
        """Return the who's-who lines of customers, changed when the customer's mail or phones are."""
        q = self.q
        customer = f"EXISTS (SELECT 1 FROM {self.origin(tables.CUSTOMER)} WHERE {q('AIAN8')} = {q('WWAN8')})"
        base = self.simple(tables.WHO)
        return Selection(
            base.table, (*base.columns, *self._added("contact")), base.origin, where=(Sql(customer),), stamp=base.stamp,
            changed=lambda since: self._numbered("WWAN8", self._reachable_since(since)),
        )  # fmt: skip

    def aliased(self, table: Table, alias: str) -> str:
        """Return a table under another name; SQL Server wants the hint behind it."""
        plain = self.origin(table)
        hint = self._queries.dialect.hint
        return f"{plain[: len(plain) - len(hint)]} {alias}{hint}"

    def _added(self, stream: Stream) -> tuple[str, ...]:
        """Return the columns that the site's own file takes beside the stream's."""
        found = self._more(stream)
        return tuple(self._queries.column(column, frozenset()) for column in found)

    def _parent(self) -> str:
        structure = self._queries.parent_structure
        spellings = ", ".join(sorted({f"'{structure}'" if structure else "' '", f"'{structure.ljust(3)}'"}))
        return (
            f"SELECT MIN({self.q('MAPA8')}) FROM {self.origin(tables.PARENT)}"
            f" WHERE {self.q('MAAN8')} = {self.q('AIAN8')} AND {self.q('MAOSTP')} IN ({spellings})"
        )

    def _customers_since(self, since: Stamp, today: int) -> list[Sql]:
        """Return the statements that name customers changed themselves, renamed, or moved.

        An address that begins in those days changes its customer without a stamp.
        """
        renamed = all_of([Sql(f"{self.q('WWIDLN')} = 0"), self._since(tables.WHO, since)])
        began = Sql(f"{self.q('ALEFTB')} BETWEEN ? AND ?", (since[0], today))
        moved = any_of([began, self._since(tables.POSTAL, since)]) if self._stamped(tables.POSTAL) else began
        return [
            self._numbers(tables.CUSTOMER, self._since(tables.CUSTOMER, since)),
            self._numbers(tables.ADDRESS_BOOK, self._since(tables.ADDRESS_BOOK, since)),
            self._numbers(tables.WHO, renamed),
            self._numbers(tables.POSTAL, moved),
        ]

    def _reachable_since(self, since: Stamp) -> list[Sql]:
        stamped = [table for table in (tables.WHO, tables.EMAIL, tables.PHONE) if self._stamped(table)]
        return [self._numbers(table, self._since(table, since)) for table in stamped]

    def _numbered(self, number: str, statements: Sequence[Sql]) -> Sql:
        """Return the condition that these statements name the row's address number.

        One list of numbers from small scans, where an OR over the joined tables would read all of them.
        """
        values = tuple(value for statement in statements for value in statement.values)
        return Sql(f"{self.q(number)} IN ({' UNION '.join(one.text for one in statements)})", values)

    def _numbers(self, table: Table, where: Sql) -> Sql:
        number = self.q(f"{table.prefix}AN8")
        return Sql(f"SELECT {number} FROM {self.origin(table)} WHERE {where.text}", where.values)

    def _since(self, table: Table, since: Stamp) -> Sql:
        return self._queries.since((f"{table.prefix}UPMJ", f"{table.prefix}UPMT"), since)

    def _stamped(self, table: Table) -> bool:
        return table.stamp is not None and self._queries.present(table).issuperset(table.stamp)
