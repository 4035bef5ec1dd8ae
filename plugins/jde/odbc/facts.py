"""What `check` and `discover` count by SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from duehook.core.hookspecs import Finding
from duehook.core.wire.sql import OdbcClient, Sql
from duehook.plugins.jde import tables
from duehook.plugins.jde.reading.reader import Proof, RawRow
from duehook.plugins.jde.tables import Table
from duehook.plugins.jde.values import Stamp, whole

from .queries import Queries

PARTS = ("PAAP", "ADSA", "AAAJ", "ECBA", "DDA", "AGL")


class OdbcFacts:
    """Counts in the database: no row leaves it."""

    among = ""

    def __init__(self, client: OdbcClient, queries: Queries) -> None:
        self._client, self._queries = client, queries

    def probes(self) -> Iterable[Finding]:
        """Return nothing: the database gives what is stored."""
        return ()

    def signs(self, since: int) -> tuple[int, int]:
        """Return how many receipts since a day have applications summing below and above zero."""
        q, origin = self._queries.q, self._queries.origin
        inner = (
            f"SELECT {q('RZPYID')} AS ID, SUM({q('RZPAAP')}) AS APPLIED FROM {origin(tables.ALLOCATION)}"
            f" WHERE {q('RZPYID')} IN (SELECT {q('RYPYID')} FROM {origin(tables.PAYMENT)}"
            f" WHERE {q('RYCKAM')} > 0 AND {q('RYVDGJ')} = 0 AND {q('RYDMTJ')} >= ?) GROUP BY {q('RZPYID')}"
        )
        counted = ", ".join(f"SUM(CASE WHEN APPLIED {sign} 0 THEN 1 ELSE 0 END)" for sign in "<>")
        ((below, above),) = self._asked(f"SELECT {counted} FROM ({inner}) RECEIPTS", tables.ALLOCATION, since)
        return whole(below or 0), whole(above or 0)

    def proof(self, since: int, on_account: Sequence[str]) -> Proof:
        """Return for how many items posted since a day open = original − Σ F03B14; not of these document types."""
        q, origin = self._queries.q, self._queries.origin
        keys = [(q("RP" + alias), q("RZ" + alias)) for alias in ("KCO", "DCT", "DOC", "SFX")]
        lines = " + ".join(q("RZ" + alias) for alias in PARTS)
        inner = (
            f"SELECT {q('RPAG')} - {q('RPAAP')} AS APPLIED, SUM({lines}) AS LINES"
            f" FROM {origin(tables.ITEM)} INNER JOIN {origin(tables.ALLOCATION)}"
            f" ON {' AND '.join(f'{left} = {right}' for left, right in keys)}"
            f" WHERE {q('RPCRRM')} <> 'F' AND {q('RPDGJ')} >= ?"
            f" AND {q('RPDCT')} NOT IN ({', '.join('?' * len(on_account))})"
            f" GROUP BY {', '.join(left for left, _ in keys)}, {q('RPAG')}, {q('RPAAP')}"
        )
        counted = ", ".join(f"SUM(CASE WHEN APPLIED = {turn}LINES THEN 1 ELSE 0 END)" for turn in ("-", ""))
        text = f"SELECT {counted}, COUNT(*) FROM ({inner}) ITEMS"
        return Proof(*(whole(value or 0) for value in self._asked(text, tables.ALLOCATION, since, *on_account)[0]))

    def sums(self) -> list[RawRow]:
        """Return (company, base currency, Σ RPAAP, count) of what is open."""
        q = self._queries.q
        text = (
            f"SELECT {q('RPCO')}, {q('RPBCRC')}, SUM({q('RPAAP')}), COUNT(*) FROM {self._queries.origin(tables.ITEM)}"
        )
        text += f" WHERE {self._queries.is_open} GROUP BY {q('RPCO')}, {q('RPBCRC')}"
        return self._asked(text, tables.ITEM)

    def stamped_past(self, stamp: Stamp) -> int:
        """Return how many items were changed later."""
        where = "{RPUPMJ} > ? OR ({RPUPMJ} = ? AND {RPUPMT} > ?)"
        return self._count(tables.ITEM, where, stamp[0], *stamp)

    def dunned(self) -> int:
        """Return how many customers have a delinquency policy and get JDE's notices."""
        return self._count(tables.CUSTOMER, "{AIPLY} NOT IN (' ', '     ') AND {AIDNLT} = 'Y'")

    def silenced(self) -> tuple[int, int]:
        """Return how many customers get no notices (AIDNLT N), of how many."""
        counted = "SUM(CASE WHEN {AIDNLT} = 'N' THEN 1 ELSE 0 END), COUNT(*)"
        ((without, every),) = self._rows(self._queries.plain(counted, tables.CUSTOMER), tables.CUSTOMER)
        return whole(without or 0), whole(every or 0)

    def newest(self, table: Table) -> tuple[int, int]:
        """Return the newest day that a row was stamped, 0 for none, and how many rows there are."""
        statement = self._queries.plain(f"MAX({{{table.prefix}UPMJ}}), COUNT(*)", table)
        ((day, count),) = self._rows(statement, table)
        return whole(day or 0), whole(count or 0)

    def in_use(self, table: Table, column: str, *, numbered: bool = False) -> list[RawRow]:
        """Return (value, count) of a column; `numbered` leaves out who's-who line 0."""
        q = self._queries.q
        where = f" WHERE {q(f'{table.prefix}IDLN')} > 0" if numbered else ""
        text = f"SELECT {q(column)}, COUNT(*) FROM {self._queries.origin(table)}{where} GROUP BY {q(column)}"
        return self._asked(text, table)

    def first(self, table: Table, names: Sequence[str], count: int) -> list[RawRow]:
        """Return some columns of the first rows, in the order of the table's key."""
        queries = self._queries
        wanted = ", ".join(map(queries.q, names))
        order = ", ".join(queries.q(column.name) for column in table.key)
        top, tail = queries.dialect.top.format(count), queries.dialect.tail.format(count)
        return self._asked(f"SELECT {top}{wanted} FROM {queries.origin(table)} ORDER BY {order}{tail}", table)

    def _count(self, table: Table, where: str, *values: Any) -> int:
        return whole(self._rows(self._queries.plain("COUNT(*)", table, where, *values), table)[0][0])

    def _asked(self, text: str, table: Table, *values: Any) -> list[RawRow]:
        return self._rows(Sql(text + self._queries.dialect.dirty, values), table)

    def _rows(self, statement: Sql, table: Table) -> list[RawRow]:
        return self._client.rows(statement, about=table.name)
