"""JD Edwards' tables as the simulator writes them, with its notes and what it must remember.

Everything is written in short transactions under one lock. The SQLite file is in WAL mode, so
that another process may read it at any time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from .database import SCHEMA, Database, Row, Rows, SqliteDatabase, insert_of
from .tables import TABLES, Shape, Table

_OWN: Final = (
    "CREATE TABLE SIM_STATE (NAME VARCHAR(40) PRIMARY KEY, VAL VARCHAR(2000))",
    "CREATE TABLE SIM_NOTE (STRUCTURE VARCHAR(10), MOKEY VARCHAR(60), SEQ INTEGER, ITEM VARCHAR(80), BODY TEXT, "
    "USERID VARCHAR(20), PRIMARY KEY (STRUCTURE, MOKEY, SEQ))",
)


class Store:
    """JD Edwards' tables, the simulator's notes, and what it must know after a restart."""

    def __init__(self, database: Database) -> None:
        """Take an open database; `create` makes the tables."""
        self.database = database
        self._lock = threading.RLock()
        self._depth = 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold one transaction; a nested one belongs to the outer."""
        with self._lock:
            if self._depth == 0:
                self.database.begin()
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self.database.end(keep=False)
                raise
            self._depth -= 1
            if self._depth == 0:
                self.database.end(keep=True)

    def exists(self) -> bool:
        """Say whether the tables are there, whole."""
        with self._lock:
            if isinstance(self.database, SqliteDatabase):
                return bool(self.database.run("SELECT 1 FROM sqlite_master WHERE name = 'SIM_STATE'"))
            return bool(self.query("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'sim_state'", SCHEMA))

    def create(self) -> None:
        """Make all tables, without a row."""
        for table in TABLES.values():
            columns = ", ".join(
                f"{name} {table.sql_type(name, whole=self.database.whole)} NOT NULL {table.default(name)}"
                for name in table.columns
            )
            key = ", ".join(table.key)
            self.database.run(f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({key})){self.database.clustered}")
            if not isinstance(self.database, SqliteDatabase):
                names = ", ".join(f'{name} AS "{name}"' for name in table.columns)
                self.database.run(f'CREATE VIEW "{table.name}" AS SELECT {names} FROM {table.name}')
        for statement in _OWN:
            self.database.run(statement)

    def index(self) -> None:
        """Make the tables' further indexes, after a bulk load."""
        for table in TABLES.values():
            for place, columns in enumerate(table.indexes, 2):
                self.database.run(f"CREATE INDEX {table.name}_{place} ON {table.name} ({', '.join(columns)})")

    def load(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Put new whole rows into their tables, a table at a time."""
        by_table: dict[str, list[Row]] = {}
        for name, row in rows:
            by_table.setdefault(name, []).append(row)
        for name, found in by_table.items():
            self.database.load(TABLES[name], found)

    def load_shaped(self, shape: Shape, rows: Sequence[Row]) -> None:
        """Put many new rows of one shape into its table."""
        self.database.load(shape, rows)

    def put(self, table: Rows, rows: Sequence[Row]) -> None:
        """Write rows over those with the same keys."""
        if rows:
            sets = ", ".join(f"{column} = excluded.{column}" for column in table.columns)
            key = ", ".join(table.key if isinstance(table, Table) else table.table.key)
            insert = insert_of(table, self.database.mark)
            self.database.run_many(f"{insert} ON CONFLICT ({key}) DO UPDATE SET {sets}", rows)

    def add(self, name: str, **cells: Any) -> None:
        """Add one row; names lack the prefix, what is not named is blank."""
        table = TABLES[name]
        self.query(insert_of(table, "?"), *table.row(**cells))

    def amend(self, shape: Shape, rows: Sequence[Row]) -> None:
        """Write the shape's columns of rows that are there; each row ends in its table's key."""
        if rows:
            mark = self.database.mark
            sets = ", ".join(f"{column} = {mark}" for column in shape.columns)
            where = " AND ".join(f"{column} = {mark}" for column in shape.table.key)
            self.database.run_many(f"UPDATE {shape.table.name} SET {sets} WHERE {where}", rows)

    def change(self, name: str, cells: Mapping[str, Any], **key: Any) -> None:
        """Write some cells of the rows that the key's columns point at; names lack the prefix."""
        table = TABLES[name]
        sets = ", ".join(f"{table.prefix}{alias} = ?" for alias in cells)
        where = " AND ".join(f"{table.prefix}{alias} = ?" for alias in key)
        values = [table.cell(alias, cell) for alias, cell in {**cells, **key}.items()]
        self.query(f"UPDATE {name} SET {sets} WHERE {where}", *values)

    def delete(self, name: str, **key: Any) -> None:
        """Delete the rows that the key's columns point at."""
        table = TABLES[name]
        where = " AND ".join(f"{table.prefix}{alias} = ?" for alias in key)
        self.query(f"DELETE FROM {name} WHERE {where}", *(table.cell(alias, cell) for alias, cell in key.items()))

    def purge(self, name: str, **key: Any) -> None:
        """Move the rows that the key's columns point at to the purge file."""
        table = TABLES[name]
        where = " AND ".join(f"{table.prefix}{alias} = ?" for alias in key)
        values = [table.cell(alias, cell) for alias, cell in key.items()]
        self.query(f"INSERT INTO {name}P SELECT * FROM {name} WHERE {where}", *values)
        self.query(f"DELETE FROM {name} WHERE {where}", *values)

    def hide(self, name: str) -> None:
        """Let a table be none that the reader may see."""
        self.query(f"ALTER TABLE {name} RENAME TO {name}_HIDDEN")

    def show(self, name: str) -> None:
        """Let a hidden table be seen again."""
        self.query(f"ALTER TABLE {name}_HIDDEN RENAME TO {name}")

    def query(self, statement: str, *values: Any) -> list[Row]:
        """Run a statement whose parameters are written `?`; return its rows."""
        with self._lock:
            return self.database.run(statement.replace("?", self.database.mark), values)

    def state(self) -> dict[str, str]:
        """Return what was remembered."""
        return {str(name): str(text) for name, text in self.query("SELECT NAME, VAL FROM SIM_STATE")}

    def remember(self, **facts: str) -> None:
        """Keep facts over a restart."""
        for name, text in facts.items():
            self.query("DELETE FROM SIM_STATE WHERE NAME = ?", name)
            self.query("INSERT INTO SIM_STATE VALUES (?, ?)", name, text)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self.database.close()
