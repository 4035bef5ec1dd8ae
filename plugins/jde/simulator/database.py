"""The two kinds of database that the simulator keeps its tables in: a SQLite file, a PostgreSQL schema."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from .tables import TABLES, Shape, Table

Row = tuple[Any, ...]
Rows = Table | Shape
SCHEMA: Final = "proddta"


class Database(Protocol):
    """What the two kinds of database do differently."""

    mark: str
    odbc: str
    schema: str
    clustered: str
    whole: str

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement; return its rows."""

    def run_many(self, statement: str, rows: Sequence[Row]) -> None:
        """Run one statement for many rows."""

    def load(self, table: Rows, rows: Sequence[Row]) -> None:
        """Put many new rows into a table."""

    def share(self) -> None:
        """Let others read while we write, from now on."""

    def begin(self) -> None:
        """Begin a transaction."""

    def end(self, *, keep: bool) -> None:
        """Commit or roll back."""

    def close(self) -> None:
        """Close the connection."""


class SqliteDatabase:
    """A SQLite file, to be read through the SQLite3 ODBC driver."""

    mark = "?"
    schema = "main"
    clustered = " WITHOUT ROWID"  # rows lie in the order of their keys, in which they are read
    whole = "BIGINT"  # read as int, where DECIMAL is read as text

    def __init__(self, file: Path) -> None:
        """Open the file, or make it."""
        self.odbc = f"Driver={{SQLite3}};Database={file};BigInt=1;NoCreat=1;Timeout=10000"
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
        self._connection.execute("PRAGMA synchronous = OFF")

    def share(self) -> None:
        """Let others read while we write, from now on."""
        self._connection.execute("PRAGMA journal_mode = WAL")

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement; return its rows."""
        return self._connection.execute(statement, values).fetchall()

    def run_many(self, statement: str, rows: Sequence[Row]) -> None:
        """Run one statement for many rows."""
        self._connection.executemany(statement, rows)

    def load(self, table: Rows, rows: Sequence[Row]) -> None:
        """Put many new rows into a table."""
        self.run_many(insert_of(table, self.mark), rows)

    def begin(self) -> None:
        """Begin a transaction that writes."""
        self._connection.execute("BEGIN IMMEDIATE")

    def end(self, *, keep: bool) -> None:
        """Commit or roll back."""
        self._connection.execute("COMMIT" if keep else "ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class PostgresDatabase:
    """A schema of a PostgreSQL database, to be read through psqlODBC's Unicode driver.

    Each table is there under its lower-case name and, as a view, under its quoted upper-case one.
    """

    mark = "%s"
    schema = SCHEMA
    clustered = ""
    whole = "DECIMAL({},0)"

    def __init__(self, url: str) -> None:
        """Connect to a database by its URL, with or without a driver's name in it."""
        import psycopg

        parts = urlsplit(url)
        self.odbc = (
            f"Driver={{PostgreSQL Unicode}};Server={parts.hostname};Port={parts.port or 5432};"
            f"Database={parts.path.lstrip('/')};Uid={unquote(parts.username or '')};"
            f"Pwd={unquote(parts.password or '')};UseDeclareFetch=1;BoolsAsChar=0"
        )
        self.url = parts._replace(scheme="postgresql").geturl()
        self._connection = psycopg.connect(self.url, autocommit=True)
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        self._connection.execute(f"SET search_path TO {SCHEMA}")

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement; return its rows."""
        done = self._connection.execute(statement.encode(), values or None)
        return done.fetchall() if done.description else []

    def run_many(self, statement: str, rows: Sequence[Row]) -> None:
        """Run one statement for many rows."""
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.encode(), rows)

    def load(self, table: Rows, rows: Sequence[Row]) -> None:
        """Copy many new rows into a table."""
        with self._connection.cursor() as cursor, cursor.copy(_copy(table)) as copy:
            for row in rows:
                copy.write_row(row)

    def block(self, table: str, seconds: float) -> threading.Thread:
        """Lock a table against readers for that long, by a connection and a thread of its own."""
        import psycopg

        locked = threading.Event()

        def hold() -> None:
            with psycopg.connect(self.url) as other, other.transaction():
                other.execute(f"LOCK TABLE {SCHEMA}.{TABLES[table].name} IN ACCESS EXCLUSIVE MODE".encode())
                locked.set()
                other.execute("SELECT pg_sleep(%s)", [seconds])

        thread = threading.Thread(target=hold, daemon=True)
        thread.start()
        if not locked.wait(30):
            raise ValueError(f"{table} could not be locked within 30 s")
        return thread

    def share(self) -> None:
        """Let others read while we write: PostgreSQL always does."""

    def begin(self) -> None:
        """Begin a transaction."""
        self._connection.execute("BEGIN")

    def end(self, *, keep: bool) -> None:
        """Commit or roll back."""
        self._connection.execute("COMMIT" if keep else "ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _name(table: Rows) -> str:
    return table.name if isinstance(table, Table) else table.table.name


def insert_of(table: Rows, mark: str) -> str:
    """Return the statement that inserts a row of a table or shape."""
    marks = ", ".join([mark] * len(table.columns))
    return f"INSERT INTO {_name(table)} ({', '.join(table.columns)}) VALUES ({marks})"


def _copy(table: Rows) -> bytes:
    return f"COPY {_name(table)} ({', '.join(table.columns)}) FROM STDIN".encode()
