"""The SQLite file behind the ODBC driver: an ERP's tables, the catalogue of them, and what the site keeps beside."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from .tables import Row, Table

SCHEMA: Final = "main"
CATALOGUE: Final = (
    "CREATE TABLE SYSCOLUMNS (TABLE_SCHEMA VARCHAR(128), TABLE_NAME VARCHAR(128), COLUMN_NAME VARCHAR(128), "
    "COLUMN_TEXT VARCHAR(50), DATA_TYPE VARCHAR(8), LENGTH BIGINT, NUMERIC_SCALE BIGINT, CCSID BIGINT, "
    "ORDINAL_POSITION BIGINT)",
    "CREATE VIEW ALL_TAB_COLUMNS AS SELECT TABLE_SCHEMA AS OWNER, TABLE_NAME, COLUMN_NAME, DATA_TYPE, "
    "LENGTH AS DATA_LENGTH, NUMERIC_SCALE AS DATA_SCALE, ORDINAL_POSITION AS COLUMN_ID FROM SYSCOLUMNS",
)
KEPT: Final = (
    "CREATE TABLE IF NOT EXISTS SIM_STATE (NAME VARCHAR(40) PRIMARY KEY, VAL VARCHAR(2000))",
    "CREATE TABLE IF NOT EXISTS CMOUT (EVENTID CHAR(36) PRIMARY KEY, EVTYPE CHAR(10) COLLATE RTRIM NOT NULL, "
    "COMPANY CHAR(10) NOT NULL, CUSTNO VARCHAR(40) NOT NULL, DOCKEY VARCHAR(80) NOT NULL, CODE CHAR(30) NOT NULL, "
    "DUEDATE8 DECIMAL(8,0) NOT NULL, AMOUNT DECIMAL(17,3) NOT NULL, CURR CHAR(3) NOT NULL, "
    "TEXT VARCHAR(500) NOT NULL, CREATED CHAR(26) NOT NULL, STATUS CHAR(1) NOT NULL, MSG VARCHAR(200) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS CMNOTE (COMPANY CHAR(10), CUSTNO VARCHAR(40) COLLATE RTRIM, EVENTID CHAR(36) UNIQUE, "
    "TEXT VARCHAR(32000))",
    "CREATE TABLE IF NOT EXISTS CMDOC (EVTYPE CHAR(10), ABOUT VARCHAR(80), CODE CHAR(30), DUEDATE8 DECIMAL(8,0), "
    "AMOUNT DECIMAL(17,3), CURR CHAR(3), TEXT VARCHAR(500), PRIMARY KEY (EVTYPE, ABOUT))",
)


class Store:
    """The tables of one simulated ERP; the file outlives a restart, its ERP tables are made anew."""

    def __init__(self, file: Path, tables: Iterable[Table]) -> None:
        """Take the file, which is one that the ERP left when it was stopped, or none yet."""
        self.file, self.tables = file.resolve(), {table.name: table for table in tables}
        self._lock = threading.RLock()
        self._depth = 0
        self._hidden: set[str] = set()
        self._connection: sqlite3.Connection | None = None

    @property
    def odbc(self) -> str:
        """Return the connection string of the SQLite driver."""
        return f"Driver={{SQLite3}};Database={self.file};BigInt=1;NoCreat=1;Timeout=10000"

    @property
    def asleep(self) -> Path:
        """Return the name that the file has while the ERP is stopped: nobody reaches it then."""
        return self.file.with_suffix(".stopped")

    def open(self) -> None:
        """Open the file, or make it, with empty tables."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if self.asleep.exists():
            self.asleep.replace(self.file)
        self._connection = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False, timeout=30)
        self._connection.execute("PRAGMA synchronous = OFF")
        with self.writing():
            for kind, name in self.query("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"):
                if not str(name).startswith(("CM", "SIM_", "sqlite_")):
                    self.query(f"DROP {kind} {name}")
            for table in self.tables.values():
                self._create(table)
            for statement in (*CATALOGUE, *KEPT):
                self.query(statement)
            self._describe()

    def share(self) -> None:
        """Make the indexes, and let others read while we write, from now on."""
        for table in self.tables.values():
            for place, columns in enumerate(table.indexes, 2):
                named = ", ".join(columns.split())
                self.query(f"CREATE INDEX {table.name}_{place} ON {table.name} ({named})")
        self.query("PRAGMA journal_mode = WAL")

    def close(self) -> None:
        """Close the file and put it where nobody finds it until the ERP is started again."""
        with self._lock:
            if self._connection:
                self._connection.close()
                self._connection = None
                self.file.replace(self.asleep)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold one transaction; a nested one belongs to the outer."""
        with self._lock:
            self._depth += 1
            if self._depth == 1:
                self.query("BEGIN IMMEDIATE")
            done = False
            try:
                yield
                done = True
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.query("COMMIT" if done else "ROLLBACK")

    def query(self, statement: str, *values: Any) -> list[Row]:
        """Run a statement; return its rows."""
        with self._lock:
            return self._opened().execute(statement, values).fetchall()

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows over those with the same keys."""
        marks = ", ".join("?" * len(table.columns))
        statement = f"INSERT OR REPLACE INTO {self._name(table.name)} ({', '.join(table.names)}) VALUES ({marks})"
        with self._lock:
            self._opened().executemany(statement, rows)

    def remove(self, table: Table, keys: Iterable[Row]) -> None:
        """Delete the rows that these keys name."""
        where = " AND ".join(f"{name} = ?" for name in table.key_names)
        with self._lock:
            self._opened().executemany(f"DELETE FROM {self._name(table.name)} WHERE {where}", keys)

    def change(self, name: str, cells: dict[str, Any], keys: Iterable[Row]) -> None:
        """Write some cells of the rows that these keys name."""
        table = self.tables[name]
        sets, where = ", ".join(f"{c} = ?" for c in cells), " AND ".join(f"{n} = ?" for n in table.key_names)
        for key in keys:
            self.query(f"UPDATE {self._name(name)} SET {sets} WHERE {where}", *cells.values(), *key)

    def hide(self, name: str) -> None:
        """Let a table be none that the connection's user may see."""
        if name not in self._hidden:
            self.query(f"ALTER TABLE {name} RENAME TO SIM_{name}")
            self.query("UPDATE SYSCOLUMNS SET TABLE_SCHEMA = 'hidden' WHERE TABLE_NAME = ?", name)
            self._hidden.add(name)

    def show(self, name: str) -> None:
        """Let a hidden table be seen again."""
        if name in self._hidden:
            self.query(f"ALTER TABLE SIM_{name} RENAME TO {name}")
            self.query("UPDATE SYSCOLUMNS SET TABLE_SCHEMA = ? WHERE TABLE_NAME = ?", SCHEMA, name)
            self._hidden.discard(name)

    def hidden(self, name: str) -> bool:
        """Say whether a table is hidden."""
        return name in self._hidden

    def remember(self, **facts: str) -> None:
        """Write down facts that the connection asks for."""
        for name, held in facts.items():
            self.query("INSERT OR REPLACE INTO SIM_STATE VALUES (?, ?)", name, held)

    def _name(self, name: str) -> str:
        return f"SIM_{name}" if name in self._hidden else name

    def _create(self, table: Table) -> None:
        columns = ", ".join(f"{column.name} {column.cell.sql}" for column in table.columns)
        key = ", ".join(table.key_names)
        self.query(f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID")

    def _describe(self) -> None:
        """Fill the catalogue, as the ERP's own tells its columns."""
        for table in self.tables.values():
            for place, column in enumerate(table.columns, 1):
                ccsid = 37 if column.cell.data_type == "CHAR" else None
                self.query(
                    "INSERT INTO SYSCOLUMNS VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", SCHEMA, table.name, column.name,
                    column.label, column.cell.data_type, column.cell.length, column.cell.scale, ccsid, place,
                )  # fmt: skip

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the simulator is not started")
        return self._connection
