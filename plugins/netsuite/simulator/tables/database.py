"""The account's tables in memory: SQLite, which SuiteQL is run over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .schema import Schema

Row = dict[str, Any]


class Database:
    """The tables of an account. `version` rises with every write: what was counted before is no longer true."""

    def __init__(self, schema: Schema) -> None:
        """Make the tables, without a row."""
        self.schema = schema
        self.version = 0
        self.connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("PRAGMA case_sensitive_like = ON")
        for statement in schema.statements():
            self.connection.execute(statement)
        self.connection.execute("INSERT INTO dual VALUES ('X')")

    def close(self) -> None:
        """Let go of the tables."""
        self.connection.close()

    def put(self, table: str, rows: Iterable[Row], columns: Sequence[str] | None = None) -> None:
        """Add rows; a column that a row does not name is NULL."""
        names = list(columns or self.schema.tables[table])
        marks = ", ".join("?" * len(names))
        listed = ", ".join(f"`{name}`" for name in names)
        self.version += 1
        self.connection.execute("BEGIN")
        self.connection.executemany(
            f"INSERT OR REPLACE INTO `{table}` ({listed}) VALUES ({marks})",
            (tuple(map(row.get, names)) for row in rows),
        )
        self.connection.execute("COMMIT")

    def drop(self, table: str, column: str, keys: Iterable[int]) -> None:
        """Take away the rows whose column has one of these values."""
        self.version += 1
        self.connection.executemany(f"DELETE FROM `{table}` WHERE `{column}` = ?", ((key,) for key in keys))

    def clear(self, table: str, where: str) -> None:
        """Take away the rows that meet a condition of the simulator's own."""
        self.version += 1
        self.connection.execute(f"DELETE FROM `{table}` WHERE {where}")

    def change(self, table: str, key: int, cells: Mapping[str, Any]) -> None:
        """Write some cells of the row with this id."""
        self.version += 1
        sets = ", ".join(f"`{name}` = ?" for name in cells)
        self.connection.execute(f"UPDATE `{table}` SET {sets} WHERE id = ?", [*cells.values(), key])

    def rows(self, statement: str, *values: Any) -> list[Row]:
        """Run a statement of the simulator's own; return its rows by column."""
        found = self.connection.execute(statement, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    def learn(self) -> None:
        """Let SQLite learn how many rows there are of each kind: it looks for the shortest way by that."""
        self.connection.execute("ANALYZE")

    def row(self, table: str, key: int) -> Row | None:
        """Return the row with this id."""
        return next(iter(self.rows(f"SELECT * FROM `{table}` WHERE id = ?", key)), None)
