"""Open the books: one database, SQLite in a file or PostgreSQL, one code.

SQLite runs in WAL with `BEGIN IMMEDIATE` for every writing transaction and one lock a process in
front of it, so that readers never wait and writers queue instead of failing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from duehook.core.errors import ConfigError

from . import faults, migrate

BUSY_MS: Final = 30_000
AUDITED: Final = "duehook_audited"  # in a connection's `info`: the ids of the audit rows its transaction wrote


class Books:
    """The open books. `read` and `write` give a transaction; leaving it commits or rolls back."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine from `open`."""
        self.engine = engine
        self._writing = threading.RLock()

    @classmethod
    def open(cls, url: str, base: Path | None = None) -> Books:
        """Open a database by its URL; a relative SQLite path counts from `base`.

        Raises ConfigError for a URL that is no SQLite or PostgreSQL URL.
        """
        address = address_of(url, base)
        if address.get_backend_name() == "sqlite":
            return cls(_sqlite(address))
        return cls(_postgresql(address))

    @property
    def is_sqlite(self) -> bool:
        """Say whether one process at a time writes."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the books and is never committed.

        Raises BooksUnusable when the database cannot be read.
        """
        level: Any = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with faults.told(self.engine, "read"), self.engine.connect().execution_options(**level) as tx:
            yield tx
            tx.rollback()

    @contextmanager
    def write(self, *, bulk: bool = False) -> Iterator[Connection]:
        """Give a writing transaction, committed on leaving and rolled back on an error.

        `bulk` lets SQLite leave the flush to the operating system: a lost machine may lose such
        a page, which is read again; anything that has an outside effect is flushed.

        Raises BooksUnusable when the database cannot be written.
        """
        with faults.told(self.engine, "written"):
            if not self.is_sqlite:
                with self.engine.begin() as tx, _acts_counted(tx):
                    yield tx
                return
            how = {"duehook_write": "bulk" if bulk else "durable"}
            with self._writing, self.engine.connect().execution_options(**how) as tx, tx.begin(), _acts_counted(tx):
                yield tx

    def migrate(self) -> None:
        """Bring the tables to this version's state; refuse books of a newer version by name."""
        with faults.told(self.engine, "written"):
            migrate.upgrade(self.engine)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@contextmanager
def _acts_counted(tx: Connection) -> Iterator[None]:
    """Count the audit rows of the block behind it, so that one that is gone later is missed."""
    tx.info.pop(AUDITED, None)
    yield
    if tx.in_transaction() and (numbers := tx.info.pop(AUDITED, None)):  # not rolled back within
        from .store import audit

        audit.count(tx, numbers)


def address_of(url: str, base: Path | None = None) -> URL:
    """Return a database's URL, taken apart; a relative SQLite path counts from `base`.

    Raises ConfigError, which never shows a URL that cannot be read: nobody knows where its password is.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _unreadable() from None  # its message may show a part of the password
    backend = address.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise ConfigError(f"database: {backend} is not supported.", fix=_FIX)
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address.host or address.username:
        raise _unreadable()
    return address.set(drivername="sqlite", database=_beside(base, address.database))


def _beside(base: Path | None, file: str | None) -> str | None:
    return str(base / file) if file and base is not None else file


def _unreadable() -> ConfigError:
    return ConfigError("database: this is no database URL.", fix=_FIX)


_FIX: Final = "write sqlite:///duehook.db or postgresql://user@host/name."


def _postgresql(address: URL) -> Engine:
    engine = create_engine(address, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "checkout")
    def prepare(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.read_only = None  # what a reader set ends; the server's own word then counts, not READ WRITE

    return engine


_PRAGMAS: Final = (
    "journal_mode=WAL",
    f"busy_timeout={BUSY_MS}",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "cache_size=-32768",  # 32 MB: a book of a hundred thousand items is not read from the file twice
    "temp_store=MEMORY",
)


def _made_private(file: str | None) -> None:
    """Make a file that is not there so that only we may read it; its -wal and -shm files follow it.

    One that is there keeps its rights. Where it cannot be made, SQLite says why.
    """
    if file and not file.startswith((":memory:", "file:")):
        with suppress(OSError):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _sqlite(address: URL) -> Engine:
    given = {"timeout": BUSY_MS / 1000, "check_same_thread": False}
    engine = create_engine(address, connect_args=given, hide_parameters=True)

    @event.listens_for(engine, "do_connect")
    def make(_dialect: Any, _record: Any, _arguments: Any, _named: Any) -> None:
        _made_private(address.database)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(tx: Connection) -> None:
        mode = tx.get_execution_options().get("duehook_write")
        cursor = tx.connection.cursor()  # under SQLAlchemy: a PRAGMA must stand before the BEGIN
        if mode:
            cursor.execute(f"PRAGMA synchronous={'NORMAL' if mode == 'bulk' else 'FULL'}")
        cursor.execute("BEGIN IMMEDIATE" if mode else "BEGIN")
        cursor.close()

    return engine
